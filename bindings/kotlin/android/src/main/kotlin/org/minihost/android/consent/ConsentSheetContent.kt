package org.minihost.android.consent

import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.StateListDrawable
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.style.ForegroundColorSpan
import android.text.style.RelativeSizeSpan
import android.text.style.TypefaceSpan
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.CheckBox
import android.widget.ImageButton
import android.widget.LinearLayout
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.ScrollView
import android.widget.TextView
import org.minihost.AskedScope
import org.minihost.Remember
import org.minihost.android.ui.Icon
import org.minihost.android.ui.Views

/** What stands on a consent sheet. */
internal class ConsentSheetContent(
    private val views: Views,
    private val model: ConsentSheetModel,
    private val texts: ConsentTexts,
    site: String?,
) {
    private val view = model.view
    private val palette = views.palette

    val allow: Button = views.primary(texts.allow).apply { filterTouchesWhenObscured = true }
    val deny: Button = views.secondary(texts.deny)
    val close: ImageButton = views.iconButton(Icon.CLOSE, texts.close)

    private val boxes = ArrayList<CheckBox>()

    /** Called when the user ticks or chooses. */
    var changed: () -> Unit = {}

    private val hint: TextView = views.text("", HINT_SP, palette.muted).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    val body: ScrollView = ScrollView(views.context).apply {
        isVerticalScrollBarEnabled = true
        addView(details(site))
    }

    val actionsBottom: Int = views.px(16)
    val actions: LinearLayout = views.column().apply {
        setPadding(views.px(18), views.px(10), views.px(18), actionsBottom)
        addView(hint, views.across())
        addView(buttons(), views.across(top = 10))
    }

    val sheet: LinearLayout = views.column().apply {
        background = topRounded()
        elevation = views.px(16).toFloat()
        isClickable = true
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        addView(handle())
        addView(body, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT, 1f))
        addView(views.rule())
        addView(actions, views.across())
    }

    fun tick(scopes: Set<String>) = boxes.forEach { it.isChecked = it.tag in scopes }

    /** Shows what the model says. */
    fun update(isReady: Boolean) {
        allow.isEnabled = isReady
        allow.alpha = if (isReady) 1f else NOT_YET
        val words = model.hint(texts)
        if (hint.text.toString() != words) hint.text = words
    }

    private fun details(site: String?) = views.column().apply {
        setPadding(views.px(18), views.px(4), views.px(18), views.px(10))
        addView(header(site), views.across())
        for (warning in model.warnings(texts)) addView(views.banner(warning), views.across(top = 10))
        addView(account(), views.across(top = 12))
        addView(views.heading(texts.choose, LEGEND_SP), views.across(top = 14))
        view.scopes.forEachIndexed { index, scope ->
            if (index > 0) addView(views.rule())
            addView(box(scope).also { boxes += it }, views.across())
        }
        view.audience?.let { addView(views.text(texts.audience(it), HINT_SP, palette.muted), views.across(top = 6)) }
        if (view.remember.size > 1) {
            addView(views.heading(texts.howLong, LEGEND_SP), views.across(top = 12))
            addView(durations(), views.across(top = 6))
        }
    }

    private fun header(site: String?) = views.row().apply {
        gravity = Gravity.TOP
        val words = views.column().apply {
            addView(views.heading(texts.title(view.miniProgram.name)))
            addView(views.text(texts.publisher(view.miniProgram.publisher), PUBLISHER_SP, palette.muted))
            if (site != null) addView(siteLine(site), views.across(top = 2))
        }
        addView(words, views.filling())
        addView(close, LinearLayout.LayoutParams(views.px(Views.TOUCH), views.px(Views.TOUCH)).apply { marginStart = views.px(4) })
    }

    private fun siteLine(site: String) = views.row().apply {
        addView(views.icon(Icon.LOCK, palette.muted, 13))
        addView(views.text(site, HINT_SP, palette.muted), views.filling().apply { marginStart = views.px(4) })
    }

    private fun account() = views.row().apply {
        background = views.rounded(palette.brandSoft, 12)
        setPadding(views.px(12), views.px(8), views.px(12), views.px(8))
        addView(views.avatar(view.account, 36))
        val words = views.column().apply {
            addView(views.text(view.account, bold = true))
            addView(views.text(texts.account, HINT_SP, palette.muted))
        }
        addView(words, views.filling().apply { marginStart = views.px(12) })
        isFocusable = true
        contentDescription = "${view.account}, ${texts.account}"
    }

    private fun box(scope: AskedScope) = CheckBox(views.context).apply {
        text = titleAndReason(scope)
        textSize = SCOPE_SP
        setTextColor(palette.text)
        buttonTintList = ColorStateList.valueOf(palette.brand)
        minHeight = views.px(Views.TOUCH)
        setPadding(views.px(10), views.px(6), 0, views.px(6))
        tag = scope.name
        isSaveEnabled = false
        isChecked = model.isTicked(scope.name)
        setOnCheckedChangeListener { _, isTicked ->
            model.tick(scope.name, isTicked)
            changed()
        }
    }

    private fun titleAndReason(scope: AskedScope): CharSequence {
        val words = SpannableStringBuilder(scope.title)
        words.setSpan(TypefaceSpan("sans-serif-medium"), 0, words.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        if (scope.reason.isEmpty()) return words
        val start = words.append('\n').length
        words.append(texts.quoted(scope.reason))
        words.setSpan(ForegroundColorSpan(palette.muted), start, words.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        words.setSpan(RelativeSizeSpan(REASON_SIZE), start, words.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        return words
    }

    private fun durations() = RadioGroup(views.context).apply {
        val hasRoom = views.context.resources.configuration.run { fontScale <= ROW_FONT_SCALE && screenWidthDp >= ROW_WIDTH }
        orientation = if (hasRoom) RadioGroup.HORIZONTAL else RadioGroup.VERTICAL
        background = views.rounded(palette.ground, 12, palette.line)
        setPadding(views.px(3), views.px(3), views.px(3), views.px(3))
        for (choice in view.remember) {
            val place = if (hasRoom) RadioGroup.LayoutParams(0, MATCH_PARENT, 1f) else RadioGroup.LayoutParams(MATCH_PARENT, WRAP_CONTENT)
            addView(duration(choice), place)
        }
        setOnCheckedChangeListener { group, id ->
            val chosen = group.findViewById<View>(id) ?: return@setOnCheckedChangeListener
            model.remember(chosen.tag as Remember)
            changed()
        }
    }

    private fun duration(choice: Remember) = RadioButton(views.context).apply {
        id = View.generateViewId()
        tag = choice
        text = texts.duration(choice)
        textSize = DURATION_SP
        gravity = Gravity.CENTER
        buttonDrawable = null
        minHeight = views.px(Views.TOUCH)
        setPadding(views.px(6), views.px(6), views.px(6), views.px(6))
        typeface = Typeface.DEFAULT
        val checked = intArrayOf(android.R.attr.state_checked)
        setTextColor(ColorStateList(arrayOf(checked, intArrayOf()), intArrayOf(palette.onBrand, palette.text)))
        background = views.touchable(
            StateListDrawable().apply { addState(checked, views.rounded(palette.brand, 9)) },
        )
        isSaveEnabled = false
        isChecked = choice == model.remember
    }

    private fun buttons() = views.row().apply {
        addView(deny, views.filling())
        addView(allow, views.filling().apply { marginStart = views.px(12) })
    }

    private fun handle() = View(views.context).apply {
        background = views.rounded(palette.line, 2)
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        layoutParams = LinearLayout.LayoutParams(views.px(36), views.px(4)).apply {
            gravity = Gravity.CENTER_HORIZONTAL
            topMargin = views.px(8)
            bottomMargin = views.px(4)
        }
    }

    private fun topRounded() = GradientDrawable().apply {
        setColor(palette.raised)
        val radius = views.px(22).toFloat()
        cornerRadii = floatArrayOf(radius, radius, radius, radius, 0f, 0f, 0f, 0f)
    }

    private companion object {
        const val HINT_SP = 13f
        const val PUBLISHER_SP = 14f
        const val LEGEND_SP = 14f
        const val SCOPE_SP = 15f
        const val DURATION_SP = 14f
        const val REASON_SIZE = 0.87f
        const val NOT_YET = 0.45f

        /** Up to here three words stand beside each other. */
        const val ROW_FONT_SCALE = 1.15f
        const val ROW_WIDTH = 340
    }
}
