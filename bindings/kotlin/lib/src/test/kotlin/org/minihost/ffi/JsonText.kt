package org.minihost.ffi

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

internal fun JsonObject.child(member: String): JsonObject = getValue(member).jsonObject

internal fun JsonObject.text(member: String): String = getValue(member).jsonPrimitive.content

internal fun JsonObject.list(member: String): List<JsonObject> = getValue(member).jsonArray.map(JsonElement::jsonObject)

internal fun JsonObject.texts(member: String): List<String> = getValue(member).jsonArray.map { it.jsonPrimitive.content }

/** The stable reason of a JSON-RPC error. */
internal val JsonObject.reason: String
    get() = child("error").child("data").text("reason")
