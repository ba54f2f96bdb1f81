package org.minihost.ffi

import java.security.KeyPairGenerator
import java.security.MessageDigest
import java.security.Signature
import java.util.Base64
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** A publisher, with a key of its own. */
internal class Publisher {
    private val pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair()

    /** The last 32 bytes of the public half's X.509 form are the key itself (RFC 8410 §4). */
    private val x = base64Url(pair.public.encoded.takeLast(32).toByteArray())

    /** The public half, for hosts to pin. */
    val jwk: String = buildJsonObject {
        put("kty", "OKP")
        put("crv", "Ed25519")
        put("kid", "k-1")
        put("x", x)
    }.toString()

    /** Names the key, whatever its `kid` (RFC 7638 §3, RFC 8037 §2). */
    val thumbprint: String =
        base64Url(MessageDigest.getInstance("SHA-256").digest("""{"crv":"Ed25519","kty":"OKP","x":"$x"}""".toByteArray()))

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
