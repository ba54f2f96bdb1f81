package org.minihost

import java.io.File
import java.lang.ref.WeakReference
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.PATIENCE_SECONDS
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.ffi.UniffiHandles

/** Nothing is left over of what was closed. */
@ExtendWith(SampleHostExtension::class)
internal class LifetimesTest(private val sample: SampleHost) {
    private val program = Program(sample)
    private val manifest = Manifest.UnsignedForDevelopment(program.manifest())

    /** A thousand in the gate, a hundred thousand in `cargo xtask test --full`; of hosts a tenth of that. */
    private val rounds = Integer.getInteger("minihost.lifetimes", 1_000)

    @Test
    fun `sessions that come and go leave nothing behind`() = HostApp.start(sample).use { app ->
        val comeAndGo = { count: Int ->
            List(count) { round ->
                val view = WebView()
                app.host.open(manifest, view).use { session ->
                    session.documentStarted(1)
                    view.show(session, program.origin)
                }
                if (round % KEPT == 0) WeakReference(view) else null
            }.filterNotNull()
        }
        awaitGone(comeAndGo(rounds / KEPT))
        val (native, before) = NativeHeap.kilobytes() to residentKilobytes()
        awaitGone(comeAndGo(rounds))
        // A session that stayed would be six kilobytes of the core's.
        awaitNativeBelow(native + NATIVE_SLACK_KILOBYTES + rounds / SESSIONS_OF_A_KILOBYTE)
        assertGrownByLess(SLACK_KILOBYTES + rounds, before)
    }

    @Test
    fun `hosts that come and go leave no thread and no object behind`() {
        val hosts = rounds / HOST_COST
        val cycle = {
            val page = HostApp.start(sample).use { it.open(program) }
            WeakReference(page)
        }
        awaitGone(List(hosts / KEPT) { cycle() })
        val threads = sdkThreads()
        val (native, before) = NativeHeap.kilobytes() to residentKilobytes()
        awaitGone(List(hosts) { cycle() })
        val deadline = System.nanoTime() + PATIENCE_SECONDS * NANOS
        while (sdkThreads() > threads) check(System.nanoTime() < deadline) { "threads are left over: ${sdkThreads()}, before $threads" }
        assertTrue(UniffiHandles.held() <= LEFT, "${UniffiHandles.held()} ports are still held")
        // A host that stayed would be three hundred kilobytes of the core's.
        awaitNativeBelow(native + NATIVE_SLACK_OF_HOSTS + hosts * KILOBYTES_OF_A_HOST)
        assertGrownByLess(SLACK_KILOBYTES + hosts * KILOBYTES_OF_A_HOST, before)
    }

    @Test
    fun `a thread of the SDK is attached once, as a daemon, and not for each call`() = HostApp.start(sample).use { app ->
        val page = app.open(program)
        val threads = List(CALLS) {
            page.notify("\$/cancelRequest") { put("id", 1) }
            page.settled.next()
            page.settledOn
        }
        assertEquals(1, threads.toSet().size)
        assertTrue(threads.first().isDaemon && threads.first().name.startsWith("minihost"))
    }

    @Test
    fun `many documents call at once, and each hears of every message of its own`() {
        HostApp.signedIn(sample).use { app ->
            val pages = List(PAGES) { app.open(program) }
            runBlocking(Dispatchers.Default) {
                pages.map { page -> async { repeat(CALLS) { page.notify("\$/cancelRequest") { put("id", 1) } } } }.awaitAll()
            }
            for (page in pages) assertEquals(CALLS, List(CALLS) { page.settled.next() }.distinct().size)
        }
    }

    private fun sdkThreads() = Thread.getAllStackTraces().keys.count { it.name.startsWith("minihost") || it.name.startsWith("JNA") }

    private fun residentKilobytes(): Int {
        System.gc()
        return File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toInt()
    }

    /** What the virtual machine takes there for itself, it gives back. */
    private fun awaitNativeBelow(kilobytes: Int) {
        val deadline = System.nanoTime() + PATIENCE_SECONDS * NANOS
        while (NativeHeap.kilobytes() >= kilobytes) {
            check(System.nanoTime() < deadline) { "${NativeHeap.kilobytes()} kB are not given back, of which less than $kilobytes may be" }
            System.gc()
            Thread.onSpinWait()
        }
    }

    private fun assertGrownByLess(kilobytes: Int, before: Int) {
        val grown = residentKilobytes() - before
        assertTrue(grown < kilobytes, "$grown kB are more than there were")
    }

    private fun awaitGone(references: List<WeakReference<WebView>>) {
        val deadline = System.nanoTime() + PATIENCE_SECONDS * NANOS
        while (references.any { it.get() != null }) {
            check(System.nanoTime() < deadline) { "${references.count { it.get() != null }} of ${references.size} are still held" }
            System.gc()
            Thread.onSpinWait()
        }
    }

    private companion object {
        const val KEPT = 10
        const val HOST_COST = 10
        const val LEFT = 32

        /** What the virtual machine takes by itself. */
        const val SLACK_KILOBYTES = 65_536
        const val KILOBYTES_OF_A_HOST = 16

        /** The same of what is not Java's; a host has threads, which make it more. */
        const val NATIVE_SLACK_KILOBYTES = 2_048
        const val NATIVE_SLACK_OF_HOSTS = 8_192
        const val SESSIONS_OF_A_KILOBYTE = 4
        const val PAGES = 8
        const val CALLS = 8
        const val NANOS = 1_000_000_000L
    }
}
