package org.minihost.android.support

import android.os.Looper
import java.util.concurrent.locks.LockSupport
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.Assert.fail
import org.robolectric.Shadows.shadowOf

private const val PATIENCE_MS = 30_000L
private const val LOOK_NS = 2_000_000L

/** Lets the main thread do its work until something is there, which another thread brings. */
fun <T : Any> eventually(what: String, look: () -> T?): T {
    val end = System.currentTimeMillis() + PATIENCE_MS
    while (System.currentTimeMillis() < end) {
        shadowOf(Looper.getMainLooper()).idle()
        look()?.let { return it }
        LockSupport.parkNanos(LOOK_NS)
    }
    fail("$what did not come")
    error("unreachable")
}

/** What comes of this on the main thread, which works until it is there. */
fun <T> onMainThread(what: String, work: suspend () -> T): T {
    val done = CoroutineScope(Dispatchers.Main.immediate).async { work() }
    eventually(what) { true.takeIf { done.isCompleted } }
    return runBlocking { done.await() }
}

/** Lets the main thread do what is due by now. */
fun mainIdle() = shadowOf(Looper.getMainLooper()).idle()
