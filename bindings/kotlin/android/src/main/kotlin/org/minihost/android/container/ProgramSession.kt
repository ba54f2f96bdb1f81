package org.minihost.android.container

import org.minihost.CallContext
import org.minihost.HostShutDownException
import org.minihost.MiniProgramSession

/** The core's side of one opened program. Returns at once. */
internal interface ProgramSession {
    fun documentStarted(document: Long)

    /** The answer, where it needs nobody. */
    fun receive(context: CallContext, text: String): String?

    fun visibility(isVisible: Boolean)
}

/** A session of a host. After the host's end nothing happens: its views may go a little later than itself. */
internal class HostSession(private val session: () -> MiniProgramSession) : ProgramSession {
    override fun documentStarted(document: Long) = whileHostLives { documentStarted(document) } ?: Unit

    override fun receive(context: CallContext, text: String): String? = whileHostLives { receive(context, text) }

    override fun visibility(isVisible: Boolean) = whileHostLives { if (isVisible) foreground() else background() } ?: Unit

    private fun <T> whileHostLives(call: MiniProgramSession.() -> T): T? = try {
        session().call()
    } catch (_: HostShutDownException) {
        null
    }
}
