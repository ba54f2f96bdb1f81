package org.minihost.android.container

import android.content.Context
import android.net.Uri
import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import android.webkit.WebView
import org.minihost.Container
import org.minihost.MiniProgram
import org.minihost.MiniProgramSession
import org.minihost.android.container.WebViewCapabilities.Messages

/**
 * Runs one mini-program in a WebView: tells the core what the platform knows of each message and document, and carries
 * answers back. It outlives the Activity that shows it. On the main thread, but for what the core calls.
 */
internal class ProgramContainer(
    context: Context,
    private val capabilities: WebViewCapabilities,
    private val storage: ProgramStorage,
    private val script: BridgeScript = BridgeScript.shipped,
) : Container {
    private val main = Handler(Looper.getMainLooper())
    private lateinit var session: MiniProgramSession
    private val conversation = Conversation(HostSession { session }, SystemClock::uptimeMillis)
    private val context: Context = context
    private var transport: Transport? = null
    private var closed = false

    /** Whoever shows the WebView now. */
    var shown: Shown? = null

    /** Whether the host asks the user something over the page. */
    var isCovered = false

    /** Whether the page could not be shown, for whoever shows the program next. */
    var isFailed = false
        private set

    /** None before [start], and after the process that draws the pages has ended. */
    var webView: WebView? = null
        private set

    /** Where the program is. */
    val address: String? get() = webView?.url?.takeIf { ::session.isInitialized && policy.isOwn(it) }

    private val policy by lazy { NavigationPolicy(session.program.origins) }

    /** Begins. [address] is where to go on, if it is the program's own; else it starts where its manifest says. */
    fun start(session: MiniProgramSession, address: String?) {
        this.session = session
        storage.opened(session.program.id)
        makeWebView(address?.takeIf(policy::isOwn) ?: session.program.startUrl)
    }

    /** Begins anew where the program started. */
    fun restart() {
        if (closed) return
        isFailed = false
        webView?.let { return it.loadUrl(session.program.startUrl) }
        makeWebView(session.program.startUrl)
    }

    fun touched() = conversation.touched()

    fun visibility(isVisible: Boolean) {
        if (closed || !::session.isInitialized) return
        conversation.visibility(isVisible)
        webView?.run { if (isVisible) onResume() else onPause() }
    }

    /** Ends the program. */
    fun close() {
        if (closed) return
        closed = true
        dropWebView()
        storage.closed(session.program.id)
        session.close()
    }

    override fun deliver(document: Long, inReplyTo: Long?, text: String) {
        main.post { if (!closed) conversation.deliver(document, inReplyTo, text) }
    }

    override fun settle(replyToken: Long) {
        main.post { conversation.settled(replyToken) }
    }

    private fun makeWebView(address: String) {
        val view = ProgramWebView(context, ::touched)
        webView = view
        storage.prepare(view, session.program.id) {
            if (view !== webView) return@prepare
            view.restrict()
            val origins = session.program.origins.toSet()
            val transport = if (capabilities.messages == Messages.LISTENER) ListenerTransport(script) else ChannelTransport(script)
            transport.install(view, origins, conversation::heard)
            this.transport = transport
            view.webViewClient = ProgramClient(policy, Navigated())
            view.webChromeClient = ProgramChrome { isCovered }
            view.loadUrl(address)
        }
        shown?.webViewChanged(view)
    }

    private fun dropWebView() {
        val view = webView ?: return
        webView = null
        transport?.close()
        transport = null
        conversation.documentGone()
        shown?.webViewChanged(null)
        view.destroy()
    }

    /** The views that show the program for now. */
    interface Shown {
        fun webViewChanged(webView: WebView?)

        fun loading()

        fun failed()

        fun leave(address: Uri)
    }

    private inner class Navigated : ProgramNavigation {
        override fun committed(origin: String) {
            conversation.committed()
            transport?.committed(origin)
            isFailed = false
            shown?.loading()
        }

        override fun displayed(origin: String) {
            transport?.displayed(origin)
        }

        override fun strayed() {
            conversation.documentGone()
            transport?.committed(null)
        }

        override fun leave(address: Uri) {
            shown?.leave(address)
        }

        override fun failed() {
            conversation.documentGone()
            isFailed = true
            shown?.failed()
        }

        override fun crashed() {
            dropWebView()
            isFailed = true
            shown?.failed()
        }
    }
}
