package org.minihost.harbour

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import org.minihost.Manifest

/**
 * Where the sample host's servers are and how to get in: the line that `sample-host --json` prints. It holds secrets in
 * clear, of a demo whose every start makes new ones.
 */
class SampleServers private constructor(
    val issuer: String,
    val clientId: String,
    val clientSecret: String,
    val programs: List<SampleProgram>,
    /** None where the servers are not to be steered. */
    val door: ServerDoor?,
    private val passwords: Map<String, String>,
) {
    val users: List<String> get() = passwords.keys.toList()

    fun password(username: String): String? = passwords[username]

    companion object {
        /** @throws JSONException where it is not such a line */
        fun read(line: String): SampleServers {
            val json = JSONObject(line)
            val host = json.getJSONObject("host")
            return SampleServers(
                issuer = json.getString("authorizationServer"),
                clientId = host.getString("clientId"),
                clientSecret = host.getString("clientSecret"),
                programs = json.getJSONArray("miniPrograms").objects().mapNotNull(SampleProgram::read),
                door = ServerDoor.read(json),
                passwords = json.getJSONArray("users").objects().associate { it.getString("username") to it.getString("password") },
            )
        }
    }
}

/** One of the sample mini-programs at its address. */
class SampleProgram private constructor(val id: String, private val published: JSONObject) {

    fun name(locale: String): String = published.getJSONObject("name").pick(locale)

    fun publisher(locale: String): String = published.getJSONObject("publisher").getJSONObject("name").pick(locale)

    fun manifest(variant: ManifestVariant): Manifest {
        val json = JSONObject(published.toString())
        if (variant == ManifestVariant.LOOKALIKE) json.put("name", JSONObject().put("en", "Harb0ur").put("zh-Hans", "Harb0ur"))
        return Manifest.UnsignedForDevelopment(json.toString())
    }

    private fun JSONObject.pick(locale: String) = optString(locale).ifEmpty { getString("en") }

    companion object {
        /** None for a program of which this app has no manifest. */
        fun read(line: JSONObject): SampleProgram? {
            val id = line.getString("id")
            val origin = line.getString("url").removeSuffix("/")
            val file = SampleProgram::class.java.getResourceAsStream("/programs/$id/manifest.json") ?: return null
            val text = file.use { it.readBytes().decodeToString() }
            val manifest = JSONObject(text.replace("{origin}", origin))
            manifest.put("clientId", line.getString("clientId"))
            manifest.put("redirectUris", JSONArray().put(line.getString("redirectUri")))
            return SampleProgram(id, manifest)
        }
    }
}

/** By which manifest a program opens. Nobody signs for this app: it pins no publisher's key. */
enum class ManifestVariant {
    UNSIGNED,

    /** It calls itself nearly like the host. */
    LOOKALIKE,
}

private fun JSONArray.objects(): List<JSONObject> = (0 until length()).map(::getJSONObject)
