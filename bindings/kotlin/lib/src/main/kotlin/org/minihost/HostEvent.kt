package org.minihost

/** Something has changed that a host app may want to draw. */
public sealed interface HostEvent {
    /**
     * Somebody is signed in, or nobody is any more.
     *
     * @property user who
     */
    public data class UserChanged(public val user: User?) : HostEvent

    /**
     * A consent prompt is to be shown.
     *
     * @property prompt which
     */
    public data class PromptPresented(public val prompt: ConsentPrompt) : HostEvent

    /**
     * A consent prompt is to be taken off the screen: nobody waits for its answer any more.
     *
     * @property prompt its [ConsentPrompt.id]
     */
    public data class PromptDismissed(public val prompt: Long) : HostEvent

    /**
     * What the user has granted a mini-program may have changed.
     *
     * @property miniProgram the manifest's `id`
     */
    public data class GrantsChanged(public val miniProgram: String) : HostEvent
}
