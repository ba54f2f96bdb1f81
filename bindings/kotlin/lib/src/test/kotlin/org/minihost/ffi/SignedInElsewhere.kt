package org.minihost.ffi

import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals

/**
 * A user whom a host app has signed in without the SDK.
 *
 * @property subject the server's name for them
 * @property token what the host app holds of them
 */
internal class SignedInElsewhere(val subject: String, val token: String) {
    companion object {
        /** Signs in at the server, as a host app does that knows OAuth by itself. */
        fun at(sample: SampleHost, username: String): SignedInElsewhere {
            val metadata = json(HttpRequest.newBuilder(URI("${sample.issuer}/.well-known/oauth-authorization-server")))
            val form = mapOf(
                "grant_type" to "password",
                "username" to username,
                "password" to sample.password(username),
                "scope" to "openid profile mediate",
            )
            val client = Base64.getEncoder().encodeToString("${encode(sample.host.id)}:${encode(sample.host.secret)}".toByteArray())
            val tokens = json(
                HttpRequest.newBuilder(URI(metadata.text("token_endpoint")))
                    .header("Authorization", "Basic $client")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(form.entries.joinToString("&") { "${it.key}=${encode(it.value)}" })),
            )
            val token = tokens.text("access_token")
            val details = HttpRequest.newBuilder(URI(metadata.text("userinfo_endpoint"))).header("Authorization", "Bearer $token")
            return SignedInElsewhere(json(details).text("sub"), token)
        }

        private fun json(request: HttpRequest.Builder): JsonObject {
            val answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString())
            assertEquals(200, answer.statusCode()) { answer.body() }
            return Json.parseToJsonElement(answer.body()) as JsonObject
        }

        private fun encode(text: String) = URLEncoder.encode(text, Charsets.UTF_8)
    }
}
