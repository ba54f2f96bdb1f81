package org.minihost.android.support

import android.view.inputmethod.BaseInputConnection
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputConnection
import android.webkit.WebView
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadows.ShadowWebView

/** A WebView in which a field has the focus: a keyboard may speak to it. */
@Implements(WebView::class)
class ShadowTyping : ShadowWebView() {
    @RealObject
    private lateinit var webView: WebView

    @Implementation
    @Suppress("UnusedParameter") // The WebView's own signature.
    fun onCreateInputConnection(outAttrs: EditorInfo): InputConnection = BaseInputConnection(webView, false)
}
