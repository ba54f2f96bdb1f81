package org.minihost.android.consent

import android.annotation.SuppressLint
import android.content.Context
import android.view.MotionEvent
import android.view.VelocityTracker
import android.view.View
import android.view.ViewConfiguration
import android.widget.FrameLayout
import android.widget.ScrollView

/**
 * Fills the window behind a sheet and guards it: what comes through another app's window is not taken, and a swipe down
 * or a touch beside the sheet closes it.
 */
@SuppressLint("ViewConstructor")
internal class SheetFrame(context: Context, private val guard: Guard) : FrameLayout(context) {
    /** What the frame tells. */
    interface Guard {
        /** Another app's window lies where the user touched. */
        fun obscured()

        /** Whether another app's window lies elsewhere over the screen. */
        fun partlyObscured(isCovered: Boolean)

        /** The user swiped the sheet away. */
        fun swipedAway()
    }

    private val slop = ViewConfiguration.get(context).scaledTouchSlop
    private val flingVelocity = ViewConfiguration.get(context).scaledMinimumFlingVelocity * FLING_FACTOR
    private var downY = 0f
    private var dragging = false
    private var velocity: VelocityTracker? = null

    lateinit var sheet: View
    lateinit var body: ScrollView

    init {
        filterTouchesWhenObscured = true
    }

    override fun onFilterTouchEventForSecurity(event: MotionEvent): Boolean {
        if (event.flags and MotionEvent.FLAG_WINDOW_IS_OBSCURED != 0) {
            guard.obscured()
            return false
        }
        guard.partlyObscured(event.flags and PARTIALLY_OBSCURED != 0)
        return super.onFilterTouchEventForSecurity(event)
    }

    override fun onInterceptTouchEvent(event: MotionEvent): Boolean {
        when (event.actionMasked) {
            MotionEvent.ACTION_DOWN -> begin(event)
            MotionEvent.ACTION_MOVE -> {
                val swipesDown = event.y - downY > slop
                if (swipesDown && downY >= sheet.top && body.scrollY == 0) dragging = true
            }
        }
        return dragging
    }

    @SuppressLint("ClickableViewAccessibility")
    override fun onTouchEvent(event: MotionEvent): Boolean {
        if (!dragging) return super.onTouchEvent(event)
        velocity?.addMovement(event)
        when (event.actionMasked) {
            MotionEvent.ACTION_MOVE -> sheet.translationY = (event.y - downY - slop).coerceAtLeast(0f)
            MotionEvent.ACTION_UP -> release(isOver = true)
            MotionEvent.ACTION_CANCEL -> release(isOver = false)
        }
        return true
    }

    private fun begin(event: MotionEvent) {
        downY = event.y
        dragging = false
        velocity?.recycle()
        velocity = VelocityTracker.obtain().apply { addMovement(event) }
    }

    private fun release(isOver: Boolean) {
        val speed = velocity?.run {
            computeCurrentVelocity(1_000)
            yVelocity
        } ?: 0f
        velocity?.recycle()
        velocity = null
        dragging = false
        val isFar = sheet.translationY > sheet.height / AWAY_PART
        if (isOver && (isFar || speed > flingVelocity)) guard.swipedAway() else sheet.animate().translationY(0f)
    }

    private companion object {
        /** `MotionEvent.FLAG_WINDOW_IS_PARTIALLY_OBSCURED`, which older Androids set too, under no name. */
        const val PARTIALLY_OBSCURED = 0x2
        const val AWAY_PART = 3
        const val FLING_FACTOR = 8
    }
}
