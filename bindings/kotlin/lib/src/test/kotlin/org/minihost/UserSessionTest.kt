package org.minihost

import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Heard
import org.minihost.ffi.Pkce
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.ffi.SignedInElsewhere
import org.minihost.ffi.child
import org.minihost.ffi.reason
import org.minihost.ffi.text

/** A host app that signs its users in by itself, over the hand-written API. */
@ExtendWith(SampleHostExtension::class)
internal class UserSessionTest(private val sample: SampleHost) {
    private val program = Program(sample)

    private inner class Till : UserSession {
        override val user = MutableStateFlow<User?>(null)
        val signedOut = Heard<User>("a sign-out")

        @Volatile
        var token: suspend (User, String?) -> String = { _, _ -> throw NoTokenException.Unavailable() }

        override suspend fun accessToken(user: User, rejected: String?) = token(user, rejected)

        @Volatile
        var ending: suspend () -> Unit = {}

        override suspend fun signOut(user: User) {
            ending()
            signedOut.add(user)
            this.user.value = null
        }

        /** Signs somebody in, after whoever was. */
        fun enter(username: String): SignedInElsewhere = SignedInElsewhere.at(sample, username).also { elsewhere ->
            user.value = User(elsewhere.subject, username, (user.value?.epoch ?: 0) + 1)
        }
    }

    private val till = Till()

    private fun HostApp.awaitUser(name: String?) = runBlocking { patiently { host.user.first { it?.displayName == name } } }

    private fun HostApp.allowed(): WebView = open(program).also { page ->
        page.requestCode(listOf("openid"))
        prompt().let { it.answer(it.view.allow()) }
    }

    @Test
    fun `whoever is signed in when the host starts is, and a code is asked for with their token`() {
        val alice = till.enter("alice")
        till.token = { user, rejected -> alice.token.takeIf { user == till.user.value && rejected == null }.orEmpty() }
        HostApp.start(sample, HostPorts(session = till)).use { app ->
            app.awaitUser("alice")
            val (page, pkce) = app.open(program) to Pkce()
            page.requestCode(listOf("openid", "profile"), pkce)
            app.prompt().let { it.answer(it.view.allow()) }
            val tokens = program.redeem(page.reply().child("result").text("code"), pkce)
            assertEquals("alice", program.userDetails(tokens).text("preferred_username"))

            assertThrows(SignInException.Configuration::class.java) {
                runBlocking { app.host.signInWithPassword("alice", sample.password("alice")) }
            }
            till.enter("bob")
            app.awaitUser("bob")
            runBlocking { app.host.signOut() }
            assertEquals("bob", till.signedOut.next().displayName)
            app.awaitUser(null)
        }
    }

    @Test
    fun `a page that has the user sign in goes on as whom the host app has signed in by then`() {
        till.enter("alice")
        val signIn = SignInPrompt {
            val bob = till.enter("bob")
            till.token = { _, _ -> bob.token }
            UserReturned.DONE
        }
        HostApp.start(sample, HostPorts(signIn = signIn, session = till)).use { app ->
            val (page, pkce) = app.open(program) to Pkce()
            page.requestCode(listOf("openid", "profile"), pkce) { put("prompt", "select_account") }
            val prompt = app.prompt()
            assertEquals("bob", prompt.view.account)
            prompt.answer(prompt.view.allow())
            val tokens = program.redeem(page.reply().child("result").text("code"), pkce)
            assertEquals("bob", program.userDetails(tokens).text("preferred_username"))
        }
    }

    @Test
    fun `what the host app throws instead of a token is told apart`() {
        till.enter("alice")
        val reasons = listOf(
            NoTokenException.UserChanged() to "account_changed",
            NoTokenException.Unavailable() to "temporarily_unavailable",
            NoTokenException.Network() to "network",
            NoTokenException.TryLater(7.seconds) to "temporarily_unavailable",
            NoTokenException.Server() to "server_error",
            IllegalStateException("token=t") to "temporarily_unavailable",
            AssertionError("token=t") to "temporarily_unavailable",
            NoTokenException.SignInEnded() to "login_required",
        )
        HostApp.start(sample, HostPorts(session = till)).use { app ->
            app.awaitUser("alice")
            for ((thrown, reason) in reasons) {
                till.token = { _, _ -> throw thrown }
                val page = app.allowed()
                assertEquals(reason, page.reply().reason, "$thrown")
                page.session.close()
            }
            app.awaitUser(null)
            till.enter("alice")
            app.awaitUser("alice")
        }
    }

    @Test
    fun `another user by an epoch that has not grown leaves nobody signed in, until it has`() {
        till.enter("alice")
        HostApp.start(sample, HostPorts(session = till)).use { app ->
            app.awaitUser("alice")
            till.user.value = User("u-2", "bob", checkNotNull(till.user.value).epoch)
            app.awaitUser(null)
            till.enter("bob")
            app.awaitUser("bob")
        }
    }

    @Test
    fun `a timeout of the host app's own is an answer too`() {
        till.enter("alice")
        till.token = { _, _ -> withTimeout(1.milliseconds) { awaitCancellation() } }
        till.ending = { withTimeout(1.milliseconds) { awaitCancellation() } }
        HostApp.start(sample, HostPorts(session = till)).use { app ->
            app.awaitUser("alice")
            assertEquals("temporarily_unavailable", app.allowed().reply().reason)
            assertThrows(SignOutException.Storage::class.java) { runBlocking { patiently { app.host.signOut() } } }
        }
    }

    @Test
    fun `a page that closes takes its question for a token with it`() {
        till.enter("alice")
        val (began, ended) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        till.token = { _, _ ->
            began.complete(Unit)
            try {
                awaitCancellation()
            } finally {
                ended.complete(Unit)
            }
        }
        HostApp.start(sample, HostPorts(session = till)).use { app ->
            app.awaitUser("alice")
            val page = app.allowed()
            runBlocking {
                patiently { began.await() }
                page.session.close()
                patiently { ended.await() }
            }
        }
    }
}
