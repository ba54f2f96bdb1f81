package org.minihost.android.secrets

import android.os.UserManager
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import java.io.IOException
import java.security.InvalidKeyException
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.SecretStoreLocked
import org.minihost.android.support.SecretsOnDevice
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
class KeystoreSecretsTest {
    @get:Rule
    val device = SecretsOnDevice()
    private val context get() = RuntimeEnvironment.getApplication()

    @Test
    fun `a secret is there after a restart, and not in clear on disk`() {
        val secret = "refresh-token-of-alice".encodeToByteArray()
        KeystoreSecrets(context).put("user-tokens", secret)
        assertArrayEquals(secret, KeystoreSecrets(context).get("user-tokens"))
        assertEquals(1, device.written.size)
        assertFalse("alice" in device.written.single())
    }

    @Test
    fun `the same secret is never written twice alike`() {
        val secrets = KeystoreSecrets(context)
        val file = device.file("a")
        secrets.put("a", byteArrayOf(1, 2, 3))
        val first = file.readBytes()
        secrets.put("a", byteArrayOf(1, 2, 3))
        assertFalse(first.contentEquals(file.readBytes()))
    }

    @Test
    fun `one secret does not stand for another`() {
        val secrets = KeystoreSecrets(context)
        secrets.put("a", byteArrayOf(1))
        secrets.put("b", byteArrayOf(2))
        device.file("a").copyTo(device.file("b"), overwrite = true)
        assertNull(secrets.get("b"))
        assertArrayEquals(byteArrayOf(1), secrets.get("a"))
    }

    @Test
    fun `a secret whose key or file is broken is gone, and the next one is kept`() {
        val secrets = KeystoreSecrets(context)
        secrets.put("a", byteArrayOf(1))
        device.loseKeys()
        assertNull(secrets.get("a"))
        assertFalse(device.file("a").exists())
        secrets.put("a", byteArrayOf(2))
        assertArrayEquals(byteArrayOf(2), secrets.get("a"))
        val otherIv = byteArrayOf(1, 16) + ByteArray(40)
        for (broken in listOf(byteArrayOf(), byteArrayOf(1), byteArrayOf(1, 12, 3), otherIv, ByteArray(40) { 7 })) {
            device.file("a").writeBytes(broken)
            assertNull(secrets.get("a"))
        }
    }

    @Test
    fun `a Keystore that fails for a moment costs that moment and no secret`() {
        val secrets = KeystoreSecrets(context)
        secrets.put("a", byteArrayOf(1))
        for (fault in listOf(
            UnrecoverableKeyException("Failed to obtain information about key").saying("System error"),
            InvalidKeyException("Keystore operation failed").saying("System error"),
            InvalidKeyException("it is of no use here"),
            ProviderException("Keystore operation failed"),
            IllegalStateException("no answer"),
            NullPointerException("no service"),
        )) {
            device.failNext(fault)
            assertSame(fault, assertThrows(IOException::class.java) { secrets.get("a") }.cause)
            device.failNext(fault)
            assertSame(fault, assertThrows(IOException::class.java) { secrets.put("a", byteArrayOf(2)) }.cause)
            assertArrayEquals(byteArrayOf(1), secrets.get("a"))
        }
    }

    @Test
    @Config(sdk = [24])
    fun `nor does one that goes away, which old Androids tell as if it had no key`() {
        val secrets = KeystoreSecrets(context)
        secrets.put("a", byteArrayOf(1))
        device.keystoreGoesAway()
        assertThrows(IOException::class.java) { secrets.get("a") }
        device.keystoreGoesAway()
        assertThrows(IOException::class.java) { secrets.put("b", byteArrayOf(2)) }
        assertArrayEquals(byteArrayOf(1), secrets.get("a"))
    }

    @Test
    fun `a key that Android calls invalid or spoilt gives way to another`() = assertGivesWay(
        KeyPermanentlyInvalidatedException(),
        UnrecoverableKeyException("User changed or deleted their auth credentials"),
        UnrecoverableKeyException("Failed to obtain information about key").saying("Invalid key blob"),
        InvalidKeyException("Keystore operation failed").saying("Key blob corrupted"),
    )

    private fun assertGivesWay(vararg faults: Exception) {
        val secrets = KeystoreSecrets(context)
        for (fault in faults) {
            secrets.put("a", byteArrayOf(1))
            device.failNext(fault)
            assertNull(secrets.get("a"))
            assertFalse(device.file("a").exists())
            device.failNext(fault)
            secrets.put("a", byteArrayOf(2))
            assertArrayEquals(byteArrayOf(2), secrets.get("a"))
        }
    }

    /** With what the Keystore itself has said, as Android hands it on. */
    private fun <T : Exception> T.saying(words: String): T = apply { initCause(KeyStoreException(-33, words)) }

    @Test
    fun `before the first unlock the store is locked, which is not to say that there is no secret`() {
        val secrets = KeystoreSecrets(context)
        secrets.put("a", byteArrayOf(1))
        val users = shadowOf(context.getSystemService(UserManager::class.java))
        users.setUserUnlocked(false)
        for (call in listOf({ secrets.get("a") }, { secrets.put("a", byteArrayOf(2)) }, { secrets.remove("a") })) {
            assertThrows(SecretStoreLocked::class.java) { call() }
        }
        users.setUserUnlocked(true)
        assertArrayEquals(byteArrayOf(1), secrets.get("a"))
    }

    @Test
    fun `what is deleted is gone, and what is not there is no error`() {
        val secrets = KeystoreSecrets(context)
        assertNull(secrets.get("a"))
        secrets.put("a", byteArrayOf(1))
        secrets.remove("a")
        secrets.remove("a")
        assertNull(secrets.get("a"))
    }

    @Test
    fun `a name leads to no other place`() {
        for (name in listOf("", "../a", "a/b", "a.b", "x".repeat(65))) {
            assertThrows(IllegalArgumentException::class.java) { KeystoreSecrets(context).get(name) }
        }
        assertTrue(KeystoreSecrets(context).runCatching { put("grants-key", ByteArray(32)) }.isSuccess)
    }
}
