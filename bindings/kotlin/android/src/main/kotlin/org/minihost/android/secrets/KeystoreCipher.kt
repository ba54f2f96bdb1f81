package org.minihost.android.secrets

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.KeyStore
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * Encrypts by a key of the Android Keystore, which never leaves it: AES-256 in GCM. What a text is for is bound into it,
 * so that it cannot be put in another's place.
 */
internal class KeystoreCipher(private val alias: String) {

    fun seal(plain: ByteArray, purpose: String): ByteArray = seal(plain, purpose, key() ?: newKey())

    /** The same by another key in place of this one. What this one has sealed cannot be opened any more. */
    fun sealByNewKey(plain: ByteArray, purpose: String): ByteArray = seal(plain, purpose, newKey())

    private fun seal(plain: ByteArray, purpose: String, key: SecretKey): ByteArray {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.ENCRYPT_MODE, key)
        cipher.updateAAD(purpose.encodeToByteArray())
        check(cipher.iv.size == IV_BYTES.toInt()) { "an initialization vector of another length" }
        return byteArrayOf(VERSION, IV_BYTES) + cipher.iv + cipher.doFinal(plain)
    }

    /**
     * @throws java.security.GeneralSecurityException where the key is gone, or this is not what was sealed for this purpose
     */
    fun open(sealed: ByteArray, purpose: String): ByteArray {
        val isSealed = sealed.size > IV_END && sealed[0] == VERSION && sealed[1] == IV_BYTES
        if (!isSealed) throw SealBrokenException("it is not sealed")
        val cipher = Cipher.getInstance(TRANSFORMATION)
        val key = key() ?: throw SealBrokenException("the key is gone")
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, HEAD, IV_BYTES.toInt()))
        cipher.updateAAD(purpose.encodeToByteArray())
        return cipher.doFinal(sealed, IV_END, sealed.size - IV_END)
    }

    private fun key(): SecretKey? {
        val store = KeyStore.getInstance(PROVIDER).apply { load(null) }
        val key = store.getKey(alias, null) as? SecretKey
        // Before Android 12 a Keystore that does not answer is taken for one that has no such key. To forget a key that was
        // never there fails with it.
        if (key == null && Build.VERSION.SDK_INT < Build.VERSION_CODES.S) store.deleteEntry("$alias, never made")
        return key
    }

    private fun newKey(): SecretKey {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(alias, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).apply { init(spec) }.generateKey()
    }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val KEY_BITS = 256
        const val TAG_BITS = 128
        const val VERSION: Byte = 1
        const val HEAD = 2
        const val IV_BYTES: Byte = 12
        const val IV_END = HEAD + IV_BYTES
    }
}

/** It was not sealed by this key. */
internal class SealBrokenException(message: String) : java.security.GeneralSecurityException(message)
