package org.minihost.harbour

import android.os.Bundle
import android.view.View
import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.minihost.android.container.MiniProgramView
import org.minihost.android.support.SampleHost
import org.minihost.android.support.eventually
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowToast

/** What a tester hears where the app could not do what they wanted. */
class MistakesTest : AppOnDevice() {
    private val words = Words.of("en")
    private val harbour get() = checkNotNull(app.harbour.value)

    /** The line with a tea house at this address. */
    private fun lineWith(address: String): String {
        val line = JSONObject(SampleHost.text)
        val programs: JSONArray = line.getJSONArray("miniPrograms")
        (0 until programs.length()).map(programs::getJSONObject).single { it.getString("id") == "teahouse" }.put("url", address)
        return line.toString()
    }

    @Test
    fun `a spoilt line of a sample host is said, and changes nothing`() {
        val spoilt = SampleHost.text.replace("\"", "")
        val activity = start("servers" to spoilt)
        said(words.spoiltLine)
        eventually("the screen") { true.takeIf { activity.screen == "none" } }
        steer("servers" to SampleHost.text, "user" to "alice")
        activity.shows<HomeScreen>()
        val before = harbour
        steer("servers" to spoilt)
        said(words.spoiltLine)
        assertSame(before, harbour)
        assertEquals("alice", harbour.host.user.value?.displayName)
    }

    @Test
    fun `a host that does not start is said, with the reason`() {
        start("servers" to JSONObject(SampleHost.text).put("authorizationServer", "nowhere").toString())
        val said = eventually("the reason") { ShadowToast.getTextOfLatestToast() }
        assertTrue(said, said.startsWith(words.notStarted("")) && said.length > words.notStarted("").length)
        assertNull(app.harbour.value)
    }

    @Test
    fun `words beside a new sample host's line are for that one`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice")
        activity.shows<HomeScreen>()
        val before = harbour
        steer("servers" to SampleHost.text, "user" to "bob", "open" to "teahouse", "answer" to "deny")
        val page = eventually("the program") { activity.screen as? MiniProgramView }
        assertTrue(page.isAttachedToWindow && harbour !== before)
        assertEquals("bob", harbour.host.user.value?.displayName)
        assertEquals(Answer.Deny, harbour.scriptedUser.answer)
    }

    @Test
    fun `programs that there are none of, users and pages that are missing are said`() {
        val activity = start("servers" to SampleHost.text)
        activity.shows<SignInScreen>()
        steer("open" to "teahouse")
        said(words.nobodySignedIn)
        steer("revoke" to "casino")
        said(words.notUnderstood(listOf("revoke=casino")))
        steer("user" to "alice", "open" to "casino")
        said(words.notUnderstood(listOf("open=casino")))
        steer("reload" to "", "attack" to "flood", "navigate" to "https://attacker.example/")
        said(words.noPage(listOf("reload", "attack=flood", "navigate=https://attacker.example/")))
        steer("open" to "teahouse", "attack" to "probe")
        said(words.noPage(listOf("attack=probe")))
        val webView = activity.page().webView
        assertNull(shadowOf(webView).lastEvaluatedJavascript)
        steer("open" to "teahouse", "attack" to "probe")
        assertEquals(Attack.PROBE.script, eventually("the script") { shadowOf(webView).lastEvaluatedJavascript })
    }

    @Test
    fun `a program that cannot be opened is said on the first screen, also after the process has died`() {
        val refused = "servers" to lineWith("http://teahouse.example/")
        val activity = start(refused, "user" to "alice", "open" to "teahouse")
        val home = eventually("the problem") { (activity.screen as? HomeScreen)?.takeIf { it.problem.visibility == View.VISIBLE } }
        assertEquals(words.cannotOpen("Tea House"), home.problem.text.toString())

        val state = Bundle()
        val programs = Bundle().apply { putBundle("teahouse", Bundle()) }
        Place(program = "teahouse", programs = programs, programsOf = harbour.user.value?.id).write(state)
        activities.removeLast().pause().stop().destroy()
        val again = start(state = state)
        val saidAgain = eventually("the problem") { (again.screen as? HomeScreen)?.takeIf { it.problem.visibility == View.VISIBLE } }
        assertEquals(words.cannotOpen("Tea House"), saidAgain.problem.text.toString())
    }

    @Test
    fun `a secret store that fails leaves nobody signed in, and the user hears of it`() {
        for (trouble in listOf("failing", "locked")) {
            val activity = start("servers" to SampleHost.text, "user" to "alice")
            val home = activity.shows<HomeScreen>()
            steer("store" to trouble)
            home.signOut.performClick()
            said(words.signOutIncomplete)
            activity.shows<SignInScreen>()
            assertNull(harbour.host.user.value)
            activities.removeLast().pause().stop().destroy()
        }
    }
}
