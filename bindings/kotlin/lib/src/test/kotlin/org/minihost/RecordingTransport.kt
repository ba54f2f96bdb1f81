package org.minihost

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import kotlin.time.toJavaDuration
import kotlinx.coroutines.future.await
import org.minihost.ffi.Heard

/** What a bank would bring: a client of its own. It remembers what it sent. */
internal class RecordingTransport : HttpTransport {
    private val client = HttpClient.newHttpClient()
    val sent = Heard<HttpRequest>("a request")

    override suspend fun send(request: HttpRequest): HttpResponse {
        sent.add(request)
        val body = request.body?.let(BodyPublishers::ofByteArray) ?: BodyPublishers.noBody()
        val building = java.net.http.HttpRequest.newBuilder(URI(request.url))
            .method(request.method, body)
            .timeout(request.timeAllowed.toJavaDuration())
        request.headers.forEach { (name, value) -> building.header(name, value) }
        val answer = client.sendAsync(building.build(), BodyHandlers.ofByteArray()).await()
        return HttpResponse(answer.statusCode(), answer.headers().map(), answer.body())
    }
}
