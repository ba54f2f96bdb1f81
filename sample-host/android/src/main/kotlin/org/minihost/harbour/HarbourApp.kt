package org.minihost.harbour

import android.app.Application
import java.io.IOException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
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

    /** Takes the line of a sample host, in place of the one before; without one, that of the last time. */
    fun connect(line: String?, locale: String) {
        scope.launch {
            starting.withLock {
                if (line == null && running.value != null) return@withLock
                val servers = withContext(Dispatchers.IO) { remembered(line) } ?: return@withLock
                running.value?.end()
                running.value = try {
                    Harbour.start(this@HarbourApp, servers, locale, anew = line != null)
                } catch (_: StartException) {
                    null
                }
            }
        }
    }

    /** Does what is not over with the Activity that began it. */
    fun launch(work: suspend () -> Unit) {
        scope.launch { work() }
    }

    /** Forgets everything. */
    fun reset() {
        scope.launch {
            starting.withLock {
                running.value?.forget()
                running.value = null
                withContext(Dispatchers.IO) { secrets.remove(LINE) }
            }
        }
    }

    private fun remembered(line: String?): SampleServers? = try {
        val known = line ?: secrets.get(LINE)?.decodeToString()
        val servers = known?.let(SampleServers::read)
        if (line != null && servers != null) secrets.put(LINE, line.encodeToByteArray())
        servers
    } catch (_: JSONException) {
        null
    } catch (_: IOException) {
        line?.let(SampleServers::read)
    } catch (_: SecretStoreLocked) {
        line?.let(SampleServers::read)
    }

    private companion object {
        const val LINE = "sample-host"
    }
}
