package org.minihost.ffi

import java.net.URI
import java.net.URLDecoder
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Redeems one code, of which it remembers who asked. */
private class CodeServer : StubServer() {
    val forms = CopyOnWriteArrayList<Map<String, String>>()

    init {
        answer("/token") { form ->
            forms += parameters(form)
            200 to """{"access_token":"a","token_type":"Bearer","expires_in":600}"""
        }
    }
}

private fun parameters(query: String) = query.split('&').associate {
    it.substringBefore('=') to URLDecoder.decode(it.substringAfter('='), Charsets.UTF_8)
}

/** The system's browser is a parameter here: what it would bring back, the tests make up from the page's address. */
class BrowserSignInTest {
    private val callback = "com.example.harbour:/signed-in"

    private fun withPhone(test: (CodeServer, Phone) -> Unit) = CodeServer().use { server ->
        Phone.start(server.issuer, Client("harbour", "", ClientCredentials.publicClient())).use { test(server, it) }
    }

    private fun Phone.begin(wish: SignInWish = SignInWish.Ordinary) = runBlocking { host.beginSignIn(callback, wish) }

    private fun BrowserSignIn.sent() = parameters(URI(page()).rawQuery)

    @Test
    fun `a user comes back from the browser and is signed in`() = withPhone { server, phone ->
        val signIn = phone.begin()
        val sent = signIn.sent()
        assertEquals(callback, sent["redirect_uri"])
        assertEquals("S256", sent["code_challenge_method"])
        assertNull(phone.host.currentUser())
        val answer = "$callback?code=c&state=${sent["state"]}"
        assertTrue(signIn.isAnsweredBy(answer))
        val user = runBlocking { phone.host.finishSignIn(signIn, answer) }
        assertEquals(user, phone.host.currentUser())
        val form = server.forms.single()
        assertEquals(listOf("authorization_code", "c", callback), listOf("grant_type", "code", "redirect_uri").map(form::get))
        assertNotNull(form["code_verifier"])
        assertThrows<SignInException.WrongAnswer> { runBlocking { phone.host.finishSignIn(signIn, answer) } }
    }

    @Test
    fun `what another app opens this one with is not an answer`() = withPhone { server, phone ->
        val signIn = phone.begin()
        val state = signIn.sent()["state"]
        for (strange in listOf("$callback?code=c&state=x$state", "com.example.harbour:/other?code=c&state=$state", "no address")) {
            assertFalse(signIn.isAnsweredBy(strange))
        }
        assertThrows<SignInException.WrongAnswer> { runBlocking { phone.host.finishSignIn(signIn, "$callback?code=c&state=x") } }
        assertEquals(0, server.forms.size)
        assertNull(phone.host.currentUser())
    }

    @Test
    fun `a user who declines is not signed in`() = withPhone { _, phone ->
        val signIn = phone.begin()
        val answer = "$callback?error=access_denied&state=${signIn.sent()["state"]}"
        assertThrows<SignInException.Denied> { runBlocking { phone.host.finishSignIn(signIn, answer) } }
    }

    @Test
    fun `a wish goes along and a bad address does not`() = withPhone { _, phone ->
        assertEquals("login", phone.begin(SignInWish.Again(listOf("urn:a"), null)).sent()["prompt"])
        assertEquals("60", phone.begin(SignInWish.Again(emptyList(), 60uL)).sent()["max_age"])
        assertEquals("select_account", phone.begin(SignInWish.ChooseAccount).sent()["prompt"])
        assertThrows<SignInException.Configuration> { runBlocking { phone.host.beginSignIn("app:/x", SignInWish.Ordinary) } }
    }
}
