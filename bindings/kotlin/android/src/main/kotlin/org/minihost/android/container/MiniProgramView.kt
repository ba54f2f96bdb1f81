package org.minihost.android.container

import android.annotation.SuppressLint
import android.app.Activity
import android.net.Uri
import android.view.Gravity
import android.view.KeyEvent
import android.view.MotionEvent
import android.view.View
import android.view.ViewGroup
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.webkit.WebView
import android.widget.FrameLayout
import android.widget.LinearLayout
import org.minihost.android.signin.CustomTabs
import org.minihost.android.ui.Appearance
import org.minihost.android.ui.Icon
import org.minihost.android.ui.Views

/**
 * Shows an open mini-program in an Activity: a bar that the host vouches for, with the program's name and origin, and the
 * page below it. Another Activity, such as the one after a rotation, shows the same program by another view.
 *
 * @param leave the user wants to see the host app; the program goes on
 * @param close the user wants the program to end
 */
@SuppressLint("ViewConstructor")
public class MiniProgramView(
    private val activity: Activity,
    private val opened: OpenMiniProgram,
    private val texts: ProgramTexts,
    appearance: Appearance = Appearance(),
    leave: () -> Unit,
    close: () -> Unit,
) : LinearLayout(activity),
    ProgramContainer.Shown {
    private val views = Views(activity, appearance.palette(activity))
    private val container = opened.container
    private val page = Page()
    private var windowIsVisible = false

    init {
        orientation = VERTICAL
        // Where the window reaches below the system's bars, the host's bar stays beside them.
        fitsSystemWindows = true
        setBackgroundColor(views.palette.surface)
        addView(bar(leave, close), LayoutParams(MATCH_PARENT, WRAP_CONTENT))
        addView(views.rule())
        if (opened.program.unsigned) {
            addView(
                views.banner(texts.unsigned).apply {
                    background = null
                    setBackgroundColor(views.palette.warningSoft)
                },
            )
        }
        addView(page, LayoutParams(MATCH_PARENT, 0, 1f))
        if (android.os.Build.VERSION.SDK_INT >= 28) accessibilityPaneTitle = opened.program.name
    }

    /** Goes back within the program; false where it is at its beginning. For the Activity's back button. */
    public fun goBack(): Boolean {
        val view = container.webView?.takeIf { it.canGoBack() } ?: return false
        view.goBack()
        return true
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        container.shown?.webViewChanged(null)
        container.shown = this
        opened.context.baseContext = activity
        webViewChanged(container.webView)
        if (container.isFailed) failed()
    }

    override fun onDetachedFromWindow() {
        if (container.shown === this) {
            container.shown = null
            webViewChanged(null)
            // The Activity may go: nothing of it stays behind in a WebView that outlives it.
            opened.context.baseContext = activity.applicationContext
            container.visibility(false)
        }
        super.onDetachedFromWindow()
    }

    override fun onWindowVisibilityChanged(visibility: Int) {
        super.onWindowVisibilityChanged(visibility)
        windowIsVisible = visibility == VISIBLE
        tellVisibility()
    }

    override fun onVisibilityAggregated(isVisible: Boolean) {
        super.onVisibilityAggregated(isVisible)
        tellVisibility()
    }

    override fun webViewChanged(webView: WebView?) {
        page.show(webView)
        if (webView != null) tellVisibility()
    }

    private fun tellVisibility() {
        if (container.shown === this) container.visibility(windowIsVisible && isShown)
    }

    override fun loading(): Unit = page.fine()

    override fun failed(): Unit = page.failed()

    override fun leave(address: Uri): Unit = CustomTabs.open(activity, address)

    private fun bar(leave: () -> Unit, close: () -> Unit) = views.row().apply {
        setPadding(views.px(6), views.px(4), views.px(6), views.px(4))
        val touch = { LayoutParams(views.px(Views.TOUCH), views.px(Views.TOUCH)) }
        addView(views.iconButton(Icon.BACK, texts.back).apply { setOnClickListener { leave() } }, touch())
        val title = views.column().apply {
            addView(oneLine(views.heading(opened.program.name, TITLE_SP)))
            addView(site())
        }
        addView(title, views.filling())
        addView(views.iconButton(Icon.CLOSE, texts.close(opened.program.name)).apply { setOnClickListener { close() } }, touch())
    }

    private fun site() = views.row().apply {
        gravity = Gravity.CENTER
        addView(views.icon(Icon.LOCK, views.palette.muted, 12))
        val host = oneLine(views.text(siteOf(opened.program.startUrl), SITE_SP, views.palette.muted))
        addView(host, LayoutParams(WRAP_CONTENT, WRAP_CONTENT).apply { marginStart = views.px(4) })
    }

    private fun oneLine(view: android.widget.TextView) = view.apply {
        isSingleLine = true
        ellipsize = android.text.TextUtils.TruncateAt.END
        gravity = Gravity.CENTER_HORIZONTAL
    }

    /** Where the page is, and what is said in its place. It sees each touch before the page does. */
    private inner class Page : FrameLayout(activity) {
        private val failure: View by lazy { failurePane() }

        fun show(webView: WebView?) {
            removeAllViews()
            if (webView == null) return
            webView.importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_AUTO
            (webView.parent as? ViewGroup)?.removeView(webView)
            addView(webView, LayoutParams(MATCH_PARENT, MATCH_PARENT))
        }

        fun failed() {
            if (failure.parent == null) addView(failure, LayoutParams(MATCH_PARENT, MATCH_PARENT))
            container.webView?.importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
        }

        fun fine() {
            removeView(failure)
            container.webView?.importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_AUTO
        }

        override fun dispatchTouchEvent(event: MotionEvent): Boolean {
            if (event.actionMasked == MotionEvent.ACTION_DOWN || event.actionMasked == MotionEvent.ACTION_UP) container.touched()
            return super.dispatchTouchEvent(event)
        }

        override fun dispatchKeyEvent(event: KeyEvent): Boolean {
            val isPressOrLift = event.action == KeyEvent.ACTION_UP || (event.action == KeyEvent.ACTION_DOWN && event.repeatCount == 0)
            if (isPressOrLift && !event.isSystem) container.touched()
            return super.dispatchKeyEvent(event)
        }

        @SuppressLint("ClickableViewAccessibility") // It does nothing: it keeps touches from the page beneath.
        private fun failurePane() = views.column().apply {
            gravity = Gravity.CENTER
            setBackgroundColor(views.palette.ground)
            setOnTouchListener { _, _ -> true }
            if (android.os.Build.VERSION.SDK_INT >= 28) accessibilityPaneTitle = texts.failedTitle
            setPadding(views.px(32), views.px(32), views.px(32), views.px(32))
            addView(views.heading(texts.failedTitle).apply { gravity = Gravity.CENTER })
            val words = views.text(texts.failed(opened.program.name), color = views.palette.muted)
            addView(words.apply { gravity = Gravity.CENTER }, views.across(top = 8))
            addView(
                views.primary(texts.again).apply { setOnClickListener { again() } },
                LayoutParams(WRAP_CONTENT, WRAP_CONTENT).apply { topMargin = views.px(16) },
            )
        }

        private fun again() {
            fine()
            container.restart()
        }
    }

    private companion object {
        const val TITLE_SP = 16f
        const val SITE_SP = 12f
    }
}

/** The host and port of an address, as the user may know them. */
internal fun siteOf(address: String): String = originOf(address)?.substringAfter("://") ?: address
