package org.minihost.android.container

import org.minihost.CallContext

/**
 * What goes between the documents of one program and its session: who speaks, and whom an answer is for. It knows
 * nothing of views. On the main thread.
 *
 * @param now milliseconds of a clock that only goes forward
 */
internal class Conversation(private val session: ProgramSession, private val now: () -> Long) {
    private val gestures = Gestures()
    private val documents = Documents { id ->
        gestures.forget()
        session.documentStarted(id)
    }
    private var visible = false

    /** The present document; none before the first. */
    val document: Long? get() = documents.current?.id

    /** A navigation of the main frame has put another document in place. */
    fun committed() {
        documents.committed(now())
    }

    /** Nobody is in the present document any more. */
    fun documentGone() {
        documents.ended(now())
    }

    /** The user touched the page. */
    fun touched() {
        gestures.touched(now())
    }

    fun visibility(isVisible: Boolean) {
        if (visible == isVisible) return
        visible = isVisible
        session.visibility(isVisible)
    }

    /** A page said something. */
    fun heard(incoming: Incoming) {
        val document = documents.speaking(incoming.way, now(), ofMainFrame = incoming.mainFrame != false) ?: return
        val token = documents.replyToken(incoming.way)
        val context = CallContext(
            document = document.id,
            replyToken = token,
            origin = incoming.origin,
            mainFrame = incoming.mainFrame,
            capability = incoming.capability,
            visible = visible,
            gestureAge = gestures.age(now()),
        )
        val reply = session.receive(context, transportable(incoming.text)) ?: return
        documents.settled(token)
        incoming.way.post(reply)
    }

    /** The core answers a message, or tells the page something. */
    fun deliver(document: Long, inReplyTo: Long?, text: String) {
        documents.way(document, inReplyTo)?.post(text)
    }

    /** The core says that a message has no reply. */
    fun settled(replyToken: Long) = documents.settled(replyToken)

    /** How many messages wait for their reply. */
    val unanswered: Int get() = documents.unanswered
}
