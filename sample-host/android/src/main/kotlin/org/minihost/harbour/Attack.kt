package org.minihost.harbour

import org.json.JSONArray
import org.json.JSONObject

/**
 * What a hostile mini-program tries, done in the place of the page on screen.
 *
 * @property refusal the reason with which the last of [messages] is refused; none where the page sends nothing itself
 * @property speaker who sends them
 */
enum class Attack(
    val refusal: String?,
    val messages: List<String> = emptyList(),
    val speaker: Speaker = Speaker.PAGE,
    private val deed: String = "",
) {
    /** A method that nobody told the program of. */
    HIDDEN_METHOD("unsupported_method", listOf(request("harbour.readWallet"))),

    /** A scope that its manifest does not declare. */
    SCOPE_CREEP("scope_not_declared", listOf(codeRequest { put("scopes", JSONArray(listOf("payments"))) })),

    /** A code without a challenge, which whoever gets hold of it could redeem. */
    NO_PKCE("invalid_request", listOf(codeRequest { remove("codeChallenge") })),

    /** A challenge that is its verifier (RFC 7636 §4.2, `plain`). */
    PLAIN_CHALLENGE("invalid_request", listOf(codeRequest { put("codeChallengeMethod", "plain") })),

    /** A code that goes to somebody else's address. */
    REDIRECT("invalid_request", listOf(codeRequest { put("redirectUri", "https://attacker.example/callback") })),

    /** A message that names a member twice, and so says two things at once. */
    DUPLICATE_MEMBER("invalid_request", listOf("""{"jsonrpc":"2.0","id":"$ID","method":"auth.getGrants","method":"auth.revoke"}""")),

    /** A message without end. */
    OVERSIZE("invalid_request", listOf(request("auth.getGrants", JSONObject().put("note", "x".repeat(TOO_MANY_BYTES))))),

    /** Whether the user is somebody whom the program knows, asked in silence. */
    PROBE("interaction_required", listOf(codeRequest { put("prompt", "none") })),

    /** More than anybody could ask for. */
    FLOOD("throttled", List(TOO_MANY) { request("auth.getGrants", id = "$ID-$it") }),

    /** A frame within the page speaks in its place. */
    SUB_FRAME("not_main_frame", listOf(request("auth.getGrants")), Speaker.FRAME),

    /** A window of its own, without the host's frame around it. */
    POPUP(null, deed = """window.open(location.href, "_blank");"""),

    /** Somebody else's page in the place of the program's, with the bridge. */
    LEAVE(null, deed = """location.assign("https://attacker.example/");"""),
    ;

    /** The tester's word for it. */
    val word = name.lowercase().replace('_', '-')

    /** What runs in the page. What comes of it is in the console, which is in Logcat. */
    val script: String
        get() {
            val say = "$HEAR for (const text of ${JSONArray(messages)}) minihost.postMessage(text);"
            return when {
                messages.isEmpty() -> "{ $deed }"
                speaker == Speaker.FRAME -> "{ ${frame("<script>$say</script>")} }"
                else -> "{ $say }"
            }
        }

    /** What sends an attack's messages, and hears what they are answered. */
    enum class Speaker { PAGE, FRAME }

    companion object {
        /** None for a word that names no attack. */
        fun read(word: String): Attack? = entries.find { it.word == word }
    }
}

private const val ID = "attack"
private const val TOO_MANY = 200
private const val TOO_MANY_BYTES = 70_000

/** Other answers than to this may carry a code. */
private const val HEAR = """minihost.addEventListener("message", ({data}) => /"id":(null|"$ID)/.test(data) && console.info(data));"""

private fun frame(html: String) =
    """const frame = document.createElement("iframe"); frame.srcdoc = ${JSONObject.quote(html)}; document.body.append(frame);"""

private fun request(method: String, params: JSONObject = JSONObject(), id: String = ID) =
    JSONObject().put("jsonrpc", "2.0").put("id", id).put("method", method).put("params", params).toString()

private fun codeRequest(change: JSONObject.() -> Unit): String {
    val params = JSONObject()
        .put("scopes", JSONArray(listOf("openid")))
        .put("codeChallenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .put("codeChallengeMethod", "S256")
    return request("auth.requestCode", params.apply(change))
}
