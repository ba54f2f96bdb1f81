package org.minihost.ffi

import kotlinx.coroutines.runBlocking

/** Something a port was told, and the thread that told it. */
internal class Delivery(val session: ULong, val document: ULong, val inReplyTo: ULong?, val text: String)

/** Draws nothing and remembers everything. */
internal class Screen : ConsentPrompt {
    val presented = Heard<ConsentView>("a prompt")
    val dismissed = Heard<ULong>("the end of a prompt")
    val threads = Heard<Thread>("a call")

    /** What happens besides, when a prompt is to be shown. */
    @Volatile
    var onPresent: (ConsentView) -> Unit = {}

    override fun present(view: ConsentView) {
        threads.add(Thread.currentThread())
        presented.add(view)
        onPresent(view)
    }

    override fun dismiss(prompt: ULong) {
        dismissed.add(prompt)
    }
}

/** Stands for the WebViews: what would go to a page is kept. */
internal class Container : ContainerSink {
    val delivered = Heard<Delivery>("an answer for the page")
    val told = Heard<Delivery>("an event for the page")
    val settled = Heard<ULong>("the end of a message without a reply")

    /** What happens besides, when a message is to be delivered. */
    @Volatile
    var onDeliver: (Delivery) -> Unit = {}

    override fun deliver(session: ULong, document: ULong, inReplyTo: ULong?, text: String) {
        val delivery = Delivery(session, document, inReplyTo, text)
        (if (inReplyTo == null) told else delivered).add(delivery)
        onDeliver(delivery)
    }

    override fun settle(session: ULong, replyToken: ULong) {
        settled.add(replyToken)
    }
}

internal class Audit : AuditSink {
    val recorded = Heard<AuditEvent>("an audit event")

    /** What happens besides, when an event is to be recorded. */
    @Volatile
    var onRecord: (AuditEvent) -> Unit = {}

    override fun record(event: AuditEvent) {
        recorded.add(event)
        onRecord(event)
    }
}

/** A host app with the SDK in it. */
internal class Phone private constructor(val host: MiniHost, val screen: Screen, val container: Container, val audit: Audit) :
    AutoCloseable {

    fun signIn(sample: SampleHost, username: String): User = signIn(username, sample.password(username))

    fun signIn(username: String, password: String): User = runBlocking { host.signInWithPassword(username, password) }

    override fun close() {
        runBlocking { host.shutdown() }
        host.close()
    }

    companion object {
        fun start(
            issuer: String,
            client: Client,
            optional: OptionalPorts = OptionalPorts(),
            configured: HostConfig.() -> HostConfig = { this },
        ): Phone {
            val config = HostConfig(
                issuer = issuer,
                clientId = client.id,
                host = HostInfo(name = "Harbour", version = "1.0.0", platform = "jvm"),
                locale = "en",
                remember = listOf(Remember.THIRTY_DAYS, Remember.UNTIL_REVOKED, Remember.ONCE),
                silent = SilentTier.OFF,
                onSignOut = OnSignOut.KEEP_GRANTS,
                build = Build.DEVELOPMENT,
            )
            val (screen, container, audit) = Triple(Screen(), Container(), Audit())
            val host = runBlocking {
                MiniHost.start(config.configured(), client.credentials, screen, container, audit, optional)
            }
            return Phone(host, screen, container, audit)
        }

        fun start(
            sample: SampleHost,
            optional: OptionalPorts = OptionalPorts(),
            configured: HostConfig.() -> HostConfig = { this },
        ): Phone = start(sample.issuer, sample.host, optional, configured)

        fun signedIn(
            sample: SampleHost,
            username: String = "alice",
            optional: OptionalPorts = OptionalPorts(),
            configured: HostConfig.() -> HostConfig = { this },
        ): Phone = start(sample, optional, configured).apply { signIn(sample, username) }
    }
}

/** Runs a test on a phone whose user is signed in, and shuts it down afterwards. */
internal fun SampleHost.withPhone(
    username: String = "alice",
    optional: OptionalPorts = OptionalPorts(),
    configured: HostConfig.() -> HostConfig = { this },
    test: (Phone) -> Unit,
) = Phone.signedIn(this, username, optional, configured).use(test)

/** The same, with nobody signed in. */
internal fun SampleHost.withEmptyPhone(configured: HostConfig.() -> HostConfig = { this }, test: (Phone) -> Unit) =
    Phone.start(this, configured = configured).use(test)
