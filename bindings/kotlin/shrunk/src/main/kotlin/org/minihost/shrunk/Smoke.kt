package org.minihost.shrunk

import android.app.Activity
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import org.minihost.Build
import org.minihost.CallContext
import org.minihost.Container
import org.minihost.Credentials
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.Manifest
import org.minihost.MiniHost
import org.minihost.OpenException
import org.minihost.SignInException
import org.minihost.android.consent.ConsentSheets
import org.minihost.android.consent.ConsentTexts
import org.minihost.android.container.BridgeScript
import org.minihost.android.container.MiniPrograms

/**
 * A small app over the library as R8 leaves it. On a JVM it starts the core, speaks to it, is called back and told of errors;
 * what needs Android is in it to be shrunk with the rest.
 */
fun main() {
    // What each program that opens begins with.
    check("minihostBridge" in BridgeScript.shipped.pageSide && "minihost-port" in BridgeScript.shipped.awaitedPort) { "other scripts" }
    runBlocking {
        val configuration = HostConfiguration(
            issuer = "http://127.0.0.1:9",
            clientId = "smoke",
            host = HostInfo("Smoke", "1", "jvm"),
            build = Build.DEVELOPMENT,
        )
        val host = MiniHost.start(configuration, Credentials.publicClient())
        val page = Page()
        val session = host.open(Manifest.UnsignedForDevelopment(MANIFEST), page)
        check(session.program.origins == listOf("http://tea.localhost:1")) { "a record came back otherwise" }
        session.documentStarted(1)
        session.foreground()
        val initialized = session.receive(
            context(1),
            """{"jsonrpc":"2.0","id":1,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}""",
        )
        check(initialized != null && "\"version\":1" in initialized) { "no answer at once" }
        val grants = session.receive(context(2), """{"jsonrpc":"2.0","id":2,"method":"auth.getGrants","params":{}}""")
        val answer = grants ?: checkNotNull(page.delivered.poll(20, TimeUnit.SECONDS)) { "the core did not call back" }
        check("\"grants\":[]" in answer) { "another answer: $answer" }
        val silent = session.receive(context(3), SILENT)
        val refused = silent ?: checkNotNull(page.delivered.poll(20, TimeUnit.SECONDS)) { "the core did not call back" }
        check("\"error\"" in refused) { "another answer: $refused" }
        check(runCatching { host.open(Manifest.UnsignedForDevelopment("{}"), page) }.exceptionOrNull() is OpenException) { "no error" }
        val signIn = runCatching { host.signInWithPassword("nobody", "nothing") }.exceptionOrNull()
        check(signIn is SignInException) { "an async call came to $signIn" }
        session.close()
        host.shutdown()
        check(runCatching { host.grants() }.isFailure) { "it goes on after its end" }
    }
    println("The shrunk library works.")
}

/** Never called on a JVM. It is what a host app's Activity does. */
class SmokeActivity : Activity() {
    lateinit var host: MiniHost

    override fun onStart() {
        super.onStart()
        val programs = MiniPrograms(this, host)
        ConsentSheets(host, programs, texts = { ConsentTexts.of(it, "Smoke") }).attach(this)
        programs.open(Manifest.UnsignedForDevelopment(MANIFEST))
    }
}

private class Page : Container {
    val delivered = LinkedBlockingQueue<String>()

    override fun deliver(document: Long, inReplyTo: Long?, text: String) {
        delivered.add(text)
    }

    override fun settle(replyToken: Long) = Unit
}

private fun context(token: Long) = CallContext(
    document = 1,
    replyToken = token,
    origin = "http://tea.localhost:1",
    mainFrame = true,
    capability = false,
    visible = true,
    gestureAge = null,
)

private const val SILENT =
    """{"jsonrpc":"2.0","id":3,"method":"auth.requestCode","params":{"scopes":["openid"],"codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256","prompt":"none"}}"""

private const val MANIFEST = """{"manifestVersion":1,"id":"tea","version":"1.0.0","name":{"en":"Tea"},
    "publisher":{"id":"acme","name":{"en":"Acme"}},"startUrl":"http://tea.localhost:1/","origins":["http://tea.localhost:1"],
    "clientId":"tea","redirectUris":["http://tea.localhost:1/callback"],"scopes":[{"name":"openid"}]}"""
