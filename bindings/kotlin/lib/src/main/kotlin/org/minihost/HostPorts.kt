package org.minihost

import kotlin.time.Duration

/**
 * What a host app may have beside what it must have. What suspends is cancelled when nobody waits for it any more; what it
 * throws costs that one call.
 *
 * @property settings without it `host.openSettings` does not exist
 * @property signIn without it pages that ask for a new sign-in hear `interaction_required`
 * @property browser without it pages hear `interaction_required` where the authorization server wants the user in a browser
 * @property audit takes every audit event
 * @property network how requests leave the machine
 * @property secrets where the tokens of the user lie
 * @property grants where remembered grants lie
 * @property methods the host app's own methods, each name once
 * @property session where the host app signs its users in by itself; without it the SDK does
 */
public class HostPorts(
    public val settings: SettingsPage? = null,
    public val signIn: SignInPrompt? = null,
    public val browser: Browser? = null,
    public val audit: AuditSink? = null,
    public val network: Network = Network.Sdk(),
    public val secrets: Secrets = Secrets.Memory,
    public val grants: GrantsAt = GrantsAt.Memory,
    public val methods: List<HostMethod> = emptyList(),
    public val session: UserSession? = null,
)

/** Shows the host app's settings when a page asks for them. */
public fun interface SettingsPage {
    /** Shows them, and returns once they are on screen. A page that waits too long hears `timeout`. */
    public suspend fun show(miniProgram: String)
}

/** Has the user sign in because a page asks for it. */
public fun interface SignInPrompt {
    /**
     * Shows the host app's own sign-in, and returns what came of it. Cancelled when nobody waits for it any more: take it
     * off the screen.
     */
    public suspend fun present(request: SignInRequest): UserReturned
}

/** Takes the user to the authorization server in the system's browser. */
public fun interface Browser {
    /**
     * Shows a page, never in a view that the host app or a mini-program could read (RFC 8252 §8.12), and returns once the
     * user is back. Cancelled when nobody waits for it any more.
     */
    public suspend fun visit(miniProgram: String, page: String): UserReturned
}

/**
 * A page wants the user to sign in.
 *
 * @property miniProgram for which program: the manifest's `id`
 * @property user who is signed in now
 * @property wanted what is wanted
 * @property timeAllowed how long it may take; after that nobody waits for it
 */
public data class SignInRequest(
    public val miniProgram: String,
    public val user: User?,
    public val wanted: SignInWanted,
    public val timeAllowed: Duration,
)

/** What is wanted of the user. */
public sealed interface SignInWanted {
    /**
     * To sign in, though the sign-in there is may still be good.
     *
     * @property acrValues in one of these ways (`acr_values`, OpenID Connect Core §3.1.2.1), where any is named
     * @property maxAge a sign-in that is no older will do
     */
    public data class Again(public val acrValues: List<String>, public val maxAge: Duration?) : SignInWanted

    /** To choose one of their accounts, or to sign in to another. */
    public data object ChooseAccount : SignInWanted
}

/** What came of a sign-in, or of a visit to the authorization server. */
public enum class UserReturned {
    /** The user has signed in, with the SDK or by [UserSession.user]; or the user is back from the browser. */
    DONE,

    /** The user would not. */
    CANCELLED,

    /** It was not possible. */
    FAILED,
}

/** Signs with a P-256 key that it never gives away. */
public fun interface CredentialSigner {
    /**
     * Signs these bytes: ECDSA over their SHA-256, 64 bytes or DER as Android's `Signature` gives it.
     *
     * @throws NotSignedException where it does not; any other exception counts as [NotSigned.UNAVAILABLE]
     */
    public suspend fun sign(message: ByteArray): ByteArray
}

/** Nothing was signed. */
public class NotSignedException(
    /** Why. */
    public val why: NotSigned,
) : Exception("not signed: $why")

/** Why nothing was signed. */
public enum class NotSigned {
    /** The key is there and cannot be used now. */
    UNAVAILABLE,

    /** The user was asked to agree and did not. */
    CANCELLED,

    /** The key is gone. */
    KEY_LOST,
}
