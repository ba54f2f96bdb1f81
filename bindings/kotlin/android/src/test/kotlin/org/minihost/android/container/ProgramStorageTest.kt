package org.minihost.android.container

import android.webkit.CookieManager
import android.webkit.WebView
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.container.WebViewCapabilities.Storage
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.mainIdle
import org.minihost.android.support.onMainThread
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class])
class ProgramStorageTest {
    private val context get() = RuntimeEnvironment.getApplication()
    private val profiles = Device()
    private var drawn = 0

    /** The profiles that there are; [inMemory] are those that the process has used. */
    private class Device : Profiles {
        val used = ArrayList<String>()
        val there = LinkedHashSet<String>()
        val inMemory = HashSet<String>()

        override fun names() = there.toList()

        override fun use(webView: WebView, name: String) {
            used += name
            there += name
            inMemory += name
        }

        override fun delete(name: String) {
            if (name !in inMemory) there -= name
        }
    }

    private fun storage(isolation: Storage) = ProgramStorage(context, isolation, profiles) { "org.minihost.${++drawn}" }

    private fun ProgramStorage.opens(program: String): WebView {
        val webView = WebView(context)
        opened(program)
        var isReady = false
        prepare(webView, program) { isReady = true }
        mainIdle()
        assertTrue("$program gets its storage", isReady)
        return webView
    }

    private fun ProgramStorage.closes(program: String) {
        opens(program).destroy()
        closed(program)
    }

    private fun done(work: suspend () -> Unit) = onMainThread("the end of the removal", work)

    @Test
    fun `with profiles each program has its own, and any number may be open`() {
        val storage = storage(Storage.PROFILE_PER_PROGRAM)
        val tea = storage.opens("tea")
        storage.opens("cinema")
        storage(Storage.PROFILE_PER_PROGRAM).opens("tea")
        assertEquals(listOf("org.minihost.1", "org.minihost.2", "org.minihost.1"), profiles.used)
        assertFalse(shadowOf(tea).wasClearCacheCalled())
    }

    @Test
    fun `without profiles a second program is refused while one is open`() {
        val storage = storage(Storage.WIPED_ON_CHANGE)
        storage.opens("tea")
        assertTrue(storage.admits("tea"))
        assertFalse(storage.admits("cinema"))
        assertThrows(IllegalStateException::class.java) { storage.opened("cinema") }
        assertThrows(IllegalStateException::class.java) { storage.prepare(WebView(context), "cinema") {} }
        storage.closed("tea")
        assertTrue(storage.admits("cinema"))
        assertEquals(emptyList<String>(), profiles.used)
    }

    @Test
    fun `without profiles another program finds nothing of the one before, after a restart too`() {
        val first = storage(Storage.WIPED_ON_CHANGE)
        first.closes("tea")
        val cookies = CookieManager.getInstance()
        cookies.setCookie("https://tea.example", "user=alice")

        val again = storage(Storage.WIPED_ON_CHANGE)
        again.closes("tea")
        assertEquals("user=alice", cookies.getCookie("https://tea.example"))

        val cinema = storage(Storage.WIPED_ON_CHANGE).opens("cinema")
        assertEquals(null, cookies.getCookie("https://tea.example"))
        assertTrue(shadowOf(cinema).didClearCacheIncludeDiskFiles())
    }

    @Test
    fun `with profiles a program finds nothing of what was taken away, and the next process deletes it`() {
        val storage = storage(Storage.PROFILE_PER_PROGRAM)
        storage.closes("tea")
        storage.closes("cinema")
        profiles.there += "Default"
        done { storage.removeData("tea") }
        assertEquals("the process has used it", setOf("org.minihost.1", "org.minihost.2", "Default"), profiles.there)
        storage.closes("tea")
        assertEquals(listOf("org.minihost.1", "org.minihost.2", "org.minihost.3"), profiles.used)

        profiles.inMemory.clear()
        val next = storage(Storage.PROFILE_PER_PROGRAM)
        next.closes("tea")
        assertEquals(setOf("org.minihost.2", "org.minihost.3", "Default"), profiles.there)
        done { next.removeAllData() }
        assertEquals("only what is in memory is left", setOf("org.minihost.3", "Default"), profiles.there)
        next.closes("tea")
        assertEquals("org.minihost.4", profiles.used.last())
    }

    @Test
    fun `without profiles the data of the last program is wiped at once, and of another there is none`() {
        val storage = storage(Storage.WIPED_ON_CHANGE)
        storage.closes("tea")
        val cookies = CookieManager.getInstance()
        cookies.setCookie("https://tea.example", "user=alice")
        done { storage.removeData("cinema") }
        assertEquals("user=alice", cookies.getCookie("https://tea.example"))
        done { storage.removeData("tea") }
        assertEquals(null, cookies.getCookie("https://tea.example"))

        cookies.setCookie("https://harbour.example", "theme=dark")
        done { storage.removeAllData() }
        assertEquals("no program has stored it", "theme=dark", cookies.getCookie("https://harbour.example"))
        storage.closes("cinema")
        cookies.setCookie("https://tea.example", "user=alice")
        done { storage.removeAllData() }
        assertEquals(null, cookies.getCookie("https://tea.example"))
    }

    @Test
    fun `what shared data a WebView without profiles left is taken away by one that has them`() {
        storage(Storage.WIPED_ON_CHANGE).closes("tea")
        val cookies = CookieManager.getInstance()
        cookies.setCookie("https://tea.example", "user=alice")
        done { storage(Storage.PROFILE_PER_PROGRAM).removeAllData() }
        assertEquals(null, cookies.getCookie("https://tea.example"))
    }

    @Test
    fun `the data of a program that is open is not taken away beneath it`() {
        val storage = storage(Storage.PROFILE_PER_PROGRAM)
        storage.opens("tea")
        assertThrows(IllegalStateException::class.java) { runBlocking { storage.removeData("tea") } }
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
