package org.minihost.vendor

import java.util.concurrent.CopyOnWriteArraySet
import org.minihost.Launch
import org.minihost.Manifest
import org.minihost.MiniHost

/**
 * For containers whose hook is a module that tells not who calls, such as Dimina's `registerExtModule`: one bridge for
 * each mini-program that is open, registered with its container alone.
 *
 * The page calls the event `send` with `{text}` and gets `{text}` back, and the event `subscribe` for the events of the
 * host, each of which is a `{text}` too.
 */
public class ModuleBridge private constructor(private val subscribers: MutableSet<ModuleCallback>, private val page: VendorPage) :
    AutoCloseable {

    /** Tells that the mini-program loads another page. */
    public fun pageStarted() {
        subscribers.clear()
        page.pageStarted()
    }

    /** Tells that the mini-program came to the screen or left it. */
    public fun visible(visible: Boolean): Unit = page.visible(visible)

    /**
     * Takes one call of the module.
     *
     * @return what ends a subscription
     */
    public fun call(event: String, data: Map<String, Any?>, callback: ModuleCallback): Runnable? {
        when (event) {
            "send" -> send(data[TEXT], callback)
            "subscribe" -> {
                subscribers.add(callback)
                return Runnable { subscribers.remove(callback) }
            }
            else -> callback.onFail(failure("the events are `send` and `subscribe`"))
        }
        return null
    }

    /** Tells that the mini-program was closed. */
    override fun close() {
        subscribers.clear()
        page.close()
    }

    private fun send(text: Any?, callback: ModuleCallback) {
        if (text !is String) return callback.onFail(failure("`text` must be a string"))
        page.send(text) { reply ->
            if (reply == null) callback.onFail(failure("there is no reply")) else callback.onSuccess(mapOf(TEXT to reply))
        }
    }

    /** Opens bridges. */
    public companion object {
        private const val TEXT = "text"

        /**
         * Opens a mini-program in a container of this kind.
         *
         * @throws org.minihost.OpenException
         * @throws org.minihost.HostShutDownException
         */
        public fun open(host: MiniHost, manifest: Manifest, launch: Launch = Launch()): ModuleBridge {
            val subscribers = CopyOnWriteArraySet<ModuleCallback>()
            val page = VendorPage.open(host, manifest, launch) { text ->
                for (subscriber in subscribers) subscriber.onSuccess(mapOf(TEXT to text))
            }
            return ModuleBridge(subscribers, page)
        }

        private fun failure(why: String) = mapOf("errMsg" to "minihost:fail $why")
    }
}

/** How a module answers: with objects, more than once where it is subscribed to. */
public interface ModuleCallback {
    /** An answer, or an event. */
    public fun onSuccess(data: Map<String, Any?>)

    /** There is none. An object with `errMsg`. */
    public fun onFail(data: Map<String, Any?>)
}
