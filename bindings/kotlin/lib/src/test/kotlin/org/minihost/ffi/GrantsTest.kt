package org.minihost.ffi

import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** What users granted, and how it ends. */
@ExtendWith(SampleHostExtension::class)
internal class GrantsTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `the user takes back a part and then the rest, and the server hears of the end`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid", "email"))
        phone.host.answer(view.prompt, view.digest, view.allow(Remember.THIRTY_DAYS))
        page.reply()
        val granted = phone.host.grants()
        assertEquals(setOf("openid", "email"), granted.map { it.scope }.toSet())
        for (grant in granted) {
            assertEquals("teahouse", grant.miniProgram)
            assertEquals(30L * 24 * 60 * 60 * 1000, grant.expiresAtUnixMs?.minus(grant.grantedAtUnixMs))
        }

        val part = runBlocking { phone.host.revoke("teahouse", listOf("email")) }
        assertEquals(Revoked(scopes = listOf("email"), stored = true, server = ServerTold.NOTHING), part)
        val rest = runBlocking { phone.host.revoke("teahouse", null) }
        assertEquals(Revoked(scopes = listOf("openid"), stored = true, server = ServerTold.ENDED), rest)
        assertEquals(emptyList<Grant>(), phone.host.grants())
        val past = phone.host.pastGrants()
        assertEquals(listOf("email", "openid"), past.map { it.grant.scope })
        assertTrue(past.all { it.by == GrantEndedBy.REVOKED && it.endedAtUnixMs >= it.grant.grantedAtUnixMs })
        assertEquals(ServerTold.ENDED, past.last().server)

        val nothing = runBlocking { phone.host.revoke("teahouse", null) }
        assertEquals(emptyList<String>(), nothing.scopes)
        page.requestPrompt(listOf("openid"))
    }

    @Test
    fun `a program that is switched off hears it until it is switched on`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        page.requestPrompt(listOf("openid"))
        phone.host.setEnabled("teahouse", false)
        assertEquals("disabled_by_host", page.reply().reason)
        assertEquals("disabled_by_host", page.requestCode(listOf("openid"))?.reason)
        phone.host.setEnabled("teahouse", true)
        page.requestPrompt(listOf("openid"))
    }

    @Test
    fun `the user's way to the settings ends the pause after a refusal`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        phone.host.answer(view.prompt, view.digest, Choice.Deny)
        assertEquals("user_denied", page.reply().reason)
        assertEquals("cooldown", page.requestCode(listOf("openid"))?.reason)
        phone.host.settingsOpened()
        assertNull(page.requestCode(listOf("openid")) { put("prompt", "consent") })
        phone.screen.presented.next()
    }
}
