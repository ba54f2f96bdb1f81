package org.minihost.android.support

import org.minihost.SecretStore

/** A store that cannot be used, and repeats a secret when it says so. */
internal class BrokenSecrets(private val secret: String) : SecretStore {
    override fun get(name: String): ByteArray? = null

    override fun put(name: String, secret: ByteArray): Unit = error("cannot write ${this.secret}")

    override fun remove(name: String): Unit = error("cannot delete $secret")
}
