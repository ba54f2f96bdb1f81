package org.minihost.android.secrets

import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.GrantsAt
import org.minihost.HostPorts
import org.minihost.Secrets
import org.minihost.android.support.Phone
import org.minihost.android.support.SecretsOnDevice
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The whole way of a secret: from the core through the port to the Keystore, and back in another process. */
@RunWith(RobolectricTestRunner::class)
class KeystoreInHostTest {
    @get:Rule
    val device = SecretsOnDevice()
    private val context get() = RuntimeEnvironment.getApplication()
    private val grants get() = File(context.filesDir, "grants")

    /** One for each process: they share nothing but what lies on the device. */
    private fun phone() = Phone(HostPorts(secrets = Secrets.Own(KeystoreSecrets(context)), grants = GrantsAt.File(grants.path)))

    @Test
    fun `a user is signed in again after the process has died, by tokens that nobody reads on disk`() {
        phone().use { it.signIn("alice") }
        assertTrue(device.file("user-tokens").exists())
        assertTrue(device.written.none { "access_token" in it || "alice" in it })

        phone().use { phone ->
            assertEquals("alice", runBlocking { phone.host.restoreSignIn() }?.displayName)
            runBlocking { phone.host.signOut() }
        }
        assertFalse(device.file("user-tokens").exists())
    }

    @Test
    fun `where the key is gone nobody is signed in, and the next sign-in is kept again`() {
        phone().use { it.signIn("alice") }
        device.loseKeys()
        phone().use { phone ->
            assertNull(runBlocking { phone.host.restoreSignIn() })
            phone.signIn("bob")
        }
        phone().use { phone -> assertEquals("bob", runBlocking { phone.host.restoreSignIn() }?.displayName) }
    }
}
