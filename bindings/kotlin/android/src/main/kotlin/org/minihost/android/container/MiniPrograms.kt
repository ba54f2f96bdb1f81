package org.minihost.android.container

import android.content.Context
import android.content.MutableContextWrapper
import android.os.Bundle
import androidx.annotation.MainThread
import org.minihost.HostShutDownException
import org.minihost.Launch
import org.minihost.Manifest
import org.minihost.MiniHost
import org.minihost.MiniProgram
import org.minihost.OpenException

/**
 * The mini-programs that are open in this process, each in a WebView of its own. They outlive the Activities that show
 * them by [MiniProgramView]: what a page waits for survives a rotation. One object for each [MiniHost]; on the main thread.
 *
 * Where the device's WebView has no profiles, all WebViews of the app share cookies and storage, which are wiped when
 * another program than the last one opens: the host app's own pages lose theirs too.
 *
 * @property capabilities what the device's WebView offers
 */
@MainThread
public class MiniPrograms(
    context: Context,
    private val host: MiniHost,
    public val capabilities: WebViewCapabilities = WebViewCapabilities.ofThisDevice(),
) {
    private val context = context.applicationContext
    private val storage = ProgramStorage(this.context, capabilities.storage)
    private val programs = ArrayList<OpenMiniProgram>()

    /** Those that are open, oldest first. */
    public val open: List<OpenMiniProgram> get() = programs.toList()

    /** The one of this id, if it is open. */
    public fun find(id: String): OpenMiniProgram? = programs.find { it.program.id == id }

    /**
     * Opens a mini-program.
     *
     * @param state what [OpenMiniProgram.saveState] gave before the process ended: the program goes on at that address
     * @throws OpenException
     * @throws AnotherProgramOpenException
     * @throws HostShutDownException
     */
    public fun open(manifest: Manifest, launch: Launch = Launch(), state: Bundle? = null): OpenMiniProgram {
        val wrapper = MutableContextWrapper(context)
        val container = ProgramContainer(wrapper, capabilities, storage)
        val session = host.open(manifest, container, launch)
        if (!storage.admits(session.program.id)) {
            session.close()
            throw AnotherProgramOpenException()
        }
        val opened = OpenMiniProgram(session.program, container, wrapper, programs::remove)
        programs += opened
        container.start(session, state?.getString(OpenMiniProgram.ADDRESS))
        return opened
    }

    /** Closes all of them. */
    public fun closeAll(): Unit = open.forEach(OpenMiniProgram::close)

    /**
     * Takes away what the pages of a program have stored, for one that is uninstalled, and closes it where it is open. When
     * it opens again it finds nothing. A profile that this process has used is only deleted by the next one, when that opens
     * a program. Where there are no profiles, all WebViews of the app lose what they have stored if this program opened last;
     * of any other nothing is left.
     *
     * @param id of the program, as its manifest has it
     */
    public suspend fun removeData(id: String) {
        open.filter { it.program.id == id }.forEach(OpenMiniProgram::close)
        storage.removeData(id)
    }

    /** Takes away what the pages of all programs have stored, for another user, and closes them: as [removeData] does. */
    public suspend fun removeAllData() {
        closeAll()
        storage.removeAllData()
    }
}

/** Another program is open, and the device's WebView could not keep the two apart: close that one first. */
public class AnotherProgramOpenException internal constructor() : IllegalStateException("another mini-program is open")

/**
 * A mini-program that is open. On the main thread.
 *
 * @property program what it is
 */
@MainThread
public class OpenMiniProgram internal constructor(
    public val program: MiniProgram,
    internal val container: ProgramContainer,
    internal val context: MutableContextWrapper,
    private val closed: (OpenMiniProgram) -> Unit,
) {
    /** Where a view of it may go on after the process has ended, for an Activity's saved state. It holds no secret. */
    public fun saveState(): Bundle = Bundle().apply { putString(ADDRESS, container.address) }

    /** Ends it. Another time it does nothing. */
    public fun close() {
        container.close()
        closed(this)
    }

    internal companion object {
        const val ADDRESS = "address"
    }
}
