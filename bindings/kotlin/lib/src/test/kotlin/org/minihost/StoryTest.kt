package org.minihost

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Heard
import org.minihost.ffi.Pkce
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.ffi.child
import org.minihost.ffi.reason
import org.minihost.ffi.text

/** A host app, a mini-program and the real authorization server. */
@ExtendWith(SampleHostExtension::class)
internal class StoryTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `a user signs in, sees the sheet and allows, and the program reads the user's details`() {
        val events = Heard<AuditEvent>("an audit event")
        HostApp.signedIn(sample, ports = HostPorts(audit = events::add)).use { app ->
            val user = runBlocking { patiently { app.host.user.first { it != null } } }
            assertEquals("alice", user?.displayName)

            val page = app.open(program)
            assertEquals("Tea House", page.session.program.name)
            assertEquals(listOf(program.origin), page.session.program.origins)
            val pkce = Pkce()
            assertNull(page.requestCode(listOf("openid", "email"), pkce))
            val prompt = app.prompt()
            assertEquals("alice", prompt.view.account)
            prompt.answer(prompt.view.allow(Remember.UNTIL_REVOKED))
            app.noPrompt()

            val result = page.reply().child("result")
            val details = program.userDetails(program.redeem(result.text("code"), pkce))
            assertEquals("alice@harbour.example", details.text("email"))

            val event = events.next()
            assertEquals(AuditOutcome.Delivered(listOf("email", "openid"), ConsentMode.PROMPT), event.outcome)
            assertEquals(setOf("email", "openid"), app.host.grants().map { it.scope }.toSet())
            val revoked = runBlocking { app.host.revoke("teahouse") }
            assertEquals(setOf("email", "openid"), revoked.scopes.toSet())
            assertEquals(ServerTold.ENDED, revoked.server)
        }
    }

    @Test
    fun `an access token that has expired is refreshed and the program tries again, and what is spent stays spent`() {
        HostApp.signedIn(sample).use { app ->
            val (page, pkce) = app.open(program) to Pkce()
            page.requestCode(listOf("openid", "email"), pkce)
            val prompt = app.prompt()
            prompt.answer(prompt.view.allow())
            val code = page.reply().child("result").text("code")
            val first = program.redeem(code, pkce)
            assertEquals("alice@harbour.example", program.userDetails(first).text("email"))

            sample.expireAccessTokens("teahouse")
            assertTrue(program.isExpired(first))
            val second = program.refresh(first)
            assertEquals("alice@harbour.example", program.userDetails(second).text("email"))

            assertEquals("invalid_grant", program.redeemInVain(code, pkce))
            // Whoever shows a spent code may have stolen it: what came of it is over too (RFC 6749 §4.1.2).
            assertTrue(program.isExpired(second))
            assertEquals("invalid_grant", program.refreshInVain(second))
        }
    }

    @Test
    fun `a prompt goes when its page goes, and its answer comes too late`() = HostApp.signedIn(sample).use { app ->
        val page = app.open(program)
        page.requestCode(listOf("openid"))
        val prompt = app.prompt()
        page.session.close()
        app.noPrompt()
        assertThrows(AnswerException.NotWaiting::class.java) { prompt.answer(Choice.Deny) }
        page.session.close()
    }

    @Test
    fun `a host that was shut down says so to every caller`() {
        val app = HostApp.signedIn(sample)
        val page = app.open(program)
        page.requestCode(listOf("openid"))
        app.prompt()
        app.close()
        app.noPrompt()
        assertEquals("aborted", page.reply().reason)
        assertThrows(HostShutDownException::class.java) { app.host.grants() }
        assertThrows(HostShutDownException::class.java) { page.initialize() }
        assertThrows(HostShutDownException::class.java) { app.open(program) }
        assertThrows(HostShutDownException::class.java) { runBlocking { app.host.signOut() } }
        assertThrows(HostShutDownException::class.java) { runBlocking { app.host.diagnose() } }
        app.close()
    }
}
