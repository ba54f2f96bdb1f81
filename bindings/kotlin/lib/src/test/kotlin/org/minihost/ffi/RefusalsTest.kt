package org.minihost.ffi

import java.net.ServerSocket
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** Wrong input at the border gets its stable reason or its exception, and leaves everything working. */
@ExtendWith(SampleHostExtension::class)
internal class RefusalsTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `a page cannot get what its manifest does not declare`() =
        refused("scope_not_declared") { requestCode(listOf("openid", "address")) }

    @Test
    fun `a page of another origin is not believed`() =
        refused("untrusted_origin") { requestCode(listOf("openid"), change = { copy(origin = "https://evil.example") }) }

    @Test
    fun `a frame within the page is not believed, whatever it holds`() =
        refused("not_main_frame") { requestCode(listOf("openid"), change = { copy(mainFrame = false, capability = true) }) }

    @Test
    fun `what the platform does not tell needs a capability`() =
        refused("untrusted_origin") { requestCode(listOf("openid"), change = { copy(origin = null, mainFrame = null) }) }

    @Test
    fun `a page that nobody sees cannot ask the user, and learns of it as late as of all that is silent`() =
        refused("interaction_required") {
            assertNull(requestCode(listOf("openid"), change = { copy(visible = false) }))
            reply()
        }

    @Test
    fun `a text that is no message is answered`() = refused("invalid_request") { post("{\"jsonrpc\":") }

    @Test
    fun `a method that is not there is named so`() = refused("unsupported_method") { call("host.format") }

    @Test
    fun `a capability stands in for what the platform does not tell`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        assertNull(page.requestCode(listOf("openid"), change = { copy(origin = null, mainFrame = null, capability = true) }))
        phone.screen.presented.next()
    }

    @Test
    fun `only an answer to the view that is shown counts, and only once`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        val host = phone.host
        assertThrows(AnswerException.NotWaiting::class.java) { host.answer(view.prompt + 1uL, view.digest, view.allow()) }
        assertThrows(AnswerException.OtherView::class.java) { host.answer(view.prompt, "another", view.allow()) }
        val wider = Choice.Allow(listOf("openid", "email"), Remember.ONCE)
        assertThrows(AnswerException.OtherScopes::class.java) { host.answer(view.prompt, view.digest, wider) }
        assertEquals(listOf(view), host.pendingPrompts())

        host.answer(view.prompt, view.digest, view.allow())
        assertThrows(AnswerException.NotWaiting::class.java) { host.answer(view.prompt, view.digest, Choice.Deny) }
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
    }

    @Test
    fun `a manifest that is not acceptable is refused with the member to mend`() = sample.withEmptyPhone { phone ->
        val launch = Launch(null, null, null)
        val error = assertThrows(OpenException.Manifest::class.java) { phone.host.open(program.manifest(id = "Tea House"), launch) }
        assertTrue("`id`" in error.message.orEmpty(), error.message)
        assertThrows(OpenException.Manifest::class.java) { phone.host.open("{}", launch) }
        phone.host.open(program.manifest(), launch)
    }

    @Test
    fun `a sign-in that fails says whose turn it is, and leaves the user signed in`() = sample.withPhone { phone ->
        val user = phone.host.currentUser()
        assertThrows(SignInException.WrongCredentials::class.java) { phone.signIn("bob", "not bob's") }
        assertEquals(user, phone.host.currentUser())
        Phone.start(sample.issuer, Client(sample.host.id, "not the secret")).use { impostor ->
            assertThrows(SignInException.HostRejected::class.java) { impostor.signIn(sample, "alice") }
        }
        Phone.start("http://127.0.0.1:${closedPort()}", sample.host).use { offline ->
            assertThrows(SignInException.Network::class.java) { offline.signIn(sample, "alice") }
        }
    }

    @Test
    fun `a host does not start with an address that is no issuer`() {
        for (issuer in listOf("", "authorization server", "http://as.example")) {
            assertThrows(StartException.Configuration::class.java) { Phone.start(issuer, sample.host) }
        }
    }

    /** The reason comes, nobody is asked, and the next request is as good as ever. */
    private fun refused(reason: String, request: Page.() -> JsonObject?) = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        assertEquals(reason, page.request()?.reason)
        assertEquals(emptyList<ConsentView>(), phone.host.pendingPrompts())
        val view = page.requestPrompt(listOf("openid"))
        phone.host.answer(view.prompt, view.digest, view.allow())
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
    }

    private fun closedPort(): Int = ServerSocket(0).use { it.localPort }
}
