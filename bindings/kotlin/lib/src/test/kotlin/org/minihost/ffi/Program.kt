package org.minihost.ffi

import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers
import java.security.MessageDigest
import java.security.SecureRandom
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import org.junit.jupiter.api.Assertions.assertEquals

/** A verifier and its challenge (RFC 7636). */
internal class Pkce {
    val verifier: String = base64Url(ByteArray(32).also(SecureRandom()::nextBytes))
    val challenge: String = base64Url(MessageDigest.getInstance("SHA-256").digest(verifier.toByteArray()))

    private fun base64Url(bytes: ByteArray) = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
}

/** The tea house: its manifest, and what its backend does with a code. */
internal class Program(private val sample: SampleHost) {
    private val client = sample.teahouse.client()
    val redirectUri: String = sample.teahouse.text("redirectUri")
    private val http = HttpClient.newHttpClient()
    private val metadata by lazy { json(get("${sample.issuer}/.well-known/oauth-authorization-server")) }

    val origin: String = sample.teahouse.text("url").removeSuffix("/")
    val icon: String = "$origin/icon.svg"

    fun manifest(id: String = "teahouse", methods: List<String> = emptyList()): String = buildJsonObject {
        put("manifestVersion", 1)
        put("id", id)
        put("version", "1.0.0")
        put("icon", icon)
        putJsonObject("name") { put("en", "Tea House") }
        putJsonObject("publisher") {
            put("id", "qinghe")
            putJsonObject("name") { put("en", "Qinghe Tea Ltd") }
        }
        put("startUrl", "$origin/")
        putJsonArray("origins") { add(origin) }
        put("clientId", client.id)
        putJsonArray("redirectUris") { add(redirectUri) }
        putJsonArray("methods") { methods.forEach { add(it) } }
        putJsonArray("scopes") {
            for ((scope, reason) in SCOPES) {
                addJsonObject {
                    put("name", scope)
                    putJsonObject("reason") { put("en", reason) }
                }
            }
        }
    }.toString()

    /** Redeems a code for an access token, as the program's own client. */
    fun redeem(code: String, pkce: Pkce): String {
        val form = mapOf(
            "grant_type" to "authorization_code",
            "code" to code,
            "redirect_uri" to redirectUri,
            "code_verifier" to pkce.verifier,
        )
        val credentials = Base64.getEncoder().encodeToString("${encode(client.id)}:${encode(client.secret)}".toByteArray())
        val request = HttpRequest.newBuilder(URI(metadata.text("token_endpoint")))
            .header("Authorization", "Basic $credentials")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form.entries.joinToString("&") { "${it.key}=${encode(it.value)}" }))
        return json(send(request)).text("access_token")
    }

    /** What the server tells the program of the user. */
    fun userDetails(accessToken: String): JsonObject =
        json(get(metadata.text("userinfo_endpoint")) { header("Authorization", "Bearer $accessToken") })

    private fun get(url: String, headers: HttpRequest.Builder.() -> Unit = {}) = send(HttpRequest.newBuilder(URI(url)).apply(headers))

    private fun send(request: HttpRequest.Builder): HttpResponse<String> = http.send(request.build(), BodyHandlers.ofString())

    private fun json(response: HttpResponse<String>): JsonObject {
        assertEquals(200, response.statusCode()) { response.body() }
        return Json.parseToJsonElement(response.body()) as JsonObject
    }

    private fun encode(text: String) = URLEncoder.encode(text, Charsets.UTF_8)

    companion object {
        val SCOPES = mapOf(
            "openid" to "To know you again.",
            "profile" to "To write your name on the cup.",
            "email" to "To send your receipt.",
            "phone" to "To call you when your tea is ready.",
        )
    }
}
