package org.minihost.android.grants

import android.annotation.SuppressLint
import android.app.Activity
import android.text.format.DateFormat
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.LinearLayout
import android.widget.ScrollView
import java.util.Date
import kotlin.time.Instant
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.minihost.Grant
import org.minihost.HostEvent
import org.minihost.MiniHost
import org.minihost.MiniHostException
import org.minihost.android.ui.Appearance
import org.minihost.android.ui.Icon
import org.minihost.android.ui.Views

/**
 * The screen on which the signed-in user sees what they have granted, and takes it back. It follows what changes for as
 * long as it is attached.
 *
 * @param only one program's grants alone, by its id; those of all where it is none
 * @param nameOf a program's name for people, by its id
 */
@SuppressLint("ViewConstructor")
public class GrantsView(
    activity: Activity,
    private val host: MiniHost,
    private val texts: GrantsTexts,
    appearance: Appearance = Appearance(),
    private val only: String? = null,
    private val nameOf: (String) -> String = { it },
) : ScrollView(activity) {
    private val views = Views(activity, appearance.palette(activity))
    private val list = views.column()
    private val outcome = views.text("", color = views.palette.text).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        background = views.rounded(views.palette.brandSoft, 12)
        setPadding(views.px(14), views.px(10), views.px(14), views.px(10))
        visibility = View.GONE
    }
    private var scope: CoroutineScope? = null

    init {
        setBackgroundColor(views.palette.ground)
        isFillViewport = true
        fitsSystemWindows = true
        val page = views.column().apply {
            setPadding(views.px(20), views.px(16), views.px(20), views.px(24))
            addView(views.heading(texts.title, TITLE_SP), views.across())
            addView(outcome, views.across(top = 12))
            addView(list, views.across())
        }
        addView(page)
        draw()
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        draw()
        scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate).also { mine ->
            mine.launch { host.events.collect { if (it is HostEvent.GrantsChanged || it is HostEvent.UserChanged) draw() } }
        }
    }

    override fun onDetachedFromWindow() {
        scope?.cancel()
        scope = null
        super.onDetachedFromWindow()
    }

    private fun draw() {
        val held = try {
            host.grants().filter { only == null || it.miniProgram == only }
        } catch (_: MiniHostException) {
            emptyList()
        }
        list.removeAllViews()
        if (held.isEmpty()) {
            list.addView(card().apply { addView(views.text(texts.empty, color = views.palette.muted)) }, views.across(top = 16))
            return
        }
        for (program in GrantsModel.byProgram(held)) list.addView(programCard(program), views.across(top = 16))
        list.addView(views.text(texts.about, HINT_SP, views.palette.muted), views.across(top = 14))
    }

    private fun programCard(program: GrantedProgram) = card().apply {
        val name = nameOf(program.id)
        val head = views.row().apply {
            addView(views.avatar(name, 40))
            addView(views.heading(name, NAME_SP), views.filling().apply { marginStart = views.px(12) })
        }
        addView(head, views.across())
        for (grant in program.grants) {
            addView(views.rule(), LinearLayout.LayoutParams(MATCH_PARENT, views.px(1)).apply { topMargin = views.px(8) })
            addView(grantRow(grant), views.across(top = 4))
        }
        val all = views.secondary(texts.takeAllBack, views.palette.danger)
        all.setOnClickListener { revoke(program.id, null) }
        addView(all, views.across(top = 12))
    }

    private fun grantRow(grant: Grant) = views.row().apply {
        val name = texts.scope(grant.scope)
        val until = grant.expiresAt?.let { texts.until(day(it)) } ?: texts.untilRevoked
        val words = views.column().apply {
            addView(views.text(name))
            addView(views.text(texts.since(day(grant.grantedAt), until), HINT_SP, views.palette.muted))
        }
        addView(words, views.filling())
        val take = views.iconButton(Icon.CLOSE, texts.takeBack(name))
        take.tag = grant.scope
        take.setOnClickListener { revoke(grant.miniProgram, listOf(grant.scope)) }
        addView(take, LinearLayout.LayoutParams(views.px(Views.TOUCH), views.px(Views.TOUCH)))
    }

    private fun revoke(program: String, scopes: List<String>?) {
        val scope = scope ?: return
        scope.launch {
            say(
                try {
                    GrantsModel.outcome(host.revoke(program, scopes), texts)
                } catch (cancelled: CancellationException) {
                    throw cancelled
                } catch (_: MiniHostException) {
                    texts.failed
                },
            )
            draw()
        }
    }

    private fun say(words: String) {
        outcome.text = words
        outcome.visibility = View.VISIBLE
    }

    private fun card() = views.column().apply {
        background = views.rounded(views.palette.surface, 14, views.palette.line)
        setPadding(views.px(16), views.px(14), views.px(16), views.px(14))
        layoutParams = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT)
    }

    private fun day(at: Instant) = DateFormat.getMediumDateFormat(context).format(Date(at.toEpochMilliseconds()))

    private companion object {
        const val TITLE_SP = 22f
        const val NAME_SP = 17f
        const val HINT_SP = 13f
    }
}
