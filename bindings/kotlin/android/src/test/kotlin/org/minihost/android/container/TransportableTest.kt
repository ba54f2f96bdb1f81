package org.minihost.android.container

import org.junit.Assert.assertEquals
import org.junit.Test

class TransportableTest {
    @Test
    fun `ordinary texts go as they are`() {
        for (text in listOf("", "{}", "茶 🍵", "x".repeat(65_536))) assertEquals(text, transportable(text))
    }

    @Test
    fun `a text over the limit stays over it and gets no longer`() {
        assertEquals(65_537, transportable("x".repeat(10_000_000)).length)
        assertEquals(65_537, transportable("x".repeat(65_537)).length)
    }

    @Test
    fun `half a character makes a text empty`() {
        for (text in listOf("a\uD83C", "\uDF75a", "\uDF75\uD83C", "\uD83C\uD83C\uDF75")) assertEquals("", transportable(text))
    }
}
