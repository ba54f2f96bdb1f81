package org.minihost

import kotlin.time.Duration

/** Answers a method of the host app's own. The SDK has checked who calls, with what, and with which grant. */
public interface HostMethod {
    /** What it is. Read once, when the host starts. */
    public val declaration: HostMethodDeclaration

    /**
     * Answers one call with a JSON text. Cancelled when nobody waits for the answer any more.
     *
     * @param params a JSON object, which may hold what is private
     * @throws HostMethodFailure to say why there is no answer; for any other exception the page hears `internal`
     */
    public suspend fun call(call: HostCall, params: String): String
}

/** Why a call of the host app's own method has no result. */
public class HostMethodFailure(
    /** One of the bridge's reasons, such as `server_error`; the page hears `internal` for any other text. */
    public val reason: String,
    /** One English sentence for the mini-program's developer. */
    message: String,
) : Exception(message)

/**
 * What a host app says of one of its methods. A program may call it when its manifest names it in `methods` and the host app
 * allows the program; for all others it does not exist.
 *
 * @property name `vendor.name`, both of letters and digits
 * @property params what it takes; what a page sends and does not look like this never reaches the host app
 * @property result what it gives: an object with these members and no other; a page never gets anything else, it hears
 *   `internal` then
 * @property scope the scope of which the program needs a live grant
 * @property prompts whether the host app may show the user something: the page must be visible and touched then, and the
 *   call may last as long as a consent prompt
 * @property only the programs that may call it, by their manifests' `id`; null where all may that declare it
 */
public data class HostMethodDeclaration(
    public val name: String,
    public val params: List<HostMethodMember> = emptyList(),
    public val result: List<HostMethodMember> = emptyList(),
    public val scope: String? = null,
    public val prompts: Boolean = false,
    public val only: List<String>? = null,
)

/**
 * One member of what a method takes or gives.
 *
 * @property name its name
 * @property form what it looks like
 * @property required whether it must be there
 */
public data class HostMethodMember(public val name: String, public val form: MemberForm, public val required: Boolean = true)

/** What a value looks like. */
public sealed interface MemberForm {
    /** A string. */
    public data object Text : MemberForm

    /**
     * A string of at most so many characters.
     *
     * @property characters how many
     */
    public data class ShortText(public val characters: Int) : MemberForm {
        init {
            require(characters >= 0) { "a text has no negative length" }
        }
    }

    /** A list of strings. */
    public data object Texts : MemberForm

    /** A whole number that is not negative. */
    public data object Whole : MemberForm

    /** `true` or `false`. */
    public data object Flag : MemberForm

    /** An instant in UTC (RFC 3339). */
    public data object Time : MemberForm

    /** Whatever JSON can say. */
    public data object Anything : MemberForm
}

/**
 * One call that is allowed.
 *
 * @property correlation the same as in the page's error and the host app's log
 * @property method which method
 * @property miniProgram who calls: the manifest's `id`
 * @property session from which session
 * @property user who is signed in; always somebody where the method needs a scope
 * @property timeAllowed how long it may take; after that nobody waits for it
 */
public data class HostCall(
    public val correlation: String,
    public val method: String,
    public val miniProgram: String,
    public val session: Long,
    public val user: User?,
    public val timeAllowed: Duration,
)
