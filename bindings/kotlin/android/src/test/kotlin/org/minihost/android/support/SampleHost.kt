package org.minihost.android.support

import java.nio.file.Files
import java.util.concurrent.TimeUnit
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import org.minihost.Credentials
import org.minihost.Manifest
import org.minihost.SecretKnown
import org.minihost.SecretSent

/**
 * The sample host as a process of its own, of which the tests use the authorization server and its registered clients. One
 * for each Android that the tests run on; it ends with the test's own process.
 */
object SampleHost {
    /** What it printed. */
    val text: String = start()
    private val line: JsonObject = Json.parseToJsonElement(text).jsonObject
    private val passwords = line.list("users").associate { it.text("username") to it.text("password") }
    private val teahouse = line.list("miniPrograms").first { it.text("id") == "teahouse" }

    val issuer: String = line.text("authorizationServer")
    val clientId: String = line.getValue("host").jsonObject.text("clientId")
    val credentials: Credentials
        get() = Credentials.secret(line.getValue("host").jsonObject.text("clientSecret"), SecretKnown.TO_THIS_HOST_ALONE, SecretSent.BASIC)

    /** Where the tea house is from. */
    val origin: String = teahouse.text("url").removeSuffix("/")

    fun password(username: String): String = passwords.getValue(username)

    /** The tea house's manifest, or one that differs in the program's id alone. */
    fun manifest(id: String = "teahouse") = Manifest.UnsignedForDevelopment(
        buildJsonObject {
            put("manifestVersion", 1)
            put("id", id)
            put("version", "1.0.0")
            putJsonObject("name") { put("en", "Tea House") }
            putJsonObject("publisher") {
                put("id", "qinghe")
                putJsonObject("name") { put("en", "Qinghe Tea Ltd") }
            }
            put("startUrl", "$origin/")
            putJsonArray("origins") { add(origin) }
            put("clientId", teahouse.text("clientId"))
            putJsonArray("redirectUris") { add(teahouse.text("redirectUri")) }
            putJsonArray("scopes") {
                for (scope in listOf("openid", "email", "phone")) {
                    addJsonObject {
                        put("name", scope)
                        putJsonObject("reason") { put("en", "To serve you.") }
                    }
                }
            }
        }.toString(),
    )

    private fun start(): String {
        val program = checkNotNull(System.getProperty("sample.host")) { "the system property sample.host names no program" }
        val directory = Files.createTempDirectory("minihost-android-")
        val log = directory.resolve("sample-host.log").toFile()
        val command = listOf(program, "--json", "--steering", "--no-open", "--port", "0", "--data-dir", "${directory.resolve("data")}")
        val process = ProcessBuilder(command).redirectError(log).start()
        Runtime.getRuntime().addShutdownHook(
            Thread {
                process.destroy()
                process.waitFor(5, TimeUnit.SECONDS)
                directory.toFile().deleteRecursively()
            },
        )
        return process.inputReader().readLine() ?: error("the sample host did not start:\n${log.readText()}")
    }
}

fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

fun JsonObject.list(name: String): List<JsonObject> = getValue(name).jsonArray.map { it.jsonObject }
