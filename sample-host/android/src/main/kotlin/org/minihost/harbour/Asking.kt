package org.minihost.harbour

import android.app.Activity
import org.minihost.android.consent.ConsentSheets

/** What programs ask of the user, over the screens of an Activity while it is on screen. */
class Asking(private val activity: Activity, private val launch: (suspend () -> Unit) -> Unit) {
    private var sheets: ConsentSheets? = null
    private var signIn: SignInAgain? = null

    /** Has consent sheets come up here, in this look. */
    fun showSheets(harbour: Harbour, look: Look) {
        val wanted = harbour.sheets(look)
        if (wanted === sheets) return
        sheets?.detach(activity)
        sheets = wanted
        wanted.attach(activity)
    }

    /** Has the user sign in again, where a program still asks for it. */
    fun signInAgain(harbour: Harbour, asked: SignInAsked?, words: Words, look: Look) {
        signIn?.dismiss()
        signIn = null
        if (asked == null || asked.outcome.isCompleted) return
        val name = harbour.servers.programs.find { it.id == asked.request.miniProgram }?.name(words.locale).orEmpty()
        val palette = look.appearance.palette(activity)
        signIn = SignInAgain(activity, asked, palette, words, name) { dialog, username, password ->
            // The user may turn the device meanwhile.
            launch {
                val problem = harbour.signIn(username, password, words)
                if (problem == null) dialog.done() else dialog.fail(problem)
            }
        }.also { it.show() }
    }

    /** The Activity leaves the screen. What is asked stays so, and comes up again with the next one. */
    fun hide() {
        sheets?.detach(activity)
        sheets = null
        signIn?.dismiss()
        signIn = null
    }
}
