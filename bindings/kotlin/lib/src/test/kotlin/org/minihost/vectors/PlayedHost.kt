package org.minihost.vectors

import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import org.minihost.AuditEvent
import org.minihost.Browser
import org.minihost.Build
import org.minihost.CodeRequests
import org.minihost.Credentials
import org.minihost.GrantsAt
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.HostMethodDeclaration
import org.minihost.HostMethodMember
import org.minihost.HostPorts
import org.minihost.Manifest
import org.minihost.MemberForm
import org.minihost.MiniHost
import org.minihost.Network
import org.minihost.OnSignOut
import org.minihost.SilentTier
import org.minihost.TrustedKey
import org.minihost.UserReturned
import org.minihost.ffi.Heard
import org.minihost.ffi.Publisher

/** The host of a history, and its ports. */
internal class PlayedHost(private val history: History) {
    val issuer = PlayedIssuer()
    val shelf = PlayedShelf()
    val signIn = PlayedSignIn()
    val settings = PlayedSettings()
    val calls = Heard<Question<String>>("a call of the host's own method")
    val audit = Heard<AuditEvent>("an audit event")
    val heard = listOf(shelf.saves, calls, issuer.asked, issuer.endings, signIn.asked, settings.asked)
    private val publishers = ConcurrentHashMap<String, Publisher>()

    fun start(): MiniHost = runBlocking { MiniHost.start(configuration(), Credentials.publicClient(), ports()) }

    /** Suspends until the host has told who is signed in. */
    suspend fun userIs(host: MiniHost, name: String?) {
        host.user.first { it?.displayName == name }
    }

    fun manifest(program: String, version: String?, signedBy: String?): Manifest {
        val json = manifest(program, version ?: "1.2.0").toString()
        if (signedBy == null) return Manifest.UnsignedForDevelopment(json)
        val publisher = publishers.computeIfAbsent(signedBy) { Publisher() }
        return Manifest.Signed(publisher.sign(json), listOf(TrustedKey("acme", publisher.jwk)))
    }

    /** What a key is called that the history gives this name. */
    fun keyName(name: String): String = publishers[name]?.thumbprint ?: name

    private fun configuration(): HostConfiguration {
        val usual = HostConfiguration(
            issuer = SignInServer.ISSUER,
            clientId = "host",
            host = HostInfo(history.host["name"].string ?: "Test", "1.0.0", "test"),
            build = Build.DEVELOPMENT,
            codeRequests = CodeRequests.Own(issuer),
            silent = if (history.host["silent"].string == "recognise") SilentTier.RECOGNISE else SilentTier.OFF,
            onSignOut = if (history.host["onSignOut"].string == "forget") OnSignOut.FORGET_GRANTS else OnSignOut.KEEP_GRANTS,
            words = history.host["words"]?.jsonObject.orEmpty().mapValues { (_, text) -> checkNotNull(text.string) },
        )
        val remember = history.host["remember"] ?: return usual
        return usual.copy(remember = remember.strings.map { remember(it) })
    }

    private fun ports() = HostPorts(
        settings = settings.takeIf { "settings" in history.host },
        signIn = signIn.takeIf { "signIn" in history.host },
        browser = Browser { _, _ -> UserReturned.FAILED }.takeIf { "browser" in history.host },
        audit = audit::add,
        network = Network.Own(SignInServer()),
        grants = GrantsAt.Own(shelf),
        methods = (history.host["methods"] as? JsonArray).orEmpty().map { PlayedMethod(declaration(it.jsonObject), calls) },
    )

    private fun declaration(json: JsonObject) = HostMethodDeclaration(
        name = checkNotNull(json["name"].string),
        params = listOfNotNull(json["text"].string?.let { HostMethodMember(it, MemberForm.Text) }),
        result = json["result"]?.jsonObject.orEmpty().map { (name, form) ->
            HostMethodMember(name, if (form.string == "whole") MemberForm.Whole else MemberForm.Text)
        },
        scope = json["scope"].string,
        prompts = json["prompts"]?.jsonPrimitive?.boolean ?: false,
        only = json["only"]?.strings,
    )

    private fun manifest(program: String, version: String) = buildJsonObject {
        val origin = "https://$program.example"
        put("manifestVersion", 1)
        put("id", program)
        put("version", version)
        putJsonObject("name") {
            put("en", "The $program")
            put("zh-Hans", "${program}小程序")
        }
        put("icon", "$origin/icon.svg")
        putJsonObject("publisher") {
            put("id", "acme")
            putJsonObject("name") { put("en", "Acme Ltd") }
        }
        put("startUrl", "$origin/")
        putJsonArray("origins") { add(origin) }
        put("clientId", program)
        putJsonArray("redirectUris") { add("$origin/callback") }
        putJsonArray("audiences") { add("https://api.example") }
        putJsonArray("methods") {
            add("acme.print")
            add("acme.locate")
        }
        putJsonArray("scopes") {
            for ((name, reason) in SCOPES) {
                addJsonObject {
                    put("name", name)
                    if (reason != null) putJsonObject("reason") { put("en", reason) }
                }
            }
        }
    }

    private companion object {
        val SCOPES = mapOf("openid" to null, "profile" to "To greet you.", "email" to "To send your receipt.", "phone" to null)
    }
}
