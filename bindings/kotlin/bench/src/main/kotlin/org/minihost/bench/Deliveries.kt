package org.minihost.bench

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.minihost.Container
import org.minihost.ffi.ContainerSink
import org.minihost.ffi.callBack

/**
 * Replies that come later, on a thread of the SDK, beside calls of the same port on the caller's thread. A silent question
 * waits its time, so that the replies to all that were asked come in one row: what is measured goes from the first to the
 * last.
 */
internal class Deliveries : AutoCloseable {
    private val program = BenchProgram()
    private val delivered = mutableListOf<Double>()
    private val calledBack = mutableListOf<Double>()
    private var reply = ""

    fun measure() {
        val clock = Clock(SESSIONS * QUESTIONS)
        val pages = List(SESSIONS) { program.open(clock) }
        for (page in pages) {
            repeat(QUESTIONS) { id ->
                check(page.send("""{"jsonrpc":"2.0","id":${id + 1},"method":"auth.checkSession","params":{}}""") == null)
            }
        }
        delivered += clock.microsecondsEach()
        reply = clock.text
        pages.forEach(Page::close)

        val sink = object : ContainerSink {
            override fun deliver(session: ULong, document: ULong, inReplyTo: ULong?, text: String) = last(text)

            override fun settle(session: ULong, replyToken: ULong) = Unit
        }
        calledBack += microsecondsEach(SESSIONS * QUESTIONS) { callBack(sink, reply, (SESSIONS * QUESTIONS).toUInt()) }
    }

    fun forget() {
        delivered.clear()
        calledBack.clear()
    }

    fun figures() = mapOf("delivered" to delivered, "calledBack" to calledBack)

    override fun close() = program.close()

    private fun last(text: String) {
        check(text.length == reply.length)
    }

    /** Looks at the time when the first reply comes and when the last one does. */
    private class Clock(private val expected: Int) : Container {
        private val all = CountDownLatch(expected)
        private var began = 0L
        private var ended = 0L

        @Volatile
        var text = ""
            private set

        override fun deliver(document: Long, inReplyTo: Long?, text: String) {
            if (all.count == expected.toLong()) began = System.nanoTime()
            this.text = text
            ended = System.nanoTime()
            all.countDown()
        }

        override fun settle(replyToken: Long) = Unit

        fun microsecondsEach(): Double {
            check(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) { "${all.count} replies did not come" }
            return (ended - began) / 1e3 / (expected - 1)
        }
    }

    private companion object {
        const val SESSIONS = 32
        const val QUESTIONS = 32
        const val PATIENCE_SECONDS = 30L
    }
}
