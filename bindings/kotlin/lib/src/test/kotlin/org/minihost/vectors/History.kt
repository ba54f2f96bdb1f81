package org.minihost.vectors

import java.io.File
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.double
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.minihost.ffi.text

/** Why a history is not played through this binding. */
internal enum class OutOfReach {
    /** It turns on a clock, which is the machine's own here. */
    CLOCK,

    /** A server's answer sends the user to a page, which no host app's own issuer can say. */
    CONTINUED_IN_BROWSER,

    /** A port fails in a way that the binding answers for, or the server ends the sign-in. */
    FAULT,

    /** It begins with what an earlier process stored, which the SDK alone can seal. */
    EARLIER_PROCESS,

    /** It asks what has ended, to which the library answers itself. */
    ENDED,

    /** Whether a store hears of the first of two saves that come at once is the threads' to say. */
    SAVES_AT_ONCE,

    /** Which of two code requests comes first is the threads' to say. */
    ORDER_OF_REQUESTS,
}

/** One input, and every effect that follows. */
internal class Step(json: JsonObject) {
    val input: Named = named(json.getValue("in"))
    val out: List<Named> = json["out"]?.jsonArray.orEmpty().map(::named)
    val times: Int = json["times"]?.jsonPrimitive?.int ?: 1

    private fun named(element: JsonElement): Named = element.jsonObject.entries.single().let { Named(it.key, it.value) }
}

/** An input or an effect. */
internal class Named(val kind: String, val value: JsonElement) {
    /** The member of that name. */
    operator fun get(member: String): JsonElement? = (value as? JsonObject)?.get(member)
}

/** One history of `tests/vectors`. */
internal class History(private val json: JsonObject) {
    val title: String = json.text("title")
    val host: JsonObject = json["host"]?.jsonObject ?: JsonObject(emptyMap())
    val tellsEvents: Boolean = json["events"]?.jsonPrimitive?.boolean ?: false
    val tellsAudit: Boolean = json["audit"]?.jsonPrimitive?.boolean ?: false
    val steps: List<Step> = json.getValue("steps").jsonArray.map { Step(it.jsonObject) }

    /** The saves that the history answers. */
    val answeredSaves: Set<Int> = steps.filter { it.input.kind == "saved" }.mapNotNull { it.input["save"]?.jsonPrimitive?.int }.toSet()

    /** Null where it can be played. */
    val outOfReach: OutOfReach? = steps.firstNotNullOfOrNull(::outOfReach)
        ?: OutOfReach.ENDED.takeIf { asksWhatHasEnded() }
        ?: OutOfReach.SAVES_AT_ONCE.takeIf { steps.any { step -> step.out.count { it.kind == "save" } > 1 } }
        ?: OutOfReach.CLOCK.takeIf { "throttled" in "$json" && steps.any { it.times > 1 } }

    override fun toString(): String = title

    private fun outOfReach(step: Step): OutOfReach? = when (step.input.kind) {
        // The second after which silent questions are answered is one that can be waited for.
        "advance" -> OutOfReach.CLOCK.takeIf { step.out.isEmpty() || step.input.value.jsonPrimitive.double > 1 }
        "issued" -> OutOfReach.CONTINUED_IN_BROWSER.takeIf { step.input["continueAt"] != null }
        "loaded" -> OutOfReach.EARLIER_PROCESS
        "promptFailed", "givenUp", "signInEnded" -> OutOfReach.FAULT
        else -> null
    } ?: OutOfReach.ORDER_OF_REQUESTS.takeIf { step.out.count { it.kind == "issue" } > 1 }

    private fun asksWhatHasEnded(): Boolean {
        val ended = mutableSetOf<Int>()
        for (step in steps) {
            when (step.input.kind) {
                "close" -> ended += step.input["session"].int
                "shutDown" -> ended += steps.mapNotNull { it.input["session"]?.int }
                "message" -> if (step.input["session"].int in ended) return true
            }
        }
        return false
    }

    companion object {
        fun all(): List<History> {
            val directory = File(checkNotNull(System.getProperty("vectors.dir")) { "the system property vectors.dir names no directory" })
            val files = directory.listFiles { file -> file.extension == "json" }.orEmpty().sorted()
            return files.flatMap { file -> (Json.parseToJsonElement(file.readText()) as JsonArray).map { History(it.jsonObject) } }
        }
    }
}

internal val JsonElement?.int: Int get() = checkNotNull(this as? JsonPrimitive) { "this is no number" }.int

internal val JsonElement?.string: String? get() = (this as? JsonPrimitive)?.takeIf { it.isString }?.content

internal val JsonElement?.strings: List<String> get() = (this as? JsonArray).orEmpty().mapNotNull { it.string }
