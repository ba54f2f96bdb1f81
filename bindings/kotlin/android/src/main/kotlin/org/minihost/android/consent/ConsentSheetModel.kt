package org.minihost.android.consent

import org.minihost.Choice
import org.minihost.ConsentView
import org.minihost.NameDoubt
import org.minihost.Remember

/**
 * What a consent sheet decides. It outlives the views that show it, so that a rotation loses no tick.
 *
 * Times are milliseconds of a clock that only goes forward.
 */
internal class ConsentSheetModel(val view: ConsentView) {
    private val ticked = view.scopes.mapTo(LinkedHashSet()) { it.name }
    private var fullyVisibleSinceMs: Long? = null

    var remember: Remember = view.remember.first()
        private set

    /** Another app's window lies over a part of the screen. */
    var isPartlyCovered: Boolean = false
        private set

    fun isTicked(scope: String): Boolean = scope in ticked

    fun tick(scope: String, isTicked: Boolean) {
        if (isTicked) ticked += scope else ticked -= scope
    }

    fun remember(choice: Remember) {
        check(choice in view.remember) { "the view does not offer $choice" }
        remember = choice
    }

    /** Tells whether all of the sheet is on screen and the user's touches go to it. */
    fun visible(isFully: Boolean, nowMs: Long) {
        fullyVisibleSinceMs = if (isFully) fullyVisibleSinceMs ?: nowMs else null
    }

    /** Tells what the platform says of the latest touch. Time counts anew once nothing lies over the sheet. */
    fun partlyCovered(isCovered: Boolean, nowMs: Long) {
        if (isPartlyCovered == isCovered) return
        isPartlyCovered = isCovered
        if (!isCovered && fullyVisibleSinceMs != null) fullyVisibleSinceMs = nowMs
    }

    /** How long until a yes is taken; none where that does not depend on time alone. */
    fun readyInMs(nowMs: Long): Long? {
        val since = fullyVisibleSinceMs ?: return null
        if (isPartlyCovered) return null
        return (since + READING_MS - nowMs).coerceAtLeast(0)
    }

    /** The user's yes; none where it does not count, since nobody can have read what it is to. */
    fun allow(nowMs: Long): Choice? =
        if (readyInMs(nowMs) == 0L) Choice.Allow(view.scopes.map { it.name }.filter(::isTicked), remember) else null

    fun hint(texts: ConsentTexts): String = when {
        isPartlyCovered -> texts.covered
        ticked.isEmpty() -> texts.nothingChosen
        else -> texts.follows(remember)
    }

    fun warnings(texts: ConsentTexts): List<String> = buildList {
        if (view.miniProgram.unsigned) add(texts.unsigned)
        for (doubt in view.miniProgram.doubts) {
            add(
                when (doubt) {
                    NameDoubt.MIXED_SCRIPTS -> texts.mixedScripts
                    NameDoubt.LOOKS_LIKE_HOST -> texts.looksLikeHost
                    NameDoubt.LOOKS_LIKE_ANOTHER -> texts.looksLikeAnother
                },
            )
        }
    }

    companion object {
        /** How long the sheet must have been on screen before it takes a yes: nobody reads faster. */
        const val READING_MS = 500L
    }
}
