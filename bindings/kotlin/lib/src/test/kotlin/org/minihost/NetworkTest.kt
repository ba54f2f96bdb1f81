package org.minihost

import kotlin.time.Duration
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Pkce
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.ffi.child
import org.minihost.ffi.reason
import org.minihost.ffi.text

/** The host app's own way to the server, and the SDK's own with its settings. */
@ExtendWith(SampleHostExtension::class)
internal class NetworkTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `the whole way of a code goes over the host app's own transport`() {
        val transport = RecordingTransport()
        HostApp.signedIn(sample, ports = HostPorts(network = Network.Own(transport))).use { app ->
            val (page, pkce) = app.open(program) to Pkce()
            page.requestCode(listOf("openid"), pkce)
            val prompt = app.prompt()
            prompt.answer(prompt.view.allow())
            program.redeem(page.reply().child("result").text("code"), pkce)
            assertTrue(transport.sent.rest().size >= 3, "metadata, sign-in, user details, code request")
        }
    }

    @Test
    fun `a transport that fails, in whatever way, is a network that fails`() {
        val failures = HttpFailure.entries.map { HttpTransportException(it) } + Exception("token=t") + AssertionError("t")
        for (failure in failures) {
            val ports = HostPorts(network = Network.Own { throw failure })
            HostApp.start(sample, ports).use { app ->
                val thrown = assertThrows(SignInException::class.java) {
                    runBlocking { app.host.signInWithPassword("alice", "p") }
                }
                assertTrue("token" !in thrown.message.orEmpty(), "what a port throws is not repeated")
            }
        }
    }

    @Test
    fun `a sign-in that is cancelled takes its request with it`() {
        val began = CompletableDeferred<Unit>()
        val ended = CompletableDeferred<Unit>()
        val transport = HttpTransport {
            began.complete(Unit)
            try {
                awaitCancellation()
            } finally {
                ended.complete(Unit)
            }
        }
        HostApp.start(sample, HostPorts(network = Network.Own(transport))).use { app ->
            runBlocking {
                val signIn = async(start = UNDISPATCHED) { app.host.signInWithPassword("alice", "p") }
                patiently { began.await() }
                signIn.cancelAndJoin()
                patiently { ended.await() }
            }
            assertNull(app.host.user.value)
        }
    }

    @Test
    fun `a page that closes takes its code request with it`() {
        val began = CompletableDeferred<WantedCode>()
        val ended = CompletableDeferred<Unit>()
        val issuer = object : CodeIssuer {
            override suspend fun issue(wanted: WantedCode): IssuedCode {
                began.complete(wanted)
                try {
                    awaitCancellation()
                } finally {
                    ended.complete(Unit)
                }
            }

            override suspend fun endGrant(grantId: String, timeAllowed: Duration) = GrantEnded.ENDED
        }
        HostApp.signedIn(sample, configured = { copy(codeRequests = CodeRequests.Own(issuer)) }).use { app ->
            val page = app.open(program)
            page.requestCode(listOf("openid"))
            val prompt = app.prompt()
            prompt.answer(prompt.view.allow())
            val wanted = runBlocking { patiently { began.await() } }
            assertEquals(listOf("openid"), wanted.scopes)
            assertEquals("alice", wanted.user.displayName)
            page.session.close()
            runBlocking { patiently { ended.await() } }
        }
    }

    @Test
    fun `codes come from the host app's own issuer, and its refusals reach the page as it says`() {
        val ended = CompletableDeferred<String>()
        var refusal: Throwable? = null
        val issuer = object : CodeIssuer {
            override suspend fun issue(wanted: WantedCode): IssuedCode {
                refusal?.let { throw it }
                return IssuedCode("c-1", wanted.clientId, scopes = wanted.scopes, grantId = "g-1")
            }

            override suspend fun endGrant(grantId: String, timeAllowed: Duration): GrantEnded {
                ended.complete(grantId)
                return GrantEnded.ENDED
            }
        }
        HostApp.signedIn(sample, configured = { copy(codeRequests = CodeRequests.Own(issuer)) }).use { app ->
            val page = app.open(program)
            page.requestCode(listOf("openid"))
            val prompt = app.prompt()
            prompt.answer(prompt.view.allow(Remember.UNTIL_REVOKED))
            assertEquals("c-1", page.reply().child("result").text("code"))
            for ((thrown, reason) in listOf(
                CodeRefused("denied_by_server") to "denied_by_server",
                CodeRefused("no such reason") to "internal",
                IllegalStateException("code=c-2") to "internal",
            )) {
                refusal = thrown
                page.requestCode(listOf("openid"))
                assertEquals(reason, page.reply().reason)
            }
            val revoked = runBlocking { app.host.revoke("teahouse") }
            assertEquals(ServerTold.ENDED, revoked.server)
            assertEquals("g-1", runBlocking { patiently { ended.await() } })
        }
    }

    @Test
    fun `settings that could not work are refused when the host starts`() {
        fun refused(ports: HostPorts = HostPorts(), configured: HostConfiguration.() -> HostConfiguration = { this }) {
            assertThrows(StartException.Configuration::class.java) { HostApp.start(sample, ports, configured).close() }
        }
        refused(HostPorts(network = Network.Sdk(roots = TrustedRoots.Only("no certificate"))))
        refused(HostPorts(network = Network.Sdk(roots = TrustedRoots.PlatformAnd("no certificate"))))
        refused(HostPorts(network = Network.Sdk(pins = listOf("sha256/AAAA"))))
        refused(HostPorts(network = Network.Sdk(proxy = Proxy.At("socks5://user:secret@proxy.example"))))
        refused { copy(codeRequests = CodeRequests.Relay("ftp://backend.example")) }
        refused { copy(codeRequests = CodeRequests.Authorize("""{"follow": true}""")) }
        refused { copy(codeRequests = CodeRequests.Challenge(leaveOut = listOf("code_challenge"))) }
        refused { copy(words = mapOf("en" to "no Fluent")) }
        refused { copy(remember = emptyList()) }
        // What the backend holds is not here to be sent to the challenge endpoint.
        assertThrows(StartException.Configuration::class.java) { HostApp.start(sample.issuer, "harbour", Credentials.relay()).close() }
    }

    @Test
    fun `every setting of the network, the profile and the time is taken`() {
        val ports = HostPorts(network = Network.Sdk(proxy = Proxy.Direct, connectTimeout = Duration.INFINITE))
        val configured: HostConfiguration.() -> HostConfiguration = {
            copy(
                codeRequests = CodeRequests.Challenge(add = mapOf("login_hint" to "{user_id}")),
                signInScopes = listOf("openid", "profile", "email", "mediate"),
                tokenBinding = TokenBinding.WHERE_OFFERED,
                gesture = GesturePolicy.NotNeeded,
                words = mapOf("en" to "scope-openid = Know that it is you"),
            )
        }
        HostApp.signedIn(sample, ports = ports, configured = configured).use { app ->
            val (page, pkce) = app.open(program) to Pkce()
            page.requestCode(listOf("openid"), pkce, change = { copy(gestureAge = Duration.INFINITE) })
            val prompt = app.prompt()
            assertEquals("Know that it is you", prompt.view.scopes.single().title)
            prompt.answer(prompt.view.allow())
            program.redeem(page.reply().child("result").text("code"), pkce)
        }
    }
}
