package org.minihost.harbour

import android.app.Activity
import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.text.InputType
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.webkit.WebView
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import android.widget.Toast
import org.minihost.android.ui.Palette

/** Makes this app's plain views. */
class Ui(val activity: Activity, val palette: Palette) {
    fun px(dp: Int): Int = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_DIP, dp.toFloat(), activity.resources.displayMetrics).toInt()

    fun column(vararg views: View): LinearLayout = column(views.asList())

    fun column(views: List<View>): LinearLayout = LinearLayout(activity).apply {
        orientation = LinearLayout.VERTICAL
        for (view in views) addView(view, across())
    }

    fun screen(content: View): ScrollView = ScrollView(activity).apply {
        setBackgroundColor(palette.ground)
        isFillViewport = true
        fitsSystemWindows = true
        content.setPadding(px(20), px(20), px(20), px(24))
        addView(content)
    }

    fun text(words: String, sp: Float = 16f, color: Int = palette.text): TextView = TextView(activity).apply {
        text = words
        setTextSize(TypedValue.COMPLEX_UNIT_SP, sp)
        setTextColor(color)
    }

    fun title(words: String): TextView = text(words, 24f).apply {
        typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL)
        if (android.os.Build.VERSION.SDK_INT >= 28) isAccessibilityHeading = true
    }

    fun button(words: String, main: Boolean = true, touched: () -> Unit): Button = Button(activity).apply {
        text = words
        isAllCaps = false
        stateListAnimator = null
        minHeight = px(TOUCH)
        setTextColor(if (main) palette.onBrand else palette.text)
        background = touchable(rounded(if (main) palette.brand else palette.surface, if (main) null else palette.line))
        setOnClickListener { touched() }
    }

    fun field(label: String, secret: Boolean = false): EditText = EditText(activity).apply {
        hint = label
        minHeight = px(TOUCH)
        setTextColor(palette.text)
        setHintTextColor(palette.muted)
        background = rounded(palette.surface, palette.line)
        setPadding(px(14), px(10), px(14), px(10))
        val secretText = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_PASSWORD
        inputType = if (secret) secretText else InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
    }

    /** A card that is touched as a whole. */
    fun tile(name: String, about: String, touched: () -> Unit): View = LinearLayout(activity).apply {
        gravity = Gravity.CENTER_VERTICAL
        minimumHeight = px(TOUCH + 16)
        background = touchable(rounded(palette.surface, palette.line))
        setPadding(px(16), px(12), px(16), px(12))
        val letter = text(name.take(1), 18f, palette.onBrand).apply {
            gravity = Gravity.CENTER
            background = rounded(palette.brand, null)
            importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        }
        addView(letter, LinearLayout.LayoutParams(px(44), px(44)))
        val words = column(text(name), text(about, 13f, palette.muted))
        addView(words, LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f).apply { marginStart = px(14) })
        contentDescription = "$name, $about"
        setOnClickListener { touched() }
    }

    fun rounded(color: Int, line: Int?): GradientDrawable = GradientDrawable().apply {
        setColor(color)
        cornerRadius = px(12).toFloat()
        if (line != null) setStroke(px(1), line)
    }

    /** Says it for a moment, whatever is on screen. */
    fun say(text: String) = Toast.makeText(activity.applicationContext, text, Toast.LENGTH_LONG).show()

    private fun touchable(ground: GradientDrawable) = RippleDrawable(ColorStateList.valueOf(palette.brandSoft), ground, null)

    private fun across() = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { topMargin = px(12) }

    private companion object {
        const val TOUCH = 48
    }
}

/** The page that a view shows, if it shows one. */
fun webViewIn(view: View): WebView? = when (view) {
    is WebView -> view
    is ViewGroup -> (0 until view.childCount).firstNotNullOfOrNull { webViewIn(view.getChildAt(it)) }
    else -> null
}
