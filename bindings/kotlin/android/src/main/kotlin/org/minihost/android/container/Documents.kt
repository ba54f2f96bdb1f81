package org.minihost.android.container

import java.util.Collections
import java.util.WeakHashMap

/** The way back to one document: what the platform made for that document's main frame and for no other. */
internal interface ReplyWay {
    /** What the platform made; the same object for every message of a document. */
    val key: Any

    /** Hands a text to the document; nothing happens where it is gone. On the main thread. */
    fun post(text: String)
}

/** One page load. */
internal class Document(val id: Long, var way: ReplyWay?, var committed: Boolean, val bornAtMs: Long)

/**
 * Which page load is the present one. The platform tells it twice and in no order that can be relied on: by the
 * navigation's commit, and by the first message, which comes on a way that no message came on before.
 *
 * For one thread: the main one.
 *
 * @param started is told of each new document, before anything else of it is
 */
internal class Documents(private val started: (Long) -> Unit) {
    private var lastId = 0L
    private var lastToken = 0L
    private val gone: MutableSet<Any> = Collections.newSetFromMap(WeakHashMap())
    private val waiting = HashMap<Long, ReplyWay>()

    var current: Document? = null
        private set

    /** A navigation of the main frame has put another document in place. */
    fun committed(nowMs: Long): Document {
        val speaksAlready = current?.takeIf { !it.committed && nowMs - it.bornAtMs < COMMIT_LAG_MS }
        if (speaksAlready != null) return speaksAlready.also { it.committed = true }
        return start(way = null, committed = true, nowMs)
    }

    /**
     * The document that a message on this way is from; none where that document is gone. A frame within a document
     * has a way of its own, and starts nothing.
     */
    fun speaking(way: ReplyWay, nowMs: Long, ofMainFrame: Boolean): Document? {
        val document = current
        if (!ofMainFrame) return document
        if (document != null) {
            val known = document.way
            if (known?.key === way.key) return document
            if (way.key in gone) return null
            if (known == null) return document.also { it.way = way }
        }
        return start(way, committed = false, nowMs)
    }

    /** Names the way back of one message. */
    fun replyToken(way: ReplyWay): Long = (++lastToken).also { waiting[it] = way }

    /** The way to a document, by the message that is answered if one is; none where the document is gone. */
    fun way(document: Long, inReplyTo: Long?): ReplyWay? {
        val asked = inReplyTo?.let(waiting::remove)
        val present = current?.takeIf { it.id == document } ?: return null
        return asked ?: present.way
    }

    /** A message has no reply. */
    fun settled(replyToken: Long) {
        waiting -= replyToken
    }

    /** How many messages wait for their reply. */
    val unanswered: Int get() = waiting.size

    /** The document is gone and no other is in its place. Of that the core only hears by one that nobody is in. */
    fun ended(nowMs: Long) {
        if (current?.way != null) start(way = null, committed = true, nowMs)
    }

    private fun start(way: ReplyWay?, committed: Boolean, nowMs: Long): Document {
        retire()
        val document = Document(++lastId, way, committed, nowMs)
        current = document
        started(document.id)
        return document
    }

    private fun retire() {
        current?.way?.let { gone += it.key }
        waiting.clear()
    }

    private companion object {
        /** For how long the commit of a document that speaks already may be on its way. */
        const val COMMIT_LAG_MS = 1_000L
    }
}
