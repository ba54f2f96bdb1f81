package org.minihost.android.support

import android.os.Looper
import java.util.concurrent.locks.LockSupport
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

/** Lets the main thread do what is due by now. */
fun mainIdle() = shadowOf(Looper.getMainLooper()).idle()
