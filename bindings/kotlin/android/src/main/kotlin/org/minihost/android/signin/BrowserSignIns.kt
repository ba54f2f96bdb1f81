package org.minihost.android.signin

import android.app.Activity
import android.content.Intent
import android.net.Uri
import androidx.annotation.MainThread
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.minihost.BrowserSignIn
import org.minihost.HostShutDownException
import org.minihost.MiniHost
import org.minihost.SignInException
import org.minihost.SignInWish
import org.minihost.User

/**
 * Signs users in by a Custom Tab. The host app's Activity for [redirectUri] hands what it was opened with to
 * [onRedirect], and says by [onReturned] that the user is back.
 *
 * A sign-in is held by this process alone, as its PKCE verifier is: where the process ended meanwhile, what the browser
 * brings back is no answer to anything, and the user begins anew.
 *
 * @property redirectUri an address that opens this app alone (RFC 8252 §7), registered with the authorization server
 */
@MainThread
public class BrowserSignIns(private val host: MiniHost, public val redirectUri: String) {
    private class Waiting(val signIn: BrowserSignIn, val answer: CompletableDeferred<String?>)

    private var waiting: Waiting? = null

    /** Whether a user is in the browser. */
    public val isWaiting: Boolean get() = waiting != null

    /**
     * Shows the authorization server's page and waits for the user. Another sign-in that waits is given up.
     *
     * @return none where the user came back without an answer, another sign-in began, or the host was shut down meanwhile
     * @throws NoBrowserException
     * @throws SignInException
     * @throws HostShutDownException
     */
    public suspend fun signIn(activity: Activity, wish: SignInWish = SignInWish.Ordinary): User? {
        val signIn = host.beginSignIn(redirectUri, wish)
        val mine = Waiting(signIn, CompletableDeferred())
        waiting?.answer?.complete(null)
        waiting = mine
        try {
            if (!CustomTabs.tryOpen(activity, Uri.parse(signIn.page))) throw NoBrowserException()
            val answer = mine.answered() ?: return null
            return host.finishSignIn(signIn, answer)
        } finally {
            if (waiting === mine) waiting = null
            signIn.close()
        }
    }

    /** What the browser brings back; none once the host has been shut down, which alone could use it. */
    private suspend fun Waiting.answered(): String? = coroutineScope {
        val end = launch {
            host.awaitShutdown()
            answer.complete(null)
        }
        answer.await().also { end.cancel() }
    }

    /**
     * Takes what the app was opened with. What another app made up is not an answer, and changes nothing.
     *
     * @return whether it was the answer
     */
    public fun onRedirect(intent: Intent): Boolean {
        val address = intent.data?.toString() ?: return false
        val present = waiting?.takeIf { !it.answer.isCompleted && it.signIn.isAnsweredBy(address) } ?: return false
        return present.answer.complete(address)
    }

    /** The user is back in the app, and no answer came with them. */
    public fun onReturned() {
        waiting?.answer?.complete(null)
    }
}

/** This device has no browser. */
public class NoBrowserException internal constructor() : Exception("there is no browser on this device")
