package org.minihost.android.support

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreException
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/**
 * Stands where Android has its Keystore and Robolectric has nothing. It proves what is called and what is written, and
 * nothing of hardware.
 */
class FakeKeystore :
    Provider("AndroidKeyStore", "1", "for tests"),
    AutoCloseable {
    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
        Security.addProvider(this)
    }

    /** All keys are gone, as after the user removed the screen lock on some devices. */
    fun loseKeys() = held.clear()

    /** What it answers to the next question for a key, as one that is busy or broken does. */
    fun failNext(fault: Exception) {
        next = fault
    }

    /** As old Androids tell it of one that does not answer the next question: it has no key, and can forget none. */
    fun goAway() {
        isAway = true
    }

    override fun close() {
        loseKeys()
        isAway = false
        next = null
        Security.removeProvider(name)
    }

    class Generator : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(params: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = params as KeyGenParameterSpec
        }

        override fun engineInit(random: SecureRandom?) = error("a key of the Keystore has a name")

        override fun engineInit(keysize: Int, random: SecureRandom?) = error("a key of the Keystore has a name")

        override fun engineGenerateKey(): SecretKey {
            val bytes = ByteArray(spec.keySize / Byte.SIZE_BITS).also(SecureRandom()::nextBytes)
            return SecretKeySpec(bytes, "AES").also { held[spec.keystoreAlias] = it }
        }
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? {
            next?.also { next = null }?.let { throw it }
            return held[alias].takeUnless { isAway }
        }

        override fun engineContainsAlias(alias: String) = alias in held
        override fun engineIsKeyEntry(alias: String) = alias in held
        override fun engineAliases(): Enumeration<String> = Collections.enumeration(held.keys)
        override fun engineSize() = held.size
        override fun engineDeleteEntry(alias: String) {
            if (isAway) {
                isAway = false
                throw KeyStoreException("Failed to delete entry: $alias")
            }
            held.remove(alias)
        }

        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
        override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
        override fun engineIsCertificateEntry(alias: String) = false
        override fun engineGetCertificate(alias: String): Certificate? = null
        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
        override fun engineGetCertificateAlias(certificate: Certificate): String? = null
        override fun engineGetCreationDate(alias: String): Date? = null
        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?) = Unit
        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) = Unit
        override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = Unit
    }

    private companion object {
        val held = HashMap<String, SecretKey>()
        var next: Exception? = null
        var isAway = false
    }
}
