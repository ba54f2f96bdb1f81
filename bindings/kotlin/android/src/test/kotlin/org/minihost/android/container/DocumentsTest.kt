package org.minihost.android.container

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Test

class DocumentsTest {
    private val started = ArrayList<Long>()
    private val documents = Documents(started::add)

    private class Way : ReplyWay {
        override val key: Any = Any()
        override fun post(text: String) = Unit
    }

    private fun speak(way: ReplyWay, nowMs: Long = 0, ofMainFrame: Boolean = true) = documents.speaking(way, nowMs, ofMainFrame)

    @Test
    fun `a page that speaks after its commit is one document`() {
        val committed = documents.committed(0)
        val way = Way()
        assertSame(committed, speak(way))
        assertSame(committed, speak(way))
        assertEquals(listOf(committed.id), started)
    }

    @Test
    fun `a page that speaks before its commit is told is one document`() {
        documents.committed(0)
        speak(Way())
        val early = speak(Way(), nowMs = 10_000)
        assertSame(early, documents.committed(10_200))
        assertEquals(2, started.size)
        assertNotEquals(early?.id, documents.committed(10_300).id)
    }

    @Test
    fun `a commit long after a page began to speak is another page's`() {
        val speaking = speak(Way(), nowMs = 0)
        assertNotEquals(speaking?.id, documents.committed(5_000).id)
    }

    @Test
    fun `a reload is another document, and the old page is not heard any more`() {
        val (old, new) = Way() to Way()
        val before = documents.committed(0)
        speak(old)
        val token = documents.replyToken(old)
        val after = documents.committed(10)
        assertNull(documents.way(before.id, token))
        assertNull(speak(old))
        assertSame(after, speak(new))
        assertSame(new, documents.way(after.id, documents.replyToken(new)))
        assertNull(documents.way(before.id, null))
    }

    @Test
    fun `an answer goes back on the way of its own message and an event on the document's`() {
        val (page, frame) = Way() to Way()
        val document = documents.committed(0)
        speak(page)
        assertSame(document, speak(frame, ofMainFrame = false))
        val (fromPage, fromFrame) = documents.replyToken(page) to documents.replyToken(frame)
        assertSame(frame, documents.way(document.id, fromFrame))
        assertSame(page, documents.way(document.id, fromPage))
        assertSame(page, documents.way(document.id, null))
        assertSame("a token is good for one answer", page, documents.way(document.id, fromFrame))
    }

    @Test
    fun `a frame starts no document`() {
        assertNull(speak(Way(), ofMainFrame = false))
        assertEquals(emptyList<Long>(), started)
    }

    @Test
    fun `a page that is gone without another in its place ends once`() {
        documents.ended(0)
        assertEquals(emptyList<Long>(), started)
        val way = Way()
        documents.committed(0)
        speak(way)
        documents.ended(0)
        documents.ended(0)
        assertEquals(2, started.size)
        assertNull(speak(way))
    }

    @Test
    fun `nothing is kept of messages that were answered, have no reply, or are of a page that is gone`() {
        val way = Way()
        val document = documents.committed(0)
        speak(way)
        documents.way(document.id, documents.replyToken(way))
        documents.settled(documents.replyToken(way))
        assertEquals(0, documents.unanswered)
        documents.replyToken(way)
        documents.committed(10)
        assertEquals(0, documents.unanswered)
    }
}
