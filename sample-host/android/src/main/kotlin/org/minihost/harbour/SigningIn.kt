package org.minihost.harbour

import android.app.Activity
import kotlinx.coroutines.flow.first
import org.minihost.MiniHostException
import org.minihost.SignInException
import org.minihost.android.signin.NoBrowserException

/** Signs a user in with their password. Gives what to tell them where it did not work. */
suspend fun Harbour.signIn(username: String, password: String, words: Words): String? {
    if (username.isEmpty() || password.isEmpty()) return words.missing
    return try {
        val user = host.signInWithPassword(username, password)
        data.belongTo(user, servers.issuer)
        // Who is signed in is told a moment later, and is what the screens go by.
        host.user.first { it != null && it.epoch >= user.epoch }
        null
    } catch (_: SignInException.WrongCredentials) {
        words.wrongCredentials
    } catch (_: MiniHostException) {
        words.unavailable
    }
}

/** The same, where the user is in the browser for it. */
suspend fun Harbour.signInInBrowser(activity: Activity, words: Words): String? = try {
    browser.signIn(activity)?.let { data.belongTo(it, servers.issuer) }
    null
} catch (_: NoBrowserException) {
    words.noBrowser
} catch (_: MiniHostException) {
    words.unavailable
}
