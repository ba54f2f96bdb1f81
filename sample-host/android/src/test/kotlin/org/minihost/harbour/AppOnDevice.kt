package org.minihost.harbour

import android.app.Dialog
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.window.OnBackInvokedCallback
import androidx.webkit.WebViewFeature
import java.time.Duration
import org.junit.After
import org.junit.Before
import org.junit.runner.RunWith
import org.minihost.android.container.MiniProgramView
import org.minihost.android.support.FakeKeystore
import org.minihost.android.support.PageSide
import org.minihost.android.support.SampleHost
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.minihost.android.support.coreCallsHere
import org.minihost.android.support.eventually
import org.minihost.android.support.onMainThread
import org.minihost.android.support.pageLoads
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog
import org.robolectric.shadows.ShadowToast
import org.robolectric.util.ReflectionHelpers

/** The app with the real core and the sample host's own servers, steered as testers steer it. */
@RunWith(RobolectricTestRunner::class)
@Config(application = HarbourApp::class, shadows = [ShadowFeatures::class, ShadowListeners::class])
abstract class AppOnDevice {
    private lateinit var keystore: FakeKeystore
    protected val app get() = RuntimeEnvironment.getApplication() as HarbourApp
    protected val activities = ArrayList<ActivityController<MainActivity>>()

    @Before
    fun begin() {
        coreCallsHere()
        keystore = FakeKeystore()
        ShadowFeatures.offered = setOf(WebViewFeature.WEB_MESSAGE_LISTENER, WebViewFeature.DOCUMENT_START_SCRIPT)
    }

    @After
    fun end() {
        activities.forEach { it.pause().stop().destroy() }
        app.reset()
        eventually("the end of the host") { true.takeIf { app.harbour.value == null } }
        keystore.close()
    }

    protected fun start(vararg words: Pair<String, String>, state: Bundle? = null): MainActivity {
        val intent = Intent().apply { words.forEach { (word, value) -> putExtra(word, value) } }
        val controller = Robolectric.buildActivity(MainActivity::class.java, intent)
        activities += controller
        if (state == null) controller.create() else controller.create(state)
        controller.start().resume().visible()
        return controller.get()
    }

    /** The host as another process has it, with whoever was signed in before, or anew. */
    protected fun startHost(anew: Boolean): Harbour {
        val servers = SampleServers.read(SampleHost.text)
        return onMainThread("the host") { Harbour.start(app, servers, "en", anew) }
    }

    protected fun steer(vararg words: Pair<String, String>) {
        activities.last().newIntent(Intent().apply { words.forEach { (word, value) -> putExtra(word, value) } })
    }

    /** Turns the device: the Activity that comes. */
    protected fun turn(): MainActivity = activities.last().recreate().get()

    protected inline fun <reified T : Any> MainActivity.shows(): T = eventually("the ${T::class.simpleName}") { screenOf(this) as? T }

    /** What the window manager tells a window that comes, and Robolectric leaves to the test. */
    protected fun MainActivity.windowIsVisible() = shows<MiniProgramView>().dispatchWindowVisibilityChanged(View.VISIBLE)

    protected fun MainActivity.page(): PageSide {
        windowIsVisible()
        val opened = checkNotNull(app.harbour.value).programs.open.single()
        return opened.pageLoads().apply { initialize() }
    }

    /** What an inline function of this class may not ask by itself. */
    protected fun screenOf(activity: MainActivity): Any? = activity.screen

    /** The user's button or gesture, as each Android tells an app of it. */
    protected fun MainActivity.back() {
        if (Build.VERSION.SDK_INT >= 33) {
            val dispatcher: Any = ReflectionHelpers.getField(onBackInvokedDispatcher, "mActualDispatcher")
            val callback: OnBackInvokedCallback? = ReflectionHelpers.callInstanceMethod(dispatcher, "getTopCallback")
            checkNotNull(callback) { "nobody hears the back button" }.onBackInvoked()
        } else {
            @Suppress("DEPRECATION")
            onBackPressed()
        }
    }

    /** What the app says for a moment. */
    protected fun said(words: String) = eventually(words) { true.takeIf { ShadowToast.getTextOfLatestToast() == words } }

    protected fun sheet(): Dialog = eventually("the sheet") { ShadowDialog.getLatestDialog()?.takeIf { it.isShowing } }

    /** The window manager gives the sheet the user's touches, and the time goes by that a yes needs. */
    protected fun sheetIsRead() {
        checkNotNull(sheet().window).decorView.dispatchWindowFocusChanged(true)
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(1))
    }
}
