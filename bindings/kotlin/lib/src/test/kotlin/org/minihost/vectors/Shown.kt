package org.minihost.vectors

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import org.minihost.AuditAction
import org.minihost.AuditEvent
import org.minihost.AuditOutcome
import org.minihost.ConsentView
import org.minihost.Remember
import org.minihost.Revoked
import org.minihost.ServerTold
import org.minihost.SignInWanted
import org.minihost.UserChoice

// What ports are told, in the form that the histories describe it in.

internal fun ConsentView.shown(): JsonObject = buildJsonObject {
    put("digest", digest)
    putJsonObject("shown") {
        putJsonObject("miniProgram") {
            put("id", miniProgram.id)
            put("name", miniProgram.name)
            put("publisher", miniProgram.publisher)
            put("icon", miniProgram.icon)
            put("unsigned", miniProgram.unsigned)
            if (miniProgram.doubts.isNotEmpty()) put("doubts", JsonArray(miniProgram.doubts.map { JsonPrimitive(camel(it)) }))
        }
        put("account", account)
        put("audience", audience)
        put("locale", locale)
        put("remember", JsonArray(remember.map { JsonPrimitive(camel(it)) }))
        put(
            "scopes",
            JsonArray(
                scopes.map { scope ->
                    buildJsonObject {
                        put("name", scope.name)
                        put("title", scope.title)
                        put("reason", scope.reason)
                    }
                },
            ),
        )
    }
}

internal fun PlayedShelf.Save.shown(): JsonObject {
    val (past, live) = (content["grants"] as JsonArray).map { it.jsonObject }.partition { it["ended"] is JsonObject }
    return buildJsonObject {
        put("scopes", JsonArray(live.map { it.getValue("key").jsonObject.getValue("scope") }))
        put("grants", JsonArray(live))
        put("past", JsonArray(past))
        put("releases", content["releases"] ?: JsonNull)
        put("refusals", content["refusals"] ?: JsonNull)
    }
}

internal fun Revoked.shown(): JsonObject = buildJsonObject {
    put("scopes", strings(scopes))
    put("stored", stored)
    put("server", server.shown())
}

private fun ServerTold.shown() = when (this) {
    ServerTold.NOTHING -> "notTold"
    ServerTold.LATER -> "due"
    ServerTold.ENDED -> "ended"
    ServerTold.LOCAL_ONLY -> "localOnly"
}

internal fun SignInWanted.shown(): JsonElement = when (this) {
    is SignInWanted.ChooseAccount -> JsonPrimitive("chooseAccount")
    is SignInWanted.Again -> buildJsonObject {
        putJsonObject("again") {
            put("acrValues", strings(acrValues))
            put("maxAge", maxAge?.inWholeSeconds)
        }
    }
}

internal fun AuditEvent.shown(): JsonObject = buildJsonObject {
    put("correlationId", correlation)
    put("miniProgram", miniProgram)
    put("user", user)
    put("action", action.shown())
    put("asked", strings(asked))
    put("choice", choice?.shown() ?: JsonNull)
    put("secondsForUser", waitedForUser?.inWholeSeconds)
    put("secondsForServer", waitedForServer?.inWholeSeconds)
    put("digest", digest)
    put("outcome", outcome.shown())
    put("seconds", took.inWholeSeconds)
}

private fun AuditAction.shown(): JsonElement = when (this) {
    is AuditAction.RequestCode -> JsonPrimitive("requestCode")
    is AuditAction.RevokeByProgram -> buildJsonObject { put("revoke", "program") }
    is AuditAction.RevokeByUser -> buildJsonObject { put("revoke", "user") }
    is AuditAction.CallMethod -> buildJsonObject { put("call", method) }
}

private fun UserChoice.shown(): JsonElement = when (this) {
    is UserChoice.Denied -> JsonPrimitive("denied")
    is UserChoice.Dismissed -> JsonPrimitive("dismissed")
    is UserChoice.Allowed -> buildJsonObject {
        put("allowed", strings(scopes))
        put("remember", camel(remember))
    }
}

private fun AuditOutcome.shown(): JsonElement = when (this) {
    is AuditOutcome.Answered -> JsonPrimitive("answered")
    is AuditOutcome.DocumentGone -> JsonPrimitive("document gone")
    is AuditOutcome.Refused -> buildJsonObject { put("refused", reason) }
    is AuditOutcome.Revoked -> buildJsonObject { put("revoked", atServer) }
    is AuditOutcome.Delivered -> buildJsonObject {
        put("delivered", strings(scopes))
        put("mode", mode.name.lowercase())
    }
}

internal fun strings(texts: List<String>) = JsonArray(texts.map(::JsonPrimitive))

/** `LOOKS_LIKE_HOST` as `looksLikeHost`. */
private fun camel(member: Enum<*>): String =
    member.name.lowercase().split('_').reduce { text, word -> text + word.replaceFirstChar(Char::uppercase) }

internal fun remember(text: String?): Remember = when (text) {
    "once" -> Remember.ONCE
    "untilRevoked", "until revoked" -> Remember.UNTIL_REVOKED
    else -> Remember.THIRTY_DAYS
}
