package org.minihost.android.signin

import android.content.ActivityNotFoundException
import android.content.Context
import android.net.Uri
import androidx.browser.customtabs.CustomTabsIntent

/** The system's browser, in a tab over the host app: it shares nothing with the app (RFC 8252 §8.12). */
internal object CustomTabs {
    /** Whether there was a browser. */
    fun tryOpen(context: Context, address: Uri): Boolean = try {
        CustomTabsIntent.Builder().setShowTitle(true).build().launchUrl(context, address)
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    fun open(context: Context, address: Uri) {
        tryOpen(context, address)
    }
}
