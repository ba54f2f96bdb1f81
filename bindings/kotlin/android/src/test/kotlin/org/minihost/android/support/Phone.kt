package org.minihost.android.support

import android.app.Activity
import android.app.Dialog
import android.os.Looper
import androidx.webkit.WebViewFeature
import java.time.Duration
import kotlinx.coroutines.runBlocking
import org.minihost.Build
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.HostPorts
import org.minihost.MiniHost
import org.minihost.android.consent.ConsentSheet
import org.minihost.android.consent.ConsentSheets
import org.minihost.android.consent.ConsentTexts
import org.minihost.android.container.MiniProgramView
import org.minihost.android.container.MiniPrograms
import org.minihost.android.container.OpenMiniProgram
import org.minihost.android.container.ProgramTexts
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** Everything that a current WebView offers and these tests stand in for. */
internal val CURRENT_WEBVIEW = setOf(WebViewFeature.WEB_MESSAGE_LISTENER, WebViewFeature.DOCUMENT_START_SCRIPT)

/** A host app with the real core in it, and its user. What lives as long as the process does. */
internal class Phone(ports: HostPorts = HostPorts()) : AutoCloseable {
    val host: MiniHost = runBlocking {
        coreCallsHere()
        MiniHost.start(configuration, SampleHost.credentials, ports)
    }
    val programs = MiniPrograms(RuntimeEnvironment.getApplication(), host)
    val sheets = ConsentSheets(host, programs, texts = { ConsentTexts.of(it, "Harbour") })

    fun signIn(username: String = "alice") = runBlocking { host.signInWithPassword(username, SampleHost.password(username)) }

    /** The sheet on screen. */
    fun sheet(): ConsentSheet = eventually("the sheet") { sheets.shown?.takeIf { it.isShowing } }

    /** The sheet on screen, once it takes a yes. */
    fun readySheet(): ConsentSheet = sheet().also {
        it.getsFocus()
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(600))
        val taken = eventually("a sheet that takes a yes") { it.allowButton.takeIf { allow -> allow.isEnabled } }
        check(taken.isShown) { "the button is not on screen" }
    }

    override fun close() {
        programs.closeAll()
        runBlocking { host.shutdown() }
    }

    private companion object {
        val configuration = HostConfiguration(
            issuer = SampleHost.issuer,
            clientId = SampleHost.clientId,
            host = HostInfo("Harbour", "1.0.0", "android"),
            build = Build.DEVELOPMENT,
        )
    }
}

/** An Activity that shows one program, as a host app would write it. */
internal class ProgramActivity : Activity() {
    lateinit var view: MiniProgramView

    override fun onStart() {
        super.onStart()
        val shown = checkNotNull(shown) { "the test shows no program" }
        view = MiniProgramView(this, shown.second, ProgramTexts.of("en", "Harbour"), leave = ::finish, close = { shown.second.close() })
        setContentView(view)
        shown.first.sheets.attach(this)
    }

    override fun onStop() {
        shown?.first?.sheets?.detach(this)
        super.onStop()
    }

    companion object {
        /** What the next one shows. */
        var shown: Pair<Phone, OpenMiniProgram>? = null
    }
}

/** What the window manager tells a dialog that is on top, and Robolectric leaves to the test. */
internal fun Dialog.getsFocus() {
    checkNotNull(window).decorView.dispatchWindowFocusChanged(true)
}
