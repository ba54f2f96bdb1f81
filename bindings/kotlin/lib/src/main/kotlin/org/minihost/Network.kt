package org.minihost

import kotlin.time.Duration

/** How requests leave the machine. */
public sealed interface Network {
    /**
     * By the SDK's own HTTP and TLS.
     *
     * @property roots who may vouch for servers
     * @property pins the keys that servers may have, as `sha256/` and 44 characters of base64 (RFC 7469 §2.4); any key,
     *   where none is named. Name a second one that is kept out of use.
     * @property proxy the way to servers outside this machine
     * @property connectTimeout for a connection, its TLS included; 5 seconds where null
     * @property firstByteTimeout from the beginning to the head of the answer; 10 seconds where null
     */
    public class Sdk(
        public val roots: TrustedRoots = TrustedRoots.Platform,
        public val pins: List<String> = emptyList(),
        public val proxy: Proxy = Proxy.Environment,
        public val connectTimeout: Duration? = null,
        public val firstByteTimeout: Duration? = null,
    ) : Network

    /**
     * By the host app's own.
     *
     * @property transport what sends them
     */
    public class Own(public val transport: HttpTransport) : Network
}

/** Who may vouch for servers. */
public sealed interface TrustedRoots {
    /** The platform's root certificates; on Android the ones that come with the SDK. */
    public data object Platform : TrustedRoots

    /**
     * These beside the platform's.
     *
     * @property pem one or more certificates (RFC 7468 §5)
     */
    public data class PlatformAnd(public val pem: String) : TrustedRoots

    /**
     * These and no others.
     *
     * @property pem one or more certificates (RFC 7468 §5)
     */
    public data class Only(public val pem: String) : TrustedRoots
}

/** The way to servers outside this machine. The loopback interface is always reached straight. */
public sealed interface Proxy {
    /** What the environment names: `HTTPS_PROXY` and `NO_PROXY`. */
    public data object Environment : Proxy

    /** None. */
    public data object Direct : Proxy

    /**
     * This one: an `http` or `https` address, with the user and the password that it wants in it.
     *
     * @property address the address, which may be a secret
     */
    public class At(internal val address: String) : Proxy
}

/**
 * Sends requests to the authorization server.
 *
 * An implementation follows no redirect, keeps no cookies, repeats nothing, and reads at most 1 MiB of body. The SDK checks
 * the answer's size, time and status again.
 */
public fun interface HttpTransport {
    /**
     * Sends a request and suspends until its answer is there, of whatever status. Cancelled when nobody waits for it.
     *
     * @throws HttpTransportException where there is no answer; any other exception counts as [HttpFailure.MAYBE_SENT]
     */
    public suspend fun send(request: HttpRequest): HttpResponse
}

/**
 * A request. Headers and body hold secrets and must not be logged.
 *
 * @property method `GET`, `POST`, `PUT` or `DELETE`
 * @property url where to: `https`, or `http` on the loopback interface
 * @property headers each name once, in lower case
 * @property body the body, where there is one
 * @property timeAllowed from the beginning of the connection to the last byte of the answer
 */
public class HttpRequest internal constructor(
    public val method: String,
    public val url: String,
    public val headers: Map<String, String>,
    public val body: ByteArray?,
    public val timeAllowed: Duration,
)

/**
 * An answer. The body may hold tokens and must not be logged.
 *
 * @property status the status code
 * @property headers the values of each name, in whatever case
 * @property body the body
 */
public class HttpResponse(public val status: Int, public val headers: Map<String, List<String>>, public val body: ByteArray) {
    init {
        require(status in STATUSES) { "$status is no status" }
    }

    private companion object {
        val STATUSES = 100..599
    }
}

/** There is no answer to a request. */
public class HttpTransportException(
    /** Why. */
    public val failure: HttpFailure,
    cause: Throwable? = null,
) : Exception("no answer: $failure", cause)

/** Why there is no answer. */
public enum class HttpFailure {
    /** No byte of the request has left. It may be repeated. */
    NOT_SENT,

    /** The server is not the one that was meant; no byte of the request has left. */
    UNTRUSTED,

    /** The connection broke after bytes may have left. */
    MAYBE_SENT,

    /** The time was up. Bytes may have left. */
    TIMED_OUT,

    /** The answer's body is larger than 1 MiB. */
    TOO_LARGE,
}
