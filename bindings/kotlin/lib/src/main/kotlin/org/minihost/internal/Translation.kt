package org.minihost.internal

import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import org.minihost.AnswerException
import org.minihost.DeviceRequestException
import org.minihost.HostShutDownException
import org.minihost.LogTakenException
import org.minihost.OpenException
import org.minihost.RestoreException
import org.minihost.SdkFaultException
import org.minihost.SignInException
import org.minihost.SignOutException
import org.minihost.StartException
import org.minihost.ffi.AnswerException as FfiAnswer
import org.minihost.ffi.DeviceRequestException as FfiDeviceRequest
import org.minihost.ffi.HostException as FfiHost
import org.minihost.ffi.InternalException
import org.minihost.ffi.LogException as FfiLog
import org.minihost.ffi.OpenException as FfiOpen
import org.minihost.ffi.RestoreException as FfiRestore
import org.minihost.ffi.SignInException as FfiSignIn
import org.minihost.ffi.SignOutException as FfiSignOut
import org.minihost.ffi.StartException as FfiStart

/** Calls the generated code, and nothing else, so that what it throws can be told apart. */
internal inline fun <T> translated(call: () -> T): T = try {
    call()
} catch (cancelled: CancellationException) {
    throw cancelled
} catch (@Suppress("TooGenericExceptionCaught") error: Exception) {
    throw translation(error)
}

internal fun translation(error: Exception): Exception = when (error) {
    is FfiHost -> error.toPublic()
    is FfiStart -> error.toPublic()
    is FfiOpen -> error.toPublic()
    is FfiAnswer -> error.toPublic()
    is FfiSignIn -> error.toPublic()
    is FfiSignOut -> error.toPublic()
    is FfiDeviceRequest -> error.toPublic()
    is FfiRestore -> error.toPublic()
    is FfiLog -> LogTakenException(error.text())
    is InternalException -> SdkFaultException(error)
    // The generated code's answer to a call of an object that was closed.
    is IllegalStateException -> HostShutDownException()
    else -> error
}

private fun FfiHost.toPublic() = when (this) {
    is FfiHost.ShutDown -> HostShutDownException()
    is FfiHost.Cancelled -> CancellationException(text())
    is FfiHost.Internal -> SdkFaultException(this)
}

private fun FfiStart.toPublic() = text().let { text ->
    when (this) {
        is FfiStart.Configuration -> StartException.Configuration(text)
        is FfiStart.Storage -> StartException.Storage(text)
        is FfiStart.Threads -> StartException.Threads(text)
        is FfiStart.ShutDown -> HostShutDownException()
        is FfiStart.Cancelled -> CancellationException(text)
        is FfiStart.Internal -> SdkFaultException(this)
    }
}

private fun FfiOpen.toPublic() = when (this) {
    is FfiOpen.Manifest -> OpenException.BadManifest(text())
    is FfiOpen.Key -> OpenException.BadKey(text())
    is FfiOpen.ShutDown -> HostShutDownException()
}

private fun FfiAnswer.toPublic() = when (this) {
    is FfiAnswer.NotWaiting -> AnswerException.NotWaiting(text())
    is FfiAnswer.OtherView -> AnswerException.OtherView(text())
    is FfiAnswer.OtherScopes -> AnswerException.OtherScopes(text())
    is FfiAnswer.OtherRemember -> AnswerException.OtherRemember(text())
    is FfiAnswer.ShutDown -> HostShutDownException()
}

private fun FfiSignIn.toPublic() = when (this) {
    is FfiSignIn.WrongCredentials -> SignInException.WrongCredentials("the username or the password is wrong")
    is FfiSignIn.Denied -> SignInException.Denied("the sign-in was declined")
    is FfiSignIn.WrongAnswer -> SignInException.WrongAnswer(detail)
    is FfiSignIn.Configuration -> SignInException.Configuration(detail)
    is FfiSignIn.Network -> SignInException.Network(detail)
    is FfiSignIn.TryLater -> SignInException.TryLater(detail, retryAfter?.toLong()?.seconds)
    is FfiSignIn.HostRejected -> SignInException.HostRejected(detail)
    is FfiSignIn.Server -> SignInException.Server(detail)
    is FfiSignIn.Overtaken -> SignInException.Overtaken("another sign-in or a sign-out was faster")
    is FfiSignIn.ShutDown -> HostShutDownException()
    is FfiSignIn.Cancelled -> CancellationException(text())
    is FfiSignIn.Internal -> SdkFaultException(this)
}

private fun FfiSignOut.toPublic() = when (this) {
    is FfiSignOut.Storage -> SignOutException.Storage(text())
    is FfiSignOut.ShutDown -> HostShutDownException()
    is FfiSignOut.Cancelled -> CancellationException(text())
    is FfiSignOut.Internal -> SdkFaultException(this)
}

private fun FfiRestore.toPublic() = when (this) {
    is FfiRestore.Locked -> RestoreException.Locked(text())
    is FfiRestore.Storage -> RestoreException.Storage(text())
    is FfiRestore.ShutDown -> HostShutDownException()
    is FfiRestore.Cancelled -> CancellationException(text())
    is FfiRestore.Internal -> SdkFaultException(this)
}

private fun FfiDeviceRequest.toPublic() = when (this) {
    is FfiDeviceRequest.Unknown -> DeviceRequestException.Unknown("no open request has this code")
    is FfiDeviceRequest.NotAllowed ->
        DeviceRequestException.NotAllowed("the authorization server does not let this host answer what asks")
    is FfiDeviceRequest.Answered ->
        DeviceRequestException.Answered("this request was answered already; look the code up again")
    is FfiDeviceRequest.UserChanged -> DeviceRequestException.UserChanged(detail)
    is FfiDeviceRequest.TryLater -> DeviceRequestException.TryLater(detail, retryAfter?.toLong()?.seconds)
    is FfiDeviceRequest.Server -> DeviceRequestException.Server(detail)
    is FfiDeviceRequest.ShutDown -> HostShutDownException()
    is FfiDeviceRequest.Cancelled -> CancellationException(text())
    is FfiDeviceRequest.Internal -> SdkFaultException(this)
}

private fun Exception.text() = message.orEmpty()
