package org.minihost.internal

import kotlin.time.Duration.Companion.milliseconds
import org.minihost.AuditAction
import org.minihost.AuditEvent
import org.minihost.AuditOutcome
import org.minihost.ConsentMode
import org.minihost.UserChoice
import org.minihost.ffi.Action as FfiAction
import org.minihost.ffi.AuditEvent as FfiAuditEvent
import org.minihost.ffi.ConsentMode as FfiConsentMode
import org.minihost.ffi.Outcome as FfiOutcome
import org.minihost.ffi.UserChoice as FfiUserChoice

internal fun FfiAuditEvent.toPublic() = AuditEvent(
    at = instant(atUnixMs),
    correlation = correlation,
    miniProgram = miniProgram,
    user = user,
    action = action.toPublic(),
    asked = asked,
    digest = digest,
    choice = choice?.toPublic(),
    outcome = outcome.toPublic(),
    took = tookMs.toLong().milliseconds,
    waitedForUser = waitedForUserMs?.toLong()?.milliseconds,
    waitedForServer = waitedForServerMs?.toLong()?.milliseconds,
)

private fun FfiAction.toPublic() = when (this) {
    is FfiAction.RequestCode -> AuditAction.RequestCode
    is FfiAction.RevokeByProgram -> AuditAction.RevokeByProgram
    is FfiAction.RevokeByUser -> AuditAction.RevokeByUser
    is FfiAction.CallMethod -> AuditAction.CallMethod(method)
}

private fun FfiUserChoice.toPublic() = when (this) {
    is FfiUserChoice.Allowed -> UserChoice.Allowed(scopes, remember.toPublic())
    is FfiUserChoice.Denied -> UserChoice.Denied
    is FfiUserChoice.Dismissed -> UserChoice.Dismissed
}

private fun FfiOutcome.toPublic() = when (this) {
    is FfiOutcome.Delivered -> AuditOutcome.Delivered(scopes, mode.toPublic())
    is FfiOutcome.Revoked -> AuditOutcome.Revoked(atServer)
    is FfiOutcome.Answered -> AuditOutcome.Answered
    is FfiOutcome.Refused -> AuditOutcome.Refused(reason)
    is FfiOutcome.DocumentGone -> AuditOutcome.DocumentGone
}

internal fun FfiConsentMode.toPublic() = ConsentMode.valueOf(name)
