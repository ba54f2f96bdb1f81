package org.minihost.ffi

import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.fail

/** Longer than anything here takes on a busy machine: only a test that fails waits this long. */
internal const val PATIENCE_SECONDS = 30L

/** What came in on one way, in order, each taken once. */
internal class Heard<T : Any>(private val what: String) {
    private val queue = LinkedBlockingQueue<T>()

    fun add(item: T) = queue.add(item)

    /** The next one, once it is there. */
    fun next(): T = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS) ?: fail("$what did not come")

    /** What came and was not taken. */
    fun rest(): List<T> = queue.toList()
}
