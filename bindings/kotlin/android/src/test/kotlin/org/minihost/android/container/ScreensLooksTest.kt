package org.minihost.android.container

import android.app.Activity
import android.graphics.Insets
import android.view.View
import android.view.WindowInsets
import android.widget.ImageButton
import kotlinx.serialization.json.jsonObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.Remember
import org.minihost.android.consent.draw
import org.minihost.android.consent.save
import org.minihost.android.grants.GrantsTexts
import org.minihost.android.grants.GrantsView
import org.minihost.android.support.CURRENT_WEBVIEW
import org.minihost.android.support.Phone
import org.minihost.android.support.SampleHost
import org.minihost.android.support.ScreenReader
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.minihost.android.support.eventually
import org.minihost.android.support.mainIdle
import org.minihost.android.support.pageLoads
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** How the container's frame and the grants screen look, with the real core behind them. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], shadows = [ShadowFeatures::class, ShadowListeners::class])
class ScreensLooksTest {
    private lateinit var phone: Phone

    @Before
    fun begin() {
        ShadowFeatures.offered = CURRENT_WEBVIEW
        phone = Phone()
        phone.signIn()
    }

    @After
    fun end() = phone.close()

    private fun activity(qualifiers: String): Activity {
        RuntimeEnvironment.setQualifiers(qualifiers)
        return Robolectric.buildActivity(Activity::class.java).setup().get()
    }

    private fun Activity.shows(view: View, picture: String) {
        setContentView(view)
        mainIdle()
        save(draw(window.decorView), picture)
    }

    private fun grantSomething() {
        val opened = phone.programs.open(SampleHost.manifest())
        opened.container.visibility(true)
        val activity = activity("en-w360dp-h780dp-xhdpi")
        val view = MiniProgramView(activity, opened, ProgramTexts.of("en", "Harbour"), leave = {}, close = {})
        activity.shows(view, "program-light-narrow")
        view.dispatchWindowVisibilityChanged(View.VISIBLE)
        val page = opened.pageLoads()
        page.initialize()
        page.requestCode("openid", "email")
        val prompt = eventually("the prompt") { phone.host.prompt.value }
        prompt.answer(org.minihost.Choice.Allow(listOf("openid", "email"), Remember.UNTIL_REVOKED))
        assertTrue("code" in page.answer().getValue("result").jsonObject)
        view.failed()
        mainIdle()
        save(draw(activity.window.decorView), "program-failed")
        val expected = listOf(
            "Back to Harbour",
            "Tea House",
            siteOf(SampleHost.origin),
            "Close Tea House",
            "In development: nobody has verified its publisher.",
            "It cannot be shown",
            "Tea House cannot be reached just now. Look whether this device is online.",
            "Try again",
        )
        assertEquals("the page beneath is not read", expected, ScreenReader(view).words)
        val pane = ScreenReader(view).stopAt("Try again").parent as View
        assertEquals("it is said when it comes", "It cannot be shown", pane.accessibilityPaneTitle)
        view.loading()
        assertEquals(View.IMPORTANT_FOR_ACCESSIBILITY_AUTO, page.webView.importantForAccessibility)
        activity.setContentView(View(activity))
    }

    @Test
    fun `where the window reaches below the system's bars, what the host shows stays beside them`() {
        val activity = activity("en-w360dp-h780dp-xhdpi")
        val opened = phone.programs.open(SampleHost.manifest())
        val bars = WindowInsets.Builder().setInsets(WindowInsets.Type.systemBars(), Insets.of(0, 48, 0, 96)).build()
        for (view in listOf(
            MiniProgramView(activity, opened, ProgramTexts.of("en", "Harbour"), leave = {}, close = {}),
            GrantsView(activity, phone.host, GrantsTexts.of("en")) { "Tea House" },
        )) {
            activity.setContentView(view)
            mainIdle()
            view.dispatchApplyWindowInsets(bars)
            assertEquals("$view", 48 to 96, view.paddingTop to view.paddingBottom)
        }
        activity.setContentView(View(activity))
    }

    @Test
    fun `the grants screen lists what was granted and takes it back`() {
        grantSomething()
        for ((qualifiers, locale, picture) in listOf(
            Triple("zh-rCN-w360dp-h780dp-night-xhdpi", "zh-Hans", "grants-dark-narrow-zh"),
            Triple("en-w1280dp-h800dp-mdpi", "en", "grants-light-wide"),
        )) {
            val activity = activity(qualifiers)
            activity.shows(GrantsView(activity, phone.host, GrantsTexts.of(locale)) { "Tea House" }, picture)
        }
        val activity = activity("en-w360dp-h780dp-xhdpi")
        val view = GrantsView(activity, phone.host, GrantsTexts.of("en")) { "Tea House" }
        activity.setContentView(view)
        mainIdle()
        val take = view.findViewWithTag<ImageButton>("email")
        assertEquals("Take back: Email address", take.contentDescription)
        val words = ScreenReader(view).words
        assertEquals(listOf("What you allowed", "Tea House"), ScreenReader(view).headings)
        assertTrue("$words", words.none(String::isBlank) && words.indexOf("Email address") < words.indexOf("Take back: Email address"))
        take.performClick()
        eventually("the end of the grant") { true.takeIf { phone.host.grants().map { it.scope } == listOf("openid") } }
        eventually("the screen without it") { true.takeIf { view.findViewWithTag<View>("email") == null } }
        save(draw(activity.window.decorView), "grants-after-revoke")
        val said = eventually("what is said of it") { ScreenReader(view).announced.singleOrNull() }
        assertTrue(said, "Email address" in said)
    }
}
