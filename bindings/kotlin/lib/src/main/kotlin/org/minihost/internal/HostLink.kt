package org.minihost.internal

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import org.minihost.ffi.MiniHost as FfiHost

/** The way from a port back to its host, which may be asked before the host has begun to exist for Kotlin. */
internal class HostLink(val scope: CoroutineScope? = null) {
    private val host = CompletableDeferred<FfiHost>()

    fun complete(started: FfiHost) {
        host.complete(started)
    }

    suspend fun host(): FfiHost = host.await()

    /** The same for calls that come from the host: it is there by then. */
    @OptIn(ExperimentalCoroutinesApi::class)
    fun started(): FfiHost = host.getCompleted()
}
