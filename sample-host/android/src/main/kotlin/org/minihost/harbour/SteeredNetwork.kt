package org.minihost.harbour

import java.io.IOException
import java.net.ConnectException
import java.net.HttpURLConnection
import java.net.URL
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.runInterruptible
import org.minihost.HttpFailure
import org.minihost.HttpRequest
import org.minihost.HttpResponse
import org.minihost.HttpTransport
import org.minihost.HttpTransportException

/** How the network is, as a tester wants it. */
sealed interface Weather {
    data object Ok : Weather
    data object Offline : Weather

    /** Every answer is a web page, as of a network that wants its user to sign in. */
    data object Html : Weather
    data class Slow(val ms: Long) : Weather

    /** The connection breaks after so many bytes of the answer. */
    data class CutAfter(val bytes: Int) : Weather
    data class Status(val code: Int) : Weather
    data class RetryAfter(val seconds: Long) : Weather

    companion object {
        /** None for what is no weather. */
        fun read(word: String): Weather? {
            val number = word.substringAfter(':', "").toLongOrNull()?.takeIf { it >= 0 }
            return when (word.substringBefore(':')) {
                "ok" -> Ok
                "offline" -> Offline
                "html" -> Html
                "slow" -> number?.let(::Slow)
                "cut-after" -> number?.let { CutAfter(it.toInt()) }
                "status" -> number?.takeIf { it in STATUSES }?.let { Status(it.toInt()) }
                "retry-after" -> number?.let(::RetryAfter)
                else -> null
            }
        }

        private val STATUSES = 100L..599L
    }
}

/** The platform's own HTTP, in whatever weather. The SDK's is what an app for users takes. */
class SteeredNetwork : HttpTransport {
    @Volatile
    var weather: Weather = Weather.Ok

    override suspend fun send(request: HttpRequest): HttpResponse = when (val now = weather) {
        is Weather.Ok -> exchange(request)
        is Weather.Offline -> throw HttpTransportException(HttpFailure.NOT_SENT)
        is Weather.Html -> HttpResponse(200, mapOf("Content-Type" to listOf("text/html")), PORTAL.encodeToByteArray())
        is Weather.Status -> HttpResponse(now.code, emptyMap(), ByteArray(0))
        is Weather.RetryAfter -> HttpResponse(429, mapOf("Retry-After" to listOf("${now.seconds}")), ByteArray(0))
        is Weather.Slow -> {
            delay(now.ms)
            exchange(request)
        }
        is Weather.CutAfter -> exchange(request).also {
            if (it.body.size > now.bytes) throw HttpTransportException(HttpFailure.MAYBE_SENT)
        }
    }

    private suspend fun exchange(request: HttpRequest): HttpResponse = try {
        runInterruptible(Dispatchers.IO) { request.open().answer(request.body) }
    } catch (refused: ConnectException) {
        throw HttpTransportException(HttpFailure.NOT_SENT, refused)
    } catch (broken: IOException) {
        throw HttpTransportException(HttpFailure.MAYBE_SENT, broken)
    }

    private fun HttpRequest.open(): HttpURLConnection = (URL(url).openConnection() as HttpURLConnection).also { connection ->
        connection.requestMethod = method
        connection.instanceFollowRedirects = false
        connection.connectTimeout = timeAllowed.inWholeMilliseconds.toInt()
        connection.readTimeout = timeAllowed.inWholeMilliseconds.toInt()
        headers.forEach { (name, value) -> connection.setRequestProperty(name, value) }
    }

    private fun HttpURLConnection.answer(body: ByteArray?): HttpResponse = try {
        if (body != null) {
            doOutput = true
            outputStream.use { it.write(body) }
        }
        val status = responseCode
        val stream = if (status >= 400) errorStream else inputStream

        // The status line stands among the headers, under no name.
        @Suppress("SENSELESS_COMPARISON")
        val named = headerFields.filterKeys { it != null }
        HttpResponse(status, named, stream?.use { it.readBytes() } ?: ByteArray(0))
    } finally {
        disconnect()
    }

    private companion object {
        const val PORTAL = "<!doctype html><title>Welcome to the harbour's Wi-Fi</title>"
    }
}
