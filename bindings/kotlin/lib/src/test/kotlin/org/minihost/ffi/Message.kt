package org.minihost.ffi

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject

/** What pages send, and what they are sent: texts. */
internal object Message {
    /** A request; without an id, a notification. */
    fun text(id: Long?, method: String, params: JsonObjectBuilder.() -> Unit): String = buildJsonObject {
        put("jsonrpc", "2.0")
        if (id != null) put("id", id)
        put("method", method)
        putJsonObject("params", params)
    }.toString()

    /** The parameters of `host.initialize`. */
    val initialize: JsonObjectBuilder.() -> Unit = {
        putJsonObject("versions") {
            put("min", 1)
            put("max", 1)
        }
    }

    /** The parameters of `auth.requestCode`. */
    fun codeRequest(scopes: List<String>, pkce: Pkce, more: JsonObjectBuilder.() -> Unit): JsonObjectBuilder.() -> Unit = {
        putJsonArray("scopes") { scopes.forEach { add(it) } }
        put("codeChallenge", pkce.challenge)
        put("codeChallengeMethod", "S256")
        more()
    }

    fun parse(text: String): JsonObject = Json.parseToJsonElement(text) as JsonObject
}
