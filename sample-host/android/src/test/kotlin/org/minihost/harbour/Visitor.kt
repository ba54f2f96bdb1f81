package org.minihost.harbour

import java.net.HttpURLConnection
import java.net.URI
import java.net.URLEncoder

/** A user in a browser of their own: goes through the authorization server's pages and says yes to them. */
internal class Visitor(private val username: String, private val password: String) {
    private val cookies = HashMap<String, String>()

    /** Where the pages lead in the end, which is no web address. */
    fun visit(page: String): String {
        var address = URI(page)
        var form: String? = null
        repeat(MOST_PAGES) {
            val connection = open(address, form)
            val next = connection.getHeaderField("Location")?.let(address::resolve)
            if (next != null && next.scheme != "http") return "$next"
            val html = if (next == null) connection.inputStream.use { it.readBytes().decodeToString() } else ""
            form = if (next == null) filled(html) else null
            address = next ?: address.resolve(checkNotNull(ACTION.findAll(html).lastOrNull()) { html }.groupValues[1].unescaped())
        }
        error("the pages do not end")
    }

    private fun open(address: URI, form: String?): HttpURLConnection {
        val connection = address.toURL().openConnection() as HttpURLConnection
        connection.instanceFollowRedirects = false
        connection.setRequestProperty("Cookie", cookies.entries.joinToString("; ") { "${it.key}=${it.value}" })
        if (form != null) {
            connection.doOutput = true
            connection.setRequestProperty("Origin", "${address.scheme}://${address.authority}")
            connection.outputStream.use { it.write(form.encodeToByteArray()) }
        }
        check(connection.responseCode < HttpURLConnection.HTTP_BAD_REQUEST) { connection.errorStream.readBytes().decodeToString() }
        // Servers may write the names of headers as they like.
        @Suppress("SENSELESS_COMPARISON")
        val given = connection.headerFields.filterKeys { it != null && it.equals("Set-Cookie", ignoreCase = true) }
        for (cookie in given.values.flatten()) {
            val (name, value) = cookie.substringBefore(';').split('=', limit = 2)
            cookies[name] = value
        }
        return connection
    }

    private fun filled(html: String): String {
        val last = html.substring(html.lastIndexOf("<form"))
        val given = FIELD.findAll(last).map { it.groupValues[1] to it.groupValues[2].unescaped() }
        val typed = listOf("username" to username, "password" to password, "method" to "password", "decision" to "allow")
        val fields = given.filter { it.first != "username" } + typed
        return fields.joinToString("&") { (name, value) -> "$name=${URLEncoder.encode(value, "UTF-8")}" }
    }

    private fun String.unescaped() = replace("&amp;", "&").replace("&#38;", "&").replace("&#x26;", "&")

    private companion object {
        const val MOST_PAGES = 8
        val ACTION = Regex("""<form method="post" action="([^"]*)"""")
        val FIELD = Regex("""<input type="(?:hidden|checkbox)" name="([^"]*)" value="([^"]*)"""")
    }
}
