package org.minihost.android.support

private val PORTS = listOf(
    "AuditSink",
    "Browser",
    "CodeIssuer",
    "ConsentPrompt",
    "ContainerSink",
    "CredentialSigner",
    "GrantStore",
    "HostMethod",
    "HttpTransport",
    "LogSink",
    "SecretStore",
    "SettingsPage",
    "SignInPrompt",
    "UserObserver",
)

/**
 * Has the core call the ports of this Android. Robolectric loads all classes once for each Android, and the library of the core
 * once for all: it calls those who registered last. To be called before a host starts.
 */
fun coreCallsHere() {
    val library = Class.forName("org.minihost.ffi.UniffiLib")
    val instance = library.getField("INSTANCE").get(null)
    for (port in PORTS) {
        val generated = Class.forName("org.minihost.ffi.uniffiCallbackInterface$port")
        val register = generated.methods.single { it.name.startsWith("register") }
        register.invoke(generated.getField("INSTANCE").get(null), instance)
    }
}
