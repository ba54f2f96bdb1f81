package org.minihost.ffi

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** A token that is asked for. */
private class Question(val ticket: ULong, val user: User, val rejected: String?)

private class OwnSession : UserSession {
    val asked = Heard<Question>("a question for a token")
    val abandoned = Heard<ULong>("the end of a question")
    val signOuts = Heard<Pair<ULong, User>>("a sign-out")

    @Volatile
    var isBroken = false

    override fun accessToken(ticket: ULong, user: User, rejected: String?) {
        asked.add(Question(ticket, user, rejected))
        check(!isBroken) { "a fault of the host app, with $rejected" }
    }

    override fun abandon(ticket: ULong) {
        abandoned.add(ticket)
    }

    override fun signOut(ticket: ULong, user: User) {
        signOuts.add(ticket to user)
        check(!isBroken) { "a fault of the host app" }
    }
}

/** A host app that signs its users in by itself. */
@ExtendWith(SampleHostExtension::class)
internal class UserSessionTest(private val sample: SampleHost) {
    private val program = Program(sample)
    private val session = OwnSession()
    private val alice by lazy { SignedInElsewhere.at(sample, "alice") }
    private val user by lazy { User(alice.subject, "Alice A.", epoch = 1uL) }

    private fun withPhone(test: (Phone) -> Unit) = Phone.start(sample, OptionalPorts(session = session)).use(test)

    /** A page whose request the user has allowed. */
    private fun asked(phone: Phone, remember: Remember = Remember.ONCE, pkce: Pkce = Pkce()): Page {
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid", "profile"), pkce)
        assertEquals("Alice A.", view.account)
        phone.host.answer(view.prompt, view.digest, view.allow(remember))
        return page
    }

    @Test
    fun `the host app's own token goes with the code request, and another one when the server does not take it`() = withPhone { phone ->
        phone.host.userChanged(user)
        assertEquals(user, phone.host.currentUser())
        val pkce = Pkce()
        val page = asked(phone, pkce = pkce)
        val first = session.asked.next()
        assertEquals(user to null, first.user to first.rejected)
        phone.host.tokenGiven(first.ticket, "no-token-of-this-server")
        val second = session.asked.next()
        assertEquals(user to "no-token-of-this-server", second.user to second.rejected)
        assertNotEquals(first.ticket, second.ticket)
        phone.host.tokenGiven(second.ticket, alice.token)
        val tokens = program.redeem(page.reply().child("result").text("code"), pkce)
        assertEquals("alice", program.userDetails(tokens).text("preferred_username"))
    }

    @Test
    fun `why there is no token decides what the page hears, and whether the user stays`() = withPhone { phone ->
        val reasons = listOf(
            NoToken.UserChanged to "account_changed",
            NoToken.Unavailable to "temporarily_unavailable",
            NoToken.Network to "network",
            NoToken.TryLater(7uL) to "temporarily_unavailable",
            NoToken.Server to "server_error",
            NoToken.SignInEnded to "login_required",
        )
        phone.host.userChanged(user)
        for ((why, reason) in reasons) {
            val page = asked(phone)
            phone.host.noToken(session.asked.next().ticket, why)
            val reply = page.reply()
            assertEquals(reason, reply.reason, "$why")
            if (why is NoToken.TryLater) assertEquals("7", reply.child("error").child("data").text("retryAfter"))
            phone.host.close(page.session)
        }
        assertNull(phone.host.currentUser(), "the server has ended the sign-in")
        assertThrows(UserChangeException.SignInOver::class.java) { phone.host.userChanged(user) }
        phone.host.userChanged(user.copy(epoch = 2uL))
        assertEquals(2uL, phone.host.currentUser()?.epoch)
    }

    @Test
    fun `a sign-in whose epoch has not grown ends the one before, with all that it had asked for`() = withPhone { phone ->
        phone.host.userChanged(user)
        val page = asked(phone)
        session.asked.next()
        assertThrows(UserChangeException.SignInOver::class.java) { phone.host.userChanged(user.copy(id = "another")) }
        assertNull(phone.host.currentUser())
        assertEquals("account_changed", page.reply().reason)
        assertThrows(UserChangeException.SignInOver::class.java) { phone.host.userChanged(user) }
    }

    @Test
    fun `a session that throws gives no token, and its words go nowhere`() = withPhone { phone ->
        phone.host.userChanged(user)
        session.isBroken = true
        val reply = asked(phone).reply()
        assertEquals("temporarily_unavailable", reply.reason)
        assertTrue("fault" !in reply.toString())
    }

    @Test
    fun `a token that nobody waits for is given up, and one of a user who has gone is not used`() = withPhone { phone ->
        phone.host.userChanged(user)
        val left = asked(phone)
        val question = session.asked.next()
        phone.host.close(left.session)
        assertEquals(question.ticket, session.abandoned.next())
        phone.host.tokenGiven(question.ticket, alice.token)

        val page = asked(phone)
        val late = session.asked.next()
        phone.host.userChanged(user.copy(epoch = 2uL))
        assertEquals("account_changed", page.reply().reason)
        phone.host.tokenGiven(late.ticket, alice.token)
    }

    @Test
    fun `a sign-out reaches the host app, and is asked for again where its tokens remain`() = withPhone { phone ->
        phone.host.userChanged(user)
        for (result in listOf(SignOutResult.TOKENS_REMAIN, SignOutResult.DONE)) {
            runBlocking {
                val signOut = async(start = CoroutineStart.UNDISPATCHED) { runCatching { phone.host.signOut() } }
                val (ticket, who) = session.signOuts.next()
                assertEquals(user, who)
                assertNull(phone.host.currentUser())
                phone.host.signedOut(ticket, result)
                val failure = signOut.await().exceptionOrNull()
                assertEquals(result == SignOutResult.TOKENS_REMAIN, failure is SignOutException.Storage)
            }
        }
        runBlocking { phone.host.signOut() }
        assertEquals(emptyList<Any>(), session.signOuts.rest(), "nothing is left to do")

        phone.host.userChanged(user.copy(epoch = 2uL))
        session.isBroken = true
        assertThrows(SignOutException.Storage::class.java) { runBlocking { phone.host.signOut() } }
        phone.host.userChanged(user.copy(epoch = 3uL))
        phone.host.userChanged(null)
        assertNull(phone.host.currentUser())
    }

    @Test
    fun `who signs users in is one alone`() {
        withPhone { phone ->
            phone.host.userChanged(user)
            assertEquals(user, runBlocking { phone.host.restoreSignIn() }, "there is nothing to restore")
            assertThrows(SignInException.Configuration::class.java) { phone.signIn(sample, "alice") }
            val redirectUri = "org.minihost.harbour:/callback"
            assertThrows(SignInException.Configuration::class.java) {
                runBlocking { phone.host.beginSignIn(redirectUri, SignInWish.Ordinary) }
            }
            assertThrows(DeviceRequestException.NotAllowed::class.java) { runBlocking { phone.host.deviceRequest("ABCD-EFGH") } }
            assertEquals(user, phone.host.currentUser())
        }
        sample.withPhone { phone ->
            assertThrows(UserChangeException.SdkSignsIn::class.java) { phone.host.userChanged(user) }
            assertEquals("alice", phone.host.currentUser()?.displayName)
        }
    }
}
