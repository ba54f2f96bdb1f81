package org.minihost.harbour

import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.net.URLEncoder
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import org.json.JSONObject

/** How the sample host's authorization server is steered, where it was started with `--steering`. */
class ServerDoor private constructor(private val url: String, private val token: String) {

    /** Whether the server did what these words want. */
    suspend fun tell(words: Map<String, String>): Boolean = runInterruptible(Dispatchers.IO) {
        val form = words.entries.joinToString("&") { (word, value) -> "$word=${URLEncoder.encode(value, "UTF-8")}" }
        val connection = URL(url).openConnection() as HttpURLConnection
        try {
            connection.setRequestProperty("Authorization", "Bearer $token")
            connection.doOutput = true
            connection.outputStream.use { it.write(form.encodeToByteArray()) }
            connection.responseCode == HttpURLConnection.HTTP_OK
        } catch (_: IOException) {
            false
        } finally {
            connection.disconnect()
        }
    }

    companion object {
        /** None where the line says nothing of it. */
        fun read(line: JSONObject): ServerDoor? =
            line.optJSONObject("steering")?.let { ServerDoor(it.getString("url"), it.getString("token")) }
    }
}
