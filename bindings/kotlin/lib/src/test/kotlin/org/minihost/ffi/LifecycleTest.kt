package org.minihost.ffi

import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import java.net.InetAddress
import java.net.ServerSocket
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** Pages, mini-programs and the host itself come to their ends. */
@ExtendWith(SampleHostExtension::class)
internal class LifecycleTest(private val sample: SampleHost) {
    private val program = Program(sample)

    @Test
    fun `closing a mini-program takes its prompt away and delivers nothing to it`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        phone.host.close(page.session)
        ended(phone, view)
    }

    @Test
    fun `a reload takes the prompt of the page before away`() = sample.withPhone { phone ->
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        page.reloaded()
        ended(phone, view)
    }

    @Test
    fun `a sign-in that the server ends takes the prompt away`(): Unit = EndingServer().use { server ->
        Phone.start(server.issuer, sample.host).use { phone ->
            phone.signIn("alice", "secret")
            val first = Page.ready(phone, program).requestPrompt(listOf("openid"))
            val other = Page.ready(phone, program)
            assertNull(other.requestCode(listOf("email")), "it waits for its turn")
            phone.host.answer(first.prompt, first.digest, first.allow())
            val second = phone.screen.presented.next()
            assertEquals(second.prompt, phone.screen.dismissed.next())
            assertNull(phone.host.currentUser())
            assertEquals("login_required", Page.ready(phone, program).requestCode(listOf("openid"))?.reason)
        }
    }

    @Test
    fun `shutting down answers what waits and takes the prompt away`() {
        val phone = Phone.signedIn(sample)
        val page = Page.ready(phone, program)
        val view = page.requestPrompt(listOf("openid"))
        runBlocking { phone.host.shutdown() }
        assertEquals(view.prompt, phone.screen.dismissed.next())
        assertEquals("aborted", page.reply().reason)
        phone.close()
    }

    @Test
    fun `nothing that a page says reaches a host that has begun to shut down`() {
        val phone = Phone.signedIn(sample)
        val page = Page.ready(phone, program)
        runBlocking {
            val end = async(start = UNDISPATCHED) { phone.host.shutdown() }
            assertThrows(HostException.ShutDown::class.java) { page.initialize() }
            end.await()
        }
        phone.close()
    }

    @Test
    fun `after shutting down every call fails in the same way`() {
        val phone = Phone.signedIn(sample)
        val page = Page.ready(phone, program)
        val host = phone.host
        runBlocking { host.shutdown() }
        val calls = listOf(
            { host.currentUser() },
            { host.localeChanged("en") },
            { host.settingsOpened() },
            { host.documentStarted(page.session, 2uL) },
            { host.visibility(page.session, false) },
            { host.close(page.session) },
            { host.pendingPrompts() },
            { page.initialize() },
        )
        for (call in calls) assertThrows(HostException.ShutDown::class.java) { call() }
        assertThrows(OpenException.ShutDown::class.java) { Page.load(phone, program) }
        assertThrows(AnswerException.ShutDown::class.java) { host.answer(1uL, "", Choice.Deny) }
        assertThrows(SignInException.ShutDown::class.java) { phone.signIn(sample, "alice") }
        assertThrows(SignOutException.ShutDown::class.java) { runBlocking { host.signOut() } }
        runBlocking { host.shutdown() }
    }

    @Test
    fun `shutting down ends a sign-in whose server does not answer`(): Unit = silentServer().use { server ->
        val phone = Phone.start("http://127.0.0.1:${server.localPort}", sample.host)
        runBlocking {
            supervisorScope {
                val signIn = async(start = UNDISPATCHED) { phone.host.signInWithPassword("alice", "secret") }
                withContext(Dispatchers.IO) { server.accept() }.use {
                    phone.host.shutdown()
                    assertNotNull(runCatching { signIn.await() }.exceptionOrNull() as? SignInException.ShutDown)
                }
            }
        }
    }

    @Test
    fun `a sign-in that is cancelled lets its caller go at once`(): Unit = silentServer().use { server ->
        Phone.start("http://127.0.0.1:${server.localPort}", sample.host).use { phone ->
            runBlocking {
                val signIn = async(start = UNDISPATCHED) { phone.host.signInWithPassword("alice", "secret") }
                withContext(Dispatchers.IO) { server.accept() }.use { signIn.cancelAndJoin() }
            }
            assertNull(phone.host.currentUser())
        }
    }

    @Test
    fun `a sign-in that is cancelled by its token says so`(): Unit = silentServer().use { server ->
        Phone.start("http://127.0.0.1:${server.localPort}", sample.host).use { phone ->
            Cancellation().use { cancellation ->
                runBlocking {
                    supervisorScope {
                        val signIn = async(start = UNDISPATCHED) { phone.host.signInWithPassword("alice", "secret", cancellation) }
                        withContext(Dispatchers.IO) { server.accept() }.use {
                            cancellation.cancel()
                            assertNotNull(runCatching { signIn.await() }.exceptionOrNull() as? SignInException.Cancelled)
                        }
                    }
                }
            }
        }
    }

    @Test
    fun `shutting down lets go of the host app's objects`() {
        val gone = ReferenceQueue<Any>()
        val (host, references) = startAndForget(gone)
        runBlocking { host.shutdown() }
        awaitGone(gone, references)
        host.close()
    }

    @Test
    fun `a host that is closed without being shut down lets go of them too`() {
        val gone = ReferenceQueue<Any>()
        val (host, references) = startAndForget(gone)
        host.close()
        awaitGone(gone, references)
        assertThrows(IllegalStateException::class.java) { host.currentUser() }
    }

    /** The prompt goes, its answer comes too late, and the next message for a page is the next request's. */
    private fun ended(phone: Phone, view: ConsentView) {
        assertEquals(view.prompt, phone.screen.dismissed.next())
        assertThrows(AnswerException.NotWaiting::class.java) { phone.host.answer(view.prompt, view.digest, view.allow()) }
        val next = Page.ready(phone, program)
        val nextView = next.requestPrompt(listOf("openid"))
        phone.host.answer(nextView.prompt, nextView.digest, nextView.allow())
        assertEquals(listOf("openid"), next.reply().child("result").texts("grantedScopes"))
    }

    private fun startAndForget(queue: ReferenceQueue<Any>): Pair<MiniHost, List<PhantomReference<Any>>> {
        val phone = Phone.signedIn(sample)
        Page.ready(phone, program).requestPrompt(listOf("openid"))
        return phone.host to listOf<Any>(phone.screen, phone.container, phone.audit).map { PhantomReference(it, queue) }
    }

    private fun awaitGone(gone: ReferenceQueue<Any>, references: List<PhantomReference<Any>>) {
        val left = references.toMutableSet()
        val deadline = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000
        while (left.isNotEmpty()) {
            check(System.nanoTime() < deadline) { "${left.size} of the host app's objects are still held" }
            System.gc()
            gone.remove(100)?.let { left.remove(it as PhantomReference<*>) }
        }
    }

    private fun silentServer() = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
}
