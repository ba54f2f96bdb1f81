package org.minihost.harbour

import android.os.Bundle

/** Where in the app the user is: what an Activity's saved state keeps. */
data class Place(
    val program: String? = null,
    val grants: Boolean = false,
    /** The grants of one program alone. */
    val grantsOf: String? = null,
    val locale: String? = null,
    val look: Look = Look.SYSTEM,
    /** Where programs go on after the process has ended, by their ids. */
    val programs: Bundle = Bundle(),
    /** Whose that is, by their id: nobody else is led there. */
    val programsOf: String? = null,
) {
    val isHome: Boolean get() = program == null && !grants

    /** As a tester wants it. Where programs go on at one sample host is of no use at another. */
    fun steered(by: Steering): Place = copy(
        locale = by.locale ?: locale,
        look = by.appearance ?: look,
        programs = if (by.servers == null) programs else Bundle(),
    )

    fun write(state: Bundle) {
        state.putString("program", program)
        state.putBoolean("grants", grants)
        state.putString("grantsOf", grantsOf)
        state.putString("locale", locale)
        state.putString("look", look.word)
        state.putBundle("programs", programs)
        state.putString("programsOf", programsOf)
    }

    companion object {
        fun read(state: Bundle?): Place = if (state == null) {
            Place()
        } else {
            Place(
                program = state.getString("program"),
                grants = state.getBoolean("grants"),
                grantsOf = state.getString("grantsOf"),
                locale = state.getString("locale"),
                look = Look.entries.find { it.word == state.getString("look") } ?: Look.SYSTEM,
                programs = state.getBundle("programs") ?: Bundle(),
                programsOf = state.getString("programsOf"),
            )
        }
    }
}
