package org.minihost

import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.ffi.child
import org.minihost.ffi.reason
import org.minihost.ffi.text
import org.minihost.internal.toFfi

/** The core counts from nothing upwards, and Kotlin's numbers go below it: none of those becomes another number on the way. */
@ExtendWith(SampleHostExtension::class)
internal class NumbersTest(private val sample: SampleHost) {
    private val program = Program(sample)

    private fun refused(what: String, call: () -> Unit) {
        val refusal = assertThrows(IllegalArgumentException::class.java, { call() }, what)
        assertTrue(refusal.message.orEmpty().isNotEmpty(), what)
    }

    @Test
    fun `a number that is negative where none can be is not taken`() {
        val user = User("u-1", "Alice", Long.MAX_VALUE)
        refused("an epoch") { user.copy(epoch = -1) }
        val context = CallContext(1, 1, null, null, capability = true, visible = true, gestureAge = null)
        refused("a document") { context.copy(document = -1) }
        refused("a reply token") { context.copy(replyToken = Long.MIN_VALUE) }
        refused("a length") { MemberForm.ShortText(-1) }
        refused("a status") { HttpResponse(-1, emptyMap(), ByteArray(0)) }
        refused("a life") { IssuedCode("c-1", "teahouse", expiresIn = (-1).seconds) }
        HostApp.start(sample).use { app ->
            val page = app.open(program)
            refused("a document that starts") { page.session.documentStarted(-1) }
        }
    }

    @Test
    fun `a touch that is still to come counts as long ago, and not as just now`() {
        val context = CallContext(1, 1, null, null, capability = true, visible = true, gestureAge = null)
        val ages = listOf(null, Duration.ZERO, 2.seconds, (-1).nanoseconds, Duration.INFINITE)
        val told = ages.map { context.copy(gestureAge = it).toFfi().gestureAgeMs }
        assertEquals(listOf(null, 0u, 2_000u, UInt.MAX_VALUE, UInt.MAX_VALUE), told)
    }

    @Test
    fun `a port that answers with a negative number has failed`() {
        var life = (-1).seconds
        val issuer = object : CodeIssuer {
            override suspend fun issue(wanted: WantedCode) = IssuedCode("c-1", wanted.clientId, expiresIn = life)

            override suspend fun endGrant(grantId: String, timeAllowed: Duration) = GrantEnded.ENDED
        }
        HostApp.signedIn(sample, configured = { copy(codeRequests = CodeRequests.Own(issuer)) }).use { app ->
            val page = app.open(program)
            val reply = {
                page.requestCode(listOf("openid"))
                app.prompt().let { it.answer(it.view.allow()) }
                page.reply()
            }
            assertEquals("internal", reply().reason)
            life = 60.seconds
            assertEquals("c-1", reply().child("result").text("code"))
        }
    }
}
