package org.minihost.android.container

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** When the user last touched the page. Never the page's word. */
internal class Gestures {
    private var lastMs: Long? = null

    /** The user lifted a finger from the page, or a key. */
    fun touched(nowMs: Long) {
        lastMs = nowMs
    }

    /** The page that was touched is gone. */
    fun forget() {
        lastMs = null
    }

    /** Since then; longer than any policy allows where the user never touched it. */
    fun age(nowMs: Long): Duration = lastMs?.let { (nowMs - it).coerceAtLeast(0).milliseconds } ?: NEVER

    private companion object {
        val NEVER = UInt.MAX_VALUE.toLong().milliseconds
    }
}
