package org.minihost

import kotlin.time.Duration
import kotlinx.coroutines.flow.StateFlow

/**
 * The sign-in of a host app that signs its users in by itself. What suspends is cancelled when nobody waits for it any more,
 * except [signOut].
 */
public interface UserSession {
    /**
     * Who is signed in, by the authorization server's `sub`. A new sign-in, of the same user too, has a higher epoch than any
     * before: the SDK takes no other, says so in its log, and then nobody is signed in until the epoch has grown. What the user
     * before had asked for ends with `account_changed`.
     */
    public val user: StateFlow<User?>

    /**
     * An access token that is good for a while. It is never the token of another user, nor of the same user's earlier or
     * later sign-in; one refresh runs, however many ask.
     *
     * @param user whose, and of which sign-in
     * @param rejected a token that the server has not taken though its time was not up: another is wanted
     * @throws NoTokenException where there is none; any other exception counts as [NoTokenException.Unavailable]
     */
    public suspend fun accessToken(user: User, rejected: String?): String

    /**
     * Ends this user's sign-in in the host app, because [MiniHost.signOut] was called: for the SDK nobody is signed in any
     * more. What it throws says that the tokens are still there.
     */
    public suspend fun signOut(user: User)
}

/** There is no token of the user. */
public sealed class NoTokenException(message: String) : Exception(message) {
    /** The server has ended the sign-in: for the SDK nobody is signed in any more. */
    public class SignInEnded : NoTokenException("the authorization server has ended the sign-in")

    /** Another user is signed in, or the same one has signed in anew. */
    public class UserChanged : NoTokenException("the user has changed")

    /** The tokens are out of reach just now. The user stays signed in. */
    public class Unavailable : NoTokenException("the tokens are out of reach")

    /** The server could not be reached. The user stays signed in. */
    public class Network : NoTokenException("the authorization server could not be reached")

    /**
     * The server wants to be left alone for a while. The user stays signed in.
     *
     * @property retryAfter how long to wait, where the server says
     */
    public class TryLater(public val retryAfter: Duration? = null) : NoTokenException("the authorization server is not available")

    /** The server gave an answer that cannot be used. The user stays signed in. */
    public class Server : NoTokenException("the authorization server's answer cannot be used")
}
