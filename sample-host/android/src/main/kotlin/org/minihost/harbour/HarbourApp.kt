package org.minihost.harbour

import android.app.Application
import java.io.IOException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.json.JSONException
import org.minihost.SecretStoreLocked
import org.minihost.StartException
import org.minihost.android.secrets.KeystoreSecrets

/** Keeps the host for as long as the process lives, and what is needed to start it again. */
open class HarbourApp : Application() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    private val starting = Mutex()
    private val running = MutableStateFlow<Harbour?>(null)
    private val secrets by lazy { KeystoreSecrets(this, "org.minihost.harbour") }

    /** None while no sample host is known. */
    val harbour: StateFlow<Harbour?> get() = running

    /**
     * Takes the line of a sample host, in place of the one before; without one, that of the last time. Goes on though nobody
     * waits for it, and gives what went wrong.
     */
    fun connect(line: String?, locale: String): Deferred<NotConnected?> = scope.async {
        starting.withLock {
            if (line == null && running.value != null) return@withLock null
            try {
                val servers = withContext(Dispatchers.IO) { remembered(line) } ?: return@withLock null
                running.value?.end()
                running.value = null
                running.value = Harbour.start(this@HarbourApp, servers, locale, anew = line != null)
                null
            } catch (_: JSONException) {
                NotConnected.SpoiltLine
            } catch (failed: StartException) {
                NotConnected.NotStarted(failed)
            }
        }
    }

    /** Does what is not over with the Activity that began it. */
    fun launch(work: suspend () -> Unit) {
        scope.launch { work() }
    }

    /** Forgets everything. */
    fun reset(): Job = scope.launch {
        starting.withLock {
            running.value?.forget()
            running.value = null
            withContext(Dispatchers.IO) { secrets.remove(LINE) }
        }
    }

    /** @throws JSONException where it is no such line */
    private fun remembered(line: String?): SampleServers? = try {
        val known = line ?: secrets.get(LINE)?.decodeToString()
        val servers = known?.let(SampleServers::read)
        if (line != null && servers != null) secrets.put(LINE, line.encodeToByteArray())
        servers
    } catch (_: IOException) {
        line?.let(SampleServers::read)
    } catch (_: SecretStoreLocked) {
        line?.let(SampleServers::read)
    }

    private companion object {
        const val LINE = "sample-host"
    }
}

/** Why the app has not got the sample host that it was told of. */
sealed interface NotConnected {
    /** The line is none that a sample host prints. The sample host before it stays. */
    data object SpoiltLine : NotConnected

    /** Its line is right, and yet there is no host. */
    data class NotStarted(val why: StartException) : NotConnected
}
