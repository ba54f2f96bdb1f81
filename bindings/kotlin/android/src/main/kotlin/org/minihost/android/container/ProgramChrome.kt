package org.minihost.android.container

import android.annotation.SuppressLint
import android.os.Message
import android.webkit.GeolocationPermissions
import android.webkit.JsPromptResult
import android.webkit.JsResult
import android.webkit.PermissionRequest
import android.webkit.WebChromeClient
import android.webkit.WebSettings
import android.webkit.WebView

/** Lets a WebView show a program's pages and give them nothing of the device. */
@SuppressLint("SetJavaScriptEnabled")
internal fun WebView.restrict() {
    settings.apply {
        javaScriptEnabled = true
        domStorageEnabled = true
        allowFileAccess = false
        allowContentAccess = false
        mixedContentMode = WebSettings.MIXED_CONTENT_NEVER_ALLOW
        // With it a popup is asked for, and denied; without it, it would come in place of the page.
        setSupportMultipleWindows(true)
        javaScriptCanOpenWindowsAutomatically = false
        setGeolocationEnabled(false)
    }
}

/**
 * Denies what a page asks of the device, popups, and, while the host asks the user something, dialogs that would lie
 * over it.
 */
internal class ProgramChrome(private val isCovered: () -> Boolean) : WebChromeClient() {
    override fun onCreateWindow(view: WebView, isDialog: Boolean, isUserGesture: Boolean, result: Message): Boolean = false

    override fun onPermissionRequest(request: PermissionRequest) = request.deny()

    override fun onGeolocationPermissionsShowPrompt(origin: String, callback: GeolocationPermissions.Callback) =
        callback.invoke(origin, false, false)

    override fun onJsAlert(view: WebView, url: String, message: String, result: JsResult): Boolean = suppressed(result)

    override fun onJsConfirm(view: WebView, url: String, message: String, result: JsResult): Boolean = suppressed(result)

    override fun onJsPrompt(view: WebView, url: String, message: String, default: String?, result: JsPromptResult): Boolean =
        suppressed(result)

    // A page cannot keep its user.
    override fun onJsBeforeUnload(view: WebView, url: String, message: String, result: JsResult): Boolean {
        result.confirm()
        return true
    }

    private fun suppressed(result: JsResult): Boolean {
        val covered = isCovered()
        if (covered) result.cancel()
        return covered
    }
}
