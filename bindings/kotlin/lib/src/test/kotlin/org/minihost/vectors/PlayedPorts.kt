package org.minihost.vectors

import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.minihost.CodeIssuer
import org.minihost.Container
import org.minihost.GrantEnded
import org.minihost.GrantStore
import org.minihost.HostCall
import org.minihost.HostMethod
import org.minihost.HostMethodDeclaration
import org.minihost.HttpRequest
import org.minihost.HttpResponse
import org.minihost.HttpTransport
import org.minihost.IssuedCode
import org.minihost.SettingsPage
import org.minihost.SignInPrompt
import org.minihost.SignInRequest
import org.minihost.UserReturned
import org.minihost.WantedCode
import org.minihost.ffi.Heard
import org.minihost.ffi.PATIENCE_SECONDS

/** Something that a port is asked, and that the history answers. */
internal class Question<A : Any>(val shown: JsonObject) {
    val answer = CompletableDeferred<A>()

    /** Done once nobody waits for the answer any more. */
    val abandoned = CompletableDeferred<Unit>()

    suspend fun answered(): A = try {
        answer.await()
    } catch (cancelled: CancellationException) {
        abandoned.complete(Unit)
        throw cancelled
    }
}

/** The server at which users sign in by their names. */
internal class SignInServer : HttpTransport {
    override suspend fun send(request: HttpRequest): HttpResponse {
        val body = when (request.url.removePrefix(ISSUER)) {
            "/.well-known/oauth-authorization-server" ->
                """{"issuer":"$ISSUER","token_endpoint":"$ISSUER/token","userinfo_endpoint":"$ISSUER/userinfo"}"""
            "/token" -> {
                val username = checkNotNull(Regex("username=(\\w+)").find(checkNotNull(request.body).decodeToString())).groupValues[1]
                """{"access_token":"t-$username","token_type":"Bearer","expires_in":600}"""
            }
            "/userinfo" -> {
                val name = request.headers.getValue("authorization").substringAfter("t-")
                """{"sub":"u-$name","preferred_username":"$name"}"""
            }
            else -> return HttpResponse(NOT_FOUND, emptyMap(), ByteArray(0))
        }
        return HttpResponse(OK, mapOf("Content-Type" to listOf("application/json")), body.toByteArray())
    }

    companion object {
        const val ISSUER = "https://as.example"
        private const val OK = 200
        private const val NOT_FOUND = 404
    }
}

/** Issues codes and ends grants as the history says. */
internal class PlayedIssuer : CodeIssuer {
    val asked = Heard<Question<IssuedCode>>("a code request")
    val endings = Heard<Question<GrantEnded>>("the end of a grant at the server")

    override suspend fun issue(wanted: WantedCode): IssuedCode {
        val shown = buildJsonObject {
            put("user", wanted.user.id)
            put("clientId", wanted.clientId)
            put("redirectUri", wanted.redirectUri)
            put("codeChallenge", wanted.codeChallenge)
            put("nonce", wanted.nonce)
            put("audience", wanted.audience)
            put("scopes", strings(wanted.scopes))
            put("consent", Json.parseToJsonElement(wanted.consent))
        }
        return Question<IssuedCode>(shown).also(asked::add).answered()
    }

    override suspend fun endGrant(grantId: String, timeAllowed: Duration): GrantEnded =
        Question<GrantEnded>(buildJsonObject { put("grantId", grantId) }).also(endings::add).answered()
}

/** Keeps grants when the history says. */
internal class PlayedShelf : GrantStore {
    class Save(val content: JsonObject) {
        val stored = CompletableFuture<Boolean>()
    }

    val saves = Heard<Save>("a save")

    override fun load(): ByteArray? = null

    override fun save(document: ByteArray) {
        val save = Save(Json.parseToJsonElement(document.decodeToString().substringAfter('\n')) as JsonObject)
        saves.add(save)
        check(save.stored.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) { "the disk is full" }
    }

    override fun setAside() = Unit
}

/** Has users sign in as the history says. */
internal class PlayedSignIn : SignInPrompt {
    val asked = Heard<Question<UserReturned>>("a sign-in")

    override suspend fun present(request: SignInRequest): UserReturned {
        val shown = buildJsonObject {
            put("miniProgram", request.miniProgram)
            put("user", request.user?.id)
            put("how", request.wanted.shown())
        }
        return Question<UserReturned>(shown).also(asked::add).answered()
    }
}

/** Shows settings when the history says. */
internal class PlayedSettings : SettingsPage {
    val asked = Heard<Question<Unit>>("a wish to see the settings")

    override suspend fun show(miniProgram: String) =
        Question<Unit>(buildJsonObject { put("miniProgram", miniProgram) }).also(asked::add).answered()
}

/** Answers a method of the host's own as the history says. */
internal class PlayedMethod(override val declaration: HostMethodDeclaration, private val asked: Heard<Question<String>>) : HostMethod {
    override suspend fun call(call: HostCall, params: String): String {
        val shown = buildJsonObject {
            put("method", call.method)
            put("miniProgram", call.miniProgram)
            put("user", call.user?.id)
            put("params", Json.parseToJsonElement(params))
        }
        return Question<String>(shown).also(asked::add).answered()
    }
}

/** Stands for the WebView of one session. */
internal class PlayedContainer(private val session: Int) : Container {
    private val replies = ConcurrentHashMap<Long, Heard<JsonObject>>()
    private val events = ConcurrentHashMap<Long, Heard<JsonObject>>()
    val settled = Heard<JsonObject>("the end of a message without a reply")

    fun replies(to: Long): Heard<JsonObject> = replies.computeIfAbsent(to) { Heard("an answer to $session/$to") }

    fun events(document: Long): Heard<JsonObject> = events.computeIfAbsent(document) { Heard("an event for $session/$document") }

    fun unclaimedReplies(): List<JsonObject> = (replies.values.flatMap { it.rest() }) + settled.rest()

    fun unclaimedEvents(): List<JsonObject> = events.values.flatMap { it.rest() }

    override fun deliver(document: Long, inReplyTo: Long?, text: String) {
        val heard = if (inReplyTo == null) events(document) else replies(inReplyTo)
        heard.add(message(document, inReplyTo, Json.parseToJsonElement(text)))
    }

    override fun settle(replyToken: Long) {
        settled.add(
            buildJsonObject {
                put("session", session)
                put("to", replyToken)
            },
        )
    }

    fun message(document: Long, to: Long?, message: JsonElement): JsonObject = buildJsonObject {
        put("session", session)
        put("document", document)
        if (to != null) put("to", to)
        put("message", message)
    }
}
