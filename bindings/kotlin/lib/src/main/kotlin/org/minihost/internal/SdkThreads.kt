package org.minihost.internal

import com.sun.jna.Callback
import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import com.sun.jna.Structure
import org.minihost.ffi.uniffiCallbackInterfaceAuditSink
import org.minihost.ffi.uniffiCallbackInterfaceBrowser
import org.minihost.ffi.uniffiCallbackInterfaceCodeIssuer
import org.minihost.ffi.uniffiCallbackInterfaceConsentPrompt
import org.minihost.ffi.uniffiCallbackInterfaceContainerSink
import org.minihost.ffi.uniffiCallbackInterfaceCredentialSigner
import org.minihost.ffi.uniffiCallbackInterfaceGrantStore
import org.minihost.ffi.uniffiCallbackInterfaceHostMethod
import org.minihost.ffi.uniffiCallbackInterfaceHttpTransport
import org.minihost.ffi.uniffiCallbackInterfaceLogSink
import org.minihost.ffi.uniffiCallbackInterfaceSecretStore
import org.minihost.ffi.uniffiCallbackInterfaceSettingsPage
import org.minihost.ffi.uniffiCallbackInterfaceSignInPrompt
import org.minihost.ffi.uniffiCallbackInterfaceUserObserver
import org.minihost.ffi.uniffiCallbackInterfaceUserSession
import org.minihost.ffi.uniffiRustFutureContinuationCallbackImpl

/**
 * Keeps the threads that Rust has made attached to the virtual machine, from the first call that one makes until it ends: to
 * attach one for each call costs several times the call. They are daemons, so that a process whose host nobody shut down ends
 * all the same.
 *
 * JNA asks for this when it makes the functions that Rust calls, so it must be there before the generated code is used.
 */
internal object SdkThreads {
    private val interfaces: List<Structure>
        get() = listOf(
            uniffiCallbackInterfaceAuditSink.vtable,
            uniffiCallbackInterfaceBrowser.vtable,
            uniffiCallbackInterfaceCodeIssuer.vtable,
            uniffiCallbackInterfaceConsentPrompt.vtable,
            uniffiCallbackInterfaceContainerSink.vtable,
            uniffiCallbackInterfaceCredentialSigner.vtable,
            uniffiCallbackInterfaceGrantStore.vtable,
            uniffiCallbackInterfaceHostMethod.vtable,
            uniffiCallbackInterfaceHttpTransport.vtable,
            uniffiCallbackInterfaceLogSink.vtable,
            uniffiCallbackInterfaceSecretStore.vtable,
            uniffiCallbackInterfaceSettingsPage.vtable,
            uniffiCallbackInterfaceSignInPrompt.vtable,
            uniffiCallbackInterfaceUserObserver.vtable,
            uniffiCallbackInterfaceUserSession.vtable,
        )

    init {
        val staying = CallbackThreadInitializer(true, false, "minihost")
        val callbacks = interfaces.flatMap { vtable -> vtable.javaClass.fields.mapNotNull { it.get(vtable) as? Callback } }
        for (callback in callbacks + uniffiRustFutureContinuationCallbackImpl) Native.setCallbackThreadInitializer(callback, staying)
    }

    /** To be called before the generated code. */
    fun stay() = Unit
}
