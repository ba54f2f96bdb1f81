package org.minihost.ffi

import java.net.URLDecoder
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PublicKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.util.Base64
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Lets everybody in, and keeps how the host said who it is. */
private class OpenServer : StubServer() {
    val seen = Heard<Pair<String?, Map<String, String>>>("a request to the token endpoint")

    init {
        answerAll("/token") { authorization, form ->
            val parameters = form.split('&').associate { it.substringBefore('=') to decoded(it.substringAfter('=')) }
            seen.add(authorization to parameters)
            200 to """{"access_token":"a","token_type":"Bearer","expires_in":600}"""
        }
    }
}

private fun decoded(text: String) = URLDecoder.decode(text, Charsets.UTF_8)

/** A key that a host app would have in its Keystore: it signs in DER, on a thread of the app. */
private class Keystore(private val pair: KeyPair) : CredentialSigner {
    lateinit var host: MiniHost

    /** How the user or the hardware refuses. */
    @Volatile
    var refuses: NotSigned? = null

    override fun sign(ticket: ULong, message: ByteArray) {
        val refusal = refuses
        Thread {
            if (refusal == null) {
                val signer = Signature.getInstance("SHA256withECDSA").apply { initSign(pair.private) }
                host.signed(ticket, signer.apply { update(message) }.sign())
            } else {
                host.notSigned(ticket, refusal)
            }
        }.start()
    }

    override fun dismiss(ticket: ULong) = Unit
}

class CredentialsTest {
    private val p256 = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    private val ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair()

    private fun sent(
        credentials: ClientCredentials,
        configured: HostConfig.() -> HostConfig = { this },
    ): Pair<String?, Map<String, String>> = OpenServer().use { server ->
        Phone.start(server.issuer, Client("harbour", "", credentials), configured = configured).use { it.signIn("alice", "x") }
        server.seen.next()
    }

    private fun basic(pair: String) = "Basic " + Base64.getEncoder().encodeToString(pair.toByteArray())

    private fun claims(assertion: String, algorithm: String, key: PublicKey): JsonObject {
        val (header, claims, signature) = assertion.split('.')
        val verifier = Signature.getInstance(algorithm).apply { initVerify(key) }
        verifier.update("$header.$claims".toByteArray())
        assertTrue(verifier.verify(Base64.getUrlDecoder().decode(signature)))
        return Json.parseToJsonElement(String(Base64.getUrlDecoder().decode(claims))) as JsonObject
    }

    @Test
    fun `a secret goes the way that the server wants`() {
        val secret = "a b&c"
        fun of(sent: SecretSent) = ClientCredentials.secret(secret, SecretKnown.TO_THIS_HOST_ALONE, sent)
        assertEquals(basic("harbour:a+b%26c"), sent(of(SecretSent.BASIC)).first)
        assertEquals(basic("harbour:a b&c"), sent(of(SecretSent.BASIC_VERBATIM)).first)
        val (authorization, form) = sent(of(SecretSent.POST))
        assertEquals(null, authorization)
        assertEquals("harbour" to secret, form["client_id"] to form["client_secret"])
    }

    @Test
    fun `a public client only says who it is`() {
        for (credentials in listOf(ClientCredentials.publicClient(), ClientCredentials.relay())) {
            val (authorization, form) = sent(credentials) { copy(codeRequests = CodeRequests.Relay("https://backend.example")) }
            assertEquals(null, authorization)
            assertEquals("harbour", form["client_id"])
            assertEquals(setOf("grant_type", "username", "password", "scope", "client_id"), form.keys)
        }
    }

    @Test
    fun `a key in the process signs for the endpoint where the server wants that`() {
        val pem = "-----BEGIN PRIVATE KEY-----\n${Base64.getEncoder().encodeToString(ed25519.private.encoded)}\n-----END PRIVATE KEY-----\n"
        val (_, form) = sent(ClientCredentials.privateKey(pem, "first", AssertionAudience.ENDPOINT))
        val claims = claims(form.getValue("client_assertion"), "Ed25519", ed25519.public)
        assertEquals("harbour", claims.text("sub"))
        assertTrue(claims.text("aud").endsWith("/token"))
    }

    @Test
    fun `a key in hardware signs and its refusal is an error of its own`(): Unit = OpenServer().use { server ->
        val keystore = Keystore(p256)
        val credentials = ClientCredentials.hardwareKey(keystore, p256.public.encoded, null, AssertionAudience.ISSUER)
        assertEquals(Assurance.HARDWARE_KEY, credentials.assurance())
        Phone.start(server.issuer, Client("harbour", "", credentials)).use { phone ->
            keystore.host = phone.host
            phone.signIn("alice", "x")
            val (_, form) = server.seen.next()
            val claims = claims(form.getValue("client_assertion"), "SHA256withECDSAinP1363Format", p256.public)
            assertEquals(server.issuer, claims.text("aud"))
            for (refusal in NotSigned.entries) {
                keystore.refuses = refusal
                assertThrows<SignInException.HostRejected> { phone.signIn("alice", "x") }
            }
            keystore.refuses = null
            runBlocking { phone.host.signInWithPassword("alice", "x") }
        }
    }

    @Test
    fun `credentials tell what they are worth and not what they are`() {
        fun of(known: SecretKnown) = ClientCredentials.secret("hunter2", known, SecretSent.BASIC)
        assertEquals(Assurance.STATIC_SECRET, of(SecretKnown.TO_THIS_HOST_ALONE).assurance())
        assertEquals(Assurance.STATIC_SECRET, of(SecretKnown.TO_EVERYBODY_WHO_HAS_THE_APP).assurance())
        assertEquals(Assurance.INSTALLATION_SECRET, of(SecretKnown.TO_THIS_INSTALLATION_ALONE).assurance())
        assertEquals(Assurance.PUBLIC, ClientCredentials.publicClient().assurance())
        assertEquals(Assurance.RELAYED, ClientCredentials.relay().assurance())
        assertTrue("hunter2" !in of(SecretKnown.TO_THIS_HOST_ALONE).toString())
    }

    @Test
    fun `what is no key is refused at once`() {
        assertThrows<StartException.Configuration> { ClientCredentials.privateKey("key", null, AssertionAudience.ISSUER) }
        assertThrows<StartException.Configuration> {
            ClientCredentials.hardwareKey(Keystore(p256), byteArrayOf(1), null, AssertionAudience.ISSUER)
        }
    }
}
