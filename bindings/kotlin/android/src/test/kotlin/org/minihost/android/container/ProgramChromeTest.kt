package org.minihost.android.container

import android.net.Uri
import android.webkit.JsPromptResult
import android.webkit.JsResult
import android.webkit.PermissionRequest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.ProgramOnScreen
import org.minihost.android.support.SampleHost
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow.newInstanceOf

/** What a page asks of the device and of its user, beside the bridge. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class, ShadowListeners::class])
class ProgramChromeTest {
    @get:Rule
    internal val screen = ProgramOnScreen()

    @Test
    fun `popups and what a page asks of the device are denied`() {
        val page = screen.ready()
        val chrome = checkNotNull(shadowOf(page.webView).webChromeClient)
        assertFalse(chrome.onCreateWindow(page.webView, false, true, android.os.Message.obtain()))
        assertTrue(page.webView.settings.supportMultipleWindows())
        val camera = Asked()
        chrome.onPermissionRequest(camera)
        assertEquals(listOf("denied"), camera.answers)
        val place = ArrayList<Pair<Boolean, Boolean>>()
        chrome.onGeolocationPermissionsShowPrompt(SampleHost.origin) { _, allow, retain -> place += allow to retain }
        assertEquals(listOf(false to false), place)
    }

    @Test
    fun `a page's dialogs are its own, but over the sheet they are denied`() {
        val page = screen.ready()
        val chrome = checkNotNull(shadowOf(page.webView).webChromeClient)
        val (alert, confirm) = List(2) { newInstanceOf(JsResult::class.java) }
        val prompt = newInstanceOf(JsPromptResult::class.java)

        /** Which of them the host has answered in the page's place. */
        fun suppressed() = listOf(
            chrome.onJsAlert(page.webView, SampleHost.origin, "?", alert),
            chrome.onJsConfirm(page.webView, SampleHost.origin, "?", confirm),
            chrome.onJsPrompt(page.webView, SampleHost.origin, "?", null, prompt),
        )
        assertEquals(List(3) { false }, suppressed())
        page.requestCode("openid")
        screen.phone.sheet()
        assertTrue(screen.opened.container.isCovered)
        assertEquals(List(3) { true }, suppressed())
        assertTrue(listOf(alert, confirm, prompt).all { shadowOf(it).wasCancelled() })
        screen.phone.sheet().denyButton.performClick()
        assertFalse(screen.opened.container.isCovered)
        assertEquals(List(3) { false }, suppressed())
    }

    @Test
    fun `a page cannot keep its user`() {
        val page = screen.ready()
        val chrome = checkNotNull(shadowOf(page.webView).webChromeClient)
        val confirmed = ArrayList<Boolean>()
        val leaving = JsResult { confirmed += it.result }
        assertTrue(chrome.onJsBeforeUnload(page.webView, SampleHost.origin, "Stay!", leaving))
        assertEquals(listOf(true), confirmed)
    }

    /** What a page asks of the device, and how it is answered. */
    private class Asked : PermissionRequest() {
        val answers = ArrayList<String>()
        override fun getOrigin(): Uri = Uri.parse(SampleHost.origin)
        override fun getResources() = arrayOf(RESOURCE_VIDEO_CAPTURE)
        override fun grant(resources: Array<String>) {
            answers += "granted"
        }

        override fun deny() {
            answers += "denied"
        }
    }
}
