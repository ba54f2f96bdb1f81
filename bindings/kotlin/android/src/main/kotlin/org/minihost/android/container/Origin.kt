package org.minihost.android.container

import java.net.URI
import java.net.URISyntaxException

/** The origin of an address in ASCII serialisation (RFC 6454 §6.2); none for one that has none. */
internal fun originOf(address: String): String? {
    val uri = try {
        URI(address)
    } catch (_: URISyntaxException) {
        return looseOrigin(address)
    }
    val scheme = uri.scheme?.lowercase() ?: return null
    val standardPort = STANDARD_PORTS[scheme] ?: return null
    val host = uri.host?.lowercase()?.takeIf { it.isNotEmpty() } ?: return null
    val port = uri.port.takeIf { it != -1 && it != standardPort }
    return if (port == null) "$scheme://$host" else "$scheme://$host:$port"
}

/** A browser takes characters in path and query that `java.net.URI` does not: they are no part of an origin. */
private fun looseOrigin(address: String): String? {
    val authority = LOOSE.find(address)?.groupValues?.get(1) ?: return null
    return if (authority.length == address.length) null else originOf(authority)
}

private val LOOSE = Regex("^(https?://[^/?#\\\\]+)[/?#]", RegexOption.IGNORE_CASE)

private val STANDARD_PORTS = mapOf("https" to 443, "http" to 80)
