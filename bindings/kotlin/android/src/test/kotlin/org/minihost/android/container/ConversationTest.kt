package org.minihost.android.container

import kotlin.time.Duration.Companion.milliseconds
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.minihost.CallContext

class ConversationTest {
    private class Session : ProgramSession {
        val documents = ArrayList<Long>()
        val contexts = ArrayList<CallContext>()
        val visibilities = ArrayList<Boolean>()
        var reply: String? = null

        override fun documentStarted(document: Long) {
            documents += document
        }

        override fun receive(context: CallContext, text: String): String? = reply.also { contexts += context }

        override fun visibility(isVisible: Boolean) {
            visibilities += isVisible
        }
    }

    private class Way : ReplyWay {
        override val key: Any = Any()
        val posted = ArrayList<String>()
        override fun post(text: String) {
            posted += text
        }
    }

    private val session = Session()
    private var now = 1_000L
    private val conversation = Conversation(session) { now }

    private fun hear(way: Way, mainFrame: Boolean = true) =
        conversation.heard(Incoming("{}", "https://tea.example", mainFrame, capability = false, way))

    @Test
    fun `the core hears of a document before its first message, and all that the platform knows`() {
        val way = Way()
        conversation.visibility(true)
        conversation.committed()
        conversation.touched()
        now += 250
        hear(way)
        val context = session.contexts.single()
        assertEquals(listOf(context.document), session.documents)
        assertEquals("https://tea.example", context.origin)
        assertEquals(true, context.mainFrame)
        assertFalse(context.capability)
        assertTrue(context.visible)
        assertEquals(250.milliseconds, context.gestureAge)
    }

    @Test
    fun `an answer at once goes to the one who asked, and a later one through the same way`() {
        val (page, frame) = Way() to Way()
        conversation.committed()
        hear(page)
        session.reply = "refused"
        hear(frame, mainFrame = false)
        assertEquals(listOf("refused"), frame.posted)
        conversation.deliver(session.documents.single(), session.contexts.first().replyToken, "code")
        assertEquals(listOf("code"), page.posted)
        conversation.deliver(session.documents.single(), null, "event")
        assertEquals(listOf("code", "event"), page.posted)
    }

    @Test
    fun `an answer for a page that has been left is dropped`() {
        val (old, new) = Way() to Way()
        conversation.committed()
        hear(old)
        conversation.committed()
        hear(new)
        val (first, second) = session.contexts
        conversation.deliver(first.document, first.replyToken, "code")
        assertEquals(emptyList<String>(), old.posted + new.posted)
        conversation.deliver(second.document, first.replyToken, "event")
        assertEquals("a token of the page before is no way to this one", listOf("event"), new.posted)
    }

    @Test
    fun `a touch counts for the page that was touched alone`() {
        conversation.committed()
        conversation.touched()
        conversation.committed()
        hear(Way())
        assertTrue(session.contexts.single().gestureAge!! > 1_000_000.milliseconds)
    }

    @Test
    fun `the same visibility is told once`() {
        conversation.visibility(true)
        conversation.visibility(true)
        conversation.visibility(false)
        assertEquals(listOf(true, false), session.visibilities)
    }
}
