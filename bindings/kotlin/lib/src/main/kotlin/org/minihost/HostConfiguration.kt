package org.minihost

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
)

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
