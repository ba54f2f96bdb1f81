package org.minihost.internal

import kotlin.time.Duration.Companion.milliseconds
import org.minihost.Browser
import org.minihost.CodeIssuer
import org.minihost.CodeRefused
import org.minihost.CredentialSigner
import org.minihost.GrantEnded
import org.minihost.HostCall
import org.minihost.HostMethod
import org.minihost.HostMethodFailure
import org.minihost.HttpFailure
import org.minihost.HttpRequest
import org.minihost.HttpTransport
import org.minihost.HttpTransportException
import org.minihost.NotSigned
import org.minihost.NotSignedException
import org.minihost.SettingsPage
import org.minihost.SignInPrompt
import org.minihost.UserReturned
import org.minihost.ffi.Browser as FfiBrowser
import org.minihost.ffi.CodeIssuer as FfiCodeIssuer
import org.minihost.ffi.CredentialSigner as FfiSigner
import org.minihost.ffi.HostCall as FfiHostCall
import org.minihost.ffi.HostMethod as FfiHostMethod
import org.minihost.ffi.HttpTransport as FfiTransport
import org.minihost.ffi.MethodResultException
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.ffi.SettingsPage as FfiSettingsPage
import org.minihost.ffi.SignInPrompt as FfiSignInPrompt
import org.minihost.ffi.SignInRequest as FfiSignInRequest
import org.minihost.ffi.WantedCode as FfiWantedCode

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

internal class ForeignSignIn(private val port: SignInPrompt, private val session: ForeignSession?, link: HostLink) : FfiSignInPrompt {
    private val asked = Asked(link)

    override fun present(request: FfiSignInRequest) = asked.ask(request.ticket) {
        val returned = heard({ UserReturned.FAILED }) { port.present(request.toPublic()) }.toFfi();
        { host ->
            // The request goes on as whoever is signed in by then.
            session?.tell(host)
            host.signInDone(request.ticket, returned)
        }
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
        val failed = { error: Throwable ->
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
        val failed = { error: Throwable ->
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

internal class ForeignTransport(private val port: HttpTransport, link: HostLink) : FfiTransport {
    private val asked = Asked(link)

    override fun send(ticket: ULong, method: String, url: String, headers: Map<String, String>, body: ByteArray?, timeAllowedMs: ULong) =
        asked.ask(ticket) {
            val request = HttpRequest(method, url, headers, body, timeAllowedMs.toLong().milliseconds)
            val failed = { error: Throwable ->
                val why = ((error as? HttpTransportException)?.failure ?: HttpFailure.MAYBE_SENT).toFfi();
                { host: FfiHost -> host.httpFailed(ticket, why) }
            }
            heard(failed) {
                val response = port.send(request);
                { host -> host.httpAnswered(ticket, response.status.toUShort(), response.headers, response.body) }
            }
        }

    override fun abandon(ticket: ULong) = asked.giveUp(ticket)
}

internal class ForeignIssuer(private val port: CodeIssuer, link: HostLink) : FfiCodeIssuer {
    private val asked = Asked(link)

    override fun issue(request: FfiWantedCode) = asked.ask(request.ticket) {
        val failed = { error: Throwable ->
            val refused = error as? CodeRefused;
            { host: FfiHost -> host.refused(request.ticket, refused) }
        }
        heard(failed) {
            val issued = port.issue(request.toPublic());
            { host -> host.codeIssued(request.ticket, issued.code, issued.toFfi()) }
        }
    }

    override fun endGrant(ticket: ULong, grantId: String, timeAllowedMs: ULong) = asked.ask(ticket) {
        val ended = heard({ GrantEnded.NOT_YET }) { port.endGrant(grantId, timeAllowedMs.toLong().milliseconds) }.toFfi();
        { host -> host.grantEnded(ticket, ended) }
    }

    override fun abandon(ticket: ULong) = asked.giveUp(ticket)

    private fun FfiHost.refused(ticket: ULong, refused: CodeRefused?) {
        val retryAfter = refused?.retryAfter?.toSeconds()
        try {
            codeRefused(ticket, refused?.reason ?: INTERNAL, retryAfter)
        } catch (_: MethodResultException.UnknownReason) {
            codeRefused(ticket, INTERNAL, retryAfter)
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
