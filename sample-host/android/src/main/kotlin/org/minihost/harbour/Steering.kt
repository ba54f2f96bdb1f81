package org.minihost.harbour

import android.os.Bundle
import org.minihost.android.ui.Appearance
import org.minihost.android.ui.Palette

/** What a tester wants, by words that are the same on every sample host: extras of the intent that starts the app. */
data class Steering(
    /** The line of `sample-host --json`. */
    val servers: String? = null,
    val user: String? = null,
    val open: String? = null,
    val locale: String? = null,
    val appearance: Look? = null,
    val answer: Answer? = null,
    val manifest: ManifestVariant = ManifestVariant.UNSIGNED,
    val navigate: String? = null,
    val revoke: String? = null,
    val reload: Boolean = false,
    val background: Boolean = false,
    val reset: Boolean = false,
    val network: Weather? = null,
    val store: StoreTrouble? = null,
    val attack: Attack? = null,
    /** What the authorization server is to do: `clock`, `expire` and `rotate-keys`. */
    val server: Map<String, String> = emptyMap(),
    /** Words that this app does not know, and words that it knows with what makes no sense. */
    val notUnderstood: List<String> = emptyList(),
) {
    /** The words that act in the place of the page on screen. */
    val onPage: List<String>
        get() = listOfNotNull("reload".takeIf { reload }, attack?.let { "attack=${it.word}" }, navigate?.let { "navigate=$it" })

    companion object {
        private const val SERVERS = "servers"

        /** Reads them. What is not understood is told and changes nothing. */
        fun read(extras: Bundle?): Steering {
            var steering = Steering()
            for (word in extras?.keySet().orEmpty().sorted()) {
                val value = extras?.getString(word).orEmpty()
                steering = steering.with(word, value) ?: steering.copy(notUnderstood = steering.notUnderstood + "$word=$value")
            }
            return steering
        }

        private fun Steering.with(word: String, value: String): Steering? = when (word) {
            SERVERS -> copy(servers = value)
            "user", "switch-user" -> copy(user = value)
            "open" -> copy(open = value)
            "locale" -> value.takeIf { it in LOCALES }?.let { copy(locale = it) }
            "appearance" -> Look.entries.find { it.word == value }?.let { copy(appearance = it) }
            "answer" -> Answer.read(value)?.let { copy(answer = it) }
            "manifest" -> ManifestVariant.entries.find { it.name.lowercase() == value }?.let { copy(manifest = it) }
            "navigate" -> copy(navigate = value)
            "revoke" -> copy(revoke = value)
            "reload" -> copy(reload = true)
            "background" -> copy(background = true)
            // To start the app is to bring it to the front.
            "foreground" -> this
            "reset" -> copy(reset = true)
            "network" -> Weather.read(value)?.let { copy(network = it) }
            "store" -> StoreTrouble.entries.find { it.name.lowercase() == value }?.let { copy(store = it) }
            "attack" -> Attack.read(value)?.let { copy(attack = it) }
            "clock" -> value.takeIf { CLOCK.matches(it) }?.let { copy(server = server + (word to it)) }
            "expire" -> value.takeIf { it in EXPIRING }?.let { copy(server = server + (word to it)) }
            "rotate-keys" -> copy(server = server + (word to value))
            else -> null
        }

        private val CLOCK = Regex("""\+\d+""")
        private val EXPIRING = setOf("access", "refresh", "code")
        private val LOCALES = setOf("en", "zh-Hans")
    }
}

/** Light, dark, or as the device. */
enum class Look(val word: String, val appearance: Appearance) {
    LIGHT("light", Appearance(Palette.light, Palette.light)),
    DARK("dark", Appearance(Palette.dark, Palette.dark)),
    SYSTEM("system", Appearance()),
}

/** What is answered in the user's place, on every consent sheet until another answer is set. */
sealed interface Answer {
    data object Allow : Answer
    data object Deny : Answer
    data object Dismiss : Answer

    /** Nobody answers, though somebody else was to before. */
    data object Hang : Answer
    data class Partial(val scopes: Set<String>) : Answer

    /** Allowed, after so many milliseconds. */
    data class After(val ms: Long) : Answer

    companion object {
        /** None for what is no answer. */
        fun read(word: String): Answer? {
            val (kind, rest) = word.substringBefore(':') to word.substringAfter(':', "")
            return when (kind) {
                "allow" -> Allow
                "deny" -> Deny
                "dismiss" -> Dismiss
                "hang" -> Hang
                "partial" -> Partial(rest.split(',', ' ').filter(String::isNotEmpty).toSet())
                "after" -> rest.toLongOrNull()?.takeIf { it >= 0 }?.let(::After)
                else -> null
            }
        }
    }
}
