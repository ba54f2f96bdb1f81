package org.minihost.android.container

import android.graphics.Bitmap
import android.net.Uri
import android.net.http.SslError
import android.webkit.RenderProcessGoneDetail
import android.webkit.SslErrorHandler
import android.webkit.WebResourceError
import android.webkit.WebResourceRequest
import android.webkit.WebView
import android.webkit.WebViewClient
import androidx.annotation.RequiresApi

/** What a WebView does with navigations, and what it tells of them. On the main thread. */
internal interface ProgramNavigation {
    /** Another document of the program is in place. */
    fun committed(origin: String)

    /** The present document, which is of the program's origin, is on screen. */
    fun displayed(origin: String)

    /** The document in place is not the program's. */
    fun strayed()

    /** An address that belongs into the system's browser. */
    fun leave(address: Uri)

    /** A page could not be loaded. */
    fun failed()

    /** The process that drew the pages has ended, and the WebView is of no use any more. */
    fun crashed()
}

internal class ProgramClient(private val policy: NavigationPolicy, private val told: ProgramNavigation) : WebViewClient() {
    /** Where the main frame was last let go; addresses that the container loads by itself are not among them. */
    private var followed: String? = null

    override fun shouldOverrideUrlLoading(view: WebView, request: WebResourceRequest): Boolean {
        val address = request.url
        if (!request.isForMainFrame) return address.scheme?.lowercase() !in IN_FRAMES
        return when (policy.decide(address.toString(), request.hasGesture())) {
            Navigation.INSIDE -> false.also { followed = address.toString() }
            Navigation.BROWSER -> true.also { told.leave(address) }
            Navigation.REFUSED -> true
        }
    }

    // The platform does not ask about the answer to a form: where that leads elsewhere, it is noticed here.
    override fun onPageStarted(view: WebView, url: String, favicon: Bitmap?) {
        val origin = originOf(url)
        if (origin != null && policy.isOwn(url)) return told.committed(origin)
        told.strayed()
        if (url != BLANK) {
            view.stopLoading()
            view.loadUrl(BLANK)
        }
    }

    override fun onPageCommitVisible(view: WebView, url: String) {
        val origin = originOf(url)
        if (origin != null && policy.isOwn(url)) told.displayed(origin)
    }

    // Of a page that is given up here the WebView tells no other error; of something within a page nothing need be said.
    override fun onReceivedSslError(view: WebView, handler: SslErrorHandler, error: SslError) {
        handler.cancel()
        if (error.url == view.url || error.url == followed) told.failed()
    }

    override fun onReceivedError(view: WebView, request: WebResourceRequest, error: WebResourceError) {
        if (request.isForMainFrame) told.failed()
    }

    @RequiresApi(26)
    override fun onRenderProcessGone(view: WebView, detail: RenderProcessGoneDetail): Boolean {
        told.crashed()
        return true
    }

    private companion object {
        const val BLANK = "about:blank"

        /** A frame may hold these, and start no other app. */
        val IN_FRAMES = setOf("https", "http", "about", "data", "blob")
    }
}
