package org.minihost.android.support

import android.net.Uri
import android.webkit.WebMessage
import android.webkit.WebView
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowWebView

/** A WebView that keeps what is posted to its main frame. */
@Implements(WebView::class)
class ShadowPosting : ShadowWebView() {
    @Implementation
    fun postWebMessage(message: WebMessage, targetOrigin: Uri) {
        posted += message to targetOrigin
    }

    companion object {
        val posted = ArrayList<Pair<WebMessage, Uri>>()
    }
}
