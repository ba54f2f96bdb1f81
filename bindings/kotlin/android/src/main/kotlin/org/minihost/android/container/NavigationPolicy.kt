package org.minihost.android.container

/** What happens to a navigation of the main frame. */
internal enum class Navigation {
    /** The program goes on within its origins. */
    INSIDE,

    /** It leaves them: for the system's browser, where the user touched something for it. */
    BROWSER,

    /** It does not happen. */
    REFUSED,
}

/**
 * Where a program's main frame may go: to the exact origins of its manifest and nowhere else. Anything else that is on
 * the web belongs into the system's browser. Pages of the authorization server belong nowhere near a view that the
 * host app could read (RFC 8252 §8.12), though a program may link to them.
 */
internal class NavigationPolicy(origins: Collection<String>) {
    private val inside = origins.toSet()

    /** @param userAsked whether the user touched the page for it */
    fun decide(address: String, userAsked: Boolean): Navigation {
        val origin = originOf(address)
        return when {
            origin != null && origin in inside -> Navigation.INSIDE
            !userAsked -> Navigation.REFUSED
            origin != null && origin.startsWith("https:") -> Navigation.BROWSER
            address.substringBefore(':').lowercase() in HANDED_ON -> Navigation.BROWSER
            else -> Navigation.REFUSED
        }
    }

    /** Whether a document at this address is the program's own. */
    fun isOwn(address: String): Boolean = originOf(address) in inside

    private companion object {
        /** Addresses for other apps that start nothing by themselves. */
        val HANDED_ON = setOf("mailto", "tel")
    }
}
