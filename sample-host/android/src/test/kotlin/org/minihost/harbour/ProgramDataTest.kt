package org.minihost.harbour

import android.content.Context
import android.webkit.CookieManager
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.minihost.android.container.MiniProgramView
import org.minihost.android.support.SampleHost
import org.minihost.android.support.eventually

/** What programs keep on the device is one user's at a time. */
class ProgramDataTest : AppOnDevice() {
    private val cookies get() = CookieManager.getInstance()

    @Test
    fun `what programs have stored for a user is there for that user alone`() {
        val activity = start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse")
        activity.page()
        val harbour = checkNotNull(app.harbour.value)
        cookies.setCookie(SampleHost.origin, "session=alice")
        val before = checkNotNull(harbour.user.value)
        runBlocking { harbour.host.signOut() }
        steer("user" to "alice")
        eventually("alice") { harbour.user.value?.takeIf { it.id == before.id && it.epoch > before.epoch } }
        assertEquals("session=alice", cookies.getCookie(SampleHost.origin))
        steer("switch-user" to "bob")
        eventually("the end of what was alice's") { true.takeIf { cookies.getCookie(SampleHost.origin) == null } }
        eventually("bob") { true.takeIf { harbour.user.value?.displayName == "bob" } }
        assertTrue(harbour.programs.open.isEmpty())
    }

    @Test
    fun `a user who turns the device while they sign in is signed in, and finds nothing of another's`() {
        start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse").page()
        val harbour = checkNotNull(app.harbour.value)
        cookies.setCookie(SampleHost.origin, "session=alice")
        runBlocking { harbour.host.signOut() }
        val signIn = activities.last().get().shows<SignInScreen>()
        signIn.username.setText("bob")
        signIn.password.setText(SampleHost.password("bob"))
        signIn.submit.performClick()
        turn().shows<HomeScreen>()
        assertEquals("bob", harbour.user.value?.displayName)
        assertNull(cookies.getCookie(SampleHost.origin))
    }

    @Test
    fun `where a program goes on is for whoever left it there`() {
        start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse").page()
        val harbour = checkNotNull(app.harbour.value)
        fun leaveAndCome(user: String): MainActivity {
            turn()
            runBlocking { harbour.host.signOut() }
            harbour.programs.closeAll()
            activities.last().get().shows<SignInScreen>()
            return turn().also { steer("user" to user) }
        }
        leaveAndCome("alice").shows<MiniProgramView>()
        leaveAndCome("bob").shows<HomeScreen>()
    }

    @Test
    fun `whoever is signed in since before the process died finds nothing of another's either`() {
        start("servers" to SampleHost.text, "user" to "alice", "open" to "teahouse").page()
        cookies.setCookie(SampleHost.origin, "session=somebody")
        runBlocking { checkNotNull(app.harbour.value).end() }
        // The process died before it had written down whose the data is.
        app.getSharedPreferences("program-data", Context.MODE_PRIVATE).edit().clear().commit()
        val again = startHost(anew = false)
        assertEquals("alice", again.user.value?.displayName)
        assertNull(cookies.getCookie(SampleHost.origin))
        runBlocking { again.end() }
    }
}
