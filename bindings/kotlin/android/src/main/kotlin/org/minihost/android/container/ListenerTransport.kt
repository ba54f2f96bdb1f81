package org.minihost.android.container

import android.net.Uri
import android.webkit.WebView
import androidx.webkit.JavaScriptReplyProxy
import androidx.webkit.ScriptHandler
import androidx.webkit.WebMessageCompat
import androidx.webkit.WebViewCompat
import androidx.webkit.WebViewFeature

/**
 * The object `minihost`, which the WebView itself puts into documents of the program's exact origins. The WebView says
 * who speaks: the origin, whether it is the main frame, and a way back that leads to that document alone.
 */
internal class ListenerTransport(private val script: BridgeScript) : Transport {
    private var webView: WebView? = null
    private var injected: ScriptHandler? = null

    override fun install(webView: WebView, origins: Set<String>, heard: (Incoming) -> Unit) {
        this.webView = webView
        WebViewCompat.addWebMessageListener(webView, OBJECT_NAME, origins) { _, message, origin, isMainFrame, replyProxy ->
            if (message.type == WebMessageCompat.TYPE_STRING) {
                heard(Incoming(message.data.orEmpty(), serialized(origin), isMainFrame, capability = false, ProxyWay(replyProxy)))
            }
        }
        if (WebViewFeature.isFeatureSupported(WebViewFeature.DOCUMENT_START_SCRIPT)) {
            injected = WebViewCompat.addDocumentStartJavaScript(webView, script.pageSide, origins)
        }
    }

    // A WebView that has listeners and no scripts at document start is a few months of 2020 old.
    override fun committed(origin: String?) {
        if (injected == null && origin != null) webView?.evaluateJavascript(script.pageSide, null)
    }

    override fun displayed(origin: String) = Unit

    override fun close() {
        injected?.remove()
        webView?.let { WebViewCompat.removeWebMessageListener(it, OBJECT_NAME) }
        webView = null
    }

    private class ProxyWay(private val proxy: JavaScriptReplyProxy) : ReplyWay {
        override val key: Any = proxy

        override fun post(text: String) = proxy.postMessage(text)
    }

    // A page without an origin is told as an empty address or as `null`: neither matches any.
    private fun serialized(origin: Uri) = origin.toString()

    companion object {
        const val OBJECT_NAME = "minihost"

        fun isOffered(): Boolean = WebViewFeature.isFeatureSupported(WebViewFeature.WEB_MESSAGE_LISTENER)
    }
}
