package org.minihost.android.support

import android.net.Uri
import android.webkit.WebView
import androidx.webkit.JavaScriptExecutionException
import androidx.webkit.JavaScriptReplyProxy
import androidx.webkit.ScriptHandler
import androidx.webkit.WebMessageCompat
import androidx.webkit.WebViewCompat
import androidx.webkit.WebViewFeature
import androidx.webkit.WebViewOutcomeReceiver
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.Resetter

/** What the device's WebView offers, as a test says. */
@Suppress("UtilityClassWithPublicConstructor") // Robolectric makes one of each shadow.
@Implements(WebViewFeature::class)
class ShadowFeatures {
    companion object {
        var offered: Set<String> = emptySet()

        @JvmStatic
        @Implementation
        fun isFeatureSupported(feature: String): Boolean = feature in offered

        @JvmStatic
        @Resetter
        fun reset() {
            offered = emptySet()
        }
    }
}

/** A WebView's side of message listeners and of scripts at document start: it keeps what it is given. */
@Implements(WebViewCompat::class)
class ShadowListeners {
    class Listener(val origins: Set<String>, val heard: WebViewCompat.WebMessageListener)

    companion object {
        val listeners = HashMap<Pair<WebView, String>, Listener>()
        val scripts = HashMap<WebView, Pair<String, Set<String>>>()

        @JvmStatic
        @Implementation
        fun addWebMessageListener(webView: WebView, name: String, origins: Set<String>, listener: WebViewCompat.WebMessageListener) {
            listeners[webView to name] = Listener(origins, listener)
        }

        @JvmStatic
        @Implementation
        fun removeWebMessageListener(webView: WebView, name: String) {
            listeners -= webView to name
        }

        @JvmStatic
        @Implementation
        fun addDocumentStartJavaScript(webView: WebView, script: String, origins: Set<String>): ScriptHandler {
            scripts[webView] = script to origins
            return ScriptHandler { scripts -= webView }
        }

        @JvmStatic
        @Resetter
        fun reset() {
            listeners.clear()
            scripts.clear()
        }
    }
}

/** One document, as the WebView's listener knows it. What it is answered is kept. */
class FakeDocument(private val webView: WebView, private val origin: String, private val isMainFrame: Boolean = true) :
    JavaScriptReplyProxy() {

    val received = ArrayList<String>()

    fun say(text: String) = say(WebMessageCompat(text))

    fun say(message: WebMessageCompat) {
        val listener = checkNotNull(ShadowListeners.listeners[webView to "minihost"]) { "nobody listens" }
        listener.heard.onPostMessage(webView, message, Uri.parse(origin), isMainFrame, this)
    }

    override fun postMessage(message: String) {
        received += message
    }

    override fun postMessage(message: ByteArray) = error("the bridge speaks in texts")

    override fun executeJavaScript(script: String, receiver: WebViewOutcomeReceiver<String, JavaScriptExecutionException>?): Unit =
        error("the bridge runs nothing in a page by this")
}
