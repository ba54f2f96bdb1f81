package org.minihost.harbour

import android.app.Activity
import android.app.Dialog
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import org.minihost.SignInWanted
import org.minihost.UserReturned

/** The app's own sign-in over a program that asks for it. The program learns that the user signed in, and nothing of how. */
class SignInAgain(
    activity: Activity,
    private val asked: SignInAsked,
    palette: org.minihost.android.ui.Palette,
    words: Words,
    programName: String,
    submit: (SignInAgain, String, String) -> Unit,
) : Dialog(activity) {
    private val ui = Ui(activity, palette)
    val username = ui.field(words.username).apply { setText(asked.request.user?.displayName.orEmpty()) }
    val password = ui.field(words.password, secret = true)
    val signIn = ui.button(words.signIn) { submit(this, username.text.toString().trim(), password.text.toString()) }
    val problem = ui.text("", color = ui.palette.danger)

    init {
        username.isEnabled = asked.request.wanted is SignInWanted.ChooseAccount || asked.request.user == null
        val content = ui.column(ui.title(words.signInAgain(programName)), username, password, problem, signIn)
        content.setPadding(ui.px(20), ui.px(8), ui.px(20), ui.px(20))
        content.setBackgroundColor(palette.raised)
        setContentView(content)
        window?.setLayout(MATCH_PARENT, WRAP_CONTENT)
        setOnCancelListener { asked.outcome.complete(UserReturned.CANCELLED) }
    }

    fun fail(words: String) {
        if (!isShowing) ui.say(words)
        problem.text = words
        password.text.clear()
    }

    fun done() {
        asked.outcome.complete(UserReturned.DONE)
        dismiss()
    }
}
