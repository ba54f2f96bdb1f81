package org.minihost.android.consent

import android.Manifest
import android.app.Activity
import android.app.Dialog
import android.content.pm.PackageManager
import android.graphics.Color
import android.graphics.PixelFormat
import android.graphics.Rect
import android.graphics.drawable.ColorDrawable
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.WindowManager
import android.widget.Button
import android.widget.FrameLayout
import org.minihost.Choice
import org.minihost.android.ui.Palette
import org.minihost.android.ui.Views

/**
 * The consent sheet: a window of its own over the program that asks. It shows only what the core has verified; the
 * program's own reasons stand in quotation marks.
 *
 * Allow is taken once all of the sheet has been on screen for half a second. Back, a swipe down, a touch beside the sheet
 * and a touch through another app's window close it without an answer.
 */
internal class ConsentSheet(
    private val activity: Activity,
    private val model: ConsentSheetModel,
    private val texts: ConsentTexts,
    private val palette: Palette,
    /** Where the program is from, as the user may know it. */
    private val site: String?,
    private val answered: (Choice) -> Unit,
) : Dialog(activity, palette.theme),
    SheetFrame.Guard {
    private val main = Handler(Looper.getMainLooper())
    private val look = Runnable { lookAgain() }
    private lateinit var frame: SheetFrame
    private lateinit var content: ConsentSheetContent
    private var isStarted = false
    private var touchesComeHere = false
    private var isOver = false

    /** For tests and for steering: presses the same buttons that the user presses. */
    val allowButton: Button get() = content.allow
    val denyButton: Button get() = content.deny
    val closeButton: View get() = content.close

    fun tick(scopes: Set<String>) = content.tick(scopes)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setTitle(texts.title(model.view.miniProgram.name))
        setOnCancelListener { over(Choice.Dismiss) }
        val views = Views(context, palette)
        content = ConsentSheetContent(views, model, texts, site).apply {
            allow.setOnClickListener { model.allow(now())?.let(::over) }
            deny.setOnClickListener { over(Choice.Deny) }
            close.setOnClickListener { cancel() }
            changed = ::lookAgain
        }
        frame = SheetFrame(context, this).apply {
            setBackgroundColor(VEIL)
            sheet = content.sheet
            body = content.body
            addView(content.sheet, sheetPlace(views))
            setOnClickListener { cancel() }
            importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
            keepClearOfSystemBars(content.sheet, views.px(SHEET_TOP))
        }
        setContentView(frame, FrameLayout.LayoutParams(MATCH_PARENT, MATCH_PARENT))
        window?.apply {
            setLayout(MATCH_PARENT, MATCH_PARENT)
            setBackgroundDrawable(ColorDrawable(Color.TRANSPARENT))
            setFormat(PixelFormat.TRANSLUCENT)
            setWindowAnimations(android.R.style.Animation_InputMethod)
            addFlags(WindowManager.LayoutParams.FLAG_DRAWS_SYSTEM_BAR_BACKGROUNDS)
            if (Build.VERSION.SDK_INT >= 31 && mayHideOverlays()) setHideOverlayWindows(true)
        }
    }

    override fun onStart() {
        super.onStart()
        isStarted = true
        lookAgain()
    }

    override fun onWindowFocusChanged(hasFocus: Boolean) {
        super.onWindowFocusChanged(hasFocus)
        touchesComeHere = hasFocus
        lookAgain()
    }

    override fun onStop() {
        isStarted = false
        main.removeCallbacks(look)
        model.visible(false, now())
        super.onStop()
    }

    override fun obscured() = cancel()

    override fun partlyObscured(isCovered: Boolean) {
        model.partlyCovered(isCovered, now())
        lookAgain()
    }

    override fun swipedAway() = cancel()

    private fun lookAgain() {
        main.removeCallbacks(look)
        model.visible(isFullyVisible(), now())
        val readyInMs = model.readyInMs(now())
        content.update(isReady = readyInMs == 0L)
        if (isStarted && readyInMs != 0L) main.postDelayed(look, readyInMs ?: LOOK_MS)
    }

    private fun isFullyVisible(): Boolean {
        val sheet = content.sheet
        val seen = Rect()
        return touchesComeHere && sheet.isShown && sheet.getGlobalVisibleRect(seen) &&
            seen.height() >= sheet.height && seen.width() >= sheet.width && sheet.height > 0
    }

    private fun over(choice: Choice) {
        if (isOver) return
        isOver = true
        dismiss()
        answered(choice)
    }

    private fun sheetPlace(views: Views): FrameLayout.LayoutParams {
        val screen = context.resources.displayMetrics.widthPixels
        val width = if (screen > views.px(MOST_WIDTH)) views.px(MOST_WIDTH) else MATCH_PARENT
        return FrameLayout.LayoutParams(width, WRAP_CONTENT, Gravity.BOTTOM or Gravity.CENTER_HORIZONTAL).apply {
            topMargin = views.px(SHEET_TOP)
        }
    }

    @Suppress("DEPRECATION") // The insets by type are of Android 11.
    private fun View.keepClearOfSystemBars(sheet: View, top: Int) = setOnApplyWindowInsetsListener { _, insets ->
        content.actions.setPadding(
            content.actions.paddingLeft,
            content.actions.paddingTop,
            content.actions.paddingRight,
            content.actionsBottom + insets.systemWindowInsetBottom,
        )
        (sheet.layoutParams as FrameLayout.LayoutParams).topMargin = top + insets.systemWindowInsetTop
        insets
    }

    private fun mayHideOverlays() = Build.VERSION.SDK_INT >= 31 &&
        context.checkSelfPermission(Manifest.permission.HIDE_OVERLAY_WINDOWS) == PackageManager.PERMISSION_GRANTED

    private fun now() = SystemClock.uptimeMillis()

    private companion object {
        const val VEIL = 0x70081820
        const val MOST_WIDTH = 560
        const val SHEET_TOP = 12

        /** How often it is looked whether the sheet has come to rest on screen. */
        const val LOOK_MS = 50L
    }
}
