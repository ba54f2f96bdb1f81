package org.minihost.android.container

import android.net.Uri
import android.os.Handler
import android.os.Looper
import android.webkit.WebMessage
import android.webkit.WebMessagePort
import android.webkit.WebView

/**
 * A channel of the framework for each document, for WebViews that have no listeners. The WebView does not say who
 * speaks; but it hands the port to the main frame alone, and only while its document is of the origin that is named.
 */
internal class ChannelTransport(private val script: BridgeScript) : Transport {
    private var webView: WebView? = null
    private var heard: (Incoming) -> Unit = {}
    private var port: WebMessagePort? = null
    private var hasSpoken = false

    override fun install(webView: WebView, origins: Set<String>, heard: (Incoming) -> Unit) {
        this.webView = webView
        this.heard = heard
    }

    override fun committed(origin: String?) {
        drop()
        val view = webView ?: return
        if (origin == null) return
        val (ours, theirs) = view.createWebMessageChannel()
        port = ours
        val way = PortWay(ours)
        ours.setWebMessageCallback(
            object : WebMessagePort.WebMessageCallback() {
                override fun onMessage(from: WebMessagePort, message: WebMessage) {
                    if (ours !== port) return
                    hasSpoken = true
                    heard(Incoming(message.data.orEmpty(), origin = null, mainFrame = null, capability = true, way))
                }
            },
            Handler(Looper.getMainLooper()),
        )
        // The port goes out once the page's side of it listens.
        view.evaluateJavascript(script.pageSide + script.awaitedPort) {
            if (ours === port) view.postWebMessage(WebMessage(GREETING, arrayOf(theirs)), Uri.parse(origin))
        }
    }

    // Before Chromium 68 a commit is told when the navigation only begins: the scripts then came to the page before, and the
    // port to nobody. A document that has the scripts got its port too, and takes no other.
    override fun displayed(origin: String) {
        val offered = port
        if (offered == null || hasSpoken) return
        webView?.evaluateJavascript(HAS_SCRIPTS) { answer ->
            if (answer == "false" && offered === port && !hasSpoken) committed(origin)
        }
    }

    override fun close() {
        drop()
        webView = null
    }

    private fun drop() {
        port?.close()
        port = null
        hasSpoken = false
    }

    private inner class PortWay(private val ours: WebMessagePort) : ReplyWay {
        override val key: Any = ours

        override fun post(text: String) {
            if (ours === port) ours.postMessage(WebMessage(text))
        }
    }

    private companion object {
        const val GREETING = "minihost-port"
        const val HAS_SCRIPTS = "'minihost' in window"
    }
}
