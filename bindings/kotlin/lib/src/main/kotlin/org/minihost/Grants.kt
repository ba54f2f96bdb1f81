package org.minihost

import kotlin.time.Instant

/**
 * One scope that the user has granted.
 *
 * @property miniProgram to which program: the manifest's `id`
 * @property scope what
 * @property audience for which resource, where one was named
 * @property grantedAt when
 * @property expiresAt when it ends by itself
 * @property manifestVersion the program's release at that time
 */
public data class Grant(
    public val miniProgram: String,
    public val scope: String,
    public val audience: String?,
    public val grantedAt: Instant,
    public val expiresAt: Instant?,
    public val manifestVersion: String,
)

/**
 * One scope that the user had granted and that is no more.
 *
 * @property grant what it was
 * @property endedAt when it ended
 * @property by how
 * @property server what the authorization server was told of it
 */
public data class PastGrant(
    public val grant: Grant,
    public val endedAt: Instant,
    public val by: GrantEndedBy,
    public val server: ServerTold,
)

/** How a grant ended. */
public enum class GrantEndedBy {
    /** Its time was up. */
    EXPIRED,

    /** The user or the program took it back. */
    REVOKED,

    /** The user answered otherwise when they were asked again. */
    ANSWERED,

    /** The user signed out of a host that forgets then. */
    SIGNED_OUT,

    /** It was for one code and no more. */
    ONCE,
}

/**
 * What came of taking grants back.
 *
 * @property scopes what was granted and is no more
 * @property stored whether that survives the end of the process; if not yet, it is tried again
 * @property server what the authorization server was told
 */
public data class Revoked(public val scopes: List<String>, public val stored: Boolean, public val server: ServerTold)

/** What the authorization server was told of the end of grants. */
public enum class ServerTold {
    /** Nothing: it does not know the grants by a name, or others rest on the same. */
    NOTHING,

    /** It could not be reached, and is told again. */
    LATER,

    /** Its codes and tokens have ended. */
    ENDED,

    /** It has no way to be told: say so to the user. */
    LOCAL_ONLY,
}
