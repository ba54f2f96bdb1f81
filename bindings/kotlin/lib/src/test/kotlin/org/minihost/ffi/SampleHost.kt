package org.minihost.ffi

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlin.io.path.readText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.ExtensionContext.Namespace.GLOBAL
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver
import org.minihost.internal.SdkThreads

/** A client of the authorization server. */
internal class Client(val id: String, val secret: String, val credentials: ClientCredentials) {
    constructor(id: String, secret: String) :
        this(id, secret, ClientCredentials.secret(secret, SecretKnown.TO_THIS_HOST_ALONE, SecretSent.BASIC))
}

/**
 * The sample host as a process of its own. These tests use its authorization server and its registered clients;
 * the host that makes the code requests is the one under test.
 */
internal class SampleHost private constructor(private val process: Process, private val directory: Path, line: JsonObject) :
    AutoCloseable {

    val issuer: String = line.text("authorizationServer")
    val host: Client = line.child("host").client()
    val teahouse: JsonObject = line.list("miniPrograms").first { it.text("id") == "teahouse" }
    private val steering = line.child("steering")
    private val passwords = line.list("users").associate { it.text("username") to it.text("password") }

    fun password(username: String): String = passwords.getValue(username)

    /** Makes every access token of a client expire now. */
    fun expireAccessTokens(client: String) {
        val words = HttpRequest.newBuilder(URI(steering.text("url")))
            .header("Authorization", "Bearer ${steering.text("token")}")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("expire=access&client=$client"))
        val answer = HttpClient.newHttpClient().send(words.build(), BodyHandlers.ofString())
        check(answer.statusCode() == 200) { answer.body() }
    }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        process.destroy()
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
        directory.deleteRecursively()
    }

    companion object {
        fun start(): SampleHost {
            // As before all generated code: clients hold some of it.
            SdkThreads.stay()
            val program = checkNotNull(System.getProperty("sample.host")) { "the system property sample.host names no program" }
            val directory = Files.createTempDirectory("minihost-kotlin-")
            val log = directory.resolve("sample-host.log")
            val arguments = listOf("--json", "--steering", "--no-open", "--port", "0", "--data-dir", "${directory.resolve("data")}")
            val process = ProcessBuilder(listOf(program) + arguments).redirectError(log.toFile()).start()
            Runtime.getRuntime().addShutdownHook(Thread { process.destroy() })
            val line = process.inputReader().readLine() ?: error("the sample host did not start:\n${log.readText()}")
            return SampleHost(process, directory, Json.parseToJsonElement(line) as JsonObject)
        }
    }
}

internal fun JsonObject.client() = Client(text("clientId"), text("clientSecret"))

/** Hands the tests one sample host, and stops it after the last test of the run. */
internal class SampleHostExtension : ParameterResolver {
    override fun supportsParameter(parameter: ParameterContext, context: ExtensionContext): Boolean =
        parameter.parameter.type == SampleHost::class.java

    override fun resolveParameter(parameter: ParameterContext, context: ExtensionContext): Any =
        context.root.getStore(GLOBAL).computeIfAbsent(SampleHost::class.java, { SampleHost.start() }, SampleHost::class.java)
}
