package org.minihost.android.support

import android.view.MotionEvent
import android.view.ViewGroup
import android.webkit.WebView
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import org.minihost.android.container.OpenMiniProgram
import org.robolectric.Shadows.shadowOf

/** What the program's own page does. */
class PageSide(val webView: WebView, val document: FakeDocument) {
    private var lastId = 0

    fun initialize(): JsonObject {
        say("host.initialize") {
            putJsonObject("versions") {
                put("min", 1)
                put("max", 1)
            }
        }
        return answer()
    }

    /** Asks for a code; the user has touched the page just now. */
    fun requestCode(vararg scopes: String, more: JsonObjectBuilder.() -> Unit = {}) {
        touch()
        requestCodeUntouched(*scopes, more = more)
    }

    /** Asks for a code, whether or not the user has touched the page. */
    fun requestCodeUntouched(vararg scopes: String, more: JsonObjectBuilder.() -> Unit = {}) {
        say("auth.requestCode") {
            putJsonArray("scopes") { scopes.forEach { add(it) } }
            put("codeChallenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
            put("codeChallengeMethod", "S256")
            more()
        }
    }

    fun touch() {
        val up = MotionEvent.obtain(0, 0, MotionEvent.ACTION_UP, 10f, 10f, 0)
        (webView.parent as ViewGroup).dispatchTouchEvent(up)
        up.recycle()
    }

    fun say(method: String, params: JsonObjectBuilder.() -> Unit = {}) = document.say(
        buildJsonObject {
            put("jsonrpc", "2.0")
            put("id", ++lastId)
            put("method", method)
            putJsonObject("params", params)
        }.toString(),
    )

    /** The answer to the latest request, wherever it comes from. */
    fun answer(): JsonObject = eventually("an answer") {
        document.received.map { Json.parseToJsonElement(it).jsonObject }.find { it["id"]?.toString() == "$lastId" }
    }

    fun reason(): String = answer().getValue("error").jsonObject.getValue("data").jsonObject.text("reason")
}

/** The page is in place and speaks, as the WebView would tell it. */
fun OpenMiniProgram.pageLoads(): PageSide {
    val webView = checkNotNull(container.webView)
    val address = checkNotNull(shadowOf(webView).lastLoadedUrl)
    shadowOf(webView).webViewClient.onPageStarted(webView, address, null)
    return PageSide(webView, FakeDocument(webView, SampleHost.origin))
}
