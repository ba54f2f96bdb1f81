package org.minihost.android.container

import android.webkit.WebView

/** A message, and what the platform says of its sender. */
internal class Incoming(
    val text: String,
    /** ASCII serialisation; none where the platform does not tell. */
    val origin: String?,
    /** None where the platform does not tell. */
    val mainFrame: Boolean?,
    /** Whether it came on a way that only one document's main frame was given. */
    val capability: Boolean,
    val way: ReplyWay,
)

/** How messages come out of a WebView. On the main thread. */
internal interface Transport {
    /** Gets ready before the first page is loaded. */
    fun install(webView: WebView, origins: Set<String>, heard: (Incoming) -> Unit)

    /** A navigation has put another document into the main frame. Its origin is none where it is not the program's. */
    fun committed(origin: String?)

    /** The document that was committed last, of this origin of the program's, is on screen. */
    fun displayed(origin: String)

    /** Nothing is heard any more. */
    fun close()
}
