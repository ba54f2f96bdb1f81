package org.minihost.harbour

import android.content.Context
import java.io.File
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.minihost.Build
import org.minihost.Credentials
import org.minihost.GrantsAt
import org.minihost.HostConfiguration
import org.minihost.HostInfo
import org.minihost.HostPorts
import org.minihost.MiniHost
import org.minihost.MiniHostException
import org.minihost.Network
import org.minihost.RestoreException
import org.minihost.SecretKnown
import org.minihost.SecretSent
import org.minihost.Secrets
import org.minihost.SignInRequest
import org.minihost.StartException
import org.minihost.User
import org.minihost.UserReturned
import org.minihost.android.consent.ConsentSheets
import org.minihost.android.consent.ConsentTexts
import org.minihost.android.container.MiniPrograms
import org.minihost.android.secrets.KeystoreSecrets
import org.minihost.android.signin.BrowserSignIns

/** The host in this process: what outlives every Activity. On the main thread. */
class Harbour private constructor(
    val servers: SampleServers,
    val host: MiniHost,
    private val asked: Asked,
    val network: SteeredNetwork,
    val secrets: SteeredSecrets,
    val programs: MiniPrograms,
    private val data: ProgramData,
    val browser: BrowserSignIns,
    val scriptedUser: ScriptedUser,
) {
    /** A page wants the user to sign in; none while none does. */
    val signInAsked: MutableStateFlow<SignInAsked?> get() = asked.signIn

    /** A page wants the user to see what it was granted; none while none does. */
    val settingsAsked: MutableStateFlow<SettingsAsked?> get() = asked.settings

    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    private val owner = MutableStateFlow<User?>(null)

    /** Whoever is signed in, once what programs keep on this device is theirs alone. */
    val user: StateFlow<User?> get() = owner

    private var lookOfSheets = Look.SYSTEM
    private var sheetsInLook = makeSheets(lookOfSheets)

    init {
        scope.launch {
            host.user.collect { user ->
                if (user != null && !data.isOf(user, servers.issuer)) {
                    owner.value = null
                    data.handTo(user, servers.issuer)
                }
                // Somebody else may have come meanwhile.
                if (host.user.value == user) owner.value = user
            }
        }
    }

    /**
     * Waits for [user] to be whoever has just signed in, which the host tells a moment later. False where it does not come to
     * that: they may be signed out again before anybody hears of them.
     */
    suspend fun awaitUser(signedIn: User): Boolean = withTimeoutOrNull(LONGEST_WAIT_MS) {
        host.user.first { it != null && it.epoch >= signedIn.epoch }
        combine(host.user, user) { told, settled -> told == settled && told != null }.first { it }
    } ?: false

    /** The host's consent sheets: the same ones, which keep what the user has ticked, until another look is wanted. */
    fun sheets(look: Look): ConsentSheets {
        if (look != lookOfSheets) {
            lookOfSheets = look
            sheetsInLook = makeSheets(look)
        }
        return sheetsInLook
    }

    /** Ends it: nobody is signed in any more, and programs have stored nothing. */
    suspend fun forget() {
        host.signOutQuietly()
        data.removeAll()
        end()
    }

    suspend fun end() {
        scope.cancel()
        programs.closeAll()
        host.shutdown()
    }

    private fun makeSheets(look: Look) =
        ConsentSheets(host, programs, look.appearance, texts = { ConsentTexts.of(it, NAME) }, steer = scriptedUser::see)

    /** What pages have asked of this app, until it is done. */
    private class Asked {
        val signIn = MutableStateFlow<SignInAsked?>(null)
        val settings = MutableStateFlow<SettingsAsked?>(null)

        fun ports(network: Network, secrets: Secrets, grants: GrantsAt) = HostPorts(
            network = network,
            secrets = secrets,
            grants = grants,
            settings = { program ->
                val shown = SettingsAsked(program)
                settings.value = shown
                shown.isOnScreen.await()
            },
            signIn = { request ->
                val wanted = SignInAsked(request)
                signIn.value = wanted
                try {
                    wanted.outcome.await()
                } finally {
                    signIn.compareAndSet(wanted, null)
                }
            },
        )
    }

    companion object {
        const val NAME = "Harbour"

        /** What opens this app and no other; the app's manifest and the sample host's registration say the same. */
        const val REDIRECT_URI = "org.minihost.harbour:/signed-in"
        private const val LONGEST_WAIT_MS = 30_000L

        /**
         * @param anew nobody of before is signed in any more, nothing is granted, and programs have stored nothing
         * @throws StartException
         */
        suspend fun start(context: Context, servers: SampleServers, locale: String, anew: Boolean): Harbour {
            val configuration = HostConfiguration(
                issuer = servers.issuer,
                clientId = servers.clientId,
                host = HostInfo(NAME, "1.0.0", "android"),
                locale = locale,
                build = Build.DEVELOPMENT,
            )
            // It came at run time, and is good until the sample host stops. An app for users takes `Credentials.relay()`.
            val credentials = Credentials.secret(servers.clientSecret, SecretKnown.TO_THIS_HOST_ALONE, SecretSent.BASIC)
            val (asked, network) = Asked() to SteeredNetwork()
            val secrets = SteeredSecrets(KeystoreSecrets(context, "org.minihost.harbour.sdk"))
            val grants = File(context.noBackupFilesDir, "grants")
            if (anew) withContext(Dispatchers.IO) { grants.delete() }
            val ports = asked.ports(Network.Own(network), Secrets.Own(secrets), GrantsAt.File(grants.path))
            val host = MiniHost.start(configuration, credentials, ports)
            val restored = if (anew) {
                host.signOutQuietly()
                null
            } else {
                host.restoreQuietly()
            }
            val browser = BrowserSignIns(host, REDIRECT_URI)
            val programs = MiniPrograms(context, host)
            val data = ProgramData(context, programs)
            if (anew) data.removeAll()
            val harbour = Harbour(servers, host, asked, network, secrets, programs, data, browser, ScriptedUser())
            if (restored != null) harbour.awaitUser(restored)
            return harbour
        }
    }
}

/** Whoever is signed in, or was so when the process ended; nobody where that cannot be read. */
internal suspend fun MiniHost.restoreQuietly(): User? = try {
    restoreSignIn()
} catch (_: RestoreException) {
    // The user signs in again.
    null
}

private suspend fun MiniHost.signOutQuietly() {
    try {
        signOut()
    } catch (_: MiniHostException) {
        // Nobody is signed in all the same.
    }
}

/** A page wants the user to sign in. */
class SignInAsked(val request: SignInRequest) {
    val outcome = CompletableDeferred<UserReturned>()
}

/** A page wants the user to see what it was granted. */
class SettingsAsked(val program: String) {
    val isOnScreen = CompletableDeferred<Unit>()
}
