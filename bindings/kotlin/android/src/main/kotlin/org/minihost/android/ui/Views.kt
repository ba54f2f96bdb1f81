package org.minihost.android.ui

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.os.Build
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.ImageButton
import android.widget.LinearLayout
import android.widget.TextView

/** Makes plain views in the SDK's looks. Sizes are dp, sizes of type sp. */
internal class Views(val context: Context, val palette: Palette) {

    fun px(dp: Int): Int = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_DIP, dp.toFloat(), context.resources.displayMetrics).toInt()

    fun text(words: CharSequence, sp: Float = 16f, color: Int = palette.text, bold: Boolean = false): TextView = TextView(context).apply {
        text = words
        setTextSize(TypedValue.COMPLEX_UNIT_SP, sp)
        setTextColor(color)
        if (bold) typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL)
        setLineSpacing(0f, LINE_SPACING)
    }

    fun heading(words: CharSequence, sp: Float = 18f): TextView =
        text(words, sp, bold = true).apply { if (Build.VERSION.SDK_INT >= 28) isAccessibilityHeading = true }

    fun column(): LinearLayout = LinearLayout(context).apply { orientation = LinearLayout.VERTICAL }

    fun row(): LinearLayout = LinearLayout(context).apply {
        orientation = LinearLayout.HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
    }

    fun primary(words: CharSequence): Button = button(words, palette.onBrand, rounded(palette.brand, BUTTON_RADIUS))

    fun secondary(words: CharSequence, color: Int = palette.text): Button =
        button(words, color, rounded(palette.surface, BUTTON_RADIUS, palette.line))

    private fun button(words: CharSequence, color: Int, ground: Drawable): Button = Button(context).apply {
        text = words
        isAllCaps = false
        stateListAnimator = null
        setTextSize(TypedValue.COMPLEX_UNIT_SP, 16f)
        setTextColor(ColorStateList(arrayOf(intArrayOf(-android.R.attr.state_enabled), intArrayOf()), intArrayOf(faded(color), color)))
        typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL)
        background = touchable(ground)
        minHeight = px(TOUCH)
        minimumHeight = px(TOUCH)
        setPadding(px(12), px(8), px(12), px(8))
    }

    fun iconButton(icon: Icon, label: CharSequence): ImageButton = ImageButton(context).apply {
        setImageDrawable(IconDrawable(icon, palette.text, px(24)))
        contentDescription = label
        background = touchable(null)
        minimumWidth = px(TOUCH)
        minimumHeight = px(TOUCH)
    }

    fun icon(icon: Icon, color: Int, dp: Int): View = View(context).apply {
        background = IconDrawable(icon, color, px(dp))
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        layoutParams = LinearLayout.LayoutParams(px(dp), px(dp))
    }

    /** A line that warns. */
    fun banner(words: CharSequence): LinearLayout = row().apply {
        background = rounded(palette.warningSoft, 10)
        setPadding(px(12), px(8), px(12), px(8))
        addView(icon(Icon.WARNING, palette.warning, 18))
        addView(text(words, 13f, palette.warning), filling().apply { marginStart = px(8) })
    }

    /** The first letter of a name in a circle. */
    fun avatar(name: String, dp: Int): TextView =
        text(name.take(Character.charCount(name.ifEmpty { " " }.codePointAt(0))).uppercase(), 16f, palette.onBrand, bold = true).apply {
            gravity = Gravity.CENTER
            background = rounded(palette.brand, dp / 2)
            importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
            layoutParams = LinearLayout.LayoutParams(px(dp), px(dp))
        }

    fun rule(): View = View(context).apply {
        setBackgroundColor(palette.line)
        layoutParams = LinearLayout.LayoutParams(MATCH_PARENT, px(1))
    }

    fun rounded(color: Int, radius: Int, line: Int? = null): GradientDrawable = GradientDrawable().apply {
        setColor(color)
        cornerRadius = px(radius).toFloat()
        if (line != null) setStroke(px(1), line)
    }

    fun touchable(ground: Drawable?): Drawable {
        val mask = ground?.constantState?.newDrawable() ?: rounded(palette.text, TOUCH / 2)
        return RippleDrawable(ColorStateList.valueOf(faded(palette.brand)), ground, mask)
    }

    /** Takes what is left of a row. */
    fun filling(): LinearLayout.LayoutParams = LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f)

    fun across(top: Int = 0): LinearLayout.LayoutParams =
        LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { topMargin = px(top) }

    private fun faded(color: Int): Int = color and 0x00FFFFFF or (FADED shl 24)

    internal companion object {
        /** What a finger hits. */
        const val TOUCH = 48
        const val BUTTON_RADIUS = 12
        private const val FADED = 0x70
        private const val LINE_SPACING = 1.1f
    }
}
