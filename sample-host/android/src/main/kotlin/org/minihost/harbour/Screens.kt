package org.minihost.harbour

import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.EditText
import android.widget.TextView

/** The user signs in. */
class SignInScreen(
    private val ui: Ui,
    words: Words,
    signIn: SignInScreen.(username: String, password: String) -> Unit,
    inBrowser: SignInScreen.() -> Unit,
) {
    val username: EditText = ui.field(words.username)
    val password: EditText = ui.field(words.password, secret = true)
    val submit: Button = ui.button(words.signIn) { signIn(username.text.toString().trim(), password.text.toString()) }
    val browser: Button = ui.button(words.signInInBrowser, main = false, touched = { inBrowser() })
    val problem: TextView = ui.text("", color = ui.palette.danger).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        visibility = View.GONE
    }
    val view: View = ui.screen(
        ui.column(ui.title(Harbour.NAME), ui.text(words.claim, color = ui.palette.muted), username, password, problem, submit, browser),
    )

    init {
        password.imeOptions = EditorInfo.IME_ACTION_GO
        password.setOnEditorActionListener { _, _, _ -> submit.performClick() }
    }

    fun fail(words: String) {
        if (!view.isAttachedToWindow) ui.say(words)
        problem.text = words
        problem.visibility = View.VISIBLE
        password.text.clear()
    }
}

/** The mini-programs that there are. */
class HomeScreen(
    ui: Ui,
    words: Words,
    user: String,
    programs: List<SampleProgram>,
    open: (SampleProgram) -> Unit,
    grants: () -> Unit,
    signOut: () -> Unit,
) {
    val problem: TextView = ui.text("", color = ui.palette.danger).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        visibility = View.GONE
    }
    val tiles: Map<String, View> = programs.associate { program ->
        program.id to ui.tile(program.name(words.locale), program.publisher(words.locale)) { open(program) }
    }
    val signOut: Button = ui.button(words.signOut, main = false, touched = signOut)
    val view: View = ui.screen(
        ui.column(
            listOf(ui.title(words.welcome(user)), problem, ui.text(words.programs)) + tiles.values + listOf(
                ui.text(words.hint, 13f, ui.palette.muted),
                ui.button(words.grants, main = false, touched = grants),
                this.signOut,
            ),
        ),
    )

    fun fail(words: String) {
        problem.text = words
        problem.visibility = View.VISIBLE
    }
}
