package org.minihost

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith
import org.minihost.ffi.Heard
import org.minihost.ffi.Program
import org.minihost.ffi.SampleHost
import org.minihost.ffi.SampleHostExtension
import org.minihost.vendor.ModuleBridge
import org.minihost.vendor.ModuleCallback
import org.minihost.vendor.ObjectBridge
import org.minihost.vendor.ObjectCallback

/** Vendors' hooks, of which each test has a stub: what the container would call, and what it would be called with. */
@ExtendWith(SampleHostExtension::class)
internal class VendorTest(private val sample: SampleHost) {
    private val manifest = Manifest.UnsignedForDevelopment(Program(sample).manifest())

    /** Both ends of a hook that gets texts alone across to another process. */
    private class Answers :
        ObjectCallback,
        ModuleCallback {
        val heard = Heard<String>("an answer of the hook")
        val failed = Heard<String>("a failure of the hook")

        override fun onSuccess(result: String) {
            heard.add(result)
        }

        override fun onFail(result: String) {
            failed.add(result)
        }

        override fun onSuccess(data: Map<String, Any?>) {
            heard.add(data["text"] as String)
        }

        override fun onFail(data: Map<String, Any?>) {
            failed.add(data["errMsg"] as String)
        }
    }

    @Test
    fun `an app of a container with objects and callbacks gets its code, and another app's id gets nothing`() =
        HostApp.signedIn(sample).use { app ->
            ObjectBridge(app.host).use { bridge ->
                val (answers, stranger) = Answers() to Answers()
                bridge.open("fc-1", manifest) {}
                bridge.invoke("fc-1", INITIALIZE, answers)
                assertTrue("\"version\":1" in answers.heard.next())
                bridge.invoke("fc-1", REQUEST, answers)
                val prompt = app.prompt()
                bridge.invoke("fc-2", REQUEST, stranger)
                assertTrue("no mini-program" in stranger.failed.next())
                prompt.answer(prompt.view.allow())
                assertTrue("\"code\"" in answers.heard.next())

                bridge.invoke("fc-1", REQUEST.replace("\"id\":2", "\"id\":3"), answers)
                app.prompt()
                bridge.pageStarted("fc-1")
                assertTrue("no reply" in answers.failed.next(), "its page is gone")
                bridge.visible("fc-1", false)
                assertEquals(emptyList<String>(), answers.heard.rest())
            }
        }

    @Test
    fun `a module answers each call once and tells its subscribers of events`() = HostApp.signedIn(sample).use { app ->
        ModuleBridge.open(app.host, manifest).use { module ->
            val (answers, events) = Answers() to Answers()
            val subscription = checkNotNull(module.call("subscribe", emptyMap(), events))
            module.call("send", mapOf("text" to INITIALIZE), answers)
            assertTrue("\"version\":1" in answers.heard.next())
            module.call("send", mapOf("text" to REQUEST), answers)
            val prompt = app.prompt()
            prompt.answer(prompt.view.allow(Remember.UNTIL_REVOKED))
            assertTrue("\"code\"" in answers.heard.next())
            while ("auth.grantsChanged" !in events.heard.next()) continue
            subscription.run()
            module.visible(true)

            module.call("send", emptyMap(), answers)
            assertTrue("string" in answers.failed.next())
            module.call("eavesdrop", emptyMap(), answers)
            assertTrue("subscribe" in answers.failed.next())
        }
    }

    private companion object {
        const val INITIALIZE = """{"jsonrpc":"2.0","id":1,"method":"host.initialize","params":{"versions":{"min":1,"max":1}}}"""
        const val REQUEST = """{"jsonrpc":"2.0","id":2,"method":"auth.requestCode","params":{"scopes":["openid"],""" +
            """"codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256"}}"""
    }
}
