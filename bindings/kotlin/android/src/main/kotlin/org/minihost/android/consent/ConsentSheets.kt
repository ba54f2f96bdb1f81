package org.minihost.android.consent

import android.app.Activity
import androidx.annotation.MainThread
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.minihost.AnswerException
import org.minihost.Choice
import org.minihost.ConsentPrompt
import org.minihost.HostShutDownException
import org.minihost.MiniHost
import org.minihost.android.container.MiniPrograms
import org.minihost.android.container.siteOf
import org.minihost.android.ui.Appearance

/**
 * Shows the host's consent prompts over the Activity on screen. A prompt outlives Activities: the next one shows it again,
 * with the ticks that the user has made, and takes a yes half a second later. One object for each [MiniHost]; on the main
 * thread.
 *
 * @param texts the words for a language
 * @param steer what a tester wants answered in the user's place, and when; nothing by default
 */
@MainThread
public class ConsentSheets(
    private val host: MiniHost,
    private val programs: MiniPrograms,
    private val appearance: Appearance = Appearance(),
    private val texts: (locale: String) -> ConsentTexts,
    private val steer: (ConsentSheetControls) -> Unit = {},
) {
    private var collecting: Job? = null
    private var activity: Activity? = null
    private var sheet: ConsentSheet? = null
    private var model: ConsentSheetModel? = null

    /** The Activity is on screen: for its `onStart`. */
    public fun attach(activity: Activity) {
        detach(this.activity ?: activity)
        this.activity = activity
        collecting = CoroutineScope(Dispatchers.Main.immediate).launch { host.prompt.collect(::show) }
    }

    /** The Activity leaves the screen: for its `onStop`. The prompt waits on. */
    public fun detach(activity: Activity) {
        if (this.activity !== activity) return
        collecting?.cancel()
        takeOff()
        this.activity = null
    }

    /** Whether a prompt is on screen. */
    public val isShowing: Boolean get() = sheet?.isShowing == true

    internal val shown: ConsentSheet? get() = sheet

    private fun show(prompt: ConsentPrompt?) {
        takeOff()
        if (prompt == null) return
        val activity = activity?.takeUnless { it.isFinishing } ?: return
        val view = prompt.view
        // A prompt whose page left the screen comes back as another one that says the same.
        val model = model?.takeIf { it.view.digest == view.digest } ?: ConsentSheetModel(view)
        this.model = model
        val program = programs.find(view.miniProgram.id)
        program?.container?.isCovered = true
        val site = program?.let { siteOf(it.container.address ?: it.program.startUrl) }
        val sheet = ConsentSheet(activity, model, texts(view.locale), appearance.palette(activity), site) { answer(prompt, it) }
        this.sheet = sheet
        sheet.show()
        steer(ConsentSheetControls(sheet, model))
    }

    private fun answer(prompt: ConsentPrompt, choice: Choice) {
        uncover()
        model = null
        try {
            prompt.answer(choice)
        } catch (_: AnswerException.NotWaiting) {
            // The page gave up while the user decided.
        } catch (_: HostShutDownException) {
            // There is nobody to tell.
        }
    }

    private fun takeOff() {
        sheet?.dismiss()
        sheet = null
        uncover()
    }

    private fun uncover() = programs.open.forEach { it.container.isCovered = false }
}

/** The controls of a sheet on screen, for testers: each does what the user's touch does, and counts when that would. */
public class ConsentSheetControls internal constructor(private val sheet: ConsentSheet, private val model: ConsentSheetModel) {
    /** The scopes that have boxes. */
    public val scopes: List<String> get() = model.view.scopes.map { it.name }

    /** Whether the sheet takes a yes by now. */
    public val takesYes: Boolean get() = sheet.isShowing && sheet.allowButton.isEnabled

    /** Whether the sheet is on screen still. */
    public val isShowing: Boolean get() = sheet.isShowing

    /** Sets the boxes so. */
    public fun tick(scopes: Set<String>): Unit = sheet.tick(scopes)

    /** Presses Allow. */
    public fun allow() {
        sheet.allowButton.performClick()
    }

    /** Presses Deny. */
    public fun deny() {
        sheet.denyButton.performClick()
    }

    /** Closes the sheet without an answer. */
    public fun dismiss(): Unit = sheet.cancel()
}
