package org.minihost.internal

import org.minihost.GrantStore
import org.minihost.LogLevel
import org.minihost.LogLine
import org.minihost.LogSink
import org.minihost.SecretStore
import org.minihost.SecretStoreLocked
import org.minihost.ffi.GrantStore as FfiGrantStore
import org.minihost.ffi.LogLine as FfiLogLine
import org.minihost.ffi.LogSink as FfiLogSink
import org.minihost.ffi.PortException
import org.minihost.ffi.SecretException
import org.minihost.ffi.SecretStore as FfiSecretStore

// What these throw is told without its text, which may repeat a secret.

internal class ForeignSecrets(private val port: SecretStore) : FfiSecretStore {
    override fun get(name: String) = told { port.get(name) }

    override fun put(name: String, secret: ByteArray) = told { port.put(name, secret) }

    override fun remove(name: String) = told { port.remove(name) }

    private inline fun <T> told(call: () -> T): T = try {
        call()
    } catch (_: SecretStoreLocked) {
        throw SecretException.Locked()
    } catch (@Suppress("TooGenericExceptionCaught") _: Throwable) {
        throw SecretException.Unavailable()
    }
}

internal class ForeignGrants(private val port: GrantStore) : FfiGrantStore {
    override fun load() = told { port.load() }

    override fun save(document: ByteArray) = told { port.save(document) }

    override fun setAside() = told { port.setAside() }
}

internal class ForeignLog(private val sink: LogSink) : FfiLogSink {
    override fun log(line: FfiLogLine) = told {
        sink.log(LogLine(instant(line.atUnixMs), LogLevel.valueOf(line.level.name), line.target, line.text))
    }
}

/** Calls a port of the host app's. Not even an error of the virtual machine may unwind into the core. */
internal inline fun <T> told(call: () -> T): T = try {
    call()
} catch (@Suppress("TooGenericExceptionCaught") _: Throwable) {
    throw PortException.Failed()
}
