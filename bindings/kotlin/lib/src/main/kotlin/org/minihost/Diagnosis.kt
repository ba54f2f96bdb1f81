package org.minihost

/**
 * All that was looked at, in order.
 *
 * @property findings what was found
 */
public data class Diagnosis(public val findings: List<Finding>) {
    /** Whether nothing is bad. */
    public val isHealthy: Boolean get() = findings.none { it.verdict == Verdict.BAD }
}

/**
 * One thing that was looked at.
 *
 * @property check what
 * @property of which of several: a mini-program's client id
 * @property verdict how it is
 * @property saw what was seen, in one sentence for developers; holds no secret
 * @property cure what to do about it; always there where it is bad
 */
public data class Finding(
    public val check: Check,
    public val of: String?,
    public val verdict: Verdict,
    public val saw: String,
    public val cure: String?,
)

/** What can be looked at. */
public enum class Check {
    /** The way to the server, and whether it is the one that was meant. */
    TLS,

    /** What the server says about itself. */
    METADATA,

    /** The device's clock beside the server's. */
    CLOCK,

    /** The host's client authentication. */
    HOST_CREDENTIALS,

    /** The host's own redirect URI, for its user's sign-in. */
    REDIRECT_URI,

    /** A mini-program's client id and redirect URI. */
    MINI_PROGRAM,

    /** The secret store. */
    SECRET_STORE,

    /** The host in this process. */
    HOST,
}

/** How it is. */
public enum class Verdict {
    /** It works. */
    GOOD,

    /** It does not. */
    BAD,

    /** It was not looked at, or nothing could be seen. */
    UNKNOWN,
}

/**
 * A mini-program whose registration is to be looked at, as its manifest names it.
 *
 * @property clientId its client id
 * @property redirectUri one of its redirect URIs
 */
public data class RegisteredProgram(public val clientId: String, public val redirectUri: String)
