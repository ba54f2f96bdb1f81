package org.minihost.android.support

import android.view.View
import org.junit.rules.ExternalResource
import org.minihost.android.container.OpenMiniProgram
import org.robolectric.Robolectric
import org.robolectric.android.controller.ActivityController

/** A signed-in user who has the tea house open, in an Activity that is on screen. */
internal class ProgramOnScreen : ExternalResource() {
    lateinit var phone: Phone
        private set
    lateinit var opened: OpenMiniProgram
        private set
    lateinit var activity: ActivityController<ProgramActivity>
        private set

    /** What the view says now. */
    val words: List<String> get() = ScreenReader(activity.get().view).words

    override fun before() {
        ShadowFeatures.offered = CURRENT_WEBVIEW
        phone = Phone()
        phone.signIn()
        opened = phone.programs.open(SampleHost.manifest())
        ProgramActivity.shown = phone to opened
        activity = Robolectric.buildActivity(ProgramActivity::class.java).setup()
        windowIs(View.VISIBLE)
    }

    override fun after() {
        leave()
        phone.close()
    }

    /** The Activity ends. */
    fun leave() {
        if (!activity.get().isDestroyed) activity.pause().stop().destroy()
    }

    /** The page is in place and has introduced itself. */
    fun ready(): PageSide = opened.pageLoads().apply { initialize() }

    /** As a rotation does. */
    fun rotate() {
        activity.recreate()
        windowIs(View.VISIBLE)
    }

    /** What the window manager tells a window that comes or goes, and Robolectric leaves to the test. */
    fun windowIs(visibility: Int) {
        activity.get().view.dispatchWindowVisibilityChanged(visibility)
        mainIdle()
    }

    fun click(words: String) {
        ScreenReader(activity.get().view).stopAt(words).performClick()
    }
}
