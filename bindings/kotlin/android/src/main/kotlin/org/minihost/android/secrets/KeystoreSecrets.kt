package org.minihost.android.secrets

import android.content.Context
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
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
 * Keeps small secrets of the SDK and of the app under names: each in a file of its own, encrypted by a key of the Android Keystore that never leaves
 * it. The files lie where neither backups nor other apps reach. What a process that dies has written whole stays; what it
 * has not, leaves the earlier secret in place. Reads and writes files: not for the main thread.
 *
 * @param name of the key, and of the directory; an app with several hosts has one for each
 */
public class KeystoreSecrets(context: Context, name: String = "org.minihost") : SecretStore {
    private val directory = File(context.noBackupFilesDir, name)
    private val cipher = KeystoreCipher(name)
    private val lock = Any()

    /**
     * The secret of this name; none where there is none, or where its key is gone for good and with it every way to read it.
     *
     * @throws SecretStoreLocked where the device is locked
     * @throws IOException
     */
    override fun get(name: String): ByteArray? = synchronized(lock) {
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
     * @throws SecretStoreLocked where the device is locked
     * @throws IOException
     */
    override fun put(name: String, secret: ByteArray): Unit = synchronized(lock) {
        val sealed = withKey { cipher.seal(secret, name) }
        val file = file(name)
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

    /** Forgets a secret. One that is not there is no error. */
    override fun remove(name: String): Unit = synchronized(lock) { file(name).delete() }

    private fun file(name: String): AtomicFile {
        require(NAME.matches(name)) { "a secret's name is of letters, digits and dashes" }
        return AtomicFile(File(directory, name))
    }

    private fun <T> withKey(work: () -> T): T = try {
        work()
    } catch (locked: UserNotAuthenticatedException) {
        throw SecretStoreLocked(locked)
    } catch (lost: KeyPermanentlyInvalidatedException) {
        throw LostException(lost)
    } catch (lost: UnrecoverableKeyException) {
        throw LostException(lost)
    } catch (lost: AEADBadTagException) {
        throw LostException(lost)
    } catch (lost: SealBrokenException) {
        throw LostException(lost)
    } catch (failed: GeneralSecurityException) {
        throw IOException("the Android Keystore failed", failed)
    } catch (failed: IllegalStateException) {
        // Some devices say so where their Keystore does not answer.
        throw IOException("the Android Keystore failed", failed)
    }

    private class LostException(cause: Throwable) : Exception(cause)

    private companion object {
        val NAME = Regex("[A-Za-z0-9-]{1,64}")
    }
}
