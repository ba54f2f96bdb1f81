package org.minihost.android.container

import androidx.webkit.WebViewFeature

/**
 * What this device's WebView offers to the container. It may change when the WebView is updated. In a WebView older than
 * Chromium 64 pages come and have no bridge: its scripts are not written for those.
 */
public data class WebViewCapabilities(
    /** How messages come out of pages. */
    val messages: Messages,
    /** How the data of one program is kept from another. */
    val storage: Storage,
    /** When a page has the bridge's page side by its name. */
    val script: Script,
) {
    /** How messages come out of pages. */
    public enum class Messages {
        /** By a listener: the WebView tells origin and frame of each message. */
        LISTENER,

        /** By a port for each document, handed to the main frame of an exact origin. */
        PORT_PER_DOCUMENT,
    }

    /** How the data of one program is kept from another. */
    public enum class Storage {
        /** Each program has cookies, storage and cache of its own. */
        PROFILE_PER_PROGRAM,

        /** All WebViews of the app share them: they are wiped when another program opens, and one is open at a time. */
        WIPED_ON_CHANGE,
    }

    /** When a page has the bridge's page side by its name. */
    public enum class Script {
        /** Before the page's own scripts. */
        AT_DOCUMENT_START,

        /** Soon after the page has come; its own scripts may be faster. */
        AFTER_COMMIT,
    }

    public companion object {
        /** Asks the WebView. */
        public fun ofThisDevice(): WebViewCapabilities {
            val listener = ListenerTransport.isOffered()
            val atStart = listener && WebViewFeature.isFeatureSupported(WebViewFeature.DOCUMENT_START_SCRIPT)
            val profiles = WebViewFeature.isFeatureSupported(WebViewFeature.MULTI_PROFILE)
            return WebViewCapabilities(
                messages = if (listener) Messages.LISTENER else Messages.PORT_PER_DOCUMENT,
                storage = if (profiles) Storage.PROFILE_PER_PROGRAM else Storage.WIPED_ON_CHANGE,
                script = if (atStart) Script.AT_DOCUMENT_START else Script.AFTER_COMMIT,
            )
        }
    }
}
