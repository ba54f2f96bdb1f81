package org.minihost

import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.launch
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.internal.Switchboard
import org.minihost.internal.toFfi
import org.minihost.internal.toPublic
import org.minihost.internal.translated

/**
 * One host: one user sits before it, and any number of mini-programs run in it.
 *
 * No call waits for the user, the network or a disk, except where it suspends; one that is cancelled takes its work with it
 * where nothing else is said. Every call but [awaitShutdown] fails with [HostShutDownException] after [shutdown] or [close].
 */
public class MiniHost private constructor(private val ffi: FfiHost, private val switchboard: Switchboard) : AutoCloseable {
    private val number = translated { ffi.number() }
    private val ending = Job()

    /** Who is signed in, whoever brought it about. */
    public val user: StateFlow<User?> get() = switchboard.user

    /**
     * The consent prompt that waits for the user, or null. At most one does; a screen that is drawn anew finds it here.
     * Draw it when it is there, take it off the screen when it is gone.
     */
    public val prompt: StateFlow<ConsentPrompt?> get() = switchboard.prompt

    /** What has changed, from the moment of collecting on. A collector that is slow misses the oldest. */
    public val events: SharedFlow<HostEvent> get() = switchboard.events

    /**
     * What mini-programs asked and what became of it, from the moment of collecting on. A collector that is slow misses
     * the oldest: what must be written down goes to [HostPorts.audit].
     */
    public val auditEvents: SharedFlow<AuditEvent> get() = switchboard.auditEvents

    /**
     * Signs in whoever was signed in when the process ended, without asking the server. Whoever is signed in stays so. Where
     * the host app signs its users in by itself, nothing happens.
     *
     * @throws RestoreException nobody is signed in, but somebody may have been
     * @throws HostShutDownException
     */
    public suspend fun restoreSignIn(): User? = translated { ffi.restoreSignIn() }?.toPublic()

    /**
     * Signs a user in with the password grant, in place of whoever was signed in. The password is not kept.
     *
     * @throws SignInException [SignInException.Configuration] where the host app signs its users in by itself
     * @throws HostShutDownException
     */
    public suspend fun signInWithPassword(username: String, password: String): User =
        translated { ffi.signInWithPassword(username, password) }.toPublic()

    /**
     * Begins a sign-in in the system's browser. Whoever is signed in stays so until it is finished.
     *
     * @param redirectUri where the browser comes back to: an address that opens this app alone (RFC 8252 §7), registered
     *   with the authorization server
     * @throws SignInException
     * @throws HostShutDownException
     */
    public suspend fun beginSignIn(redirectUri: String, wish: SignInWish = SignInWish.Ordinary): BrowserSignIn =
        BrowserSignIn(translated { ffi.beginSignIn(redirectUri, wish.toFfi()) })

    /**
     * Finishes a sign-in with the address that the app was opened with, in place of whoever was signed in.
     *
     * @throws SignInException the sign-in is over then, and can be begun anew
     * @throws HostShutDownException
     */
    public suspend fun finishSignIn(signIn: BrowserSignIn, answer: String): User =
        translated { ffi.finishSignIn(signIn.ffi, answer) }.toPublic()

    /**
     * Signs the user out, with [UserSession.signOut] where the host app brings it. What mini-programs have asked for ends with
     * `account_changed`.
     *
     * @throws SignOutException
     * @throws HostShutDownException
     */
    public suspend fun signOut(): Unit = translated { ffi.signOut() }

    /**
     * Looks up what shows this code, as the user typed it, for the user who is signed in (RFC 8628).
     *
     * @throws DeviceRequestException
     * @throws HostShutDownException
     */
    public suspend fun deviceRequest(code: String): DeviceRequest = DeviceRequest(translated { ffi.deviceRequest(code) }, ffi)

    /**
     * Opens a mini-program in a container.
     *
     * @throws OpenException
     * @throws HostShutDownException
     */
    public fun open(manifest: Manifest, container: Container, launch: Launch = Launch()): MiniProgramSession {
        val opened = translated {
            when (manifest) {
                is Manifest.Signed -> ffi.openSigned(manifest.jws, manifest.keys.map { it.toFfi() }, launch.toFfi())
                is Manifest.UnsignedForDevelopment -> ffi.open(manifest.json, launch.toFfi())
            }
        }
        switchboard.containers[opened.session] = container
        return MiniProgramSession(opened.toPublic(), opened.session, ffi, number) { switchboard.containers.remove(opened.session) }
    }

    /**
     * What the signed-in user has granted, and still holds.
     *
     * @throws HostShutDownException
     */
    public fun grants(): List<Grant> = translated { ffi.grants() }.map { it.toPublic() }

    /**
     * What the signed-in user had granted and is no more, oldest end first.
     *
     * @throws HostShutDownException
     */
    public fun pastGrants(): List<PastGrant> = translated { ffi.pastGrants() }.map { it.toPublic() }

    /**
     * Takes back what the signed-in user has granted a mini-program: at once on this device, and at the authorization
     * server where nothing remains. Goes on though the caller is cancelled.
     *
     * @param scopes which; all of it where null
     * @throws HostShutDownException
     */
    public suspend fun revoke(miniProgram: String, scopes: List<String>? = null): Revoked =
        translated { ffi.revoke(miniProgram, scopes) }.toPublic()

    /**
     * Looks at everything that the host needs and does not have in its own hands: the authorization server, the network on
     * the way there, the clock, the registrations, the secret store. Nobody is signed in and nothing is issued. Takes a few
     * seconds.
     *
     * @param programs whose registrations to look at
     * @param redirectUri the host's own, to look whether it is registered
     * @throws StartException.Configuration for a redirect URI that is none
     * @throws HostShutDownException
     */
    public suspend fun diagnose(programs: List<RegisteredProgram> = emptyList(), redirectUri: String? = null): Diagnosis =
        translated { ffi.diagnose(programs.map { it.toFfi() }, redirectUri) }.toPublic()

    /**
     * Switches a mini-program off or on. One that is off hears `disabled_by_host`.
     *
     * @throws HostShutDownException
     */
    public fun setEnabled(miniProgram: String, enabled: Boolean): Unit = translated { ffi.setEnabled(miniProgram, enabled) }

    /**
     * Tells that the user reads another language now, BCP 47.
     *
     * @throws HostShutDownException
     */
    public fun localeChanged(locale: String): Unit = translated { ffi.localeChanged(locale) }

    /**
     * Tells that the user opened the settings: refusals no longer hold a program back.
     *
     * @throws HostShutDownException
     */
    public fun settingsOpened(): Unit = translated { ffi.settingsOpened() }

    /**
     * Answers everything that waits with `aborted`, dismisses the prompt, and lets go of every port and container. Waits at
     * most two seconds for calls into the host app that have begun. Another time it does nothing.
     */
    public suspend fun shutdown() {
        ending.complete()
        try {
            translated { ffi.shutdown() }
        } catch (_: HostShutDownException) {
            // Somebody else was faster.
        } finally {
            switchboard.end()
            ffi.close()
        }
    }

    /** Returns once [shutdown] or [close] has been called, for what waits for the user beside the host. */
    public suspend fun awaitShutdown(): Unit = ending.join()

    /** Begins to [shutdown], and returns at once. */
    override fun close() {
        // Undispatched, so that every call fails by the time this returns.
        CoroutineScope(Dispatchers.Default).launch(start = CoroutineStart.UNDISPATCHED) { shutdown() }
    }

    /** Starts hosts. */
    public companion object {
        /**
         * Starts a host.
         *
         * @param context where the suspending ports run; the SDK's own threads never do
         * @throws StartException
         */
        public suspend fun start(
            configuration: HostConfiguration,
            credentials: Credentials,
            ports: HostPorts = HostPorts(),
            context: CoroutineContext = Dispatchers.Default,
        ): MiniHost {
            val switchboard = Switchboard(ports, context)
            val ffi = switchboard.start(configuration, credentials)
            return MiniHost(ffi, switchboard)
        }
    }
}
