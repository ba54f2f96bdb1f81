package org.minihost.ffi

import java.net.CookieManager
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** A browser that waits with a code to be let in. */
private class WaitingBrowser(private val issuer: String) {
    private val http = HttpClient.newBuilder().cookieHandler(CookieManager()).build()

    val code: String = checkNotNull(Regex("[B-Z]{4}-[B-Z]{4}").find(get("/login/app"))).value

    fun state(): String = checkNotNull(Regex("\"state\":\"(.+?)\"").find(get("/login/app/state"))).groupValues[1]

    private fun get(path: String): String {
        val request = HttpRequest.newBuilder(URI("$issuer$path")).header("User-Agent", "Waiting/1").build()
        return http.send(request, BodyHandlers.ofString()).body()
    }
}

/** The user answers on the phone what another device asks. */
@ExtendWith(SampleHostExtension::class)
internal class DeviceTest(private val sample: SampleHost) {
    @Test
    fun `the user lets a browser in by its code, once`() = sample.withPhone { phone ->
        val browser = WaitingBrowser(sample.issuer)
        val request = phone.find(browser.code.lowercase().replace('-', ' '))
        val asked = request.asked("en")
        assertNull(asked.client)
        assertEquals("Waiting/1", asked.userAgent)
        assertTrue(asked.expiresIn in 1uL..600uL)
        assertEquals("pending", browser.state())
        phone.answer(request, approve = true)
        assertEquals("approved", browser.state())
        assertThrows(DeviceRequestException.Answered::class.java) { phone.answer(request, approve = false) }
        assertThrows(DeviceRequestException.Unknown::class.java) { phone.find(browser.code) }
    }

    @Test
    fun `the user turns a browser away`() = sample.withPhone { phone ->
        val browser = WaitingBrowser(sample.issuer)
        phone.answer(phone.find(browser.code), approve = false)
        assertEquals("denied", browser.state())
    }

    @Test
    fun `an answer counts for the user alone whom it was shown to`() = sample.withPhone { phone ->
        val browser = WaitingBrowser(sample.issuer)
        val request = phone.find(browser.code)
        phone.signIn(sample, "bob")
        assertThrows(DeviceRequestException.UserChanged::class.java) { phone.answer(request, approve = true) }
        assertEquals("pending", browser.state())
    }

    @Test
    fun `without a user or a host nothing is answered`() = sample.withEmptyPhone { phone ->
        assertThrows(DeviceRequestException.UserChanged::class.java) { phone.find("bbbb-bbbb") }
        runBlocking { phone.host.shutdown() }
        assertThrows(DeviceRequestException.ShutDown::class.java) { phone.find("bbbb-bbbb") }
    }

    private fun Phone.find(code: String) = runBlocking { host.deviceRequest(code) }

    private fun Phone.answer(request: DeviceRequest, approve: Boolean) = runBlocking { host.answerDeviceRequest(request, approve) }
}
