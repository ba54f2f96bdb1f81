package org.minihost.android.secrets

import android.annotation.SuppressLint
import android.content.Context
import android.os.UserManager
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.util.AtomicFile
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException
import org.minihost.SecretStore
import org.minihost.SecretStoreLocked

/**
 * Keeps small secrets of the SDK and of the app under names: each in a file of its own, encrypted by a key of the Android
 * Keystore that never leaves it. The files lie where neither backups nor other apps reach. What a process that dies has
 * written whole stays; what it has not, leaves the earlier secret in place. Reads and writes files: not for the main thread.
 *
 * @param name of the key, and of the directory; an app with several hosts has one for each
 */
public class KeystoreSecrets(context: Context, name: String = "org.minihost") : SecretStore {
    private val directory = File(context.noBackupFilesDir, name)
    private val cipher = KeystoreCipher(name)
    private val lock = Any()
    private val users = (context.applicationContext ?: context).getSystemService(UserManager::class.java)
    private val lockedUntilFirstUnlock = !context.isDeviceProtectedStorage

    /**
     * The secret of this name; none where there is none, or where its key is gone for good and with it every way to read it.
     *
     * @throws SecretStoreLocked where nobody has unlocked the device since it started
     * @throws IOException where the Keystore or the file cannot be read for now; nothing is lost
     */
    override fun get(name: String): ByteArray? = synchronized(lock) {
        requireUnlocked()
        val sealed = try {
            file(name).readFully()
        } catch (_: FileNotFoundException) {
            return null
        }
        try {
            withKey { cipher.open(sealed, name) }
        } catch (_: LostException) {
            file(name).delete()
            null
        }
    }

    /**
     * Keeps a secret in place of the one of this name.
     *
     * @throws SecretStoreLocked where nobody has unlocked the device since it started
     * @throws IOException where it could not be kept; the earlier one is still there
     */
    override fun put(name: String, secret: ByteArray): Unit = synchronized(lock) {
        val file = file(name)
        requireUnlocked()
        val sealed = try {
            withKey { cipher.seal(secret, name) }
        } catch (_: LostException) {
            withKey { cipher.sealByNewKey(secret, name) }
        }
        if (!directory.isDirectory && !directory.mkdirs()) throw IOException("the directory of the secrets cannot be made")
        val stream = file.startWrite()
        try {
            stream.write(sealed)
            file.finishWrite(stream)
        } catch (failed: IOException) {
            file.failWrite(stream)
            throw failed
        }
    }

    /**
     * Forgets a secret. One that is not there is no error.
     *
     * @throws SecretStoreLocked where nobody has unlocked the device since it started
     */
    override fun remove(name: String): Unit = synchronized(lock) {
        requireUnlocked()
        file(name).delete()
    }

    private fun file(name: String): AtomicFile {
        require(NAME.matches(name)) { "a secret's name is of letters, digits and dashes" }
        return AtomicFile(File(directory, name))
    }

    // Until then an app that runs during Direct Boot finds no files where they are.
    private fun requireUnlocked() {
        if (lockedUntilFirstUnlock && users?.isUserUnlocked == false) throw SecretStoreLocked()
    }

    private fun <T> withKey(work: () -> T): T = try {
        work()
    } catch (failed: GeneralSecurityException) {
        throw if (isForGood(failed)) LostException(failed) else IOException(FAILED, failed)
    } catch (@Suppress("TooGenericExceptionCaught") failed: RuntimeException) {
        // That it is not there just now, Androids tell by a ProviderException, an IllegalStateException or a NullPointerException.
        throw IOException(FAILED, failed)
    }

    // Without a cause, an UnrecoverableKeyException says that the key is invalid. With one, it and others pass on what the
    // Keystore itself has said, which tells a spoilt key from a fault by its words alone.
    private fun isForGood(failed: GeneralSecurityException) = when (failed) {
        is AEADBadTagException, is SealBrokenException, is KeyPermanentlyInvalidatedException -> true
        else -> failed.cause?.let(::isKeySpoilt) ?: (failed is UnrecoverableKeyException)
    }

    @SuppressLint("NewApi") // Only its name is newer than Android 7, which has it and hides it.
    private fun isKeySpoilt(said: Throwable) = said is KeyStoreException && SPOILT.any { said.message.orEmpty().startsWith(it) }

    private class LostException(cause: Throwable) : IOException("the key of the secrets is gone", cause)

    private companion object {
        val NAME = Regex("[A-Za-z0-9-]{1,64}")
        const val FAILED = "the Android Keystore failed"

        // For VALUE_CORRUPTED and KM_ERROR_INVALID_KEY_BLOB; the same in Android 7 and 15.
        val SPOILT = listOf("Key blob corrupted", "Invalid key blob")
    }
}
