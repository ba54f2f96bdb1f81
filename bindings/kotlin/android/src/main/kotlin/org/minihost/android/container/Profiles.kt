package org.minihost.android.container

import android.webkit.WebView
import androidx.webkit.ProfileStore
import androidx.webkit.WebViewCompat

/** The profiles of a WebView that has them: each with cookies, storage and cache of its own. On the main thread. */
internal interface Profiles {
    /** Those that there are. */
    fun names(): List<String>

    /** Has a WebView that has done nothing yet use this one, which is made where there is none. */
    fun use(webView: WebView, name: String)

    /** Deletes one with all that is in it, unless this process has used it. */
    fun delete(name: String)
}

/** Those of the device's WebView. */
internal object WebViewProfiles : Profiles {
    override fun names(): List<String> = ProfileStore.getInstance().allProfileNames

    override fun use(webView: WebView, name: String) {
        val profile = ProfileStore.getInstance().getOrCreateProfile(name)
        WebViewCompat.setProfile(webView, profile.name)
    }

    override fun delete(name: String) {
        try {
            ProfileStore.getInstance().deleteProfile(name)
        } catch (_: IllegalStateException) {
            // It stays in memory until the process ends.
        }
    }
}
