package org.minihost.android.container

import android.content.res.Configuration
import android.os.Bundle
import android.view.View
import android.webkit.CookieManager
import androidx.webkit.WebMessageCompat
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.serialization.json.jsonObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.FakeDocument
import org.minihost.android.support.PageSide
import org.minihost.android.support.Phone
import org.minihost.android.support.ProgramOnScreen
import org.minihost.android.support.SampleHost
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.minihost.android.support.eventually
import org.minihost.android.support.mainIdle
import org.minihost.android.support.onMainThread
import org.minihost.android.support.pageLoads
import org.minihost.android.support.text
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/**
 * The container with the real core and the real authorization server, on a WebView that runs no JavaScript and loads
 * nothing: what it would tell, the tests tell in its place.
 */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class, ShadowListeners::class])
class ProgramContainerTest {
    @get:Rule
    internal val screen = ProgramOnScreen()
    private val phone get() = screen.phone
    private val opened get() = screen.opened
    private val activity get() = screen.activity

    private fun ready(): PageSide = screen.ready()

    @Test
    fun `the user allows, and the code comes back on the way of its request alone`() {
        val page = ready()
        page.requestCode("openid", "email")
        phone.readySheet().allowButton.performClick()
        val result = page.answer().getValue("result").jsonObject
        assertTrue(result.text("code").isNotEmpty())
        assertEquals(SampleHost.issuer, result.text("iss"))
        assertNull(phone.sheets.shown?.takeIf { it.isShowing })
    }

    @Test
    fun `only the program's exact origins get the listener and the script`() {
        val webView = checkNotNull(opened.container.webView)
        assertEquals(setOf(SampleHost.origin), ShadowListeners.listeners.getValue(webView to "minihost").origins)
        val (script, origins) = ShadowListeners.scripts.getValue(webView)
        assertEquals(setOf(SampleHost.origin), origins)
        assertTrue("minihostBridge" in script)
        assertNull(shadowOf(webView).getJavascriptInterface("minihost"))
    }

    @Test
    fun `another origin, a frame, and what is no text are not served`() {
        val page = ready()
        val stranger = PageSide(page.webView, FakeDocument(page.webView, "https://evil.example"))
        stranger.say("auth.getGrants")
        assertEquals("untrusted_origin", stranger.reason())
        val frame = PageSide(page.webView, FakeDocument(page.webView, SampleHost.origin, isMainFrame = false))
        frame.say("auth.getGrants")
        assertEquals("not_main_frame", frame.reason())
        page.document.say(WebMessageCompat(byteArrayOf(1)))
        mainIdle()
        assertEquals(1, page.document.received.size)
    }

    @Test
    fun `the page before is not heard any more`() {
        val page = ready()
        opened.pageLoads()
        page.say("auth.getGrants")
        mainIdle()
        assertEquals(1, page.document.received.size)
    }

    @Test
    fun `a reload takes the prompt away, and the answer of the old page never comes to the new one`() {
        val old = ready()
        old.requestCode("openid")
        phone.sheet()
        val new = ready()
        eventually("the end of the prompt") { true.takeUnless { phone.sheets.isShowing } }
        assertEquals(1, old.document.received.size)
        assertEquals(1, new.document.received.size)
    }

    @Test
    fun `back closes the sheet without an answer`() {
        val page = ready()
        page.requestCode("openid")
        @Suppress("DEPRECATION") // What the back button comes to, on every Android.
        phone.sheet().onBackPressed()
        assertEquals("user_cancelled", page.reason())
    }

    @Test
    fun `deny is an answer`() {
        val page = ready()
        page.requestCode("openid")
        phone.sheet().denyButton.performClick()
        assertEquals("user_denied", page.reason())
    }

    @Test
    fun `a rotation loses neither the page nor the prompt nor a tick`() {
        val page = ready()
        page.requestCode("openid", "email")
        val before = phone.sheet()
        before.tick(setOf("openid"))
        val turned = Configuration(activity.get().resources.configuration).apply { orientation = Configuration.ORIENTATION_LANDSCAPE }
        activity.configurationChange(turned)
        screen.rotate()
        val after = phone.readySheet()
        assertNotSame(before, after)
        assertFalse(before.isShowing)
        assertSame(page.webView, opened.container.webView)
        assertSame(activity.get(), opened.context.baseContext)
        after.allowButton.performClick()
        val result = page.answer().getValue("result").jsonObject
        assertEquals("[\"openid\"]", result.getValue("grantedScopes").toString())
    }

    @Test
    fun `nothing of an Activity stays behind in the program once it is gone`() {
        screen.leave()
        assertNotEquals(activity.get(), opened.context.baseContext)
        assertNull(opened.container.shown)
        assertNull(checkNotNull(opened.container.webView).parent)
    }

    @Test
    fun `in the background the prompt waits, and is back with the app`() {
        val page = ready()
        page.requestCode("openid")
        phone.sheet()
        screen.windowIs(View.GONE)
        activity.pause().stop()
        mainIdle()
        assertFalse(phone.sheets.isShowing)
        activity.restart().start().resume().visible()
        screen.windowIs(View.VISIBLE)
        phone.readySheet().allowButton.performClick()
        assertTrue("result" in page.answer())
    }

    @Test
    fun `a program in the background asks nobody`() {
        val page = ready()
        screen.windowIs(View.GONE)
        page.requestCode("openid")
        assertEquals("interaction_required", page.reason())
        assertNull(phone.host.prompt.value)
    }

    @Test
    fun `after the process has ended the program goes on where it was`() {
        val webView = checkNotNull(opened.container.webView)
        webView.loadUrl("${SampleHost.origin}/menu?of=today")
        val state = opened.saveState()
        phone.close()
        Phone().use { next ->
            val again = next.programs.open(SampleHost.manifest(), state = state)
            assertEquals("${SampleHost.origin}/menu?of=today", shadowOf(again.container.webView).lastLoadedUrl)
        }
    }

    @Test
    fun `a state that somebody made up leads nowhere else`() {
        val state = Bundle().apply { putString("address", "https://evil.example/") }
        val again = phone.programs.open(SampleHost.manifest(), state = state)
        assertEquals("${SampleHost.origin}/", shadowOf(again.container.webView).lastLoadedUrl)
    }

    @Test
    fun `the answer to a form that leads elsewhere is not shown`() {
        val page = ready()
        page.requestCode("openid")
        phone.sheet()
        val client = shadowOf(page.webView).webViewClient
        client.onPageStarted(page.webView, "https://as.example/login", null)
        assertEquals("about:blank", shadowOf(page.webView).lastLoadedUrl)
        eventually("the end of the prompt") { true.takeUnless { phone.sheets.isShowing } }
    }

    @Test
    fun `with its data taken away a program is closed, and its place is free`() {
        ready()
        val cookies = CookieManager.getInstance()
        cookies.setCookie(SampleHost.origin, "user=alice")
        onMainThread("the end of the removal") { phone.programs.removeAllData() }
        assertEquals(emptyList<OpenMiniProgram>(), phone.programs.open)
        assertNull(cookies.getCookie(SampleHost.origin))
        val cinema = phone.programs.open(SampleHost.manifest("cinema"))
        val other = CoroutineScope(Dispatchers.Unconfined).launch { phone.programs.removeData("teahouse") }
        assertTrue(other.isCompleted)
        assertEquals(listOf(cinema), phone.programs.open)
    }
}
