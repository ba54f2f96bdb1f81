package org.minihost.ffi

import java.util.concurrent.atomic.AtomicLong
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder

/**
 * What a document says, whichever API hears it. The id of a request is its reply token too.
 *
 * @param C what the platform tells of a message's sender
 */
internal abstract class Speaker<C> {
    private val lastId = AtomicLong()

    /** Sends a text as the document itself; gives back the answer that comes at once. */
    abstract fun post(text: String, change: C.() -> C = { this }): JsonObject?

    fun call(method: String, change: C.() -> C = { this }, params: JsonObjectBuilder.() -> Unit = {}): JsonObject? {
        val id = lastId.incrementAndGet()
        return post(Message.text(id, method, params), change)
    }

    fun notify(method: String, params: JsonObjectBuilder.() -> Unit): JsonObject? {
        lastId.incrementAndGet()
        return post(Message.text(null, method, params))
    }

    fun initialize(): JsonObject = checkNotNull(call("host.initialize", params = Message.initialize))

    /** Asks for a code. */
    fun requestCode(
        scopes: List<String>,
        pkce: Pkce = Pkce(),
        change: C.() -> C = { this },
        more: JsonObjectBuilder.() -> Unit = {},
    ): JsonObject? = call("auth.requestCode", change, Message.codeRequest(scopes, pkce, more))

    /** The id of the latest request. */
    fun lastId(): Long = lastId.get()
}
