package org.minihost.android.secrets

import java.io.File
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.FakeKeystore
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class KeystoreSecretsTest {
    private lateinit var keystore: FakeKeystore
    private val context get() = RuntimeEnvironment.getApplication()
    private val directory get() = File(context.noBackupFilesDir, "org.minihost")

    @Before
    fun begin() {
        keystore = FakeKeystore()
    }

    @After
    fun end() = keystore.close()

    @Test
    fun `a secret is there after a restart, and not in clear on disk`() {
        val secret = "refresh-token-of-alice".encodeToByteArray()
        KeystoreSecrets(context).put("user-tokens", secret)
        assertArrayEquals(secret, KeystoreSecrets(context).get("user-tokens"))
        val written = directory.walk().filter(File::isFile).map(File::readBytes).toList()
        assertEquals(1, written.size)
        assertFalse(String(written.single(), Charsets.ISO_8859_1).contains("alice"))
    }

    @Test
    fun `the same secret is never written twice alike`() {
        val secrets = KeystoreSecrets(context)
        val file = File(directory, "a")
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
        File(directory, "a").copyTo(File(directory, "b"), overwrite = true)
        assertNull(secrets.get("b"))
        assertArrayEquals(byteArrayOf(1), secrets.get("a"))
    }

    @Test
    fun `a secret whose key or file is broken is gone, and the next one is kept`() {
        val secrets = KeystoreSecrets(context)
        secrets.put("a", byteArrayOf(1))
        keystore.loseKeys()
        assertNull(secrets.get("a"))
        assertFalse(File(directory, "a").exists())
        secrets.put("a", byteArrayOf(2))
        assertArrayEquals(byteArrayOf(2), secrets.get("a"))
        for (broken in listOf(byteArrayOf(), byteArrayOf(1), byteArrayOf(1, 12, 3), ByteArray(40) { 7 })) {
            File(directory, "a").writeBytes(broken)
            assertNull(secrets.get("a"))
        }
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
