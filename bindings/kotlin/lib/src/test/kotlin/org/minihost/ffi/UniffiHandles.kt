package org.minihost.ffi

/** What the generated code holds for the core. */
internal object UniffiHandles {
    /** How many ports of host apps. */
    fun held(): Int = listOf(
        FfiConverterTypeAuditSink.handleMap.size,
        FfiConverterTypeConsentPrompt.handleMap.size,
        FfiConverterTypeContainerSink.handleMap.size,
        FfiConverterTypeUserObserver.handleMap.size,
    ).sum()
}
