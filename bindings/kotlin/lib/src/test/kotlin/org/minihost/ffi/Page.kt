package org.minihost.ffi

import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull

/** A document of a mini-program, and the container's knowledge of it. */
internal class Page(val phone: Phone, val session: ULong, val document: ULong, private val origin: String) : Speaker<CallContext>() {
    override fun post(text: String, change: CallContext.() -> CallContext): JsonObject? {
        val context = CallContext(
            document = document,
            replyToken = lastId().toULong(),
            origin = origin,
            mainFrame = true,
            capability = false,
            visible = true,
            gestureAgeMs = 200u,
        )
        return phone.host.receive(session, context.change(), text).ifEmpty { null }?.let(Message::parse)
    }

    /** Asks for a code, which leads to a prompt. */
    fun requestPrompt(scopes: List<String>, pkce: Pkce = Pkce()): ConsentView {
        assertNull(requestCode(scopes, pkce), "the answer needs the user")
        return phone.screen.presented.next()
    }

    /** The answer to a request, which comes through the sink, to this document and to no other. */
    fun reply(to: Long = lastId()): JsonObject {
        val delivery = phone.container.delivered.next()
        assertEquals(session, delivery.session)
        assertEquals(document, delivery.document)
        assertEquals(to.toULong(), delivery.inReplyTo)
        return Message.parse(delivery.text).also { assertEquals("$to", it.text("id")) }
    }

    /** The page load after this one. */
    fun reloaded(): Page {
        phone.host.documentStarted(session, document + 1uL)
        return Page(phone, session, document + 1uL, origin).apply { initialize() }
    }

    companion object {
        /** Opens a mini-program and loads its page. */
        fun load(phone: Phone, program: Program, methods: List<String> = emptyList()): Page {
            val opened = phone.host.open(program.manifest(methods = methods), Launch(path = null, query = null, source = "test"))
            return of(phone, opened.session, program.origin)
        }

        /** Loads the page of a mini-program that is open. */
        fun of(phone: Phone, session: ULong, origin: String): Page {
            phone.host.documentStarted(session, 1uL)
            return Page(phone, session, 1uL, origin)
        }

        fun ready(phone: Phone, program: Program, methods: List<String> = emptyList()): Page =
            load(phone, program, methods).apply { initialize() }
    }
}

internal fun ConsentView.allow(remember: Remember = Remember.ONCE) = Choice.Allow(scopes.map { it.name }, remember)
