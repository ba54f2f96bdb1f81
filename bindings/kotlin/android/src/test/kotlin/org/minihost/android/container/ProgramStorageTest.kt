package org.minihost.android.container

import android.webkit.CookieManager
import android.webkit.WebView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.container.WebViewCapabilities.Storage
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.mainIdle
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class])
class ProgramStorageTest {
    private val context get() = RuntimeEnvironment.getApplication()
    private val profiles = ArrayList<String>()

    private fun storage(isolation: Storage) = ProgramStorage(context, isolation) { _, name -> profiles += name }

    private fun ProgramStorage.opens(program: String): WebView {
        val webView = WebView(context)
        var isReady = false
        prepare(webView, program) { isReady = true }
        mainIdle()
        assertTrue("$program gets its storage", isReady)
        return webView
    }

    @Test
    fun `with profiles each program has its own, and any number may be open`() {
        val storage = storage(Storage.PROFILE_PER_PROGRAM)
        val tea = storage.opens("tea")
        storage.opens("cinema")
        assertEquals(listOf("org.minihost.tea", "org.minihost.cinema"), profiles)
        assertFalse(shadowOf(tea).wasClearCacheCalled())
    }

    @Test
    fun `without profiles a second program is refused while one is open`() {
        val storage = storage(Storage.WIPED_ON_CHANGE)
        val tea = storage.opens("tea")
        assertTrue(storage.admits("tea"))
        assertFalse(storage.admits("cinema"))
        assertThrows(IllegalStateException::class.java) { storage.prepare(WebView(context), "cinema") {} }
        storage.release(tea)
        assertTrue(storage.admits("cinema"))
        assertEquals(emptyList<String>(), profiles)
    }

    @Test
    fun `without profiles another program finds nothing of the one before, after a restart too`() {
        val first = storage(Storage.WIPED_ON_CHANGE)
        first.release(first.opens("tea"))
        val cookies = CookieManager.getInstance()
        cookies.setCookie("https://tea.example", "user=alice")

        val again = storage(Storage.WIPED_ON_CHANGE)
        again.release(again.opens("tea"))
        assertEquals("user=alice", cookies.getCookie("https://tea.example"))

        val cinema = storage(Storage.WIPED_ON_CHANGE).opens("cinema")
        assertEquals(null, cookies.getCookie("https://tea.example"))
        assertTrue(shadowOf(cinema).didClearCacheIncludeDiskFiles())
    }

    @Test
    fun `what a WebView offers is told`() {
        assertEquals(
            WebViewCapabilities(
                WebViewCapabilities.Messages.PORT_PER_DOCUMENT,
                Storage.WIPED_ON_CHANGE,
                WebViewCapabilities.Script.AFTER_COMMIT,
            ),
            WebViewCapabilities.ofThisDevice(),
        )
        ShadowFeatures.offered = setOf("WEB_MESSAGE_LISTENER", "DOCUMENT_START_SCRIPT", "MULTI_PROFILE")
        assertEquals(
            WebViewCapabilities(
                WebViewCapabilities.Messages.LISTENER,
                Storage.PROFILE_PER_PROGRAM,
                WebViewCapabilities.Script.AT_DOCUMENT_START,
            ),
            WebViewCapabilities.ofThisDevice(),
        )
    }
}
