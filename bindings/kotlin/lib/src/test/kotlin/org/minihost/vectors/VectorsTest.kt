package org.minihost.vectors

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
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
    fun `most histories are played, and the others are named`() {
        val left = History.all().groupBy { it.outOfReach }
        assertTrue(left.getValue(null).size >= PLAYED, "${left.mapValues { it.value.size }}")
        assertEquals(OutOfReach.entries.toSet(), left.keys.filterNotNull().toSet())
    }

    internal companion object {
        const val PLAYED = 100

        @JvmStatic
        fun played(): List<History> = History.all().filter { it.outOfReach == null }
    }
}
