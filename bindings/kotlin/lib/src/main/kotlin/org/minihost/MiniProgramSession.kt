package org.minihost

import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration
import org.minihost.ffi.DocumentMessage
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.ffi.receive
import org.minihost.internal.toFfi
import org.minihost.internal.translated

/**
 * One opened mini-program, from [MiniHost.open] to [close]. All calls return at once, from any thread.
 *
 * @property program what the container must know of it
 */
public class MiniProgramSession internal constructor(
    public val program: MiniProgram,
    private val session: ULong,
    private val host: FfiHost,
    private val hostNumber: ULong,
    private val closed: () -> Unit,
) : AutoCloseable {
    private val isClosed = AtomicBoolean()

    /** Its name within the host. */
    public val id: Long get() = session.toLong()

    /**
     * Tells that a page load began; to be told before that document's first message. Its number is the container's
     * choice, a new one for each.
     *
     * @throws HostShutDownException
     */
    public fun documentStarted(document: Long) {
        require(document >= 0) { "a document's number is not negative: $document" }
        translated { host.documentStarted(session, document.toULong()) }
    }

    /**
     * Takes one message of a document. The answer comes back at once where it needs neither the user nor a disk nor a
     * network; else it comes to the [Container]. It may carry an authorization code and must not be logged.
     *
     * @throws HostShutDownException
     */
    public fun receive(context: CallContext, text: String): String? =
        translated { receive(DocumentMessage(hostNumber, session, context.toFfi(), text)) }

    /**
     * Tells that the mini-program came to the screen.
     *
     * @throws HostShutDownException
     */
    public fun foreground(): Unit = translated { host.visibility(session, true) }

    /**
     * Tells that the mini-program left the screen. Nothing is asked of the user for it until it is back: a prompt of
     * its own leaves with it. A page that the host's own prompt covers has not left.
     *
     * @throws HostShutDownException
     */
    public fun background(): Unit = translated { host.visibility(session, false) }

    /** Closes the mini-program. Nothing is delivered to it any more. Another time it does nothing. */
    override fun close() {
        if (!isClosed.compareAndSet(false, true)) return
        try {
            translated { host.close(session) }
        } catch (_: HostShutDownException) {
            // It has ended with its host.
        } finally {
            closed()
        }
    }
}

/** Carries messages to the documents of one mini-program. Called in order, on a thread of the SDK; returns at once. */
public interface Container {
    /**
     * Hands a message to one document and to no other; drops it if that document is gone. The text may carry an
     * authorization code and must not be logged.
     *
     * @param inReplyTo the reply token of the message that it answers; null for an event
     */
    public fun deliver(document: Long, inReplyTo: Long?, text: String)

    /** Lets go of the way back of a message that has no reply. */
    public fun settle(replyToken: Long)
}

/**
 * What the platform, not the page, says of a message's sender.
 *
 * @property document the page load; minted by the container at each navigation
 * @property replyToken the container's name for the way back of this message
 * @property origin the sender's origin, ASCII serialisation; null where the platform does not tell
 * @property mainFrame whether the document itself sent it, and not a frame within; null where the platform does not tell
 * @property capability whether it came through a port or with a secret that only this document's main frame was given;
 *   needed where [origin] or [mainFrame] is null
 * @property visible whether the document is on screen
 * @property gestureAge since the user touched the page; null where the platform does not tell; never the page's word. One
 *   that is negative counts as long ago
 */
public data class CallContext(
    public val document: Long,
    public val replyToken: Long,
    public val origin: String?,
    public val mainFrame: Boolean?,
    public val capability: Boolean,
    public val visible: Boolean,
    public val gestureAge: Duration?,
) {
    init {
        require(document >= 0 && replyToken >= 0) { "documents and reply tokens are not negative: $document, $replyToken" }
    }
}
