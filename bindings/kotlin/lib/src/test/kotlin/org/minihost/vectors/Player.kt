package org.minihost.vectors

import java.time.Instant
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.longOrNull
import org.minihost.AnswerException
import org.minihost.CallContext
import org.minihost.Choice
import org.minihost.CodeRefused
import org.minihost.ConsentPrompt
import org.minihost.GrantEnded
import org.minihost.HostEvent
import org.minihost.HostMethodFailure
import org.minihost.HostShutDownException
import org.minihost.IssuedCode
import org.minihost.MiniProgramSession
import org.minihost.OpenException
import org.minihost.Revoked
import org.minihost.UserReturned
import org.minihost.ffi.Heard
import org.minihost.patiently

/** A session, and what stands for its WebView. */
private class Opened(val session: MiniProgramSession, val container: PlayedContainer)

/** Plays one history through the public API. */
internal class Player(private val history: History) : AutoCloseable {
    private val ports = PlayedHost(history)
    private val patterns = Patterns(Instant.now(), ports::keyName)
    private val host = ports.start()
    private val scope = CoroutineScope(Dispatchers.Unconfined)

    /** The message that was sent last, which histories answer without saying so. */
    private var latest: Named? = null

    private val presented = Heard<ConsentPrompt>("a prompt")
    private val dismissed = Heard<Long>("the end of a prompt")

    private val opened = mutableMapOf<Int, Opened>()
    private val prompts = mutableMapOf<Int, ConsentPrompt>()
    private val saves = PlayedSaves(history.answeredSaves, ports.shelf) { came, effect, place -> hold(came, effect, place, "save") }
    private val questions = mutableMapOf<Pair<String, Int>, Question<*>>()
    private val revokes = mutableMapOf<Int, Deferred<Revoked>>()

    init {
        scope.launch(start = UNDISPATCHED) {
            host.events.collect { event ->
                when (event) {
                    is HostEvent.PromptPresented -> presented.add(event.prompt)
                    is HostEvent.PromptDismissed -> dismissed.add(event.prompt)
                    else -> Unit
                }
            }
        }
    }

    fun play() {
        for ((index, step) in history.steps.withIndex()) {
            repeat(step.times) {
                nothingElse("before step $index")
                feed(step.input)
                step.out.forEach { expect(it, "step $index, ${it.kind}") }
            }
        }
        nothingElse("at the end")
        runBlocking {
            val ended = async(start = UNDISPATCHED) { host.shutdown() }
            saves.letGo()
            ended.await()
        }
        nothingElse("after the end") { "\"aborted\"" in "$it" || it is Long || it is Question<*> }
    }

    override fun close() {
        saves.letGo()
        scope.cancel()
        host.close()
    }

    private fun feed(input: Named) {
        val session = input["session"]?.int
        when (input.kind) {
            "ready" -> ready(checkNotNull(session), input)
            "open" -> open(checkNotNull(session), input)
            "user" -> user(input.value.string)
            "document" -> opened.getValue(checkNotNull(session)).session.documentStarted(input["document"].int.toLong())
            "visible" -> opened.getValue(checkNotNull(session)).session.run { if (input.flag("visible")) foreground() else background() }
            "message" -> message(input)
            "close" -> opened.getValue(checkNotNull(session)).session.close()
            "answer" -> answer(input)
            "saved" -> saves.answered(input["save"].int, input.flag("stored"))
            "issued" -> issued(input)
            "returned" -> returned(input)
            "signedIn" -> question<UserReturned>("signIn", input["ticket"]).answer.complete(returned(input["outcome"].string))
            "settingsShown" -> question<Unit>("openSettings", input["ticket"]).answer.complete(Unit)
            "endedAtServer" -> question<GrantEnded>("endAtServer", input["ending"]).answer.complete(ended(input["outcome"].string))
            "revoke" -> revokes[input["call"].int] = scope.async(start = UNDISPATCHED) {
                host.revoke(checkNotNull(input["program"].string), input["scopes"]?.strings)
            }
            "switched" -> host.setEnabled(checkNotNull(input["program"].string), input.flag("on"))
            "settings" -> host.settingsOpened()
            "locale" -> host.localeChanged(checkNotNull(input.value.string))
            "shutDown" -> runBlocking { host.shutdown() }
            // What comes of it is waited for.
            "advance" -> Unit
            else -> error("not an input: ${input.kind}")
        }
    }

    private fun ready(session: Int, input: Named) {
        user("alice")
        open(session, input)
        val page = opened.getValue(session)
        page.session.documentStarted(1)
        val context = CallContext(1, 0, origin(input), true, false, true, 0.milliseconds)
        checkNotNull(page.session.receive(context, INITIALIZE)) { "the page is not told whom it speaks with" }
    }

    private fun user(name: String?) = runBlocking {
        when (name) {
            host.user.value?.displayName -> Unit
            null -> host.signOut()
            else -> host.signInWithPassword(name, "x")
        }
        patiently { ports.userIs(host, name) }
    }

    private fun open(session: Int, input: Named) {
        val container = PlayedContainer(session)
        val manifest = ports.manifest(checkNotNull(input["program"].string), input["version"].string, input["signedBy"].string)
        try {
            opened[session] = Opened(host.open(manifest, container), container)
            check(input["rolledBack"] == null) { "an older release was opened" }
        } catch (refused: OpenException.BadManifest) {
            check(input["rolledBack"] != null) { "not opened: $refused" }
        }
    }

    private fun message(input: Named) {
        latest = input
        val page = opened.getValue(input["session"].int)
        val (document, to) = input["document"].int.toLong() to input["to"].int.toLong()
        val members = input.value as JsonObject
        val context = CallContext(
            document = document,
            replyToken = to,
            origin = if ("origin" in members) input["origin"].string else origin(input),
            mainFrame = if ("mainFrame" in members) input["mainFrame"].boolean else true,
            capability = input["capability"].boolean ?: false,
            visible = input["visible"].boolean ?: true,
            gestureAge = if ("gestureAgeMs" in members) input["gestureAgeMs"]?.jsonPrimitive?.longOrNull?.milliseconds else 0.milliseconds,
        )
        val text = input["text"].run { string ?: "$this" }
        val padded = input["padTo"]?.int?.let { text + " ".repeat(it - text.toByteArray().size) } ?: text
        try {
            val reply = page.session.receive(context, padded) ?: return
            page.container.replies(to).add(page.container.message(document, to, Json.parseToJsonElement(reply)))
        } catch (_: HostShutDownException) {
            // The history says whether somebody is still there.
        }
    }

    private fun answer(input: Named) {
        val choice = when {
            input.flag("deny") -> Choice.Deny
            input.flag("dismiss") -> Choice.Dismiss
            else -> Choice.Allow(input["allow"].strings, remember(input["remember"].string))
        }
        try {
            prompts.getValue(input["prompt"].int).answer(choice)
        } catch (_: AnswerException) {
            // An answer that does not count changes nothing; what follows shows that.
        }
    }

    private fun issued(input: Named) {
        val answer = question<IssuedCode>("issue", input["ticket"]).answer
        val failed = input["failed"].string
        if (failed != null) {
            answer.completeExceptionally(CodeRefused(failed, input["retryAfter"]?.int?.seconds))
            return
        }
        answer.complete(
            IssuedCode(
                code = checkNotNull(input["code"].string),
                clientId = checkNotNull(input["clientId"].string),
                scopes = input["scopes"]?.strings,
                issuer = input["iss"].string,
                expiresIn = input["expiresIn"]?.int?.seconds,
                grantId = input["grantId"].string,
            ),
        )
    }

    private fun returned(input: Named) {
        val answer = question<String>("call", input["ticket"]).answer
        val failed = input["failed"].string
        if (failed == null) {
            answer.complete("${input["result"]}")
        } else {
            answer.completeExceptionally(HostMethodFailure(failed, "The host's method failed."))
        }
    }

    private fun returned(outcome: String?) = UserReturned.valueOf(checkNotNull(outcome).uppercase())

    private fun ended(outcome: String?) = when (outcome) {
        "ended" -> GrantEnded.ENDED
        "localOnly" -> GrantEnded.LOCAL_ONLY
        else -> GrantEnded.NOT_YET
    }

    private fun expect(effect: Named, place: String) {
        when (effect.kind) {
            "reply" -> hold(page(effect).replies((effect["to"] ?: checkNotNull(latest)["to"]).int.toLong()).next(), effect, place)
            "tell" -> if (history.tellsEvents) hold(page(effect).events(effect["document"].int.toLong()).next(), effect, place)
            "settle" -> hold(page(effect).settled.next(), effect, place)
            "prompt" -> presented.next().let { prompt ->
                prompts[effect["prompt"]?.int ?: 0] = prompt
                hold(prompt.view.shown(), effect, place, "prompt")
            }
            "dismiss" -> check(dismissed.next() == prompts.getValue(effect.value.int).id) { "$place: another prompt is dismissed" }
            "save" -> saves.decided(effect, place)
            "issue" -> ask(ports.issuer.asked, effect, "ticket", place)
            "endAtServer" -> ask(ports.issuer.endings, effect, "ending", place)
            "signIn" -> ask(ports.signIn.asked, effect, "ticket", place)
            "openSettings" -> ask(ports.settings.asked, effect, "ticket", place)
            "call" -> ask(ports.calls, effect, "ticket", place)
            "abandon" -> abandoned("issue", effect)
            "abandonCall" -> abandoned("call", effect)
            "abandonSignIn" -> abandoned("signIn", effect)
            "revoked" -> hold(revoked(effect["call"].int).shown(), effect, place, "call")
            "audit" -> if (history.tellsAudit) hold(ports.audit.next().shown(), effect, place)
            else -> error("not an effect: ${effect.kind}")
        }
    }

    private fun revoked(call: Int) = runBlocking { patiently { revokes.getValue(call).await() } }

    private fun page(effect: Named) = opened.getValue((effect["session"] ?: checkNotNull(latest)["session"]).int).container

    private fun <A : Any> ask(asked: Heard<Question<A>>, effect: Named, id: String, place: String) {
        val others = mutableListOf<Question<A>>()
        var question = asked.next()
        // Several ends go to the server at once, and come in any order.
        while (effect.kind == "endAtServer" && !fits(question.shown, effect, id)) {
            others += question
            question = asked.next()
        }
        others.forEach(asked::add)
        questions[effect.kind to effect[id].int] = question
        hold(question.shown, effect, place, id)
    }

    private fun abandoned(kind: String, effect: Named) = runBlocking {
        patiently { questions.getValue(kind to effect.value.int).abandoned.await() }
    }

    @Suppress("UNCHECKED_CAST")
    private fun <A : Any> question(kind: String, id: JsonElement?): Question<A> = questions.getValue(kind to id.int) as Question<A>

    /** The names that the history gives things are its own: [but] holds one. */
    private fun hold(came: JsonObject, effect: Named, place: String, but: String? = null) {
        check(fits(came, effect, but)) { "$place: expected ${pattern(effect, but)}\ncame $came" }
    }

    private fun fits(came: JsonObject, effect: Named, but: String?) = patterns.fits(pattern(effect, but), came)

    private fun pattern(effect: Named, but: String?) =
        patterns.asHostsSee(JsonObject((effect.value as JsonObject).filterKeys { it != but })) as JsonObject

    private fun nothingElse(place: String, but: (Any) -> Boolean = { false }) {
        val containers = opened.values.map { it.container }
        val asked = (ports.heard + listOf(presented, dismissed)).flatMap { it.rest() }
        val told = if (history.tellsEvents) containers.flatMap { it.unclaimedEvents() } else emptyList()
        val audited = if (history.tellsAudit) ports.audit.rest() else emptyList()
        val left = (containers.flatMap { it.unclaimedReplies() } + asked + told + audited).filterNot(but)
        check(left.isEmpty()) { "$place: came, and the history does not have it: $left" }
    }

    private fun origin(input: Named) = "https://${input["program"].string}.example"

    private fun Named.flag(member: String) = get(member).boolean ?: false

    private val JsonElement?.boolean: Boolean? get() = (this as? JsonPrimitive)?.booleanOrNull

    private companion object {
        const val INITIALIZE = """{"jsonrpc":"2.0","id":0,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"""
    }
}
