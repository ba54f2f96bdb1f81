package org.minihost.android.container

import android.net.Uri
import android.webkit.WebMessage
import android.webkit.WebView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.ShadowPosting
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.fakes.RoboWebMessagePort

/** The way for WebViews without listeners: a port for each document, for its main frame and its origin alone. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowPosting::class])
class ChannelTransportTest {
    private val heard = ArrayList<Incoming>()
    private val transport = ChannelTransport(BridgeScript("page();", "await();"))
    private lateinit var webView: WebView

    @Before
    fun install() {
        ShadowPosting.posted.clear()
        webView = WebView(RuntimeEnvironment.getApplication())
        transport.install(webView, setOf(ORIGIN), heard::add)
    }

    private fun pageListens() = shadowOf(webView).lastEvaluatedJavascriptCallback.onReceiveValue("null")

    private fun ports(): Array<RoboWebMessagePort> = shadowOf(webView).createdPorts.last()

    @Test
    fun `the port goes to the main frame at the exact origin, once the page's side listens`() {
        transport.committed(ORIGIN)
        assertEquals("page();await();", shadowOf(webView).lastEvaluatedJavascript)
        assertTrue(ShadowPosting.posted.isEmpty())
        pageListens()
        val (message, target) = ShadowPosting.posted.single()
        assertEquals(Uri.parse(ORIGIN), target)
        assertEquals("minihost-port", message.data)
        assertEquals(1, message.ports?.size)
    }

    @Test
    fun `what comes on the port comes with the capability and without an origin`() {
        transport.committed(ORIGIN)
        pageListens()
        ports()[0].webMessageCallback.onMessage(ports()[0], WebMessage("hello"))
        val incoming = heard.single()
        assertEquals("hello", incoming.text)
        assertNull(incoming.origin)
        assertNull(incoming.mainFrame)
        assertTrue(incoming.capability)
        incoming.way.post("answer")
        assertEquals(listOf("answer"), ports()[1].receivedMessages)
    }

    @Test
    fun `the next document gets another port, and the one before is closed`() {
        transport.committed(ORIGIN)
        val first = ports()
        first[0].webMessageCallback.onMessage(first[0], WebMessage("one"))
        transport.committed(ORIGIN)
        assertTrue(first[0].isClosed)
        assertNotSame(first[0], ports()[0])
        first[0].webMessageCallback.onMessage(first[0], WebMessage("late"))
        heard.single().way.post("too late")
        assertEquals(1, heard.size)
        assertEquals(emptyList<String>(), first[1].receivedMessages)
    }

    private fun scriptsAre(there: Boolean) {
        assertEquals("'minihost' in window", shadowOf(webView).lastEvaluatedJavascript)
        shadowOf(webView).lastEvaluatedJavascriptCallback.onReceiveValue("$there")
    }

    @Test
    fun `a document on screen that the scripts never reached gets another port`() {
        transport.committed(ORIGIN)
        pageListens()
        val lost = ports()
        transport.displayed(ORIGIN)
        scriptsAre(there = false)
        assertTrue(lost[0].isClosed)
        assertEquals("page();await();", shadowOf(webView).lastEvaluatedJavascript)
        pageListens()
        assertEquals(listOf(Uri.parse(ORIGIN), Uri.parse(ORIGIN)), ShadowPosting.posted.map { it.second })
        ports()[0].webMessageCallback.onMessage(ports()[0], WebMessage("hello"))
        assertEquals("hello", heard.single().text)
    }

    @Test
    fun `a document on screen that has the scripts, or has spoken, or is gone, keeps its port`() {
        transport.committed(ORIGIN)
        pageListens()
        transport.displayed(ORIGIN)
        scriptsAre(there = true)
        assertEquals(1, shadowOf(webView).createdPorts.size)
        transport.displayed(ORIGIN)
        ports()[0].webMessageCallback.onMessage(ports()[0], WebMessage("meanwhile"))
        scriptsAre(there = false)
        assertFalse(ports()[0].isClosed)
        val asked = shadowOf(webView).lastEvaluatedJavascriptCallback
        transport.displayed(ORIGIN)
        assertSame("who has spoken is not asked", asked, shadowOf(webView).lastEvaluatedJavascriptCallback)
        transport.committed(null)
        transport.displayed(ORIGIN)
        assertSame(asked, shadowOf(webView).lastEvaluatedJavascriptCallback)
        assertEquals(1, shadowOf(webView).createdPorts.size)
    }

    @Test
    fun `a document of another origin gets no port, and neither does one that has gone meanwhile`() {
        transport.committed(ORIGIN)
        val late = shadowOf(webView).lastEvaluatedJavascriptCallback
        transport.committed(null)
        late.onReceiveValue("null")
        assertTrue(ShadowPosting.posted.isEmpty())
        assertEquals(1, shadowOf(webView).createdPorts.size)
    }

    @Test
    fun `after the end nothing is heard`() {
        transport.committed(ORIGIN)
        val port = ports()[0]
        transport.close()
        assertTrue(port.isClosed)
        port.webMessageCallback.onMessage(port, WebMessage("late"))
        assertFalse(heard.any())
    }

    private companion object {
        const val ORIGIN = "https://tea.example"
    }
}
