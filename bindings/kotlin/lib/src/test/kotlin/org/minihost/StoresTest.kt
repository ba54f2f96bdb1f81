package org.minihost

import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.junit.jupiter.api.io.TempDir
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension

/** What outlasts a host lies where the host app says. */
@ExtendWith(SampleHostExtension::class)
internal class StoresTest(private val sample: SampleHost) {
    private val program = Program(sample)

    /** A key store that can be locked, and that fails with what it was given in its text. */
    private class Safe : SecretStore {
        val secrets = ConcurrentHashMap<String, ByteArray>()

        @Volatile
        var isLocked = false

        @Volatile
        var isBroken = false

        override fun get(name: String): ByteArray? = open { secrets[name] }

        override fun put(name: String, secret: ByteArray): Unit = open { secrets[name] = secret }

        override fun remove(name: String): Unit = open { secrets.remove(name) }

        private fun <T> open(call: () -> T): T {
            if (isLocked) throw SecretStoreLocked()
            check(!isBroken) { "a fault of the host app" }
            return call()
        }
    }

    private class Shelf : GrantStore {
        @Volatile
        var document: ByteArray? = null

        @Volatile
        var aside: ByteArray? = null

        override fun load(): ByteArray? = document

        override fun save(document: ByteArray) {
            this.document = document
        }

        override fun setAside() {
            aside = document
            document = null
        }
    }

    @Test
    fun `a user who was signed in when the process ended is signed in again, and their grants still hold`() {
        val (safe, shelf) = Safe() to Shelf()
        val ports = HostPorts(secrets = Secrets.Own(safe), grants = GrantsAt.Own(shelf))
        HostApp.signedIn(sample, ports = ports).use { grant(it) }
        assertTrue(safe.secrets.containsKey("user-tokens"))

        HostApp.start(sample, ports).use { app ->
            assertNull(app.host.user.value)
            assertEquals("alice", runBlocking { app.host.restoreSignIn() }?.displayName)
            assertEquals(listOf("openid"), app.host.grants().map { it.scope })
            runBlocking { app.host.signOut() }
            assertFalse(safe.secrets.containsKey("user-tokens"))
        }
    }

    @Test
    fun `grants that were changed are set aside and the user is asked again`() {
        val (safe, shelf) = Safe() to Shelf()
        val ports = HostPorts(secrets = Secrets.Own(safe), grants = GrantsAt.Own(shelf))
        HostApp.signedIn(sample, ports = ports).use { grant(it) }
        val changed = checkNotNull(shelf.document).also { it[it.size - 1] = 0 }
        HostApp.start(sample, ports).use { app ->
            runBlocking { app.host.restoreSignIn() }
            assertEquals(emptyList<Grant>(), app.host.grants())
            assertTrue(changed.contentEquals(shelf.aside))
        }
    }

    @Test
    fun `a store that is locked is told from one that is empty, and from one that fails`() {
        val safe = Safe()
        HostApp.start(sample, HostPorts(secrets = Secrets.Own(safe))).use { app ->
            assertNull(runBlocking { app.host.restoreSignIn() })
            safe.isLocked = true
            assertThrows(RestoreException.Locked::class.java) { runBlocking { app.host.restoreSignIn() } }
            safe.isLocked = false
            safe.isBroken = true
            val failed = assertThrows(RestoreException.Storage::class.java) { runBlocking { app.host.restoreSignIn() } }
            assertTrue("fault" !in failed.message.orEmpty(), "what a port throws is not repeated")
        }
    }

    @Test
    fun `grants lie in a file where the host app names one`(@TempDir room: Path) {
        val safe = Safe()
        val ports = HostPorts(secrets = Secrets.Own(safe), grants = GrantsAt.File("${room.resolve("grants")}"))
        HostApp.signedIn(sample, ports = ports).use { grant(it) }
        HostApp.start(sample, ports).use { app ->
            runBlocking { app.host.restoreSignIn() }
            assertEquals(listOf("openid"), app.host.grants().map { it.scope })
        }
    }

    private fun grant(app: HostApp) {
        val page = app.open(program)
        page.requestCode(listOf("openid"))
        val prompt = app.prompt()
        prompt.answer(prompt.view.allow(Remember.UNTIL_REVOKED))
        page.reply()
    }
}
