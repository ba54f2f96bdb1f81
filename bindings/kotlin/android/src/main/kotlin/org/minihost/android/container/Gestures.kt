package org.minihost.android.container

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** When the user last did something to the page: by touch, by a key, or by what stands for these. Never the page's word. */
internal class Gestures {
    private var lastMs: Long? = null

    /** The user begins or ends a touch, or presses or lifts a key: pages act on either. */
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
