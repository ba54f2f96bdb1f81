package org.minihost.harbour

import android.os.Handler
import android.os.Looper
import org.minihost.android.consent.ConsentSheetControls

/** Answers consent sheets in the user's place, by the sheet's own buttons and not before they count. */
class ScriptedUser {
    private val main = Handler(Looper.getMainLooper())

    /** What is answered; none where the user answers. */
    var answer: Answer? = null

    fun see(sheet: ConsentSheetControls) {
        when (val answer = answer) {
            null, Answer.Hang -> Unit
            Answer.Deny -> main.post(sheet::deny)
            Answer.Dismiss -> main.post(sheet::dismiss)
            Answer.Allow -> allow(sheet)
            is Answer.After -> main.postDelayed({ allow(sheet) }, answer.ms)
            is Answer.Partial -> {
                sheet.tick(answer.scopes)
                allow(sheet)
            }
        }
    }

    private fun allow(sheet: ConsentSheetControls) {
        if (sheet.takesYes) return sheet.allow()
        if (sheet.isShowing) main.postDelayed({ allow(sheet) }, LOOK_MS)
    }

    private companion object {
        const val LOOK_MS = 50L
    }
}
