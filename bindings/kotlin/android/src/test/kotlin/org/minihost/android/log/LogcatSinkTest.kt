package org.minihost.android.log

import android.util.Log
import kotlin.time.Instant
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.HostPorts
import org.minihost.LogLevel
import org.minihost.LogLine
import org.minihost.SdkLog
import org.minihost.Secrets
import org.minihost.android.support.BrokenSecrets
import org.minihost.android.support.Phone
import org.minihost.android.support.coreCallsHere
import org.minihost.android.support.eventually
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowLog

@RunWith(RobolectricTestRunner::class)
class LogcatSinkTest {
    @Test
    fun `each level has Logcat's own, and a long line comes whole`() {
        val sink = LogcatSink("harbour")
        val levels = listOf(Log.ERROR, Log.WARN, Log.INFO, Log.DEBUG, Log.VERBOSE)
        LogLevel.entries.forEach { sink.log(LogLine(Instant.fromEpochMilliseconds(0), it, "minihost::session", "a sentence")) }
        val lines = ShadowLog.getLogsForTag("harbour")
        assertEquals(levels, lines.map { it.type })
        assertTrue(lines.all { it.msg == "minihost::session: a sentence" })

        val long = "x".repeat(10_000)
        sink.log(LogLine(Instant.fromEpochMilliseconds(0), LogLevel.INFO, "t", long))
        val parts = ShadowLog.getLogsForTag("harbour").drop(levels.size).map { it.msg }
        assertTrue(parts.all { it.length < 4_000 })
        assertEquals("t: $long", parts.joinToString(""))
    }

    @Test
    fun `a tag that Android 7 does not take is refused at once`() {
        for (tag in listOf("", "x".repeat(24))) assertThrows(IllegalArgumentException::class.java) { LogcatSink(tag) }
    }

    @Test
    fun `what the SDK has to say stands in Logcat, without secrets`() {
        coreCallsHere()
        SdkLog.sendTo(LogLevel.TRACE, LogcatSink())
        try {
            Phone(HostPorts(secrets = Secrets.Own(BrokenSecrets("token-of-alice")))).use { phone -> runCatching { phone.signIn() } }
            val line = eventually("a line of the SDK") { ShadowLog.getLogsForTag("minihost").find { it.msg.startsWith("minihost") } }
            assertTrue(line.msg.isNotBlank())
            assertTrue(ShadowLog.getLogsForTag("minihost").none { "token-of-alice" in it.msg })
        } finally {
            SdkLog.stop()
        }
    }
}
