package org.minihost

import kotlin.time.Duration

/** How the host asks the authorization server for codes, and what that server is like. */
public sealed interface CodeRequests {
    /**
     * At its authorization challenge endpoint.
     *
     * @property endpoint the endpoint, where the metadata does not say that it issues codes to hosts
     * @property rename parameters of the profile that the server knows by other names
     * @property add parameters that go with every request, with their values; not for secrets
     * @property leaveOut parameters of the profile that the server does not take
     */
    public data class Challenge(
        public val endpoint: String? = null,
        public val rename: Map<String, String> = emptyMap(),
        public val add: Map<String, String> = emptyMap(),
        public val leaveOut: List<String> = emptyList(),
    ) : CodeRequests

    /**
     * At its ordinary authorization endpoint, without a browser.
     *
     * @property settings a JSON object with the members of `[authorize]` in `tests/interop/README.md`; not for secrets
     */
    public data class Authorize(public val settings: String = "{}") : CodeRequests

    /**
     * At the host's own backend, which holds the host's credentials: the way for phones.
     *
     * @property base the backend's address, without `/v1`
     */
    public data class Relay(public val base: String) : CodeRequests

    /**
     * In a way of the host app's own.
     *
     * @property issuer what asks
     */
    public class Own(public val issuer: CodeIssuer) : CodeRequests
}

/**
 * Asks for codes in a way of the host app's own.
 *
 * An implementation sends the token of exactly this user, follows no redirect that leaves the server, repeats nothing once
 * bytes were sent, and checks that the answer is for the client that was named. What suspends is cancelled when nobody waits
 * for it any more.
 */
public interface CodeIssuer {
    /**
     * Asks for a code.
     *
     * @throws CodeRefused where there is none; for any other exception the page hears `internal`
     */
    public suspend fun issue(wanted: WantedCode): IssuedCode

    /** Ends a grant at the server, with its codes and tokens. What it throws counts as [GrantEnded.NOT_YET]. */
    public suspend fun endGrant(grantId: String, timeAllowed: Duration): GrantEnded
}

/**
 * A code that a mini-program asks for, and that the user has agreed to.
 *
 * @property correlation for the host's log
 * @property user whose token goes with the request; a token of another user or epoch must not
 * @property clientId the client that will redeem the code
 * @property redirectUri where it will
 * @property scopes what the user agreed to
 * @property codeChallenge the S256 challenge (RFC 7636 §4.2)
 * @property nonce for an ID token
 * @property audience the resource (RFC 8707)
 * @property acrValues passed on
 * @property maxAge passed on
 * @property consent the evidence of the user's consent, a JSON object, for servers that want it
 * @property timeAllowed how long the exchange may take in all; after that nobody waits for it
 */
public data class WantedCode(
    public val correlation: String,
    public val user: User,
    public val clientId: String,
    public val redirectUri: String,
    public val scopes: List<String>,
    public val codeChallenge: String,
    public val nonce: String?,
    public val audience: String?,
    public val acrValues: List<String>,
    public val maxAge: Duration?,
    public val consent: String,
    public val timeAllowed: Duration,
)

/**
 * The server's answer.
 *
 * @property code the code, which must not be logged
 * @property clientId the client that can redeem it, as the server says; a code for another one is dropped
 * @property scopes what it stands for; null where the server says: as asked
 * @property issuer the issuer that it comes from, where that was verified
 * @property expiresIn how long it lives
 * @property grantId the server's name for the grant behind it
 */
public class IssuedCode(
    internal val code: String,
    public val clientId: String,
    public val scopes: List<String>? = null,
    public val issuer: String? = null,
    public val expiresIn: Duration? = null,
    public val grantId: String? = null,
) {
    init {
        require(expiresIn == null || !expiresIn.isNegative()) { "a code does not live for $expiresIn" }
    }
}

/** There is no code. */
public class CodeRefused(
    /** One of the bridge's reasons, such as `denied_by_server`; the page hears `internal` for any other text. */
    public val reason: String,
    /** After which time the page may try again. */
    public val retryAfter: Duration? = null,
) : Exception("no code: $reason")

/** What came of the end of a grant at the server. */
public enum class GrantEnded {
    /** The server has ended its codes and tokens. */
    ENDED,

    /** The server has no way to be told. */
    LOCAL_ONLY,

    /** It could not be told now, and is told at a later start of the host. */
    NOT_YET,
}
