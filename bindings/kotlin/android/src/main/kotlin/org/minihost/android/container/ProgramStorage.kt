package org.minihost.android.container

import android.content.Context
import android.webkit.CookieManager
import android.webkit.WebStorage
import android.webkit.WebView
import androidx.webkit.WebStorageCompat
import androidx.webkit.WebViewFeature
import java.util.UUID
import kotlin.coroutines.resume
import kotlin.coroutines.suspendCoroutine
import org.minihost.android.container.WebViewCapabilities.Storage

/**
 * Keeps what one program stores from the next, and from the next user. On the main thread.
 *
 * @param newName a name that no other profile has
 */
internal class ProgramStorage(
    private val context: Context,
    private val isolation: Storage,
    private val profiles: Profiles = WebViewProfiles,
    private val newName: () -> String = { "$PROFILE_PREFIX${UUID.randomUUID()}" },
) {
    private val kept = context.getSharedPreferences("org.minihost.container", Context.MODE_PRIVATE)
    private val open = ArrayList<String>()
    private var hasSwept = false

    /** Whether this program may open now, beside what is open. */
    fun admits(program: String): Boolean = isolation == Storage.PROFILE_PER_PROGRAM || open.all { it == program }

    /** A program opens. It keeps its place until it is [closed], whatever becomes of its WebViews. */
    fun opened(program: String) {
        check(admits(program)) { "another program is open" }
        open += program
    }

    /** A program has closed, and its WebView is destroyed. */
    fun closed(program: String) {
        open -= program
    }

    /**
     * Gives a new WebView the storage of its program, which is open, before anything else is done with it.
     *
     * @param ready is called once nothing of another program is left in it
     */
    fun prepare(webView: WebView, program: String, ready: () -> Unit) {
        check(program in open) { "the program is not open" }
        if (isolation == Storage.PROFILE_PER_PROGRAM) {
            if (!hasSwept) sweep()
            profiles.use(webView, profileOf(program))
            return ready()
        }
        if (kept.getString(LAST_PROGRAM, null) == program) return ready()
        // Written before the program stores anything and after the other's is gone: a process that dies between wipes again.
        wipe(webView) {
            kept.edit().putString(LAST_PROGRAM, program).commit()
            ready()
        }
    }

    /** Takes the data of a program away that is not open. */
    suspend fun removeData(program: String) = remove { it == program }

    /** Takes the data of all programs away while none is open. */
    suspend fun removeAllData() = remove { true }

    private suspend fun remove(isMeant: (String) -> Boolean) {
        check(open.none(isMeant)) { "a program is open" }
        val edit = kept.edit()
        kept.all.keys.filter { it.startsWith(PROFILE_OF) && isMeant(it.removePrefix(PROFILE_OF)) }.forEach(edit::remove)
        val isShared = kept.getString(LAST_PROGRAM, null)?.let { it == BEING_WIPED || isMeant(it) } ?: false
        if (isShared) edit.putString(LAST_PROGRAM, BEING_WIPED)
        edit.commit()
        if (isolation == Storage.PROFILE_PER_PROGRAM) sweep()
        if (isShared) wipeShared()
    }

    // A program's profile may be in the memory of a process that has used it: then another process deletes it.
    private fun sweep() {
        hasSwept = true
        val used = kept.all.filterKeys { it.startsWith(PROFILE_OF) }.values
        profiles.names().filter { it.startsWith(PROFILE_PREFIX) && it !in used }.forEach(profiles::delete)
    }

    // Drawn once and kept, so that no program can choose a name that leads to another's data, and that what was removed
    // is not found again.
    private fun profileOf(program: String): String = kept.getString("$PROFILE_OF$program", null)
        ?: newName().also { kept.edit().putString("$PROFILE_OF$program", it).commit() }

    private suspend fun wipeShared() = suspendCoroutine { wiped ->
        // The cache that all WebViews share is cleared by any of them.
        val webView = WebView(context)
        wipe(webView) {
            webView.destroy()
            if (kept.getString(LAST_PROGRAM, null) == BEING_WIPED) kept.edit().remove(LAST_PROGRAM).commit()
            wiped.resume(Unit)
        }
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
        const val PROFILE_OF = "profile."
        const val LAST_PROGRAM = "program"

        /** In the place of a program: what it has stored is going. No program is called so. */
        const val BEING_WIPED = ""
    }
}
