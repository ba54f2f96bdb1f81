package org.minihost.ffi

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.Executors
import javax.net.ssl.SSLContext

/** How a stub answers. */
internal class StubAnswer(val status: Int, val body: String = "", val headers: Map<String, String> = emptyMap())

/**
 * An authorization server that does what the real one does not within a test's time.
 *
 * @param tls with which key, where it speaks TLS
 * @param named its issuer, where that is not its own address
 */
internal open class StubServer(tls: SSLContext? = null, named: String? = null) : AutoCloseable {
    private val server = InetSocketAddress(InetAddress.getLoopbackAddress(), 0).let { address ->
        if (tls ==
            null
        ) {
            HttpServer.create(address, 0)
        } else {
            HttpsServer.create(address, 0).apply { httpsConfigurator = HttpsConfigurator(tls) }
        }
    }

    // A handshake that its client gives up keeps nobody else waiting.
    private val workers = Executors.newCachedThreadPool()
    val port: Int = server.address.port
    val issuer = named ?: "${if (tls == null) "http" else "https"}://127.0.0.1:$port"

    init {
        answer("/.well-known/oauth-authorization-server") {
            200 to """{"issuer":"$issuer","token_endpoint":"$issuer/token","userinfo_endpoint":"$issuer/userinfo",
                "authorization_endpoint":"$issuer/authorize","authorization_challenge_endpoint":"$issuer/challenge",
                "host_mediation_supported":true}"""
        }
        server.executor = workers
        answer("/userinfo") { 200 to """{"sub":"u-1","preferred_username":"alice"}""" }
        server.start()
    }

    override fun close() {
        server.stop(0)
        workers.shutdownNow()
    }

    protected fun answer(path: String, respond: (String) -> Pair<Int, String>) = answerAll(path) { _, body -> respond(body) }

    /** The same, of the header `Authorization` too. */
    protected fun answerAll(path: String, respond: (String?, String) -> Pair<Int, String>) = handle(path) { exchange, body ->
        respond(exchange.requestHeaders.getFirst("Authorization"), body).let { (status, json) -> StubAnswer(status, json) }
    }

    /** The same, of all of the request. */
    protected fun handle(path: String, respond: (HttpExchange, String) -> StubAnswer) {
        server.createContext(path) { exchange ->
            exchange.use {
                val answer = respond(it, it.requestBody.readAllBytes().decodeToString())
                it.responseHeaders.add("Content-Type", "application/json")
                answer.headers.forEach { (name, value) -> it.responseHeaders.set(name, value) }
                it.sendResponseHeaders(answer.status, answer.body.length.toLong().takeIf { length -> length > 0 } ?: -1)
                it.responseBody.write(answer.body.toByteArray())
            }
        }
    }
}

/** Signs everybody in. */
internal open class OpenStub(tls: SSLContext? = null, named: String? = null) : StubServer(tls, named) {
    init {
        answer("/token") { 200 to """{"access_token":"a","token_type":"Bearer","expires_in":600}""" }
    }
}

/** Signs everybody in with a token whose time is up, and refreshes none: what a server does that has ended a sign-in. */
internal class EndingServer : StubServer() {
    init {
        answer("/token") { form ->
            if ("grant_type=password" in form) {
                200 to """{"access_token":"a","token_type":"Bearer","expires_in":0,"refresh_token":"r"}"""
            } else {
                400 to """{"error":"invalid_grant"}"""
            }
        }
    }
}

/** Wants its user in a browser before it gives a code. */
internal class BrowserServer : OpenStub() {
    /** Whether the user was there. */
    @Volatile
    var visited = false

    init {
        answer("/challenge") {
            if (visited) {
                200 to """{"authorization_code":"c","client_id":"teahouse","expires_in":60}"""
            } else {
                403 to """{"error":"redirect_to_web","request_uri":"urn:example:1"}"""
            }
        }
    }
}
