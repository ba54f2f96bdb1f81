package org.minihost

import java.io.ByteArrayInputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Path
import java.security.KeyStore
import java.security.MessageDigest
import java.security.cert.X509Certificate
import java.util.Base64
import java.util.concurrent.TimeUnit
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread
import kotlin.io.path.readBytes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.minihost.ffi.Heard
import org.minihost.ffi.OpenStub
import org.minihost.ffi.PATIENCE_SECONDS

/** A key and a certificate for it, as `keytool` of the JDK makes them. */
private class Identity(directory: Path, name: String) {
    private val store: KeyStore
    private val certificate: X509Certificate

    init {
        val file = directory.resolve("$name.p12")
        val tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        val what = listOf("-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=$name")
        val where = listOf("-keystore", "$file", "-storepass", PASSWORD, "-ext", "san=dns:as.example,ip:127.0.0.1", "-validity", "2")
        val process = ProcessBuilder(listOf(tool) + what + where).redirectErrorStream(true).start()
        val said = process.inputReader().readText()
        check(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) { said }
        store = KeyStore.getInstance("PKCS12").apply { load(ByteArrayInputStream(file.readBytes()), PASSWORD.toCharArray()) }
        certificate = store.getCertificate(name) as X509Certificate
    }

    val pem: String = Base64.getMimeEncoder(64, "\n".toByteArray()).encodeToString(certificate.encoded)
        .let { "-----BEGIN CERTIFICATE-----\n$it\n-----END CERTIFICATE-----\n" }

    /** The key as it is pinned (RFC 7469 §2.4). */
    val pin: String = MessageDigest.getInstance("SHA-256").digest(certificate.publicKey.encoded)
        .let { "sha256/${Base64.getEncoder().encodeToString(it)}" }

    fun tls(): SSLContext {
        val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()).apply { init(store, PASSWORD.toCharArray()) }
        return SSLContext.getInstance("TLS").apply { init(keys.keyManagers, null, null) }
    }

    private companion object {
        const val PASSWORD = "for tests"
    }
}

/** A proxy that wants to know who asks, and leads to one server wherever the way is to go. */
private class ConnectProxy(private val target: Int) : AutoCloseable {
    private val server = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    val port = server.localPort
    val asked = Heard<List<String>>("a request to the proxy")

    init {
        thread(isDaemon = true) { while (!server.isClosed) runCatching { server.accept() }.onSuccess(::lead) }
    }

    private fun lead(from: Socket) {
        val head = generateSequence { line(from) }.takeWhile { it.isNotEmpty() }.toList()
        asked.add(head)
        val to = Socket(InetAddress.getLoopbackAddress(), target)
        from.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".toByteArray())
        thread(isDaemon = true) { pass(from, to) }
        thread(isDaemon = true) { pass(to, from) }
    }

    private fun pass(from: Socket, to: Socket) {
        runCatching { from.getInputStream().transferTo(to.getOutputStream()) }
        to.close()
    }

    private fun line(from: Socket): String {
        val bytes = generateSequence { from.getInputStream().read() }.takeWhile { it >= 0 && it != '\n'.code }
        return bytes.map(Int::toChar).joinToString("").trimEnd('\r')
    }

    override fun close() = server.close()
}

/** Whom the SDK's own TLS believes, and the way that its requests go. */
internal class TlsTest {
    @Test
    fun `a server is believed by whom the host's own certificate vouches for it, and by nobody else`(@TempDir room: Path) {
        val (server, other) = Identity(room, "server") to Identity(room, "other")
        OpenStub(server.tls()).use { stub ->
            for (roots in listOf(
                TrustedRoots.Only(server.pem),
                TrustedRoots.Only(other.pem + server.pem),
                TrustedRoots.PlatformAnd(server.pem),
            )) {
                assertEquals("alice", stub.signIn(patient(roots)).displayName)
            }
            for (roots in listOf(TrustedRoots.Platform, TrustedRoots.Only(other.pem), TrustedRoots.PlatformAnd(other.pem))) {
                assertThrows(SignInException.Network::class.java) { stub.signIn(patient(roots)) }
            }
        }
    }

    @Test
    fun `a server has one of the keys that are pinned`(@TempDir room: Path) {
        val (server, other) = Identity(room, "server") to Identity(room, "other")
        val roots = TrustedRoots.Only(server.pem)
        OpenStub(server.tls()).use { stub ->
            assertEquals("alice", stub.signIn(patient(roots, listOf(other.pin, server.pin))).displayName)
            assertThrows(SignInException.Network::class.java) { stub.signIn(patient(roots, listOf(other.pin))) }
        }
    }

    @Test
    fun `other machines are reached through the proxy, which is told who asks, and this one straight`(@TempDir room: Path) {
        val server = Identity(room, "server")
        OpenStub(server.tls(), named = "https://as.example").use { stub ->
            ConnectProxy(stub.port).use { proxy ->
                val address = Proxy.At("http://harbour:s%40crEt@127.0.0.1:${proxy.port}")
                val through = patient(TrustedRoots.Only(server.pem), proxy = address)
                assertEquals("alice", stub.signIn(through).displayName)
                val head = proxy.asked.next()
                assertEquals("CONNECT as.example:443 HTTP/1.1", head.first())
                val credentials = Base64.getEncoder().encodeToString("harbour:s@crEt".toByteArray())
                assertTrue(head.any { it.equals("Proxy-Authorization: Basic $credentials", ignoreCase = true) }, "$head")

                val asked = proxy.asked.rest().size
                OpenStub(server.tls()).use { near -> assertEquals("alice", near.signIn(through).displayName) }
                assertEquals(asked, proxy.asked.rest().size)
            }
        }
    }

    /** As long as it takes on a busy machine. */
    private fun patient(roots: TrustedRoots, pins: List<String> = emptyList(), proxy: Proxy = Proxy.Direct) =
        Network.Sdk(roots, pins, proxy, connectTimeout = PATIENCE_SECONDS.seconds, firstByteTimeout = PATIENCE_SECONDS.seconds)

    private fun OpenStub.signIn(network: Network): User =
        HostApp.start(issuer, "harbour", Credentials.publicClient(), HostPorts(network = network)).use { app ->
            runBlocking { app.host.signInWithPassword("alice", "x") }
        }
}
