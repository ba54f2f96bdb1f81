package org.minihost.harbour

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.window.OnBackInvokedDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.launch
import org.minihost.MiniHostException
import org.minihost.SignOutException
import org.minihost.User
import org.minihost.android.container.AnotherProgramOpenException
import org.minihost.android.container.MiniProgramView
import org.minihost.android.container.OpenMiniProgram
import org.minihost.android.container.ProgramTexts
import org.minihost.android.grants.GrantsTexts
import org.minihost.android.grants.GrantsView

/** All of the app's screens. What they show is in the process's [Harbour]; this draws it, as often as Android wants. */
class MainActivity : Activity() {
    private val app get() = application as HarbourApp
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    private var onScreen: Job? = null
    private val asking by lazy { Asking(this, app::launch) }
    private var place = Place()
    private val wanted = ArrayList<Steering>()
    private var connecting: Job? = null
    private var notConnected: String? = null
    private var notOpened: String? = null

    private val harbour get() = app.harbour.value
    private val words get() = Words.of(place.locale ?: resources.configuration.locales[0].toLanguageTag())
    private val appearance get() = place.look.appearance
    private val ui get() = Ui(this, appearance.palette(this))

    /** The screen that is drawn. */
    internal var screen: Any? = null
        private set

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        if (android.os.Build.VERSION.SDK_INT >= 33) {
            onBackInvokedDispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT, ::back)
        }
        place = Place.read(savedInstanceState)
        // After a rotation the intent is the one of before, and was obeyed.
        steer(intent.takeIf { savedInstanceState == null && !isAnswer(it) })
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        if (!isAnswer(intent)) steer(intent)
    }

    /** Whether the browser has brought the user back with it. */
    private fun isAnswer(intent: Intent) = harbour?.browser?.onRedirect(intent) == true

    override fun onResume() {
        super.onResume()
        harbour?.browser?.onReturned()
    }

    override fun onStart() {
        super.onStart()
        onScreen = scope.launch {
            app.harbour.collectLatest { harbour ->
                if (harbour == null) return@collectLatest draw()
                asking.showSheets(harbour, place.look)
                obey()
                launch { harbour.signInAsked.collect { asking.signInAgain(harbour, it, words, place.look) } }
                launch { harbour.settingsAsked.collect(::showSettings) }
                harbour.user.collect { draw() }
            }
        }
    }

    override fun onStop() {
        onScreen?.cancel()
        onScreen = null
        asking.hide()
        super.onStop()
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        harbour?.user?.value?.let { user ->
            if (place.programsOf != user.id) place.programs.clear()
            place = place.copy(programsOf = user.id)
            harbour?.programs?.open?.forEach { place.programs.putBundle(it.program.id, it.saveState()) }
        }
        place.write(outState)
    }

    @Deprecated("The newer way is of Android 13, which does not call this")
    override fun onBackPressed() = back()

    private fun back() {
        val program = screen as? MiniProgramView
        when {
            program?.goBack() == true -> Unit
            place.isHome -> finish()
            else -> goHome()
        }
    }

    private fun steer(intent: Intent?) {
        // An intent with an address may be a web page's, and so may its extras.
        val steering = Steering.read(intent?.takeIf { it.data == null }?.extras)
        wanted += steering
        place = place.steered(steering)
        if (steering.notUnderstood.isNotEmpty()) say(words.notUnderstood(steering.notUnderstood))
        if (steering.background) moveTaskToBack(true)
        connect(steering)
    }

    /** Has the host that the words are for. */
    private fun connect(wanted: Steering) {
        connecting?.cancel()
        val job = scope.launch {
            if (wanted.reset) app.reset().join()
            val problem = if (wanted.reset) null else app.connect(wanted.servers, words.locale).await()
            notConnected = problem?.let(words::notConnected)
            notConnected?.let(::say)
        }
        connecting = job
        job.invokeOnCompletion { if (it == null) obey() }
    }

    /** Does what the tester wants of the host, once. */
    private fun obey() {
        if (onScreen == null || connecting?.isActive == true) return
        val all = wanted.toList()
        wanted.clear()
        val harbour = harbour ?: return draw()
        asking.showSheets(harbour, place.look)
        draw()
        attempt { for (steering in all) obey(harbour, steering) }
    }

    private suspend fun obey(harbour: Harbour, steering: Steering) {
        val wishes = Wishes(harbour, words, ::say)
        wishes.ofHost(steering)
        wishes.ofServer(steering.server)
        steering.user?.let { wishes.user(it) }
        steering.revoke?.let { wishes.revoke(it) }
        val program = steering.open?.let { wishes.program(it) }
        val opensNow = program != null && harbour.programs.find(program.id) == null
        if (program != null) open(harbour, program, steering.manifest)
        // A page that opens only now has nothing in it yet.
        val page = (screen as? MiniProgramView)?.takeUnless { opensNow }
        wishes.ofPage(page?.let(::webViewIn), steering)
    }

    /** Does what may fail: the user hears of it then. */
    private fun attempt(work: suspend () -> Unit) = scope.launch {
        try {
            work()
        } catch (_: SignOutException) {
            say(words.signOutIncomplete)
        } catch (failed: MiniHostException) {
            say(words.failed(failed.message.orEmpty()))
        }
    }

    private fun draw() {
        val harbour = harbour
        val user = harbour?.user?.value
        val opened = place.program?.let { id -> harbour?.programs?.find(id) }
        when {
            harbour == null -> drawNone()
            user == null -> drawSignIn(harbour)
            opened != null -> drawProgram(opened)
            place.program != null && place.program in place.programs.keySet() -> reopen(harbour, user)
            place.grants -> drawGrants(harbour)
            else -> drawHome(harbour, user)
        }
    }

    private fun drawNone() {
        val problem = notConnected?.let { ui.text(it, color = ui.palette.danger) }
        show(ui.screen(ui.column(listOfNotNull(ui.title(words.noServersTitle), problem, ui.text(words.noServers)))), "none")
    }

    private fun drawSignIn(harbour: Harbour) {
        if (screen is SignInScreen) return
        val screen = SignInScreen(
            ui,
            words,
            // The user may turn the device meanwhile.
            signIn = { username, password -> app.launch { harbour.signIn(username, password, words)?.let(::fail) } },
            inBrowser = { app.launch { harbour.signInInBrowser(this@MainActivity, words)?.let(::fail) } },
        )
        show(screen.view, screen)
    }

    private fun drawHome(harbour: Harbour, user: User) {
        val home = HomeScreen(
            ui,
            words,
            user.displayName,
            harbour.servers.programs,
            open = { open(harbour, it, ManifestVariant.UNSIGNED) },
            grants = {
                harbour.host.settingsOpened()
                place = place.copy(grants = true)
                draw()
            },
            signOut = {
                notOpened = null
                attempt {
                    harbour.programs.closeAll()
                    goHome()
                    harbour.host.signOut()
                }
            },
        )
        notOpened?.let(home::fail)
        show(home.view, home)
    }

    private fun drawProgram(opened: OpenMiniProgram) {
        if ((screen as? MiniProgramView)?.let { it.tag === opened } == true) return
        val close = {
            place.programs.remove(opened.program.id)
            opened.close()
            goHome()
        }
        val view = MiniProgramView(this, opened, ProgramTexts.of(words.locale, Harbour.NAME), appearance, leave = ::goHome, close = close)
        view.tag = opened
        show(view, view)
    }

    private fun drawGrants(harbour: Harbour) {
        val nameOf = { id: String -> harbour.servers.programs.find { it.id == id }?.name(words.locale) ?: id }
        val view = GrantsView(this, harbour.host, GrantsTexts.of(words.locale), appearance, place.grantsOf, nameOf)
        show(view, view)
    }

    private fun show(view: View, screen: Any) {
        this.screen = screen
        setContentView(view)
    }

    private fun open(harbour: Harbour, program: SampleProgram, variant: ManifestVariant, state: Bundle? = null) {
        notOpened = null
        try {
            if (harbour.programs.find(program.id) == null) harbour.programs.open(program.manifest(variant), state = state)
            place = place.copy(program = program.id)
            draw()
        } catch (_: MiniHostException) {
            notOpened(words.cannotOpen(program.name(words.locale)))
        } catch (_: AnotherProgramOpenException) {
            notOpened(words.anotherOpen)
        }
    }

    private fun notOpened(why: String) {
        notOpened = why
        draw()
        if (screen is HomeScreen) return
        notOpened = null
        say(why)
    }

    /** The process ended while the program was open. */
    private fun reopen(harbour: Harbour, user: User) {
        val id = place.program
        val state = id?.let(place.programs::getBundle)
        place.programs.clear()
        val program = harbour.servers.programs.find { it.id == id }.takeIf { place.programsOf == user.id }
        place = place.copy(program = null)
        if (program == null) drawHome(harbour, user) else open(harbour, program, ManifestVariant.UNSIGNED, state)
    }

    private fun goHome() {
        place = place.copy(program = null, grants = false, grantsOf = null)
        draw()
    }

    private fun showSettings(asked: SettingsAsked?) {
        if (asked == null || asked.isOnScreen.isCompleted) return
        place = place.copy(program = null, grants = true, grantsOf = asked.program)
        draw()
        asked.isOnScreen.complete(Unit)
    }

    private fun say(text: String) = ui.say(text)
}
