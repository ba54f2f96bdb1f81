package org.minihost.bench

import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.runBlocking
import org.minihost.Build
import org.minihost.CallContext
import org.minihost.Container
import org.minihost.Credentials
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.Manifest
import org.minihost.MiniHost
import org.minihost.MiniProgramSession
import org.minihost.Timeouts

/** A host whose user and server take no part, and a program in it. */
internal class BenchProgram : AutoCloseable {
    private val host = runBlocking {
        val configuration = HostConfiguration(
            issuer = "http://127.0.0.1:9",
            clientId = "bench",
            host = HostInfo("Bench", "1.0.0", "jvm"),
            build = Build.DEVELOPMENT,
            timeouts = Timeouts(silent = 300.milliseconds),
        )
        MiniHost.start(configuration, Credentials.publicClient())
    }

    fun open(container: Container): Page {
        val session = host.open(Manifest.UnsignedForDevelopment(MANIFEST), container)
        session.documentStarted(1)
        val page = Page(session)
        checkNotNull(page.send("""{"jsonrpc":"2.0","id":0,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"""))
        return page
    }

    /** What this message is answered with. */
    fun answered(text: String): String {
        val silent = object : Container {
            override fun deliver(document: Long, inReplyTo: Long?, text: String) = Unit

            override fun settle(replyToken: Long) = Unit
        }
        return open(silent).use { page ->
            checkNotNull(page.send(text)).also { reply -> check("\"result\"" in reply) { "it is refused: $reply" } }
        }
    }

    override fun close() = runBlocking { host.shutdown() }

    private companion object {
        const val MANIFEST = """{"manifestVersion":1,"id":"bench","version":"1.0.0","name":{"en":"Bench"},
            "publisher":{"id":"bench","name":{"en":"Bench"}},"startUrl":"http://bench.localhost:1/",
            "origins":["http://bench.localhost:1"],"clientId":"bench","redirectUris":["http://bench.localhost:1/callback"],
            "scopes":[{"name":"openid"}]}"""
    }
}

/** A page that is open. */
internal class Page(private val session: MiniProgramSession) : AutoCloseable {
    private var to = 0L

    fun send(text: String): String? {
        to += 1
        val context = CallContext(
            document = 1,
            replyToken = to,
            origin = "http://bench.localhost:1",
            mainFrame = true,
            capability = false,
            visible = true,
            gestureAge = null,
        )
        return session.receive(context, text)
    }

    override fun close() = session.close()
}
