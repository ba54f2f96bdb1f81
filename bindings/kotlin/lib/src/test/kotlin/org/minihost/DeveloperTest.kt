package org.minihost

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Heard
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension

/** What the SDK tells developers. */
@ExtendWith(SampleHostExtension::class)
internal class DeveloperTest(private val sample: SampleHost) {
    @Test
    fun `the log comes on a thread of its own, and a sink that throws misses one line`() {
        val lines = Heard<Pair<LogLine, Thread>>("a line of the log")
        var mustThrow = true
        SdkLog.sendTo(LogLevel.TRACE) { line ->
            if (mustThrow) {
                mustThrow = false
                error("a fault of the host app")
            }
            lines.add(line to Thread.currentThread())
        }
        try {
            // A port that throws is something to tell developers.
            HostApp.signedIn(sample, ports = HostPorts(audit = { error("a fault of the host app") })).use { app ->
                repeat(2) {
                    val page = app.open(Program(sample))
                    page.requestCode(listOf("openid"))
                    val prompt = app.prompt()
                    prompt.answer(Choice.Dismiss)
                    page.reply()
                }
            }
            var (line, thread) = lines.next()
            while ("AuditSink.record" !in line.text) {
                lines.next().let { (next, on) ->
                    line = next
                    thread = on
                }
            }
            assertTrue(line.target.startsWith("minihost"))
            assertTrue(thread != Thread.currentThread())
            assertTrue("fault of the host app" !in line.text, "what a port throws is not repeated")
        } finally {
            SdkLog.stop()
        }
    }

    @Test
    fun `a diagnosis finds what is wrong and says what to do`() {
        HostApp.start(sample).use { app ->
            val healthy = runBlocking { app.host.diagnose(listOf(RegisteredProgram("teahouse", Program(sample).redirectUri))) }
            assertTrue(healthy.isHealthy, "$healthy")
            assertEquals(Verdict.GOOD, healthy.of(Check.MINI_PROGRAM).verdict)
            assertEquals(Verdict.GOOD, healthy.of(Check.HOST).verdict)
        }
        HostApp.start(sample.issuer, sample.host.id, Credentials.secret("wrong")).use { app ->
            val finding = runBlocking { app.host.diagnose() }.of(Check.HOST_CREDENTIALS)
            assertEquals(Verdict.BAD, finding.verdict)
            assertTrue(finding.cure != null && "wrong" !in "$finding")
        }
    }

    private fun Diagnosis.of(check: Check) = findings.first { it.check == check }
}
