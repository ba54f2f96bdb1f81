package org.minihost.android.signin

import android.app.Activity
import android.content.Intent
import android.net.Uri
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.Build
import org.minihost.Credentials
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.MiniHost
import org.minihost.User
import org.minihost.android.support.coreCallsHere
import org.minihost.android.support.eventually
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** Sign-in by a Custom Tab, with the real core; what the browser brings back is made up from the address that it is given. */
@RunWith(RobolectricTestRunner::class)
class BrowserSignInsTest {
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    private val issuer = "http://127.0.0.1:${server.address.port}"
    private lateinit var host: MiniHost
    private lateinit var signIns: BrowserSignIns
    private lateinit var activity: Activity

    @Before
    fun begin() {
        answer(
            "/.well-known/oauth-authorization-server",
            """{"issuer":"$issuer","authorization_endpoint":"$issuer/authorize","token_endpoint":"$issuer/token",
                "userinfo_endpoint":"$issuer/userinfo",
                "authorization_challenge_endpoint":"$issuer/challenge","host_mediation_supported":true}""",
        )
        answer("/token", """{"access_token":"a","token_type":"Bearer","expires_in":600}""")
        answer("/userinfo", """{"sub":"u-1","preferred_username":"alice"}""")
        server.start()
        val configuration = HostConfiguration(issuer, "harbour", HostInfo("Harbour", "1", "android"), build = Build.DEVELOPMENT)
        coreCallsHere()
        host = runBlocking { MiniHost.start(configuration, Credentials.publicClient()) }
        signIns = BrowserSignIns(host, CALLBACK)
        activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    }

    @After
    fun end() {
        runBlocking { host.shutdown() }
        server.stop(0)
    }

    private fun answer(path: String, json: String) = server.createContext(path) { exchange ->
        exchange.requestBody.readBytes()
        exchange.responseHeaders.add("Content-Type", "application/json")
        exchange.sendResponseHeaders(200, json.length.toLong())
        exchange.responseBody.use { it.write(json.toByteArray()) }
    }

    @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
    private fun signIn(): Pair<Deferred<User?>, Uri> {
        val signedIn = CoroutineScope(SupervisorJob() + Dispatchers.Main).async { signIns.signIn(activity) }
        val tab = eventually("the tab") {
            if (signedIn.isCompleted) signedIn.getCompletionExceptionOrNull()?.let { throw it }
            shadowOf(activity).nextStartedActivity
        }
        assertEquals(Intent.ACTION_VIEW, tab.action)
        assertTrue("it is a Custom Tab", tab.hasExtra("android.support.customtabs.extra.SESSION"))
        return signedIn to checkNotNull(tab.data)
    }

    private fun opened(address: String) = Intent(Intent.ACTION_VIEW, Uri.parse(address))

    @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
    private fun Deferred<User?>.outcome(): User? {
        eventually("the outcome") { true.takeIf { isCompleted } }
        return getCompleted()
    }

    @Test
    fun `the user comes back and is signed in`() {
        val (signedIn, page) = signIn()
        assertEquals(CALLBACK, page.getQueryParameter("redirect_uri"))
        assertTrue(signIns.isWaiting)
        assertTrue(signIns.onRedirect(opened("$CALLBACK?code=c&state=${page.getQueryParameter("state")}")))
        val user = signedIn.outcome()
        assertEquals("alice", user?.displayName)
        assertEquals(user, eventually("the user") { host.user.value })
        assertFalse(signIns.isWaiting)
    }

    @Test
    fun `what another app makes up is no answer`() {
        val (signedIn, page) = signIn()
        for (strange in listOf("$CALLBACK?code=c&state=x", "org.minihost.harbour:/other?code=c&state=${page.getQueryParameter("state")}")) {
            assertFalse(signIns.onRedirect(opened(strange)))
        }
        assertFalse(signIns.onRedirect(Intent()))
        assertTrue(signIns.isWaiting)
        signIns.onReturned()
        assertNull(signedIn.outcome())
        assertNull(host.user.value)
    }

    @Test
    fun `an answer after the end is none`() {
        val (signedIn, page) = signIn()
        signIns.onReturned()
        assertNull(signedIn.outcome())
        assertFalse(signIns.onRedirect(opened("$CALLBACK?code=c&state=${page.getQueryParameter("state")}")))
    }

    @Test
    fun `a host that is shut down meanwhile waits for nobody`() {
        val (signedIn, page) = signIn()
        host.close()
        assertNull(signedIn.outcome())
        assertFalse(signIns.isWaiting)
        assertFalse(signIns.onRedirect(opened("$CALLBACK?code=c&state=${page.getQueryParameter("state")}")))
    }

    private companion object {
        const val CALLBACK = "org.minihost.harbour:/signed-in"
    }
}
