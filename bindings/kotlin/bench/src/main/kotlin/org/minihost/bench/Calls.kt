package org.minihost.bench

import org.minihost.Container
import org.minihost.ffi.bareCall

/** A message that is answered at once, beside a call of UniFFI with the same bytes. */
internal class Calls : AutoCloseable {
    private val program = BenchProgram()
    private val text = message()
    private val reply = program.answered(text)
    private val receive = mutableListOf<Double>()
    private val bare = mutableListOf<Double>()

    fun measure() {
        // A session may send a hundred messages at once.
        val sessions = List(SESSIONS) { program.open(Silent) }
        receive += microsecondsEach(SESSIONS * MESSAGES) {
            for (page in sessions) repeat(MESSAGES) { check(page.send(text) != null) }
        }
        bare += microsecondsEach(SESSIONS * MESSAGES) {
            repeat(SESSIONS * MESSAGES) { check(bareCall(text, reply.length.toUInt()).length == reply.length) }
        }
        sessions.forEach(Page::close)
    }

    fun forget() {
        receive.clear()
        bare.clear()
    }

    fun figures() = mapOf("requestBytes" to text.length, "replyBytes" to reply.length, "receive" to receive, "bareCall" to bare)

    override fun close() = program.close()

    private object Silent : Container {
        override fun deliver(document: Long, inReplyTo: Long?, text: String) = Unit

        override fun settle(replyToken: Long) = Unit
    }

    private companion object {
        const val SESSIONS = 12
        const val MESSAGES = 90
        const val BYTES = 200

        /** Its parameters are ignored. */
        fun message(): String {
            val with = { padding: Int ->
                """{"jsonrpc":"2.0","id":"3f9a-1","method":"auth.getGrants","params":{"note":"${"x".repeat(padding)}"}}"""
            }
            return with(BYTES - with(0).length)
        }
    }
}
