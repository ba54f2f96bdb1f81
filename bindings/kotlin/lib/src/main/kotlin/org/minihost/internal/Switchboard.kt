package org.minihost.internal

import java.util.concurrent.ConcurrentHashMap
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.minihost.AuditAction
import org.minihost.AuditEvent
import org.minihost.AuditOutcome
import org.minihost.CodeIssuer
import org.minihost.CodeRequests
import org.minihost.ConsentMode
import org.minihost.ConsentPrompt
import org.minihost.Container
import org.minihost.Credentials
import org.minihost.HostConfiguration
import org.minihost.HostEvent
import org.minihost.HostPorts
import org.minihost.User
import org.minihost.ffi.AuditEvent as FfiAuditEvent
import org.minihost.ffi.AuditSink as FfiAuditSink
import org.minihost.ffi.ConsentPrompt as FfiConsentPrompt
import org.minihost.ffi.ConsentView as FfiConsentView
import org.minihost.ffi.ContainerSink
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.ffi.Network as FfiNetwork
import org.minihost.ffi.OptionalPorts
import org.minihost.ffi.OwnMethod
import org.minihost.ffi.User as FfiUser
import org.minihost.ffi.UserObserver

/** How many events a slow collector may be behind. */
private const val BEHIND = 256

/** Takes what the core says to the host app, and hands it to whom it concerns. */
internal class Switchboard(private val ports: HostPorts, context: CoroutineContext) {
    val containers = ConcurrentHashMap<ULong, Container>()

    // What a port throws is answered for it; what else goes wrong there must not end the process.
    private val scope = CoroutineScope(context + SupervisorJob() + CoroutineExceptionHandler { _, _ -> })
    private val link = HostLink(scope)
    private val session = ports.session?.let { ForeignSession(it, link) }

    private val users = MutableStateFlow<User?>(null)
    private val prompts = MutableStateFlow<ConsentPrompt?>(null)
    private val happenings = MutableSharedFlow<HostEvent>(0, BEHIND, BufferOverflow.DROP_OLDEST)
    private val audited = MutableSharedFlow<AuditEvent>(0, BEHIND, BufferOverflow.DROP_OLDEST)

    val user = users.asStateFlow()
    val prompt = prompts.asStateFlow()
    val events = happenings.asSharedFlow()
    val auditEvents = audited.asSharedFlow()

    suspend fun start(configuration: HostConfiguration, credentials: Credentials): FfiHost {
        val issuer = (configuration.codeRequests as? CodeRequests.Own)?.issuer
        val host = credentials.linked(link).use { client ->
            translated { ports.network.toFfi(link) }.use { network ->
                val optional = optional(network, issuer)
                translated { FfiHost.start(configuration.toFfi(), client, Prompts(), Sink(), Audits(), optional) }
            }
        }
        link.complete(host)
        session?.follow(host)
        return host
    }

    /** Lets go of everything. */
    fun end() {
        scope.cancel()
        containers.clear()
        prompts.value = null
    }

    private fun optional(network: FfiNetwork, issuer: CodeIssuer?) = OptionalPorts(
        settings = ports.settings?.let { ForeignSettings(it, link) },
        signIn = ports.signIn?.let { ForeignSignIn(it, session, link) },
        browser = ports.browser?.let { ForeignBrowser(it, link) },
        network = network,
        secrets = ports.secrets.toFfi(),
        grants = ports.grants.toFfi(),
        codeIssuer = issuer?.let { ForeignIssuer(it, link) },
        session = session,
        user = Users(),
        methods = ports.methods.map { OwnMethod(it.declaration.toFfi(), ForeignMethod(it, link)) },
    )

    private fun gone(prompt: ULong) = prompts.update { shown -> shown?.takeIf { it.id != prompt.toLong() } }

    private inner class Prompts : FfiConsentPrompt {
        override fun present(view: FfiConsentView) = told<Unit> {
            val prompt = ConsentPrompt(view.toPublic(), link) { gone(view.prompt) }
            prompts.value = prompt
            happenings.tryEmit(HostEvent.PromptPresented(prompt))
        }

        override fun dismiss(prompt: ULong) = told<Unit> {
            gone(prompt)
            happenings.tryEmit(HostEvent.PromptDismissed(prompt.toLong()))
        }
    }

    private inner class Sink : ContainerSink {
        override fun deliver(session: ULong, document: ULong, inReplyTo: ULong?, text: String) = told<Unit> {
            containers[session]?.deliver(document.toLong(), inReplyTo?.toLong(), text)
        }

        override fun settle(session: ULong, replyToken: ULong) = told<Unit> {
            containers[session]?.settle(replyToken.toLong())
        }
    }

    private inner class Users : UserObserver {
        override fun userChanged(user: FfiUser?) = told<Unit> {
            val changed = user?.toPublic()
            users.value = changed
            happenings.tryEmit(HostEvent.UserChanged(changed))
        }
    }

    private inner class Audits : FfiAuditSink {
        override fun record(event: FfiAuditEvent) = told<Unit> {
            val public = event.toPublic()
            audited.tryEmit(public)
            if (public.mayChangeGrants) happenings.tryEmit(HostEvent.GrantsChanged(public.miniProgram))
            ports.audit?.record(public)
        }
    }
}

private val AuditEvent.mayChangeGrants: Boolean
    get() = when (val end = outcome) {
        is AuditOutcome.Delivered -> end.mode == ConsentMode.PROMPT
        is AuditOutcome.Revoked -> true
        // An answer is kept though its document is gone or the server refuses.
        else -> action == AuditAction.RequestCode && choice != null
    }
