package org.minihost.harbour

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.widget.CompoundButton
import java.io.File
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.put
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.minihost.android.container.MiniProgramView
import org.minihost.android.grants.GrantsTexts
import org.minihost.android.grants.GrantsView
import org.minihost.android.support.FakeDocument
import org.minihost.android.support.SampleHost
import org.minihost.android.support.eventually
import org.minihost.android.support.pageLoads
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowDialog

class MainActivityTest : AppOnDevice() {
    @Test
    fun `without a sample host the app says what to do`() {
        val activity = start()
        eventually("the screen") { true.takeIf { activity.screen == "none" } }
    }

    @Test
    fun `a user signs in, opens a program, allows, and takes it back`() {
        val activity = start("servers" to SampleHost.text)
        val signIn = activity.shows<SignInScreen>()
        signIn.username.setText("alice")
        signIn.password.setText("wrong")
        signIn.submit.performClick()
        eventually("the problem") { true.takeIf { signIn.problem.text.isNotEmpty() } }
        signIn.password.setText(SampleHost.password("alice"))
        signIn.submit.performClick()
        activity.shows<HomeScreen>().tiles.getValue("teahouse").performClick()
        val page = activity.page()
        steer("answer" to "allow")
        page.requestCode("openid", "email")
        sheetIsRead()
        assertTrue("result" in page.answer())
        val harbour = checkNotNull(app.harbour.value)
        assertEquals(setOf("openid", "email"), harbour.host.grants().map { it.scope }.toSet())
        activity.back()
        activity.shows<HomeScreen>()
        steer("revoke" to "teahouse")
        eventually("the end of the grants") { true.takeIf { harbour.host.grants().isEmpty() } }
    }

    @Test
    fun `a tester hears of what was taken back and not written down`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse", "answer" to "allow")
        val page = activity.page()
        page.requestCode("openid")
        sheetIsRead()
        assertTrue("result" in page.answer())
        val grants = File(app.noBackupFilesDir, "grants")
        eventually("another thing in its place") { true.takeIf { grants.deleteRecursively() && File(grants, "in the way").mkdirs() } }
        steer("revoke" to "teahouse")
        said(GrantsTexts.of("en").notStored)
    }

    @Test
    fun `a user signs in in the browser, and one who comes back without an answer does not`() {
        val activity = start("servers" to SampleHost.text)
        val signIn = activity.shows<SignInScreen>()
        signIn.browser.performClick()
        eventually("the tab") { shadowOf(activity).nextStartedActivity }
        activities.last().pause().resume()
        val browser = checkNotNull(app.harbour.value).browser
        eventually("the end of the sign-in") { true.takeIf { !browser.isWaiting } }
        assertSame(signIn, activity.screen)

        signIn.browser.performClick()
        val tab = eventually("the tab") { shadowOf(activity).nextStartedActivity }
        activities.last().pause()
        val answer = Visitor("bob", SampleHost.password("bob")).visit(checkNotNull(tab.dataString))
        activities.last().newIntent(Intent(Intent.ACTION_VIEW, Uri.parse(answer))).resume()
        activity.shows<HomeScreen>()
        assertEquals("bob", checkNotNull(app.harbour.value).host.user.value?.displayName)
    }

    @Test
    fun `the app's manifest claims the address that the browser comes back to`() {
        val manifest = File("src/main/AndroidManifest.xml").readText()
        val (scheme, path) = Harbour.REDIRECT_URI.split(":")
        assertTrue("""<data android:scheme="$scheme" android:path="$path" />""" in manifest)
    }

    @Test
    fun `words alone lead into a program and answer for the user`() {
        val activity = start("servers" to SampleHost.text, "user" to "bob", "open" to "teahouse", "answer" to "deny")
        val page = activity.page()
        page.requestCode("openid")
        assertEquals("user_denied", page.reason())
        steer("answer" to "partial:openid")
        checkNotNull(app.harbour.value).host.settingsOpened()
        page.requestCode("openid", "phone")
        sheetIsRead()
        assertTrue("\"phone\":\"user_denied\"" in page.answer().toString())
    }

    @Test
    fun `an address that a web page opens the app with brings no words`() {
        val servers = "servers" to SampleHost.text
        val address = Uri.parse(Harbour.REDIRECT_URI)
        val fromPage = Intent(Intent.ACTION_VIEW, address).putExtra(servers.first, servers.second)
        val activity = Robolectric.buildActivity(MainActivity::class.java, fromPage).also { activities += it }.setup().get()
        assertEquals("none", activity.screen)
        steer(servers, "user" to "alice", "answer" to "deny")
        activity.shows<HomeScreen>()
        val harbour = checkNotNull(app.harbour.value)
        activities.last().newIntent(Intent(Intent.ACTION_VIEW, address).putExtra("answer", "allow").putExtra("network", "offline"))
        assertEquals(Answer.Deny, harbour.scriptedUser.answer)
        assertEquals(Weather.Ok, harbour.network.weather)
    }

    @Test
    fun `a rotation keeps the program, and the process's end brings it back where it was`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse")
        val page = activity.page()
        activities.last().recreate()
        val turned = activities.last().get()
        assertNotSame(activity, turned)
        turned.shows<MiniProgramView>()
        assertSame(page.webView, checkNotNull(app.harbour.value).programs.open.single().let { it.pageLoads().webView })

        page.webView.loadUrl("${SampleHost.origin}/menu")
        val state = Bundle().also { activities.last().saveInstanceState(it) }
        activities.last().pause().stop().destroy()
        activities.clear()
        checkNotNull(app.harbour.value).programs.closeAll()
        val again = start(state = state)
        again.shows<MiniProgramView>()
        val opened = checkNotNull(app.harbour.value).programs.open.single()
        assertEquals("${SampleHost.origin}/menu", shadowOf(opened.pageLoads().webView).lastLoadedUrl)
    }

    @Test
    fun `a rotation keeps what the user has ticked, and another look keeps the prompt`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse")
        activity.page().requestCode("openid", "email", "phone")
        box("email").performClick()
        activities.last().recreate()
        activities.last().get().windowIsVisible()
        assertEquals(listOf(true, false, true), listOf("openid", "email", "phone").map { box(it).isChecked })
        val before = sheet()
        steer("appearance" to "dark")
        eventually("the sheet in the other look") { true.takeIf { sheet() !== before } }
        assertFalse(before.isShowing)
    }

    private fun box(scope: String) = checkNotNull(sheet().window).decorView.findViewWithTag<CompoundButton>(scope)

    @Test
    fun `the sample host is remembered, not in clear, and forgotten by reset`() {
        start("servers" to SampleHost.text)
        eventually("the host") { app.harbour.value }
        val files = app.noBackupFilesDir.walk().filter { it.isFile }.map { it.readText(Charsets.ISO_8859_1) }.toList()
        assertTrue(files.isNotEmpty() && files.none { SampleHost.password("alice") in it })
        steer("reset" to "")
        eventually("the end of the host") { true.takeIf { app.harbour.value == null } }
        assertNull(app.harbour.value)
    }

    @Test
    fun `whoever was signed in is so after the process has died, and nobody is with another sample host`() {
        start("servers" to SampleHost.text, "user" to "alice").shows<HomeScreen>()
        checkNotNull(app.harbour.value).run { runBlocking { end() } }
        for ((anew, expected) in listOf(false to "alice", true to null)) {
            val again = startHost(anew)
            assertEquals(expected, again.user.value?.displayName)
            runBlocking { again.end() }
        }
    }

    @Test
    fun `the authorization server does what a tester wants, and says so where it does not`() {
        val door = checkNotNull(SampleServers.read(SampleHost.text).door)
        assertTrue(runBlocking { door.tell(mapOf("expire" to "code")) })
        assertFalse(runBlocking { door.tell(mapOf("expire" to "everything")) })
        val words = JSONObject(SampleHost.text).apply { getJSONObject("steering").put("token", "another") }
        assertFalse(runBlocking { checkNotNull(ServerDoor.read(words)).tell(mapOf("expire" to "code")) })
        words.remove("steering")
        assertNull(ServerDoor.read(words))
    }

    @Test
    fun `what a hostile page sends is refused, each for its own reason`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice")
        for (attack in Attack.entries) {
            activity.shows<HomeScreen>()
            steer("open" to "teahouse")
            val page = activity.page()
            steer("attack" to attack.word)
            val script = eventually("the script") { shadowOf(page.webView).lastEvaluatedJavascript }
            assertEquals(attack.script, script)
            page.touch()
            val isPage = attack.speaker == Attack.Speaker.PAGE
            val speaker = if (isPage) page.document else FakeDocument(page.webView, SampleHost.origin, isMainFrame = false)
            attack.messages.forEach(speaker::say)
            if (attack.refusal != null) assertEquals(attack.word, attack.refusal, speaker.lastReason())
            checkNotNull(app.harbour.value).programs.closeAll()
            activity.back()
        }
    }

    /** Why the last message was refused that was answered. */
    private fun FakeDocument.lastReason(): String = eventually("a refusal") {
        received.map(::JSONObject).lastOrNull()?.optJSONObject("error")?.getJSONObject("data")?.getString("reason")
    }

    @Test
    fun `the network is as a tester says, until it is well again`() {
        val activity = start("servers" to SampleHost.text)
        val signIn = activity.shows<SignInScreen>()
        for (weather in listOf("offline", "html", "status:500", "status:503", "cut-after:0", "retry-after:1")) {
            steer("network" to weather)
            signIn.problem.text = ""
            signIn.username.setText("alice")
            signIn.password.setText(SampleHost.password("alice"))
            signIn.submit.performClick()
            eventually("the problem in $weather") { true.takeIf { signIn.problem.text.isNotEmpty() } }
            assertNull(checkNotNull(app.harbour.value).host.user.value)
        }
        steer("network" to "slow:1")
        // The server has asked for a second of rest.
        eventually("the sign-in") {
            val isIdle = signIn.problem.text.isNotEmpty()
            if (isIdle && activity.screen === signIn) {
                signIn.problem.text = ""
                signIn.username.setText("alice")
                signIn.password.setText(SampleHost.password("alice"))
                signIn.submit.performClick()
            }
            activity.screen as? HomeScreen
        }
    }

    @Test
    fun `a program has the user sign in again, who mistypes the password and turns the device`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse", "answer" to "allow")
        val page = activity.page()
        page.requestCode("openid") { put("prompt", "login") }
        val first = signInAgain { it.isShowing }
        first.submit("wrong")
        eventually("the problem") { true.takeIf { first.problem.text == Words.of("en").wrongCredentials } }
        first.submit("wrong")
        turn().windowIsVisible()
        assertFalse(first.isShowing)
        said(Words.of("en").wrongCredentials)
        signInAgain { it !== first }.submit(SampleHost.password("alice"))
        turn().windowIsVisible()
        eventually("the end of the sign-in") { true.takeIf { app.harbour.value?.signInAsked?.value == null } }
        sheetIsRead()
        assertTrue("result" in page.answer())
    }

    private fun SignInAgain.submit(words: String) {
        password.setText(words)
        signIn.performClick()
    }

    private fun signInAgain(isMeant: (SignInAgain) -> Boolean) =
        eventually("the sign-in") { (ShadowDialog.getLatestDialog() as? SignInAgain)?.takeIf(isMeant) }

    @Test
    fun `a program's settings are the grants of that program`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse")
        val page = activity.page()
        page.touch()
        page.say("host.openSettings")
        activity.shows<GrantsView>()
        assertTrue("result" in page.answer())
    }
}
