package org.minihost.android.container

import android.webkit.WebView
import java.lang.ref.WeakReference
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.FakeDocument
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.minihost.android.support.eventually
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class, ShadowListeners::class])
class ListenerTransportTest {
    private val webView = WebView(RuntimeEnvironment.getApplication())

    private fun speaks(): FakeDocument = FakeDocument(webView, "https://tea.example").apply { say("hello") }

    @Test
    fun `nothing is kept of a document that is gone`() {
        var heard = 0
        ListenerTransport(BridgeScript("page();", "await();")).install(webView, setOf("https://tea.example")) { heard++ }
        val gone = List(3) { WeakReference(speaks()) }
        assertEquals(3, heard)
        eventually("the end of the documents") {
            System.gc()
            true.takeIf { gone.all { it.get() == null } }
        }
    }

    @Test
    fun `all that a document says comes on one way`() {
        val keys = ArrayList<Any>()
        ListenerTransport(BridgeScript("page();", "await();")).install(webView, setOf("https://tea.example")) { keys += it.way.key }
        val (one, other) = speaks() to speaks()
        one.say("again")
        assertEquals(listOf<Any>(one, other, one), keys)
    }
}
