package org.minihost.ffi

import java.security.KeyPairGenerator
import java.security.Signature
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** A publisher, with a key of its own. */
private class Publisher {
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

/** Mini-programs are opened by manifests that publishers signed with keys that the host pins. */
@ExtendWith(SampleHostExtension::class)
internal class SignedManifestTest(private val sample: SampleHost) {
    private val publisher = Publisher()
    private val keys = listOf(TrustedKey("qinghe", publisher.jwk))

    @Test
    fun `a program of a pinned publisher is opened, and nobody warns of it`() = sample.withPhone(configured = asUsersGetIt) { phone ->
        val page = Page.of(phone, phone.open(publisher.sign(manifest("1.1.0"))), ORIGIN)
        page.initialize()
        val view = page.requestPrompt(listOf("openid"))
        assertFalse(view.miniProgram.unsigned)
    }

    @Test
    fun `another's signature, a changed text and an older release are refused`() = sample.withPhone(configured = asUsersGetIt) { phone ->
        val signed = publisher.sign(manifest("1.1.0"))
        phone.open(signed)
        val (header, _, signature) = signed.split('.')
        val others = signed.split('.')[1].reversed()
        for (refused in listOf(Publisher().sign(manifest("1.1.0")), "$header.$others.$signature", manifest("1.1.0"))) {
            assertThrows(OpenException.Manifest::class.java) { phone.open(refused) }
        }
        val older = assertThrows(OpenException.Manifest::class.java) { phone.open(publisher.sign(manifest("1.0.0"))) }
        assertTrue("1.1.0" in older.message.orEmpty(), older.message)
        phone.open(publisher.sign(manifest("1.2.0")))
    }

    @Test
    fun `a key that is none, and a key of another publisher, open nothing`() = sample.withEmptyPhone(asUsersGetIt) { phone ->
        val signed = publisher.sign(manifest("1.0.0"))
        assertThrows(OpenException.Key::class.java) { phone.open(signed, listOf(TrustedKey("qinghe", "{}"))) }
        assertThrows(OpenException.Manifest::class.java) { phone.open(signed, listOf(TrustedKey("acme", publisher.jwk))) }
        assertThrows(OpenException.Manifest::class.java) { phone.open(signed, emptyList()) }
        assertThrows(OpenException.Manifest::class.java) { phone.open(publisher.sign(Program(sample).manifest())) }
    }

    @Test
    fun `what users get opens no manifest that nobody signed`() = sample.withEmptyPhone(asUsersGetIt) { phone ->
        val launch = Launch(path = null, query = null, source = null)
        val error = assertThrows(OpenException.Manifest::class.java) { phone.host.open(manifest("1.1.0"), launch) }
        assertTrue("sign" in error.message.orEmpty(), error.message)
    }

    private fun Phone.open(manifest: String, trusted: List<TrustedKey> = keys): ULong =
        host.openSigned(manifest, trusted, Launch(path = null, query = null, source = null)).session

    /** A release for hosts of users: nothing in it lies on the loopback interface. */
    private fun manifest(version: String): String {
        val sampleText = Program(sample).run { manifest().replace(origin, ORIGIN) }
        val members = Json.parseToJsonElement(sampleText) as JsonObject
        return JsonObject(members + ("version" to JsonPrimitive(version))).toString()
    }

    private companion object {
        val asUsersGetIt: HostConfig.() -> HostConfig = { copy(build = null) }
        const val ORIGIN = "https://teahouse.example"
    }
}
