package org.minihost.vendor

import java.util.concurrent.ConcurrentHashMap
import org.minihost.Launch
import org.minihost.Manifest
import org.minihost.MiniHost

/**
 * For containers whose hook takes an object and a callback and names the app that calls, such as FinClip's
 * `registerApi(AbsApi)` with `ICallback`. Their apps run in processes of their own, and only texts get across: the
 * mini-program hands the text of its bridge message to the hook, the hook calls [invoke] in the main process
 * (`callInMainProcess`), and the text that comes back is the answer.
 *
 * On the page's side the transport is `{ send: (text) => new Promise(…), subscribe }` over the same hook.
 */
public class ObjectBridge(private val host: MiniHost) : AutoCloseable {
    private val pages = ConcurrentHashMap<String, VendorPage>()

    /**
     * Opens the mini-program that runs as this app of the container. The app's id comes from the container, never from a
     * message.
     *
     * @param emit brings an event to the app's page, as the container does
     * @throws org.minihost.OpenException
     * @throws org.minihost.HostShutDownException
     */
    public fun open(appId: String, manifest: Manifest, launch: Launch = Launch(), emit: (String) -> Unit) {
        pages.put(appId, VendorPage.open(host, manifest, launch, emit))?.close()
    }

    /** Tells that the app loads another page. */
    public fun pageStarted(appId: String) {
        pages[appId]?.pageStarted()
    }

    /** Tells that the app came to the screen or left it. */
    public fun visible(appId: String, visible: Boolean) {
        pages[appId]?.visible(visible)
    }

    /** Takes one message of an app's page. Any thread; the callback is called once, from any thread. */
    public fun invoke(appId: String, message: String, callback: ObjectCallback) {
        val page = pages[appId] ?: return callback.onFail(NOT_OPEN)
        page.send(message) { reply -> if (reply == null) callback.onFail(NO_REPLY) else callback.onSuccess(reply) }
    }

    /** Tells that the app was closed. */
    public fun close(appId: String) {
        pages.remove(appId)?.close()
    }

    /** Closes every app. */
    override fun close(): Unit = pages.keys.toList().forEach(::close)

    private companion object {
        const val NOT_OPEN = """{"errMsg":"minihost:fail no mini-program is open here"}"""
        const val NO_REPLY = """{"errMsg":"minihost:fail there is no reply"}"""
    }
}

/** How a hook answers: with texts, which get across processes. */
public interface ObjectCallback {
    /** The answer to the message: a JSON-RPC response, which may be an error. */
    public fun onSuccess(result: String)

    /** There is none: the message needed none, or its page is gone. A JSON object with `errMsg`. */
    public fun onFail(result: String)
}
