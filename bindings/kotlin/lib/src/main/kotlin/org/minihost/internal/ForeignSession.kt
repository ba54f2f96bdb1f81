package org.minihost.internal

import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.launch
import org.minihost.HostShutDownException
import org.minihost.NoTokenException
import org.minihost.User
import org.minihost.UserSession
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.ffi.NoToken
import org.minihost.ffi.SignOutResult
import org.minihost.ffi.User as FfiUser
import org.minihost.ffi.UserChangeException
import org.minihost.ffi.UserSession as FfiUserSession

/** The host app's own sign-in: says who is signed in, and gives tokens. */
internal class ForeignSession(private val port: UserSession, private val link: HostLink) : FfiUserSession {
    private val asked = Asked(link)

    /** Tells who is signed in by now, and from now on whenever that changes. */
    fun follow(host: FfiHost) {
        tell(host)
        checkNotNull(link.scope) { "a session belongs to a host" }.launch { port.user.collect { tell(host) } }
    }

    /** Looking and telling are one step, so that what was true before is never told last. */
    @Synchronized
    fun tell(host: FfiHost) {
        try {
            translated { host.userChanged(port.user.value?.toFfi()) }
        } catch (_: UserChangeException) {
            // The log says why; nobody is signed in.
        } catch (_: HostShutDownException) {
            // Nobody wants to know any more.
        }
    }

    override fun accessToken(ticket: ULong, user: FfiUser, rejected: String?) = asked.ask(ticket) {
        val failed = { error: Throwable ->
            val why = (error as? NoTokenException ?: NoTokenException.Unavailable()).toFfi();
            { host: FfiHost -> host.noToken(ticket, why) }
        }
        heard(failed) {
            val token = port.accessToken(user.toPublic(), rejected);
            { host -> host.tokenGiven(ticket, token) }
        }
    }

    override fun abandon(ticket: ULong) = asked.giveUp(ticket)

    override fun signOut(ticket: ULong, user: FfiUser) = asked.ask(ticket) {
        val result = heard({ SignOutResult.TOKENS_REMAIN }) {
            port.signOut(user.toPublic())
            SignOutResult.DONE
        };
        { host -> host.signedOut(ticket, result) }
    }
}

private fun User.toFfi() = FfiUser(id, displayName, epoch.toULong())

private fun NoTokenException.toFfi() = when (this) {
    is NoTokenException.SignInEnded -> NoToken.SignInEnded
    is NoTokenException.UserChanged -> NoToken.UserChanged
    is NoTokenException.Unavailable -> NoToken.Unavailable
    is NoTokenException.Network -> NoToken.Network
    is NoTokenException.TryLater -> NoToken.TryLater(retryAfter?.toSeconds())
    is NoTokenException.Server -> NoToken.Server
}
