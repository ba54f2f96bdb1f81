package org.minihost.harbour

import android.app.Activity
import org.minihost.MiniHostException
import org.minihost.SignInException
import org.minihost.android.signin.NoBrowserException

/** Signs a user in with their password. Gives what to tell them where it did not work. */
suspend fun Harbour.signIn(username: String, password: String, words: Words): String? {
    if (username.isEmpty() || password.isEmpty()) return words.missing
    return try {
        val user = host.signInWithPassword(username, password)
        if (awaitUser(user)) null else words.unavailable
    } catch (_: SignInException.Overtaken) {
        // Of the other sign-in the user hears by itself.
        null
    } catch (_: SignInException.WrongCredentials) {
        words.wrongCredentials
    } catch (_: MiniHostException) {
        words.unavailable
    }
}

/** The same, where the user is in the browser for it. */
suspend fun Harbour.signInInBrowser(activity: Activity, words: Words): String? = try {
    browser.signIn(activity)
    null
} catch (_: NoBrowserException) {
    words.noBrowser
} catch (_: MiniHostException) {
    words.unavailable
}
