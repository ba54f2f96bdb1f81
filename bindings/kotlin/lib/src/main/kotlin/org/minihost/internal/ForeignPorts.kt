package org.minihost.internal

import kotlin.time.Duration.Companion.milliseconds
import org.minihost.Browser
import org.minihost.CredentialSigner
import org.minihost.HostCall
import org.minihost.HostMethod
import org.minihost.HostMethodFailure
import org.minihost.NotSigned
import org.minihost.NotSignedException
import org.minihost.SettingsPage
import org.minihost.SignInPrompt
import org.minihost.UserReturned
import org.minihost.ffi.Browser as FfiBrowser
import org.minihost.ffi.CredentialSigner as FfiSigner
import org.minihost.ffi.HostCall as FfiHostCall
import org.minihost.ffi.HostMethod as FfiHostMethod
import org.minihost.ffi.MethodResultException
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.ffi.SettingsPage as FfiSettingsPage
import org.minihost.ffi.SignInPrompt as FfiSignInPrompt
import org.minihost.ffi.SignInRequest as FfiSignInRequest

private const val INTERNAL = "internal"

internal class ForeignSettings(private val port: SettingsPage, link: HostLink) : FfiSettingsPage {
    private val asked = Asked(link)

    override fun show(ticket: ULong, miniProgram: String) = asked.ask(ticket) {
        val shown = heard({ false }) {
            port.show(miniProgram)
            true
        };
        { host -> if (shown) host.settingsShown(ticket) }
    }
}

internal class ForeignSignIn(private val port: SignInPrompt, link: HostLink) : FfiSignInPrompt {
    private val asked = Asked(link)

    override fun present(request: FfiSignInRequest) = asked.ask(request.ticket) {
        val returned = heard({ UserReturned.FAILED }) { port.present(request.toPublic()) }.toFfi();
        { host -> host.signInDone(request.ticket, returned) }
    }

    override fun dismiss(ticket: ULong) = asked.giveUp(ticket)
}

internal class ForeignBrowser(private val port: Browser, link: HostLink) : FfiBrowser {
    private val asked = Asked(link)

    override fun visit(ticket: ULong, miniProgram: String, page: String) = asked.ask(ticket) {
        val returned = heard({ UserReturned.FAILED }) { port.visit(miniProgram, page) }.toFfi();
        { host -> host.browserClosed(ticket, returned) }
    }

    override fun dismiss(ticket: ULong) = asked.giveUp(ticket)
}

internal class ForeignSigner(private val port: CredentialSigner, link: HostLink) : FfiSigner {
    private val asked = Asked(link)

    override fun sign(ticket: ULong, message: ByteArray) = asked.ask(ticket) {
        val failed = { error: Exception ->
            val why = ((error as? NotSignedException)?.why ?: NotSigned.UNAVAILABLE).toFfi();
            { host: FfiHost -> host.notSigned(ticket, why) }
        }
        heard(failed) {
            val signature = port.sign(message);
            { host -> host.signed(ticket, signature) }
        }
    }

    override fun dismiss(ticket: ULong) = asked.giveUp(ticket)
}

internal class ForeignMethod(private val port: HostMethod, link: HostLink) : FfiHostMethod {
    private val asked = Asked(link)

    override fun call(call: FfiHostCall, params: String) = asked.ask(call.ticket) {
        val failed = { error: Exception ->
            val failure = error as? HostMethodFailure;
            { host: FfiHost -> host.failed(call.ticket, failure?.reason ?: INTERNAL, failure?.message.orEmpty()) }
        }
        heard(failed) {
            val result = port.call(call.toPublic(), params);
            { host ->
                try {
                    host.methodReturned(call.ticket, result)
                } catch (_: MethodResultException.NotJson) {
                    host.failed(call.ticket, INTERNAL, "")
                }
            }
        }
    }

    override fun abandon(ticket: ULong) = asked.giveUp(ticket)

    private fun FfiHost.failed(ticket: ULong, reason: String, message: String) {
        val text = message.ifEmpty { "The host's method failed." }
        try {
            methodFailed(ticket, reason, text)
        } catch (_: MethodResultException.UnknownReason) {
            methodFailed(ticket, INTERNAL, text)
        }
    }
}

private fun FfiHostCall.toPublic() = HostCall(
    correlation,
    method,
    miniProgram,
    session.toLong(),
    user?.toPublic(),
    timeAllowedMs.toLong().milliseconds,
)
