package org.minihost.android.container

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class NavigationPolicyTest {
    private val policy = NavigationPolicy(listOf("https://tea.example", "http://tea.localhost:8080"))

    @Test
    fun `a program goes anywhere within its origins`() {
        for (address in listOf(
            "https://tea.example/",
            "https://TEA.example:443/a?b#c",
            "http://tea.localhost:8080",
            "https://tea.example/a b|c",
        )) {
            assertEquals(address, Navigation.INSIDE, policy.decide(address, userAsked = false))
            assertTrue(address, policy.isOwn(address))
        }
    }

    @Test
    fun `what only looks like its origin is elsewhere`() {
        val lookalikes = listOf(
            "https://tea.example.evil.example/",
            "https://eviltea.example/",
            "https://tea.example@evil.example/",
            "http://tea.example/",
            "https://tea.example:8443/",
            "https://tea.example./",
            "https://tea.example\\@evil.example/",
            "http://tea.localhost:8081/",
        )
        for (address in lookalikes) {
            assertFalse(address, policy.isOwn(address))
            assertEquals(address, Navigation.REFUSED, policy.decide(address, userAsked = false))
        }
    }

    @Test
    fun `a link that the user touched opens in the browser`() {
        for (address in listOf("https://as.example/authorize?x", "mailto:a@b.example", "TEL:+15550100")) {
            assertEquals(address, Navigation.BROWSER, policy.decide(address, userAsked = true))
        }
    }

    @Test
    fun `what starts other apps, reads files or carries a page with it goes nowhere`() {
        val refused = listOf(
            "intent://x#Intent;scheme=https;end", "file:///sdcard/x", "content://a/b", "javascript:alert(1)", "data:text/html,x",
            "market://details?id=x", "blob:https://tea.example/1", "http://elsewhere.example/", "no address",
        )
        for (address in refused) assertEquals(address, Navigation.REFUSED, policy.decide(address, userAsked = true))
    }

    @Test
    fun `an origin is scheme, host and port as a browser writes them`() {
        assertEquals("https://a.example", originOf("HTTPS://A.example:443/x"))
        assertEquals("http://a.example:8080", originOf("http://a.example:8080"))
        assertEquals("http://a.example", originOf("http://a.example:80/"))
        assertEquals("https://a.example", originOf("https://a.example/?q={\"x\":[1]}"))
        assertNull(originOf("about:blank"))
        assertNull(originOf("https:///x"))
        assertNull(originOf("https://"))
    }
}
