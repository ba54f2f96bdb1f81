package org.minihost.internal

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import org.minihost.CodeRequests
import org.minihost.GrantEnded
import org.minihost.HttpFailure
import org.minihost.IssuedCode
import org.minihost.Network
import org.minihost.Proxy
import org.minihost.TrustedRoots
import org.minihost.WantedCode
import org.minihost.ffi.ChallengeSettings
import org.minihost.ffi.CodeFacts
import org.minihost.ffi.CodeRequests as FfiCodeRequests
import org.minihost.ffi.GrantEnded as FfiGrantEnded
import org.minihost.ffi.HttpFailure as FfiHttpFailure
import org.minihost.ffi.Network as FfiNetwork
import org.minihost.ffi.NetworkSettings
import org.minihost.ffi.TrustedRoots as FfiTrustedRoots
import org.minihost.ffi.WantedCode as FfiWantedCode

internal fun Network.toFfi(link: HostLink): FfiNetwork = when (this) {
    is Network.Own -> FfiNetwork.own(ForeignTransport(transport, link))
    is Network.Sdk -> when (val way = proxy) {
        is Proxy.Environment -> FfiNetwork.sdk(settings())
        is Proxy.Direct -> FfiNetwork.direct(settings())
        is Proxy.At -> FfiNetwork.throughProxy(settings(), way.address)
    }
}

private fun Network.Sdk.settings() = NetworkSettings(
    roots = when (val from = roots) {
        is TrustedRoots.Platform -> FfiTrustedRoots.Platform
        is TrustedRoots.PlatformAnd -> FfiTrustedRoots.PlatformAnd(from.pem)
        is TrustedRoots.Only -> FfiTrustedRoots.Only(from.pem)
    },
    pins = pins,
    connectMs = connectTimeout?.toMilliseconds(),
    firstByteMs = firstByteTimeout?.toMilliseconds(),
)

/** Null for what is a port of the host app's. */
internal fun CodeRequests.toFfi(): FfiCodeRequests? = when (this) {
    is CodeRequests.Challenge -> FfiCodeRequests.Challenge(ChallengeSettings(endpoint, rename, add, leaveOut))
    is CodeRequests.Authorize -> FfiCodeRequests.Authorize(settings)
    is CodeRequests.Relay -> FfiCodeRequests.Relay(base)
    is CodeRequests.Own -> null
}

internal fun HttpFailure.toFfi() = FfiHttpFailure.valueOf(name)

internal fun GrantEnded.toFfi() = FfiGrantEnded.valueOf(name)

internal fun FfiWantedCode.toPublic() = WantedCode(
    correlation = correlation,
    user = user.toPublic(),
    clientId = clientId,
    redirectUri = redirectUri,
    scopes = scopes,
    codeChallenge = codeChallenge,
    nonce = nonce,
    audience = audience,
    acrValues = acrValues,
    maxAge = maxAge?.toLong()?.seconds,
    consent = consent,
    timeAllowed = timeAllowedMs.toLong().milliseconds,
)

internal fun IssuedCode.toFfi() = CodeFacts(clientId, scopes, issuer, expiresIn?.toSeconds(), grantId)

internal fun Duration.toSeconds() = inWholeSeconds.coerceAtLeast(0).toULong()

internal fun Duration.toMilliseconds() = inWholeMilliseconds.coerceAtLeast(0).toULong()
