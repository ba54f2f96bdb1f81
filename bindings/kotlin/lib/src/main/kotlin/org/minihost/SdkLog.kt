package org.minihost

import kotlin.time.Instant
import org.minihost.ffi.sendLogTo as ffiSendLogTo
import org.minihost.ffi.stopLog as ffiStopLog
import org.minihost.internal.ForeignLog
import org.minihost.internal.SdkThreads
import org.minihost.internal.toFfi
import org.minihost.internal.translated

/** The log of the SDK, of every host of the process. What may be a secret is taken out of it before it gets here. */
public object SdkLog {
    /**
     * Sends it to a sink, in place of an earlier one: lines of this level, and those that matter more.
     *
     * @throws LogTakenException where the process has a subscriber of Rust's `tracing` of its own, which hears the SDK too
     */
    public fun sendTo(level: LogLevel = LogLevel.INFO, sink: LogSink) {
        SdkThreads.stay()
        translated { ffiSendLogTo(ForeignLog(sink), level.toFfi()) }
    }

    /** Sends it nowhere, and lets go of the sink. */
    public fun stop(): Unit = translated { ffiStopLog() }
}

/** Takes the lines of the log. Called in order, on a thread of the log's own; one that does not keep up misses lines. */
public fun interface LogSink {
    /** Takes one line. What it throws costs that line and nothing else. */
    public fun log(line: LogLine)
}

/**
 * One line of the log.
 *
 * @property at when
 * @property level how much it matters
 * @property target which part of the SDK says it, such as `minihost::session`
 * @property text what it says, with its details behind it
 */
public data class LogLine(public val at: Instant, public val level: LogLevel, public val target: String, public val text: String)

/** How much a line matters, the most first. */
public enum class LogLevel {
    /** A fault that somebody must mend. */
    ERROR,

    /** Something went wrong that the SDK could live with. */
    WARN,

    /** What a developer may want to know. */
    INFO,

    /** For looking into a fault. */
    DEBUG,

    /** Everything. */
    TRACE,
}
