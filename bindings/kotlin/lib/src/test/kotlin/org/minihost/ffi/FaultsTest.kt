package org.minihost.ffi

import com.sun.jna.Native
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** Whatever the host app's own code does when it is called, the SDK goes on. */
@ExtendWith(SampleHostExtension::class)
internal class FaultsTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `a prompt that could not be shown can be cancelled by the page`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        phone.screen.onPresent = { throw IllegalStateException("no window") }
        val view = page.requestPrompt(listOf("openid"))
        phone.screen.onPresent = {}
        val asked = page.lastId()
        assertNull(page.notify("$/cancelRequest") { put("id", asked) })
        assertEquals("aborted", page.reply(to = asked).reason)
        assertEquals(view.prompt, phone.screen.dismissed.next())
        allowNext(page)
    }

    @Test
    fun `a prompt that could not be shown still waits for its answer`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        phone.screen.onPresent = { throw PortException.Failed() }
        page.requestPrompt(listOf("openid"))
        val view = phone.host.pendingPrompts().single()
        phone.host.answer(view.prompt, view.digest, view.allow())
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
    }

    @Test
    fun `a reply that the container could not carry costs that reply alone`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        phone.container.onDeliver = { throw IllegalArgumentException("no such page") }
        val view = page.requestPrompt(listOf("openid"))
        phone.host.answer(view.prompt, view.digest, view.allow())
        page.reply()
        phone.container.onDeliver = {}
        allowNext(page)
    }

    @Test
    fun `an error that is no exception goes to JNA's handler and costs no more`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val unhandled = Heard<Throwable>("the error")
        val usual = Native.getCallbackExceptionHandler()
        Native.setCallbackExceptionHandler { _, error -> unhandled.add(error) }
        try {
            phone.screen.onPresent = { throw NotImplementedError("no screen to draw on") }
            val view = page.requestPrompt(listOf("openid"))
            assertInstanceOf(NotImplementedError::class.java, unhandled.next())
            phone.host.answer(view.prompt, view.digest, view.allow())
            page.reply()
        } finally {
            Native.setCallbackExceptionHandler(usual)
        }
        phone.screen.onPresent = {}
        allowNext(page)
    }

    @Test
    fun `an audit sink that fails keeps no code from the page`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        phone.audit.onRecord = { throw IllegalStateException("the disk is full") }
        allowNext(page)
        phone.audit.recorded.next()
        allowNext(page)
        phone.audit.recorded.next()
    }

    @Test
    fun `an answer may be given from within present`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        phone.screen.onPresent = { view -> phone.host.answer(view.prompt, view.digest, view.allow()) }
        assertNull(page.requestCode(listOf("openid")))
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
    }

    @Test
    fun `a screen that does not return holds up nothing but itself`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val mayReturn = CountDownLatch(1)
        phone.screen.onPresent = { assertTrue(mayReturn.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) }
        val view = page.requestPrompt(listOf("openid"))
        Page.ready(phone, program)
        phone.host.answer(view.prompt, view.digest, view.allow())
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
        mayReturn.countDown()
    }

    private fun allowNext(page: Page) {
        val view = page.requestPrompt(listOf("openid"))
        page.phone.host.answer(view.prompt, view.digest, view.allow())
        assertEquals(listOf("openid"), page.reply().child("result").texts("grantedScopes"))
    }
}
