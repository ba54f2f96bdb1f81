package org.minihost.ffi

import java.security.KeyPairGenerator
import java.security.Signature
import java.util.Base64
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** A publisher, with a key of its own. */
internal class Publisher {
    private val pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair()

    /** The public half, for hosts to pin. The last 32 bytes of its X.509 form are the key itself (RFC 8410 §4). */
    val jwk: String = buildJsonObject {
        put("kty", "OKP")
        put("crv", "Ed25519")
        put("kid", "k-1")
        put("x", base64Url(pair.public.encoded.takeLast(32).toByteArray()))
    }.toString()

    fun sign(manifest: String): String {
        val header = """{"alg":"EdDSA","kid":"k-1","typ":"minihost-manifest+jws"}"""
        val message = "${base64Url(header.toByteArray())}.${base64Url(manifest.toByteArray())}"
        val signature = Signature.getInstance("Ed25519").run {
            initSign(pair.private)
            update(message.toByteArray())
            sign()
        }
        return "$message.${base64Url(signature)}"
    }

    private fun base64Url(bytes: ByteArray) = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
}
