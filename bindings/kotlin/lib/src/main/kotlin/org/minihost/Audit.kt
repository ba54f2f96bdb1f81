package org.minihost

import kotlin.time.Duration
import kotlin.time.Instant

/**
 * Where the host writes down what mini-programs asked and what became of it. Called in order, on a thread of the SDK;
 * returns at once. Unlike [MiniHost.auditEvents] it misses nothing.
 */
public fun interface AuditSink {
    /** Takes one event. What it throws costs that event and nothing else. */
    public fun record(event: AuditEvent)
}

/**
 * Something that a mini-program asked, or that the user did to its grants, has ended. There is no property that a code or
 * token fits in.
 *
 * @property at when it ended
 * @property correlation the same as in the page's error and the host's log
 * @property miniProgram who asked: the manifest's `id`
 * @property user whose account, where somebody was signed in; stable, never shown
 * @property action what it was
 * @property asked what was asked for, or taken back; empty where the request could not be read
 * @property digest what the user saw, where a prompt was shown
 * @property choice what the user answered, where an answer came
 * @property outcome how it ended
 * @property took from the request to its end
 * @property waitedForUser how much of that went by until the user had answered, where a prompt was answered
 * @property waitedForServer how much of it the authorization server took, where it was asked
 */
public data class AuditEvent(
    public val at: Instant,
    public val correlation: String,
    public val miniProgram: String,
    public val user: String?,
    public val action: AuditAction,
    public val asked: List<String>,
    public val digest: String?,
    public val choice: UserChoice?,
    public val outcome: AuditOutcome,
    public val took: Duration,
    public val waitedForUser: Duration?,
    public val waitedForServer: Duration?,
)

/** What was asked or done. */
public sealed interface AuditAction {
    /** The program asked for a code. */
    public data object RequestCode : AuditAction

    /** The program took grants back. */
    public data object RevokeByProgram : AuditAction

    /** The user took grants back, in the host. */
    public data object RevokeByUser : AuditAction

    /**
     * The program called a method of the host's own.
     *
     * @property method which
     */
    public data class CallMethod(public val method: String) : AuditAction
}

/** What the user answered to a prompt. */
public sealed interface UserChoice {
    /**
     * Yes to these scopes.
     *
     * @property scopes those whose boxes were ticked
     * @property remember for how long
     */
    public data class Allowed(public val scopes: List<String>, public val remember: Remember) : UserChoice

    /** No. */
    public data object Denied : UserChoice

    /** The prompt was closed without an answer. */
    public data object Dismissed : UserChoice
}

/** How it ended. */
public sealed interface AuditOutcome {
    /**
     * A code was delivered.
     *
     * @property scopes what it stands for
     * @property mode how the user agreed
     */
    public data class Delivered(public val scopes: List<String>, public val mode: ConsentMode) : AuditOutcome

    /**
     * Grants have ended.
     *
     * @property atServer whether the authorization server has ended its codes and tokens too
     */
    public data class Revoked(public val atServer: Boolean) : AuditOutcome

    /** A method of the host's own gave its result. */
    public data object Answered : AuditOutcome

    /**
     * The page was told why not.
     *
     * @property reason the stable reason that the page got
     */
    public data class Refused(public val reason: String) : AuditOutcome

    /** The document was gone; nothing was delivered. */
    public data object DocumentGone : AuditOutcome
}

/** How the user agreed to a code request. */
public enum class ConsentMode {
    /** By answering a prompt. */
    PROMPT,

    /** By an earlier answer that is remembered. */
    REMEMBERED,

    /** Not at all: the host lets programs recognise its user without asking. */
    SILENT,
}
