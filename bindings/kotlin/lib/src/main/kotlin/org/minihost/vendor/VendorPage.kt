package org.minihost.vendor

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong
import org.minihost.CallContext
import org.minihost.Container
import org.minihost.HostShutDownException
import org.minihost.Launch
import org.minihost.Manifest
import org.minihost.MiniHost
import org.minihost.MiniProgramSession

/**
 * One mini-program in a vendor's container that tells no origin: that a message came through the hook of this very
 * container is the evidence of who sent it.
 */
internal class VendorPage private constructor(private val emit: (String) -> Unit) :
    Container,
    AutoCloseable {
    private val replies = ConcurrentHashMap<Long, Reply>()
    private val lastToken = AtomicLong()
    private lateinit var session: MiniProgramSession

    @Volatile
    private var document = 0L

    @Volatile
    private var visible = true

    /** A new page: what the one before waits for is over. */
    @Synchronized
    fun pageStarted() {
        document += 1
        session.documentStarted(document)
        drop { it.document < document }
    }

    fun visible(visible: Boolean) {
        this.visible = visible
        if (visible) session.foreground() else session.background()
    }

    /** Takes one message of the page; [reply] is called once, with null where there is none. */
    fun send(text: String, reply: (String?) -> Unit) {
        val token = lastToken.incrementAndGet()
        val now = document
        replies[token] = Reply(now, reply)
        val answer = try {
            session.receive(CallContext(now, token, null, null, true, visible, null), text)
        } catch (_: HostShutDownException) {
            return settle(token)
        }
        if (answer != null) replies.remove(token)?.call(answer)
        // A page that is gone by now is not answered any more.
        if (document != now) settle(token)
    }

    override fun deliver(document: Long, inReplyTo: Long?, text: String) {
        if (document != this.document) return
        if (inReplyTo == null) emit(text) else replies.remove(inReplyTo)?.call(text)
    }

    override fun settle(replyToken: Long) {
        replies.remove(replyToken)?.call(null)
    }

    override fun close() {
        session.close()
        drop { true }
    }

    private fun drop(which: (Reply) -> Boolean) {
        replies.filterValues(which).keys.forEach(::settle)
    }

    private class Reply(val document: Long, val call: (String?) -> Unit)

    companion object {
        fun open(host: MiniHost, manifest: Manifest, launch: Launch, emit: (String) -> Unit): VendorPage {
            val page = VendorPage(emit)
            page.session = host.open(manifest, page, launch)
            page.pageStarted()
            return page
        }
    }
}
