package org.minihost.ffi

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** Mini-programs are opened by manifests that publishers signed with keys that the host pins. */
@ExtendWith(SampleHostExtension::class)
internal class SignedManifestTest(private val sample: SampleHost) {
    private val publisher = Publisher()
    private val keys = listOf(TrustedKey("qinghe", publisher.jwk))

    @Test
    fun `a program of a pinned publisher is opened, and nobody warns of it`() = sample.withPhone(configured = asUsersGetIt) { phone ->
        val page = Page.of(phone, phone.open(publisher.sign(manifest("1.1.0"))), ORIGIN)
        page.initialize()
        val view = page.requestPrompt(listOf("openid"))
        assertFalse(view.miniProgram.unsigned)
    }

    @Test
    fun `another's signature, a changed text and an older release are refused`() = sample.withPhone(configured = asUsersGetIt) { phone ->
        val signed = publisher.sign(manifest("1.1.0"))
        phone.open(signed)
        val (header, _, signature) = signed.split('.')
        val others = signed.split('.')[1].reversed()
        for (refused in listOf(Publisher().sign(manifest("1.1.0")), "$header.$others.$signature", manifest("1.1.0"))) {
            assertThrows(OpenException.Manifest::class.java) { phone.open(refused) }
        }
        val older = assertThrows(OpenException.Manifest::class.java) { phone.open(publisher.sign(manifest("1.0.0"))) }
        assertTrue("1.1.0" in older.message.orEmpty(), older.message)
        phone.open(publisher.sign(manifest("1.2.0")))
    }

    @Test
    fun `a key that is none, and a key of another publisher, open nothing`() = sample.withEmptyPhone(asUsersGetIt) { phone ->
        val signed = publisher.sign(manifest("1.0.0"))
        assertThrows(OpenException.Key::class.java) { phone.open(signed, listOf(TrustedKey("qinghe", "{}"))) }
        assertThrows(OpenException.Manifest::class.java) { phone.open(signed, listOf(TrustedKey("acme", publisher.jwk))) }
        assertThrows(OpenException.Manifest::class.java) { phone.open(signed, emptyList()) }
        assertThrows(OpenException.Manifest::class.java) { phone.open(publisher.sign(Program(sample).manifest())) }
    }

    @Test
    fun `what users get opens no manifest that nobody signed`() = sample.withEmptyPhone(asUsersGetIt) { phone ->
        val launch = Launch(path = null, query = null, source = null)
        val error = assertThrows(OpenException.Manifest::class.java) { phone.host.open(manifest("1.1.0"), launch) }
        assertTrue("sign" in error.message.orEmpty(), error.message)
    }

    private fun Phone.open(manifest: String, trusted: List<TrustedKey> = keys): ULong =
        host.openSigned(manifest, trusted, Launch(path = null, query = null, source = null)).session

    /** A release for hosts of users: nothing in it lies on the loopback interface. */
    private fun manifest(version: String): String {
        val sampleText = Program(sample).run { manifest().replace(origin, ORIGIN) }
        val members = Json.parseToJsonElement(sampleText) as JsonObject
        return JsonObject(members + ("version" to JsonPrimitive(version))).toString()
    }

    private companion object {
        val asUsersGetIt: HostConfig.() -> HostConfig = { copy(build = null) }
        const val ORIGIN = "https://teahouse.example"
    }
}
