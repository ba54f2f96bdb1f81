package org.minihost.android.container

import android.net.Uri
import android.net.http.SslCertificate
import android.net.http.SslError
import android.view.View
import android.webkit.SslErrorHandler
import android.webkit.WebResourceError
import android.webkit.WebResourceRequest
import android.webkit.WebView
import android.webkit.WebViewClient
import java.util.Date
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.PageSide
import org.minihost.android.support.ProgramOnScreen
import org.minihost.android.support.SampleHost
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.minihost.android.support.eventually
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow.newInstanceOf

/** What is shown of a page that cannot be shown, and for how long. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class, ShadowListeners::class])
class ProgramFailureTest {
    @get:Rule
    internal val screen = ProgramOnScreen()

    private fun isGivenUp(page: PageSide) {
        shadowOf(page.webView).webViewClient.onReceivedError(page.webView, Request(SampleHost.origin), NoNetwork())
    }

    @Test
    fun `that a page could not be loaded is said to the view that comes after a rotation too, until one is`() {
        val page = screen.ready()
        assertFalse("Try again" in screen.words)
        shadowOf(page.webView).webViewClient.onReceivedError(page.webView, Request(SampleHost.origin, isForMainFrame = false), NoNetwork())
        assertFalse("an image", "Try again" in screen.words)
        isGivenUp(page)
        assertTrue("Try again" in screen.words)
        screen.rotate()
        assertTrue("Try again" in screen.words)
        screen.ready()
        assertFalse("Try again" in screen.words)
        screen.rotate()
        assertFalse("Try again" in screen.words)
    }

    @Test
    fun `to try again begins anew, in the eyes of the next view too`() {
        val page = screen.ready()
        page.webView.loadUrl("${SampleHost.origin}/menu")
        isGivenUp(page)
        screen.click("Try again")
        assertEquals("${SampleHost.origin}/", shadowOf(page.webView).lastLoadedUrl)
        screen.rotate()
        assertFalse("Try again" in screen.words)
    }

    @Test
    fun `a certificate that is not trusted fails the page, and in an image nothing`() {
        val page = screen.ready()
        val client = shadowOf(page.webView).webViewClient

        @Suppress("DEPRECATION") // There is no certificate to make another of.
        val certificate = SslCertificate(null, null, null as Date?, null)
        fun meets(address: String) {
            val handler = newInstanceOf(SslErrorHandler::class.java)
            client.onReceivedSslError(page.webView, handler, SslError(SslError.SSL_UNTRUSTED, certificate, address))
            assertTrue(shadowOf(handler).wasCancelCalled())
            assertFalse(shadowOf(handler).wasProceedCalled())
        }
        meets("https://cdn.example/a.png")
        assertFalse("Try again" in screen.words)
        meets("${SampleHost.origin}/")
        assertTrue("Try again" in screen.words)
        screen.ready()
        val next = "${SampleHost.origin}/menu"
        assertFalse(client.shouldOverrideUrlLoading(page.webView, Request(next)))
        meets(next)
        assertTrue("Try again" in screen.words)
    }

    private fun crash(webView: WebView) {
        @Suppress("DEPRECATION") // Only the platform makes one.
        val gone = object : android.webkit.RenderProcessGoneDetail() {
            override fun didCrash() = true
            override fun rendererPriorityAtExit() = WebView.RENDERER_PRIORITY_BOUND
        }
        assertTrue(shadowOf(webView).webViewClient.onRenderProcessGone(webView, gone))
    }

    @Test
    fun `a crash of the page's process ends its requests, and the program can begin anew`() {
        if (android.os.Build.VERSION.SDK_INT < 26) return
        val page = screen.ready()
        page.requestCode("openid")
        screen.phone.sheet()
        crash(page.webView)
        eventually("the end of the prompt") { true.takeUnless { screen.phone.sheets.isShowing } }
        assertTrue(shadowOf(page.webView).wasDestroyCalled())
        assertThrows("its place is not free", AnotherProgramOpenException::class.java) {
            screen.phone.programs.open(SampleHost.manifest("cinema"))
        }
        screen.click("Try again")
        assertNotSame(page.webView, screen.opened.container.webView)
        assertEquals("${SampleHost.origin}/", shadowOf(screen.opened.container.webView).lastLoadedUrl)
        assertFalse("Try again" in screen.words)
    }

    @Test
    fun `a crash that nobody saw is said to the view that comes`() {
        if (android.os.Build.VERSION.SDK_INT < 26) return
        val page = screen.ready()
        screen.activity.pause().stop()
        screen.activity.get().run { setContentView(View(this)) }
        crash(page.webView)
        screen.activity.restart().start().resume().visible()
        screen.windowIs(View.VISIBLE)
        screen.click("Try again")
        assertEquals("${SampleHost.origin}/", shadowOf(screen.opened.container.webView).lastLoadedUrl)
    }

    private class Request(private val address: String, private val isForMainFrame: Boolean = true) : WebResourceRequest {
        override fun getUrl(): Uri = Uri.parse(address)
        override fun isForMainFrame() = isForMainFrame
        override fun isRedirect() = false
        override fun hasGesture() = false
        override fun getMethod() = "GET"
        override fun getRequestHeaders() = emptyMap<String, String>()
    }

    @Suppress("DEPRECATION") // Only the platform makes one.
    private class NoNetwork : WebResourceError() {
        override fun getErrorCode() = WebViewClient.ERROR_CONNECT
        override fun getDescription() = "net::ERR_INTERNET_DISCONNECTED"
    }
}
