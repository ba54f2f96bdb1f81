package org.minihost.ffi

import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** The way of a request from the page to the user's details, with the real core and the real authorization server. */
@ExtendWith(SampleHostExtension::class)
internal class StoryTest(private val sample: SampleHost) {
    private val program = Program(sample)
    private val all = Program.SCOPES.keys.toList()

    @Test
    fun `the user allows, and the mini-program learns who the user is`() = sample.withEmptyPhone { phone ->
        assertNull(phone.host.currentUser())
        val user = phone.signIn(sample, "alice")
        assertEquals("alice", user.displayName)
        assertEquals(user, phone.host.currentUser())

        val page = Page.load(phone, program)
        val initialized = page.initialize().child("result")
        assertEquals("teahouse", initialized.child("miniProgram").text("id"))
        assertEquals("Harbour", initialized.child("host").text("name"))
        assertEquals("test", initialized.child("launch").text("source"))

        val pkce = Pkce()
        assertNull(page.requestCode(all, pkce) { put("state", "s-1") }, "the answer needs the user")
        val view = phone.screen.presented.next()
        assertNotSame(Thread.currentThread(), phone.screen.threads.next())
        assertEquals(
            ViewMiniProgram("teahouse", "Tea House", "Qinghe Tea Ltd", icon = program.icon, unsigned = true, doubts = emptyList()),
            view.miniProgram,
        )
        assertEquals("alice", view.account)
        assertEquals(Program.SCOPES, view.scopes.associate { it.name to it.reason })
        assertTrue(view.scopes.all { it.title.isNotBlank() })
        assertEquals(listOf(view), phone.host.pendingPrompts())

        phone.host.answer(view.prompt, view.digest, view.allow())
        val result = page.reply().child("result")
        assertEquals(all.toSet(), result.texts("grantedScopes").toSet())
        assertEquals("s-1", result.text("state"))
        assertEquals(sample.issuer, result.text("iss"))
        assertEquals(emptyList<ConsentView>(), phone.host.pendingPrompts())

        val details = program.userDetails(program.redeem(result.text("code"), pkce))
        assertEquals("alice", details.text("preferred_username"))
        assertEquals("alice@harbour.example", details.text("email"))
        assertTrue(details.text("phone_number").isNotBlank())
        assertNotEquals(user.id, details.text("open_id"), "each client knows the user by another id")

        val event = phone.audit.recorded.next()
        assertEquals(Outcome.Delivered(all.sorted(), ConsentMode.PROMPT), event.outcome)
        assertEquals(listOf("teahouse", user.id, view.digest), listOf(event.miniProgram, event.user, event.digest))
        assertFalse(result.text("code") in event.toString())
    }

    @Test
    fun `what the user wants remembered is not asked again`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid", "email"))
        phone.host.answer(view.prompt, view.digest, view.allow(Remember.UNTIL_REVOKED))
        val first = page.reply().child("result").text("code")

        val again = Page.ready(phone, program)
        assertNull(again.requestCode(listOf("openid", "email")))
        assertNotEquals(first, again.reply().child("result").text("code"))
        assertEquals(emptyList<ConsentView>(), phone.screen.presented.rest())
        phone.audit.recorded.next()
        assertEquals(Outcome.Delivered(listOf("email", "openid"), ConsentMode.REMEMBERED), phone.audit.recorded.next().outcome)
    }

    @Test
    fun `a cleared box is denied and its value is not told`() = sample.withPhone("bob") { phone ->
        val page = Page.ready(phone, program)
        val pkce = Pkce()
        val view = page.requestPrompt(listOf("openid", "email", "phone"), pkce)
        phone.host.answer(view.prompt, view.digest, Choice.Allow(listOf("openid", "email"), Remember.ONCE))
        val result = page.reply().child("result")
        assertEquals("user_denied", result.child("deniedScopes").text("phone"))
        val details = program.userDetails(program.redeem(result.text("code"), pkce))
        assertEquals("bob@harbour.example", details.text("email"))
        assertFalse("phone_number" in details)
    }

    @Test
    fun `a denial holds the program back until the user opens the settings`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        phone.host.answer(view.prompt, view.digest, Choice.Deny)
        assertEquals("user_denied", page.reply().reason)
        assertEquals(Outcome.Refused("user_denied"), phone.audit.recorded.next().outcome)

        assertEquals("cooldown", page.requestCode(listOf("openid"))?.reason)
        phone.host.settingsOpened()
        page.requestPrompt(listOf("openid"))
    }

    @Test
    fun `a prompt closed without an answer is told apart from a denial`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        phone.host.answer(view.prompt, view.digest, Choice.Dismiss)
        assertEquals("user_cancelled", page.reply().reason)
    }

    @Test
    fun `signing out ends what waits, and nothing is issued afterwards`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        runBlocking { phone.host.signOut() }
        assertNull(phone.host.currentUser())
        assertEquals(view.prompt, phone.screen.dismissed.next())
        assertEquals("account_changed", page.reply().reason)
        assertEquals("login_required", page.requestCode(listOf("openid"))?.reason)

        phone.signIn(sample, "bob")
        assertEquals("bob", page.requestPrompt(listOf("openid")).account)
    }

    @Test
    fun `prompts speak the language that the user reads now`() = sample.withPhone { phone ->
        phone.host.localeChanged("zh-Hans")
        val view = Page.ready(phone, program).requestPrompt(listOf("openid"))
        assertEquals("zh-Hans", view.locale)
        assertTrue(view.scopes.single().title.any { Character.UnicodeScript.of(it.code) == Character.UnicodeScript.HAN })
    }
}
