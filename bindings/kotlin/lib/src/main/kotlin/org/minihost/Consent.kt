package org.minihost

import org.minihost.internal.HostLink
import org.minihost.internal.toFfi
import org.minihost.internal.translated

/**
 * A consent prompt that waits for the user. It stands in [MiniHost.prompt] until it is answered or nobody waits for its
 * answer any more.
 *
 * @property view what the user is to see
 */
public class ConsentPrompt internal constructor(
    public val view: ConsentView,
    private val link: HostLink,
    private val answered: (ConsentPrompt) -> Unit,
) {
    /** Its name within the host. */
    public val id: Long get() = view.prompt

    /**
     * Gives the user's answer. Any thread; returns at once.
     *
     * @throws AnswerException where the answer does not count; nothing has changed then
     */
    public fun answer(choice: Choice) {
        translated { link.started().answer(view.prompt.toULong(), view.digest, choice.toFfi()) }
        answered(this)
    }
}

/** What the user answered to a consent prompt. */
public sealed interface Choice {
    /**
     * Yes to these scopes of the view; the others are denied.
     *
     * @property scopes the boxes that are ticked; none of them is a denial
     * @property remember for how long; one of the view's
     */
    public data class Allow(public val scopes: List<String>, public val remember: Remember) : Choice

    /** No. */
    public data object Deny : Choice

    /** The prompt was closed without an answer. */
    public data object Dismiss : Choice
}

/**
 * What a host draws. Everything in it was verified or cleaned; nothing is taken from the page.
 *
 * @property prompt the prompt's name within the host
 * @property digest stands for all the rest
 * @property miniProgram who asks
 * @property account the account that is used
 * @property scopes what is asked, in this order; one box each
 * @property audience the resource the code is for, where the program named one
 * @property locale the language of the texts, BCP 47
 * @property remember for how long the user may agree; the first is what the host proposes
 */
public data class ConsentView(
    public val prompt: Long,
    public val digest: String,
    public val miniProgram: AskingProgram,
    public val account: String,
    public val scopes: List<AskedScope>,
    public val audience: String?,
    public val locale: String,
    public val remember: List<Remember>,
)

/**
 * Who asks.
 *
 * @property id for machines
 * @property name for people
 * @property publisher its publisher, for people
 * @property icon the address of its picture, at one of its own origins: to look at it tells nobody else
 * @property unsigned nobody vouches for this program: the host shows a warning
 * @property doubts why the names deserve a second look: the host shows a warning for each
 */
public data class AskingProgram(
    public val id: String,
    public val name: String,
    public val publisher: String,
    public val icon: String?,
    public val unsigned: Boolean,
    public val doubts: List<NameDoubt>,
)

/** Why a name deserves a second look. */
public enum class NameDoubt {
    /** One of its words is written in scripts that do not go together. */
    MIXED_SCRIPTS,

    /** It looks like the host's own name. */
    LOOKS_LIKE_HOST,

    /** It looks like the name of another program that is open. */
    LOOKS_LIKE_ANOTHER,
}

/**
 * One box.
 *
 * @property name the scope token, for the answer
 * @property title what it lets the program see or do, in plain words
 * @property reason why the program says it wants it; empty where it does not say
 */
public data class AskedScope(public val name: String, public val title: String, public val reason: String)
