package org.minihost

import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.JsonObject
import org.minihost.ffi.Heard
import org.minihost.ffi.Message
import org.minihost.ffi.PATIENCE_SECONDS
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.Speaker

/** A host app as its developers write it: over the hand-written API alone. */
internal class HostApp private constructor(val host: MiniHost) : AutoCloseable {
    /** Opens a mini-program and loads its page. */
    fun open(program: Program, methods: List<String> = emptyList()): WebView {
        val view = WebView()
        val manifest = Manifest.UnsignedForDevelopment(program.manifest(methods = methods))
        val session = host.open(manifest, view, Launch(source = "test"))
        session.documentStarted(1)
        view.show(session, program.origin)
        return view
    }

    /** The prompt that is on screen, once it is. */
    fun prompt(): ConsentPrompt = runBlocking { patiently { host.prompt.filterNotNull().first() } }

    fun noPrompt() = runBlocking { patiently { host.prompt.first { it == null } } }

    override fun close() = runBlocking { host.shutdown() }

    companion object {
        fun configuration(issuer: String, client: String) = HostConfiguration(
            issuer = issuer,
            clientId = client,
            host = HostInfo("Harbour", "1.0.0", "jvm"),
            build = Build.DEVELOPMENT,
        )

        fun start(
            issuer: String,
            clientId: String,
            credentials: Credentials,
            ports: HostPorts = HostPorts(),
            configured: HostConfiguration.() -> HostConfiguration = { this },
        ): HostApp = HostApp(
            runBlocking { MiniHost.start(configuration(issuer, clientId).configured(), credentials, ports) },
        )

        fun start(
            sample: SampleHost,
            ports: HostPorts = HostPorts(),
            configured: HostConfiguration.() -> HostConfiguration = { this },
        ): HostApp = start(sample.issuer, sample.host.id, Credentials.secret(sample.host.secret), ports, configured)

        fun signedIn(
            sample: SampleHost,
            username: String = "alice",
            ports: HostPorts = HostPorts(),
            configured: HostConfiguration.() -> HostConfiguration = { this },
        ): HostApp = start(sample, ports, configured).apply {
            runBlocking { host.signInWithPassword(username, sample.password(username)) }
        }
    }
}

internal suspend fun <T> patiently(what: suspend () -> T): T = withTimeout(PATIENCE_SECONDS.seconds) { what() }

/** Stands for a WebView with a page in it. */
internal class WebView :
    Speaker<CallContext>(),
    Container {
    val delivered = Heard<Pair<Long, JsonObject>>("an answer for the page")
    val told = Heard<JsonObject>("an event for the page")
    val settled = Heard<Long>("the end of a message without a reply")

    /** The thread that told of the latest such end. */
    @Volatile
    lateinit var settledOn: Thread
        private set
    lateinit var session: MiniProgramSession
        private set
    private lateinit var origin: String
    var document = 1L
        private set

    fun show(session: MiniProgramSession, origin: String) {
        this.session = session
        this.origin = origin
        initialize()
    }

    fun reload() {
        document += 1
        session.documentStarted(document)
        initialize()
    }

    override fun deliver(document: Long, inReplyTo: Long?, text: String) {
        val message = Message.parse(text)
        if (inReplyTo == null) told.add(message) else delivered.add(inReplyTo to message)
    }

    override fun settle(replyToken: Long) {
        settledOn = Thread.currentThread()
        settled.add(replyToken)
    }

    fun context(change: CallContext.() -> CallContext = { this }) = CallContext(
        document = document,
        replyToken = lastId(),
        origin = origin,
        mainFrame = true,
        capability = false,
        visible = true,
        gestureAge = 200.milliseconds,
    ).change()

    override fun post(text: String, change: CallContext.() -> CallContext): JsonObject? =
        session.receive(context(change), text)?.let(Message::parse)

    /** The answer to the latest request, which comes later. */
    fun reply(): JsonObject {
        val (to, message) = delivered.next()
        check(to == lastId()) { "this answers $to, not ${lastId()}" }
        return message
    }
}

internal fun ConsentView.allow(remember: Remember = Remember.ONCE) = Choice.Allow(scopes.map { it.name }, remember)
