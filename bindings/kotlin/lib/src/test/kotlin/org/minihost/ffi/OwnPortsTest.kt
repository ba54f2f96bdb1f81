package org.minihost.ffi

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

private class Settings : SettingsPage {
    val asked = Heard<Pair<ULong, String>>("a wish to see the settings")

    override fun show(ticket: ULong, miniProgram: String) {
        asked.add(ticket to miniProgram)
    }
}

private class SignIn : SignInPrompt {
    val presented = Heard<SignInRequest>("a sign-in")
    val dismissed = Heard<ULong>("the end of a sign-in")

    @Volatile
    var onPresent: (SignInRequest) -> Unit = {}

    override fun present(request: SignInRequest) {
        presented.add(request)
        onPresent(request)
    }

    override fun dismiss(ticket: ULong) {
        dismissed.add(ticket)
    }
}

private class Tab : Browser {
    val visited = Heard<Triple<ULong, String, String>>("a visit to the server")
    val dismissed = Heard<ULong>("the end of a visit")

    override fun visit(ticket: ULong, miniProgram: String, page: String) {
        visited.add(Triple(ticket, miniProgram, page))
    }

    override fun dismiss(ticket: ULong) {
        dismissed.add(ticket)
    }
}

private class Printer : HostMethod {
    val called = Heard<Pair<HostCall, String>>("a call")
    val abandoned = Heard<ULong>("the end of a call")

    @Volatile
    var onCall: () -> Unit = {}

    override fun call(call: HostCall, params: String) {
        called.add(call to params)
        onCall()
    }

    override fun abandon(ticket: ULong) {
        abandoned.add(ticket)
    }
}

/** What a host app may have beside what it must have. */
@ExtendWith(SampleHostExtension::class)
internal class OwnPortsTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `a page opens the settings, and hears when they are there`() {
        val settings = Settings()
        sample.withPhone(optional = OptionalPorts(settings = settings)) { phone ->
            val page = Page.ready(phone, program)
            assertNull(page.call("host.openSettings"))
            val (ticket, miniProgram) = settings.asked.next()
            assertEquals("teahouse", miniProgram)
            phone.host.settingsShown(ticket)
            assertEquals(JsonObject(emptyMap()), page.reply().child("result"))
        }
    }

    @Test
    fun `what a host app does not have does not exist`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program, methods = listOf("acme.print"))
        assertEquals("unsupported_method", page.call("host.openSettings")?.reason)
        assertEquals("unsupported_method", page.call("acme.print")?.reason)
    }

    @Test
    fun `a method of the host's own is called with what it declares and answered later`() = withPrinter { phone, printer ->
        val page = Page.ready(phone, program, methods = listOf("acme.print"))
        assertEquals("consent_required", page.print()?.reason)
        val view = page.requestPrompt(listOf("profile"))
        phone.host.answer(view.prompt, view.digest, view.allow(Remember.UNTIL_REVOKED))
        page.reply()

        assertEquals("invalid_request", page.call("acme.print") { put("text", 1) }?.reason)
        assertNull(page.print())
        val (call, params) = printer.called.next()
        assertEquals("""{"copies":2,"text":"receipt"}""", params)
        assertEquals(listOf("acme.print", "teahouse", "alice"), listOf(call.method, call.miniProgram, call.user?.displayName))
        assertThrows(MethodResultException.NotJson::class.java) { phone.host.methodReturned(call.ticket, "{") }
        assertThrows(MethodResultException.UnknownReason::class.java) { phone.host.methodFailed(call.ticket, "tired", "") }
        phone.host.methodReturned(call.ticket, """{"pages":1}""")
        assertEquals("1", page.reply().child("result").text("pages"))
        phone.host.methodReturned(call.ticket, """{"pages":2}""")

        assertNull(page.print())
        phone.host.methodFailed(printer.called.next().first.ticket, "temporarily_unavailable", "There is no paper.")
        assertEquals("temporarily_unavailable", page.reply().reason)
        val calls = List(5) { phone.audit.recorded.next() }.filter { it.action == Action.CallMethod("acme.print") }
        val outcomes = listOf("consent_required", "invalid_request", null, "temporarily_unavailable")
        assertEquals(outcomes.map { if (it == null) Outcome.Answered else Outcome.Refused(it) }, calls.map { it.outcome })
    }

    @Test
    fun `a call that the host's method drops, or its page gives up, is over`() = withPrinter(scope = null) { phone, printer ->
        val page = Page.ready(phone, program, methods = listOf("acme.print"))
        printer.onCall = { throw IllegalStateException("out of paper") }
        assertNull(page.print())
        assertEquals("internal", page.reply().reason)
        printer.called.next()

        printer.onCall = {}
        assertNull(page.print())
        val (call, _) = printer.called.next()
        val id = page.lastId()
        assertNull(page.notify("$/cancelRequest") { put("id", id) })
        assertEquals("aborted", page.reply(to = id).reason)
        assertEquals(call.ticket, printer.abandoned.next())
    }

    @Test
    fun `a method that does not return holds up nothing but itself`() = withPrinter(scope = null) { phone, printer ->
        val page = Page.ready(phone, program, methods = listOf("acme.print"))
        val mayReturn = CountDownLatch(1)
        printer.onCall = { assertTrue(mayReturn.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) }
        assertNull(page.print())
        val (call, _) = printer.called.next()
        val id = page.lastId()
        assertNull(page.notify("$/cancelRequest") { put("id", id) })
        assertEquals("aborted", page.reply(to = id).reason)
        val view = page.requestPrompt(listOf("openid"))
        phone.host.answer(view.prompt, view.digest, view.allow())
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
        mayReturn.countDown()
        assertEquals(call.ticket, printer.abandoned.next())
    }

    @Test
    fun `a program that is not on the list of a method does not find it`() = withPrinter(only = listOf("cinema")) { phone, _ ->
        val page = Page.load(phone, program, methods = listOf("acme.print"))
        assertFalse("acme.print" in page.initialize().child("result").child("capabilities").texts("methods"))
        assertEquals("unsupported_method", page.print()?.reason)
    }

    @Test
    fun `a host does not start with a method whose name is reserved or given twice`() {
        for (names in listOf(listOf("auth.print"), listOf("acme.print", "acme.print"))) {
            val methods = names.map { OwnMethod(declaration(null, null).copy(name = it), Printer()) }
            val start = { Phone.start(sample, OptionalPorts(methods = methods)) }
            assertThrows(StartException.Configuration::class.java) { start() }
        }
    }

    @Test
    fun `a page has the user sign in again, and goes on as whoever is there then`() {
        val signIn = SignIn()
        sample.withPhone(optional = OptionalPorts(signIn = signIn)) { phone ->
            val page = Page.ready(phone, program)
            assertNull(
                page.requestCode(listOf("openid")) {
                    put("prompt", "login")
                    put("maxAge", 60)
                },
            )
            val request = signIn.presented.next()
            assertEquals(SignInWanted.Again(acrValues = emptyList(), maxAge = 60uL), request.wanted)
            assertEquals(listOf("teahouse", "alice"), listOf(request.miniProgram, request.user?.displayName))
            phone.signIn(sample, "bob")
            phone.host.signInDone(request.ticket, UserReturned.DONE)
            val view = phone.screen.presented.next()
            assertEquals("bob", view.account)
            phone.host.answer(view.prompt, view.digest, view.allow())
            assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
        }
    }

    @Test
    fun `a sign-in that the user, the host or the page gives up is over`() {
        val signIn = SignIn()
        sample.withPhone(optional = OptionalPorts(signIn = signIn)) { phone ->
            val page = Page.ready(phone, program)
            val ask = { assertNull(page.requestCode(listOf("openid")) { put("prompt", "select_account") }) }
            ask()
            val request = signIn.presented.next()
            assertEquals(SignInWanted.ChooseAccount, request.wanted)
            phone.host.signInDone(request.ticket, UserReturned.CANCELLED)
            assertEquals("user_cancelled", page.reply().reason)

            signIn.onPresent = { throw IllegalStateException("no window") }
            ask()
            assertEquals("login_required", page.reply().reason)
            signIn.presented.next()

            signIn.onPresent = {}
            ask()
            val given = signIn.presented.next()
            phone.host.close(page.session)
            assertEquals(given.ticket, signIn.dismissed.next())
        }
    }

    @Test
    fun `a server that wants its user in a browser gets that`(): Unit = BrowserServer().use { server ->
        val tab = Tab()
        Phone.start(server.issuer, sample.host, OptionalPorts(browser = tab)).use { phone ->
            phone.signIn("alice", "secret")
            val page = Page.ready(phone, program)
            val view = page.requestPrompt(listOf("openid"))
            phone.host.answer(view.prompt, view.digest, view.allow(Remember.UNTIL_REVOKED))
            val (ticket, miniProgram, address) = tab.visited.next()
            assertEquals("teahouse", miniProgram)
            assertEquals("${server.issuer}/authorize?client_id=${sample.host.id}&request_uri=urn%3Aexample%3A1", address)
            server.visited = true
            phone.host.browserClosed(ticket, UserReturned.DONE)
            assertEquals("c", page.reply().child("result").text("code"))

            server.visited = false
            assertNull(page.requestCode(listOf("openid")))
            phone.host.browserClosed(tab.visited.next().first, UserReturned.FAILED)
            assertEquals("interaction_required", page.reply().reason)
            assertNull(page.requestCode(listOf("openid")))
            val left = tab.visited.next().first
            phone.host.close(page.session)
            assertEquals(left, tab.dismissed.next())
        }
        Phone.start(server.issuer, sample.host).use { phone ->
            phone.signIn("alice", "secret")
            val page = Page.ready(phone, program)
            val view = page.requestPrompt(listOf("openid"))
            phone.host.answer(view.prompt, view.digest, view.allow())
            assertEquals("interaction_required", page.reply().reason)
        }
    }

    @Test
    fun `a host offers to remember for as long as it likes`() {
        sample.withPhone(configured = { copy(remember = listOf(Remember.ONCE)) }) { phone ->
            val page = Page.ready(phone, program)
            val view = page.requestPrompt(listOf("openid"))
            assertEquals(listOf(Remember.ONCE), view.remember)
            val longer = view.allow(Remember.THIRTY_DAYS)
            assertThrows(AnswerException.OtherRemember::class.java) { phone.host.answer(view.prompt, view.digest, longer) }
        }
        val nothing = { Phone.start(sample) { copy(remember = emptyList()) } }
        assertThrows(StartException.Configuration::class.java) { nothing() }
    }

    @Test
    fun `a host may let programs know its user again without asking`() =
        sample.withPhone(configured = { copy(silent = SilentTier.RECOGNISE) }) { phone ->
            val page = Page.ready(phone, program)
            assertNull(page.requestCode(listOf("openid")) { put("prompt", "none") })
            assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
            val outcome = phone.audit.recorded.next().outcome
            assertEquals(Outcome.Delivered(scopes = listOf("openid"), mode = ConsentMode.SILENT), outcome)
            assertEquals(emptyList<ConsentView>(), phone.host.pendingPrompts())
        }

    @Test
    fun `a host may forget grants when their user signs out`() {
        for (kept in listOf(OnSignOut.KEEP_GRANTS, OnSignOut.FORGET_GRANTS)) {
            sample.withPhone(configured = { copy(onSignOut = kept) }) { phone ->
                val page = Page.ready(phone, program)
                val view = page.requestPrompt(listOf("openid"))
                phone.host.answer(view.prompt, view.digest, view.allow(Remember.UNTIL_REVOKED))
                page.reply()
                assertEquals(listOf("openid"), phone.host.grants().map { it.scope })
                runBlocking { phone.host.signOut() }
                phone.signIn(sample, "alice")
                val left = if (kept == OnSignOut.KEEP_GRANTS) listOf("openid") else emptyList()
                assertEquals(left, phone.host.grants().map { it.scope })
                val ended = phone.host.pastGrants().map { it.grant.scope to it.by }
                assertEquals((listOf("openid") - left.toSet()).map { it to GrantEndedBy.SIGNED_OUT }, ended)
            }
        }
    }

    private fun withPrinter(scope: String? = "profile", only: List<String>? = null, test: (Phone, Printer) -> Unit) {
        val printer = Printer()
        val methods = listOf(OwnMethod(declaration(scope, only), printer))
        sample.withPhone(optional = OptionalPorts(methods = methods)) { phone -> test(phone, printer) }
    }

    private fun declaration(scope: String?, only: List<String>?) = HostMethodDeclaration(
        name = "acme.print",
        params = listOf(
            HostMethodMember("text", MemberForm.ShortText(20u), required = true),
            HostMethodMember("copies", MemberForm.Whole, required = false),
        ),
        result = listOf(HostMethodMember("pages", MemberForm.Whole, required = true)),
        scope = scope,
        prompts = false,
        only = only,
    )

    private fun Page.print() = call("acme.print") {
        put("text", "receipt")
        put("copies", 2)
    }
}
