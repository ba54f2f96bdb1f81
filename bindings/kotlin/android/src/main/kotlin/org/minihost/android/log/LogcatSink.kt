package org.minihost.android.log

import android.util.Log
import org.minihost.LogLevel
import org.minihost.LogLine
import org.minihost.LogSink

/**
 * Writes the log of the SDK to Logcat: `SdkLog.sendTo(sink = LogcatSink())`.
 *
 * @param tag what the lines are found by; of at most 23 characters, for Android 7
 */
public class LogcatSink(private val tag: String = "minihost") : LogSink {
    init {
        require(tag.length in 1..LONGEST_TAG) { "a tag has 1 to $LONGEST_TAG characters" }
    }

    override fun log(line: LogLine) {
        // Logcat cuts off what is longer than it takes.
        for (part in "${line.target}: ${line.text}".chunked(LONGEST_PART)) Log.println(line.level.priority, tag, part)
    }

    private val LogLevel.priority: Int
        get() = when (this) {
            LogLevel.ERROR -> Log.ERROR
            LogLevel.WARN -> Log.WARN
            LogLevel.INFO -> Log.INFO
            LogLevel.DEBUG -> Log.DEBUG
            LogLevel.TRACE -> Log.VERBOSE
        }

    private companion object {
        const val LONGEST_TAG = 23

        /** Bytes count, of which a character has at most three here; Logcat takes about 4,000. */
        const val LONGEST_PART = 1_300
    }
}
