package org.minihost.android

import android.app.Activity
import android.app.Application
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.CodeRequests
import org.minihost.Credentials
import org.minihost.GrantsAt
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.HostPorts
import org.minihost.Manifest
import org.minihost.MiniHost
import org.minihost.Secrets
import org.minihost.SignInException
import org.minihost.TrustedKey
import org.minihost.android.consent.ConsentSheets
import org.minihost.android.consent.ConsentTexts
import org.minihost.android.container.MiniProgramView
import org.minihost.android.container.MiniPrograms
import org.minihost.android.container.ProgramTexts
import org.minihost.android.secrets.KeystoreSecrets
import org.minihost.android.signin.BrowserSignIns
import org.minihost.android.support.SecretsOnDevice
import org.minihost.android.support.coreCallsHere
import org.minihost.android.support.onMainThread
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** What the README shows. */
@RunWith(RobolectricTestRunner::class)
class ReadmeTest {
    @get:Rule
    val device = SecretsOnDevice()
    private val jws = ""
    private val keys = emptyList<TrustedKey>()
    private val owner: String? = null

    private suspend fun example(application: Application, activity: Activity) {
        // The example begins.
        // In the Application, whose scope runs all of this: it outlives every Activity.
        val host = MiniHost.start(
            HostConfiguration(
                issuer = "https://as.harbour.example",
                clientId = "harbour-app",
                host = HostInfo("Harbour", "1.0.0", "android"),
                codeRequests = CodeRequests.Relay("https://api.harbour.example/mini-programs"),
            ),
            Credentials.relay(),
            HostPorts(
                secrets = Secrets.Own(KeystoreSecrets(application)),
                grants = GrantsAt.File("${application.noBackupFilesDir}/grants"),
            ),
        )
        val programs = MiniPrograms(application, host)
        val sheets = ConsentSheets(host, programs, texts = { ConsentTexts.of(it, "Harbour") })
        val browser = BrowserSignIns(host, "com.example.harbour:/signed-in")

        // An Activity that the address above opens tells `browser.onRedirect(intent)` in onCreate and onNewIntent, and
        // `browser.onReturned()` in onResume.
        val user = host.restoreSignIn() ?: browser.signIn(activity) ?: return
        // What programs have stored is one user's: `owner` is kept by the app.
        if (user.id != owner) programs.removeAllData()
        val opened = programs.open(Manifest.Signed(jws, keys))

        // Each Activity shows what is open, `programs.find(id)`, in a view of its own. In onStop, `sheets.detach(this)`.
        val texts = ProgramTexts.of("en", "Harbour")
        activity.setContentView(MiniProgramView(activity, opened, texts, leave = activity::finish, close = opened::close))
        sheets.attach(activity)
        // The example ends.
    }

    private fun linesBetween(start: String, end: String, file: String) =
        File(file).readText().substringAfter(start).substringBefore(end).trimIndent().lines().filter(String::isNotBlank)

    @Test
    fun `the README's example is code that compiles`() {
        val shown = linesBetween("```kotlin\n", "```", "../README.md")
        assertTrue(shown.size > 20)
        assertEquals(linesBetween("// The example begins.\n", "        // The example ends.", "$HERE/ReadmeTest.kt"), shown)
    }

    @Test
    fun `the README's example starts a host, and goes on once somebody is signed in`() {
        coreCallsHere()
        val activity = Robolectric.buildActivity(Activity::class.java).setup()
        val application = RuntimeEnvironment.getApplication()
        // There is no such server.
        val run = onMainThread("the failure") { runCatching { example(application, activity.get()) } }
        assertTrue(run.exceptionOrNull() is SignInException)
        activity.pause().stop().destroy()
    }

    private companion object {
        const val HERE = "src/test/kotlin/org/minihost/android"
    }
}
