package org.minihost.internal

import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import org.minihost.ffi.MiniHost as FfiHost

/** What one port was asked and has not answered yet: a coroutine each, by ticket. */
internal class Asked(private val link: HostLink) {
    private val jobs = ConcurrentHashMap<ULong, Job>()

    /**
     * Has the port work on an answer, and tells the host what comes of it.
     *
     * @param work suspends until the port has answered, and returns how to tell the host
     */
    fun ask(ticket: ULong, work: suspend () -> (FfiHost) -> Unit) {
        val scope = checkNotNull(link.scope) { "this port belongs to no host" }
        val job = scope.launch(start = CoroutineStart.LAZY) {
            val tell = work()
            try {
                translated { tell(link.host()) }
            } catch (_: org.minihost.HostShutDownException) {
                // Nobody waits for it any more.
            }
        }
        jobs[ticket] = job
        job.invokeOnCompletion { jobs.remove(ticket, job) }
        job.start()
    }

    /** Nobody waits for the answer any more. */
    fun giveUp(ticket: ULong) {
        jobs.remove(ticket)?.cancel(CancellationException("nobody waits for it any more"))
    }
}

/** What the port said, or what stands for an exception of it. */
internal suspend inline fun <T> heard(failed: (Throwable) -> T, call: () -> T): T = try {
    call()
} catch (@Suppress("TooGenericExceptionCaught") error: Throwable) {
    // A port's own cancellation, as of a timeout of its own, leaves somebody waiting for an answer.
    currentCoroutineContext().ensureActive()
    failed(error)
}
