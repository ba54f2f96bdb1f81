package org.minihost

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * How a host is set up. The host's credentials are no part of it: see [Credentials].
 *
 * @property issuer the authorization server's issuer identifier (RFC 8414 §2), as in its metadata
 * @property clientId the host's own client id at that server
 * @property host how the host names itself to pages
 * @property locale the language of consent prompts, BCP 47
 * @property remember for how long users may agree: at least one choice, the proposed one first
 * @property silent what every program may know without asking the user
 * @property onSignOut what happens to remembered grants when their user signs out
 * @property build which manifests may be opened
 * @property codeRequests how codes are asked for
 * @property signInScopes what the host's token of its user is for; `openid profile email phone mediate` where null.
 *   Without `mediate` the server issues no codes for mini-programs.
 * @property tokenBinding whether tokens are bound to a key of this installation
 * @property timeouts how long requests wait
 * @property gesture whether a prompt needs a recent touch of the page
 * @property words what scopes mean, in the host's own words: a Fluent resource for each language, with messages named
 *   `scope-` and the scope
 */
public data class HostConfiguration(
    public val issuer: String,
    public val clientId: String,
    public val host: HostInfo,
    public val locale: String = "en",
    public val remember: List<Remember> = listOf(Remember.THIRTY_DAYS, Remember.UNTIL_REVOKED, Remember.ONCE),
    public val silent: SilentTier = SilentTier.OFF,
    public val onSignOut: OnSignOut = OnSignOut.KEEP_GRANTS,
    public val build: Build = Build.RELEASE,
    public val codeRequests: CodeRequests = CodeRequests.Challenge(),
    public val signInScopes: List<String>? = null,
    public val tokenBinding: TokenBinding = TokenBinding.NONE,
    public val timeouts: Timeouts = Timeouts(),
    public val gesture: GesturePolicy = GesturePolicy.Within(10.seconds),
    public val words: Map<String, String> = emptyMap(),
)

/** Whether tokens are bound to a key of this installation (RFC 9449), so that who steals one has nothing. */
public enum class TokenBinding {
    /** They are not: whoever has a token can use it. */
    NONE,

    /** They are, where the server offers it. [CodeRequests.Authorize] wants the other kind. */
    WHERE_OFFERED,
}

/**
 * How long requests wait.
 *
 * @property prompt for the user, the place in the queue included
 * @property save for the store of grants, after which they go on without
 * @property network for the authorization server
 * @property settings until the settings that a page asked for are on screen
 * @property silent of a page without a grant, for the answer to a silent question, whatever the answer
 */
public data class Timeouts(
    public val prompt: Duration = 5.minutes,
    public val save: Duration = 5.seconds,
    public val network: Duration = 30.seconds,
    public val settings: Duration = 10.seconds,
    public val silent: Duration = 1.seconds,
)

/** Whether a prompt needs a recent touch of the page. */
public sealed interface GesturePolicy {
    /** No. */
    public data object NotNeeded : GesturePolicy

    /**
     * A touch at most this long ago. A container that cannot tell is believed.
     *
     * @property age how long
     */
    public data class Within(public val age: Duration) : GesturePolicy
}

/**
 * How the host names itself to pages.
 *
 * @property name the app's name
 * @property version the app's version
 * @property platform such as `android`
 */
public data class HostInfo(public val name: String, public val version: String, public val platform: String)

/** For how long an answer holds. */
public enum class Remember {
    /** For this request only. */
    ONCE,

    /** For thirty days. */
    THIRTY_DAYS,

    /** Until the user takes it back. */
    UNTIL_REVOKED,
}

/** What every program may know without asking the user. */
public enum class SilentTier {
    /** Nothing. */
    OFF,

    /**
     * That it is the same user as the last time: a code for `openid` and nothing else, where the manifest declares that
     * scope.
     */
    RECOGNISE,
}

/** What happens to remembered grants when their user signs out. */
public enum class OnSignOut {
    /** They stay, for when that user signs in again. */
    KEEP_GRANTS,

    /** They end on this device. */
    FORGET_GRANTS,
}

/** Which manifests a build of the host accepts. */
public enum class Build {
    /** What users get: signed manifests, and `https` only. */
    RELEASE,

    /** For developers: also unsigned manifests, and `http` on this machine. */
    DEVELOPMENT,
}
