package org.minihost.android.secrets

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

    fun seal(plain: ByteArray, purpose: String): ByteArray {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.ENCRYPT_MODE, key() ?: newKey())
        cipher.updateAAD(purpose.encodeToByteArray())
        return byteArrayOf(VERSION, cipher.iv.size.toByte()) + cipher.iv + cipher.doFinal(plain)
    }

    /**
     * @throws java.security.GeneralSecurityException where the key is gone, or this is not what was sealed for this purpose
     */
    fun open(sealed: ByteArray, purpose: String): ByteArray {
        val ivEnd = HEAD + (sealed.getOrNull(1)?.toInt() ?: 0)
        if (sealed.firstOrNull() != VERSION || ivEnd <= HEAD || ivEnd >= sealed.size) throw SealBrokenException("it is not sealed")
        val cipher = Cipher.getInstance(TRANSFORMATION)
        val key = key() ?: throw SealBrokenException("the key is gone")
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, HEAD, ivEnd - HEAD))
        cipher.updateAAD(purpose.encodeToByteArray())
        return cipher.doFinal(sealed, ivEnd, sealed.size - ivEnd)
    }

    /** Makes the next [seal] begin with another key. What the one before has sealed cannot be opened any more. */
    fun forgetKey() = keyStore().deleteEntry(alias)

    private fun keyStore() = KeyStore.getInstance(PROVIDER).apply { load(null) }

    private fun key(): SecretKey? = keyStore().getKey(alias, null) as? SecretKey

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
    }
}

/** It was not sealed by this key. */
internal class SealBrokenException(message: String) : java.security.GeneralSecurityException(message)
