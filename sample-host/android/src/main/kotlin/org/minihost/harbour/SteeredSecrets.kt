package org.minihost.harbour

import java.io.IOException
import org.minihost.SecretStore
import org.minihost.SecretStoreLocked

/** What is the matter with the secret store, as a tester wants it. */
enum class StoreTrouble { OK, LOCKED, FAILING, LOST }

/** A secret store that a tester can lock, break and empty. */
class SteeredSecrets(private val store: SecretStore) : SecretStore {
    @Volatile
    var trouble: StoreTrouble = StoreTrouble.OK

    override fun get(name: String): ByteArray? = open { store.get(name) }?.takeIf { trouble != StoreTrouble.LOST }

    override fun put(name: String, secret: ByteArray): Unit = open { store.put(name, secret) }

    override fun remove(name: String): Unit = open { store.remove(name) }

    private fun <T> open(call: () -> T): T = when (trouble) {
        StoreTrouble.LOCKED -> throw SecretStoreLocked()
        StoreTrouble.FAILING -> throw IOException("a tester wants it so")
        StoreTrouble.OK, StoreTrouble.LOST -> call()
    }
}
