package org.minihost

import kotlin.time.Duration
import kotlin.time.Instant
import org.minihost.ffi.DeviceRequest as FfiDeviceRequest
import org.minihost.ffi.MiniHost as FfiHost
import org.minihost.internal.toPublic
import org.minihost.internal.translated

/** What waits on another device for this user's yes or no (RFC 8628). It can be answered once. */
public class DeviceRequest internal constructor(private val ffi: FfiDeviceRequest, private val host: FfiHost) : AutoCloseable {
    /**
     * What asks, in the user's language where the server knows names in it, BCP 47. A yes tells the server that the user
     * read it in the language asked for last.
     */
    public fun asked(language: String): AskingDevice = translated { ffi.asked(language) }.toPublic()

    /**
     * Says yes, for the user whom it was shown to.
     *
     * @throws DeviceRequestException
     * @throws HostShutDownException
     */
    public suspend fun approve(): Unit = translated { host.answerDeviceRequest(ffi, true) }

    /**
     * Says no, for the user whom it was shown to.
     *
     * @throws DeviceRequestException
     * @throws HostShutDownException
     */
    public suspend fun deny(): Unit = translated { host.answerDeviceRequest(ffi, false) }

    /** Lets go of it; it stays unanswered. */
    override fun close(): Unit = ffi.close()
}

/**
 * What the user must be shown before they answer. The texts about the device are its own word, and may hold anything.
 *
 * @property client the client that asks; null where it is a browser that signs in to the authorization server itself
 * @property address the IP address that the request came from
 * @property userAgent what the device's software calls itself: its `User-Agent`
 * @property requestedAt when it asked
 * @property expiresIn how long it could still be answered, when it was looked up
 */
public data class AskingDevice(
    public val client: AskingClient?,
    public val address: String?,
    public val userAgent: String?,
    public val requestedAt: Instant,
    public val expiresIn: Duration,
)

/**
 * A client, and what it asks for.
 *
 * @property id its id
 * @property name its name
 * @property publisher who is responsible for it
 * @property scopes what it wants to be allowed
 * @property resources where, besides the authorization server itself (RFC 8707)
 */
public data class AskingClient(
    public val id: String,
    public val name: String,
    public val publisher: String?,
    public val scopes: List<String>,
    public val resources: List<String>,
)
