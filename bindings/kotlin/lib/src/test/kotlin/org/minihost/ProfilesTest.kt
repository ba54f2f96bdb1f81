package org.minihost

import java.net.URLDecoder
import java.security.KeyPairGenerator
import java.security.spec.ECGenParameterSpec
import java.util.Base64
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Heard
import org.minihost.ffi.OpenStub
import org.minihost.ffi.Pkce
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.ffi.StubAnswer
import org.minihost.ffi.child
import org.minihost.ffi.reason
import org.minihost.ffi.text
import org.minihost.ffi.texts

/** An authorization server, and the host's own backend before it. */
private class Backend : OpenStub() {
    val codes = Heard<Pair<Map<String, String?>, JsonObject>>("a code request")
    val ended = Heard<String>("the end of a grant")

    @Volatile
    var refuses = false

    init {
        handle("/backend/v1/codes") { exchange, body ->
            val heads = listOf("Authorization", "Idempotency-Key").associateWith(exchange.requestHeaders::getFirst)
            codes.add(heads to Json.parseToJsonElement(body) as JsonObject)
            if (refuses) {
                val problem = """{"reason":"denied_by_server"}"""
                StubAnswer(403, problem, mapOf("Content-Type" to "application/problem+json"))
            } else {
                StubAnswer(200, """{"code":"c-1","clientId":"teahouse","scopes":["openid"],"grantId":"g-1"}""")
            }
        }
        handle("/backend/v1/grants/") { exchange, _ ->
            ended.add("${exchange.requestMethod} ${exchange.requestURI.path}")
            StubAnswer(204)
        }
    }
}

/** An ordinary authorization endpoint, which knows the user by their token. */
private class OrdinaryServer : OpenStub() {
    val asked = Heard<Pair<String?, Map<String, String>>>("an authorization request")

    init {
        handle("/authorize") { exchange, _ ->
            val query = exchange.requestURI.rawQuery.split('&').associate {
                it.substringBefore('=') to URLDecoder.decode(it.substringAfter('='), Charsets.UTF_8)
            }
            asked.add(exchange.requestHeaders.getFirst("Authorization") to query)
            val answer = if (query["nonce"] == "denied") "error=access_denied" else "code=c-2"
            StubAnswer(302, headers = mapOf("Location" to "${query["redirect_uri"]}?$answer&state=${query["state"]}"))
        }
    }
}

/** The ways of asking for codes, and of binding tokens. */
@ExtendWith(SampleHostExtension::class)
internal class ProfilesTest(private val sample: SampleHost) {
    private val program = Program(sample)

    private fun HostApp.allowed(page: WebView, pkce: Pkce = Pkce(), nonce: String? = null): JsonObject {
        page.requestCode(listOf("openid"), pkce) { if (nonce != null) put("nonce", nonce) }
        val prompt = prompt()
        prompt.answer(prompt.view.allow(Remember.UNTIL_REVOKED))
        return page.reply()
    }

    private fun signedIn(stub: OpenStub, credentials: Credentials, requests: CodeRequests) =
        HostApp.start(stub.issuer, "harbour", credentials) { copy(codeRequests = requests) }
            .apply { runBlocking { host.signInWithPassword("alice", "x") } }

    @Test
    fun `the host's own backend asks for the code, is told what the user agreed to, and ends the grant`(): Unit = Backend().use { backend ->
        signedIn(backend, Credentials.relay(), CodeRequests.Relay("${backend.issuer}/backend")).use { app ->
            val (page, pkce) = app.open(program) to Pkce()
            assertEquals("c-1", app.allowed(page, pkce).child("result").text("code"))
            val (heads, body) = backend.codes.next()
            assertEquals("Bearer a", heads["Authorization"])
            assertEquals(
                listOf("teahouse", program.redirectUri, pkce.challenge),
                listOf("clientId", "redirectUri", "codeChallenge").map(body::text),
            )
            assertEquals(listOf("openid"), body.child("consent").texts("scopes"))
            assertEquals(body.child("consent").text("jti"), heads["Idempotency-Key"])

            val revoked = runBlocking { app.host.revoke("teahouse") }
            assertEquals(ServerTold.ENDED, revoked.server)
            assertEquals("DELETE /backend/v1/grants/teahouse", backend.ended.next())

            backend.refuses = true
            assertEquals("denied_by_server", app.allowed(page).reason)
        }
    }

    @Test
    fun `an ordinary authorization endpoint is asked with the user's token, and its redirect is read and not followed`(): Unit =
        OrdinaryServer().use { server ->
            signedIn(
                server,
                Credentials.publicClient(),
                CodeRequests.Authorize("""{"parameters": {"add": {"via": "harbour"}}}"""),
            ).use { app ->
                val (page, pkce) = app.open(program) to Pkce()
                assertEquals("c-2", app.allowed(page, pkce, nonce = "n-1").child("result").text("code"))
                val (authorization, query) = server.asked.next()
                assertEquals("Bearer a", authorization)
                val expected = mapOf("client_id" to "teahouse", "code_challenge" to pkce.challenge, "nonce" to "n-1", "via" to "harbour")
                assertEquals(expected, query.filterKeys { it in expected })
                assertNotNull(query["state"])

                page.requestCode(listOf("openid")) { put("nonce", "denied") }
                assertEquals("denied_by_server", page.reply().reason)
            }
        }

    @Test
    fun `a sign-in that is cancelled asks nothing more of the key in hardware`() {
        val (began, ended) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        val signer = CredentialSigner {
            began.complete(Unit)
            try {
                awaitCancellation()
            } finally {
                ended.complete(Unit)
            }
        }
        val key = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        OpenStub().use { server ->
            HostApp.start(server.issuer, "harbour", Credentials.hardwareKey(signer, key.public.encoded)).use { app ->
                runBlocking {
                    val signIn = async(start = UNDISPATCHED) { app.host.signInWithPassword("alice", "x") }
                    patiently { began.await() }
                    signIn.cancelAndJoin()
                    patiently { ended.await() }
                }
            }
        }
    }

    @Test
    fun `tokens are bound to a key of this installation where the server offers it`() {
        val transport = RecordingTransport()
        val binding: HostConfiguration.() -> HostConfiguration = { copy(tokenBinding = TokenBinding.WHERE_OFFERED) }
        HostApp.signedIn(sample, ports = HostPorts(network = Network.Own(transport)), configured = binding).use { app ->
            val (page, pkce) = app.open(program) to Pkce()
            program.redeem(app.allowed(page, pkce).child("result").text("code"), pkce)
        }
        val proofs = transport.sent.rest().mapNotNull { request -> request.headers["dpop"]?.let { request to it } }
        assertTrue(proofs.size >= 2, "for the token, and for the user's details")
        for ((request, proof) in proofs) {
            val (header, claims) = proof.split('.').take(2).map {
                Json.parseToJsonElement(String(Base64.getUrlDecoder().decode(it))) as JsonObject
            }
            assertEquals("dpop+jwt", header.text("typ"))
            assertEquals(listOf(request.method, request.url.substringBefore('?')), listOf(claims.text("htm"), claims.text("htu")))
        }
        assertTrue(transport.sent.rest().any { it.headers["authorization"].orEmpty().startsWith("DPoP ") })
    }
}
