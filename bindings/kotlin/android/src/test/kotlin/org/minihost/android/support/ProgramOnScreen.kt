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
        isVisible()
    }

    override fun after() {
        activity.pause().stop().destroy()
        phone.close()
    }

    /** The page is in place and has introduced itself. */
    fun ready(): PageSide = opened.pageLoads().apply { initialize() }

    /** As a rotation does. */
    fun rotate() {
        activity.recreate()
        isVisible()
    }

    /** What the window manager tells a window that comes, and Robolectric leaves to the test. */
    fun isVisible() {
        activity.get().view.dispatchWindowVisibilityChanged(View.VISIBLE)
        mainIdle()
    }

    fun click(words: String) {
        ScreenReader(activity.get().view).stopAt(words).performClick()
    }
}
