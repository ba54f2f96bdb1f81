package org.minihost.android.support

import android.view.View
import android.view.ViewGroup
import android.widget.CompoundButton
import android.widget.TextView

/** What a screen reader finds on a screen, in the order in which a swipe goes through it. */
internal class ScreenReader(root: View) {
    private val stops: List<View> = stopsIn(root)

    /** What is said at each stop: its description or its text, and whether it is ticked. */
    val words: List<String> = stops.map { view ->
        val name = (view.contentDescription ?: (view as? TextView)?.text ?: "").toString().replace('\n', ' ')
        if (view is CompoundButton) "$name [${if (view.isChecked) "x" else " "}]" else name
    }

    /** What the user can do something with. */
    val controls: List<View> = stops.filter { it.isClickable }

    /** What is said by itself when it changes. */
    val announced: List<String> = (stops + silent(root)).distinct()
        .filter { it.accessibilityLiveRegion == View.ACCESSIBILITY_LIVE_REGION_POLITE }
        .map { (it as TextView).text.toString() }

    /** What one can jump between. */
    val headings: List<String> get() = stops.filter { it.isAccessibilityHeading }.map { (it as TextView).text.toString() }

    /** Where this is said. */
    fun stopAt(words: String): View = stops[this.words.indexOf(words)]

    private fun stopsIn(view: View): List<View> = when {
        view.visibility != View.VISIBLE || isHidden(view) -> emptyList()
        // What is within it is read with it.
        isStop(view) && (view.isFocusable || view.isClickable) -> listOf(view)
        isStop(view) && view !is ViewGroup -> listOf(view)
        view is ViewGroup -> view.children.flatMap(::stopsIn)
        else -> emptyList()
    }

    private fun isHidden(view: View) = view.importantForAccessibility == View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS

    private fun isStop(view: View) = view.isImportantForAccessibility &&
        (!view.contentDescription.isNullOrEmpty() || !(view as? TextView)?.text.isNullOrEmpty() || view.isClickable)

    private fun silent(view: View): List<View> = when {
        view.visibility != View.VISIBLE -> emptyList()
        view is ViewGroup -> view.children.flatMap(::silent)
        else -> listOf(view)
    }

    private val ViewGroup.children get() = (0 until childCount).map(::getChildAt)
}
