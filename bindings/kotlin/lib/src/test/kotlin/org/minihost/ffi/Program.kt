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

/** What a program holds of its user. */
internal class Tokens(json: JsonObject) {
    val access: String = json.text("access_token")
    val refresh: String = json.text("refresh_token")
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

    /** Redeems a code, as the program's own client. */
    fun redeem(code: String, pkce: Pkce): Tokens = Tokens(json(redeeming(code, pkce)))

    /** The server's error, where a code is not redeemed. */
    fun redeemInVain(code: String, pkce: Pkce): String = answer(redeeming(code, pkce), 400).text("error")

    /** Takes new tokens for the old ones. */
    fun refresh(tokens: Tokens): Tokens = Tokens(json(refreshing(tokens)))

    /** The server's error, where there are no new tokens. */
    fun refreshInVain(tokens: Tokens): String = answer(refreshing(tokens), 400).text("error")

    /** What the server tells the program of the user. */
    fun userDetails(tokens: Tokens): JsonObject = json(asking(tokens))

    /** Whether the server tells the program nothing, since its token is good no more. */
    fun isExpired(tokens: Tokens): Boolean {
        val answer = asking(tokens)
        return answer.statusCode() == 401 && "invalid_token" in answer.headers().firstValue("WWW-Authenticate").orElse("")
    }

    private fun asking(tokens: Tokens) = get(metadata.text("userinfo_endpoint")) { header("Authorization", "Bearer ${tokens.access}") }

    private fun redeeming(code: String, pkce: Pkce) = atTokenEndpoint(
        "grant_type" to "authorization_code",
        "code" to code,
        "redirect_uri" to redirectUri,
        "code_verifier" to pkce.verifier,
    )

    private fun refreshing(tokens: Tokens) = atTokenEndpoint("grant_type" to "refresh_token", "refresh_token" to tokens.refresh)

    private fun atTokenEndpoint(vararg form: Pair<String, String>): HttpResponse<String> {
        val credentials = Base64.getEncoder().encodeToString("${encode(client.id)}:${encode(client.secret)}".toByteArray())
        val request = HttpRequest.newBuilder(URI(metadata.text("token_endpoint")))
            .header("Authorization", "Basic $credentials")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form.joinToString("&") { (name, value) -> "$name=${encode(value)}" }))
        return send(request)
    }

    private fun get(url: String, headers: HttpRequest.Builder.() -> Unit = {}) = send(HttpRequest.newBuilder(URI(url)).apply(headers))

    private fun send(request: HttpRequest.Builder): HttpResponse<String> = http.send(request.build(), BodyHandlers.ofString())

    private fun json(response: HttpResponse<String>): JsonObject = answer(response, 200)

    private fun answer(response: HttpResponse<String>, status: Int): JsonObject {
        assertEquals(status, response.statusCode()) { response.body() }
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
