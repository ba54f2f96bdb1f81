package org.minihost.vectors

import java.time.Duration
import java.time.Instant
import java.time.format.DateTimeParseException
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.minihost.ffi.PATIENCE_SECONDS

/**
 * Compares what came with what was expected, as `tests/vectors/README.md` says.
 *
 * @param began when the history's clock stood at its beginning
 * @param keyName what a publisher's key is called here, by its name in the history
 */
internal class Patterns(private val began: Instant, private val keyName: (String) -> String) {
    /** Hosts are told whether the server has ended grants, and the histories also why not. */
    fun asHostsSee(pattern: JsonElement): JsonElement = when (pattern) {
        is JsonPrimitive -> pattern
        is JsonArray -> JsonArray(pattern.map(::asHostsSee))
        is JsonObject -> JsonObject(pattern.mapValues { (name, value) -> asHostsSee(name, value) })
    }

    private fun asHostsSee(name: String, value: JsonElement): JsonElement {
        val text = value.string ?: return asHostsSee(value)
        return when (name) {
            "revoked" -> JsonPrimitive(text == "ended")
            "publisherKey" -> JsonPrimitive(keyName(text))
            else -> value
        }
    }

    fun fits(pattern: JsonElement, came: JsonElement): Boolean = when (pattern) {
        is JsonPrimitive -> pattern == ANYTHING || pattern == came || isThatTime(pattern, came)
        is JsonObject -> came is JsonObject && pattern.all { (name, expected) ->
            came[name]?.let { fits(expected, it) } ?: (expected == ABSENT)
        }
        is JsonArray -> came is JsonArray && pattern.size == came.size && pattern.indices.all { fits(pattern[it], came[it]) }
    }

    /** The clock of the histories begins at a time of its own; the one here is the machine's. */
    private fun isThatTime(pattern: JsonPrimitive, came: JsonElement): Boolean {
        val expected = time(pattern) ?: return false
        val actual = time(came) ?: return false
        val apart = Duration.between(began + Duration.between(BEGINNING, expected), actual)
        return apart.abs() <= Duration.ofSeconds(PATIENCE_SECONDS)
    }

    private fun time(text: JsonElement): Instant? = try {
        (text as? JsonPrimitive)?.takeIf { it.isString }?.let { Instant.parse(it.content) }
    } catch (_: DateTimeParseException) {
        null
    }

    private companion object {
        val ANYTHING = JsonPrimitive("*")
        val ABSENT = JsonPrimitive("(absent)")
        val BEGINNING: Instant = Instant.parse("2026-01-01T00:00:00Z")
    }
}
