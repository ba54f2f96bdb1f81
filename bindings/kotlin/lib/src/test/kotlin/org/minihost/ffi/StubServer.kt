package org.minihost.ffi

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress

/** An authorization server that does what the real one does not within a test's time. */
internal open class StubServer : AutoCloseable {
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

    val issuer = "http://127.0.0.1:${server.address.port}"

    init {
        answer("/.well-known/oauth-authorization-server") {
            200 to """{"issuer":"$issuer","token_endpoint":"$issuer/token","userinfo_endpoint":"$issuer/userinfo",
                "authorization_endpoint":"$issuer/authorize","authorization_challenge_endpoint":"$issuer/challenge",
                "host_mediation_supported":true}"""
        }
        answer("/userinfo") { 200 to """{"sub":"u-1","preferred_username":"alice"}""" }
        server.start()
    }

    override fun close() = server.stop(0)

    protected fun answer(path: String, respond: (String) -> Pair<Int, String>) = answerAll(path) { _, body -> respond(body) }

    /** The same, of the header `Authorization` too. */
    protected fun answerAll(path: String, respond: (String?, String) -> Pair<Int, String>) {
        server.createContext(path) { exchange: HttpExchange ->
            exchange.use {
                val body = it.requestBody.readAllBytes().decodeToString()
                val (status, json) = respond(it.requestHeaders.getFirst("Authorization"), body)
                it.responseHeaders.add("Content-Type", "application/json")
                it.sendResponseHeaders(status, json.length.toLong())
                it.responseBody.write(json.toByteArray())
            }
        }
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
internal class BrowserServer : StubServer() {
    /** Whether the user was there. */
    @Volatile
    var visited = false

    init {
        answer("/token") { 200 to """{"access_token":"a","token_type":"Bearer","expires_in":600}""" }
        answer("/challenge") {
            if (visited) {
                200 to """{"authorization_code":"c","client_id":"teahouse","expires_in":60}"""
            } else {
                403 to """{"error":"redirect_to_web","request_uri":"urn:example:1"}"""
            }
        }
    }
}
