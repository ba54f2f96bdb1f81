package org.minihost.android.secrets

import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.GrantsAt
import org.minihost.HostPorts
import org.minihost.Secrets
import org.minihost.android.support.FakeKeystore
import org.minihost.android.support.Phone
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The whole way of a secret: from the core through the port to the Keystore, and back in another process. */
@RunWith(RobolectricTestRunner::class)
class KeystoreInHostTest {
    private lateinit var keystore: FakeKeystore
    private val context get() = RuntimeEnvironment.getApplication()
    private val directory get() = File(context.noBackupFilesDir, "org.minihost")
    private val grants get() = File(context.filesDir, "grants")

    @Before
    fun begin() {
        keystore = FakeKeystore()
    }

    @After
    fun end() = keystore.close()

    /** One for each process: they share nothing but what lies on the device. */
    private fun phone() = Phone(HostPorts(secrets = Secrets.Own(KeystoreSecrets(context)), grants = GrantsAt.File(grants.path)))

    @Test
    fun `a user is signed in again after the process has died, by tokens that nobody reads on disk`() {
        phone().use { it.signIn("alice") }
        val written = directory.walk().filter(File::isFile).toList()
        assertTrue(written.any { it.name == "user-tokens" })
        assertTrue(written.none { "access_token" in it.readText(Charsets.ISO_8859_1) || "alice" in it.readText(Charsets.ISO_8859_1) })

        phone().use { phone ->
            assertEquals("alice", runBlocking { phone.host.restoreSignIn() }?.displayName)
            runBlocking { phone.host.signOut() }
        }
        assertFalse(File(directory, "user-tokens").exists())
    }

    @Test
    fun `where the key is gone nobody is signed in, and the next sign-in is kept again`() {
        phone().use { it.signIn("alice") }
        keystore.loseKeys()
        phone().use { phone ->
            assertNull(runBlocking { phone.host.restoreSignIn() })
            phone.signIn("bob")
        }
        phone().use { phone -> assertEquals("bob", runBlocking { phone.host.restoreSignIn() }?.displayName) }
    }
}
