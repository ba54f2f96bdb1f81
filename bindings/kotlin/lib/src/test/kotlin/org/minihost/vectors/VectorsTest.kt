package org.minihost.vectors

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/**
 * The histories of `tests/vectors`, played through the public API with the ports of a host app. What it cannot bring about
 * is in [OutOfReach].
 */
internal class VectorsTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("played")
    fun `what goes in gives what must come out`(history: History) = Player(history).use { it.play() }

    @Test
    fun `as many histories are played as can be, and the others are named`() {
        val left = History.all().groupBy { it.outOfReach }
        assertEquals(PLAYED, left.getValue(null).size) { "${left.mapValues { it.value.size }}" }
        assertEquals(OutOfReach.entries.toSet(), left.keys.filterNotNull().toSet())
    }

    internal companion object {
        /** Changes with the histories alone: one that is no longer played is missed. */
        const val PLAYED = 120

        @JvmStatic
        fun played(): List<History> = History.all().filter { it.outOfReach == null }
    }
}
