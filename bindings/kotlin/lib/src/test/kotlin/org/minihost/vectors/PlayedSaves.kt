package org.minihost.vectors

import kotlinx.serialization.json.JsonObject

/**
 * The saves of a history, in the order in which a store hears of them: one at a time, and while it is busy only the newest
 * waits.
 *
 * @param answered those that the history answers
 * @param hold compares what the store was given with what the history says
 */
internal class PlayedSaves(
    private val answered: Set<Int>,
    private val shelf: PlayedShelf,
    private val hold: (came: JsonObject, effect: Named, place: String) -> Unit,
) {
    private class Saved(val number: Int, val effect: Named, val place: String)

    private var last = 0
    private var present: Pair<Saved, PlayedShelf.Save>? = null
    private var waiting: Saved? = null

    /** The history has one. */
    fun decided(effect: Named, place: String) {
        last += 1
        val saved = Saved(last, effect, place)
        // Nobody waits for one that the history does not answer.
        if (present?.let { it.first.number in answered } == false) end(stored = true)
        if (present == null) return begin(saved)
        check(waiting == null) { "$place: one waits already, which the store would not hear of" }
        waiting = saved
    }

    /** The history answers one. */
    fun answered(number: Int, stored: Boolean) {
        check(present?.first?.number == number) { "the store is at ${present?.first?.number}, not at $number" }
        end(stored)
    }

    /** The history answers nothing any more. */
    fun letGo() {
        present?.second?.stored?.complete(true)
    }

    private fun begin(saved: Saved) {
        val save = shelf.saves.next()
        present = saved to save
        hold(save.shown(), saved.effect, saved.place)
    }

    private fun end(stored: Boolean) {
        present?.second?.stored?.complete(stored)
        present = null
        val next = waiting ?: return
        waiting = null
        begin(next)
    }
}
