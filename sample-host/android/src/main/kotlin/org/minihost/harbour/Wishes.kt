package org.minihost.harbour

import android.webkit.WebView
import org.json.JSONObject
import org.minihost.MiniHostException
import org.minihost.android.grants.GrantsTexts

/** What a tester wants of a host: it is done, or said why not. */
class Wishes(private val harbour: Harbour, private val words: Words, private val say: (String) -> Unit) {
    private val isSomebodySignedIn get() = harbour.user.value != null

    /** @throws MiniHostException */
    fun ofHost(wanted: Steering) {
        wanted.answer?.let { harbour.scriptedUser.answer = it }
        wanted.network?.let { harbour.network.weather = it }
        wanted.store?.let { harbour.secrets.trouble = it }
        wanted.locale?.let { harbour.host.localeChanged(it) }
    }

    suspend fun ofServer(wanted: Map<String, String>) {
        if (wanted.isEmpty() || harbour.servers.door?.tell(wanted) == true) return
        say(words.notUnderstood(wanted.map { (word, value) -> "$word=$value" }))
    }

    /** Signs this user in. */
    suspend fun user(username: String) {
        val user = harbour.host.restoreQuietly()
        if (user?.displayName == username && harbour.awaitUser(user)) return
        val password = harbour.servers.password(username) ?: return say(words.notUnderstood(listOf("user=$username")))
        harbour.signIn(username, password, words)?.let(say)
    }

    /**
     * Takes back what the program was granted.
     *
     * @throws MiniHostException
     */
    suspend fun revoke(id: String) {
        when {
            find(id) == null -> say(words.notUnderstood(listOf("revoke=$id")))
            !isSomebodySignedIn -> say(words.nobodySignedIn)
            else -> if (!harbour.host.revoke(id).stored) say(GrantsTexts.of(words.locale).notStored)
        }
    }

    /** The program that is to be opened; none where it cannot be. */
    fun program(id: String): SampleProgram? {
        val program = find(id)
        when {
            program == null -> say(words.notUnderstood(listOf("open=$id")))
            !isSomebodySignedIn -> say(words.nobodySignedIn)
            else -> return program
        }
        return null
    }

    /** Acts in the place of a page, where there is one. */
    fun ofPage(page: WebView?, wanted: Steering) {
        if (wanted.onPage.isEmpty()) return
        if (page == null) return say(words.noPage(wanted.onPage))
        if (wanted.reload) page.loadUrl("javascript:location.reload()")
        wanted.attack?.let { page.evaluateJavascript(it.script, null) }
        wanted.navigate?.let { page.loadUrl("javascript:location.assign(${JSONObject.quote(it)})") }
    }

    private fun find(id: String) = harbour.servers.programs.find { it.id == id }
}
