package org.minihost

import kotlin.time.Duration
import org.minihost.ffi.BrowserSignIn as FfiBrowserSignIn
import org.minihost.internal.translated

/**
 * Who is signed in to the host.
 *
 * @property id stable, never shown
 * @property displayName shown on the consent prompt
 * @property epoch grows with every sign-in and sign-out; never negative
 */
public data class User(public val id: String, public val displayName: String, public val epoch: Long) {
    init {
        require(epoch >= 0) { "an epoch is not negative: $epoch" }
    }
}

/**
 * A sign-in that has gone to the browser. It can be finished once, by [MiniHost.finishSignIn]; one that is let go of never
 * happened.
 */
public class BrowserSignIn internal constructor(internal val ffi: FfiBrowserSignIn) : AutoCloseable {
    /**
     * The page to open in the system's browser (Custom Tabs on Android), never in a view that the host app could read
     * (RFC 8252 §8.12).
     */
    public val page: String = translated { ffi.page() }

    /**
     * Whether an address that the app was opened with is this sign-in's answer.
     *
     * @throws SignInException.WrongAnswer once it was finished
     */
    public fun isAnsweredBy(address: String): Boolean = translated { ffi.isAnsweredBy(address) }

    /** Lets go of it. */
    override fun close(): Unit = ffi.close()
}

/** What a sign-in is for. */
public sealed interface SignInWish {
    /** To be signed in: a user whom the browser knows need not type anything. */
    public data object Ordinary : SignInWish

    /**
     * To sign in anew, though the browser may know the user.
     *
     * @property acrValues in one of these ways (`acr_values`, OpenID Connect Core §3.1.2.1), where any is named
     * @property maxAge a sign-in that is no older will do
     */
    public data class Again(public val acrValues: List<String> = emptyList(), public val maxAge: Duration? = null) : SignInWish

    /** To choose one of several accounts. */
    public data object ChooseAccount : SignInWish
}
