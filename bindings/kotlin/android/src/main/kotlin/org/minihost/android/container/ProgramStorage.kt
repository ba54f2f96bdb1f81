package org.minihost.android.container

import android.content.Context
import android.webkit.CookieManager
import android.webkit.WebStorage
import android.webkit.WebView
import androidx.webkit.ProfileStore
import androidx.webkit.WebStorageCompat
import androidx.webkit.WebViewCompat
import androidx.webkit.WebViewFeature
import org.minihost.android.container.WebViewCapabilities.Storage

/** Keeps what one program stores from the next. On the main thread. */
internal class ProgramStorage(
    context: Context,
    private val isolation: Storage,
    private val useProfile: (WebView, String) -> Unit = ::useProfile,
) {
    private val kept = context.getSharedPreferences("org.minihost.container", Context.MODE_PRIVATE)
    private val open = HashMap<WebView, String>()

    /** Whether this program may open now, beside what is open. */
    fun admits(program: String): Boolean = isolation == Storage.PROFILE_PER_PROGRAM || open.values.all { it == program }

    /**
     * Gives a new WebView the program's own storage, before anything else is done with it.
     *
     * @param ready is called once nothing of another program is left in it
     */
    fun prepare(webView: WebView, program: String, ready: () -> Unit) {
        check(admits(program)) { "another program is open" }
        open[webView] = program
        if (isolation == Storage.PROFILE_PER_PROGRAM) {
            useProfile(webView, "$PROFILE_PREFIX$program")
            return ready()
        }
        if (kept.getString(LAST_PROGRAM, null) == program) return ready()
        // Written before the program stores anything and after the other's is gone: a process that dies between wipes again.
        wipe(webView) {
            kept.edit().putString(LAST_PROGRAM, program).commit()
            ready()
        }
    }

    /** The WebView is about to be destroyed. */
    fun release(webView: WebView) {
        open -= webView
    }

    private fun wipe(webView: WebView, done: () -> Unit) {
        webView.clearCache(true)
        val storage = WebStorage.getInstance()
        if (WebViewFeature.isFeatureSupported(WebViewFeature.DELETE_BROWSING_DATA)) {
            return WebStorageCompat.deleteBrowsingData(storage, done)
        }
        storage.deleteAllData()
        val cookies = CookieManager.getInstance()
        cookies.removeAllCookies {
            cookies.flush()
            done()
        }
    }

    private companion object {
        const val PROFILE_PREFIX = "org.minihost."
        const val LAST_PROGRAM = "program"
    }
}

private fun useProfile(webView: WebView, name: String) {
    val profile = ProfileStore.getInstance().getOrCreateProfile(name)
    WebViewCompat.setProfile(webView, profile.name)
}
