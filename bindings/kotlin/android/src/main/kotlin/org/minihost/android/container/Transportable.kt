package org.minihost.android.container

/** The longest message that the host reads, in bytes of UTF-8. */
private const val MESSAGE_BYTES = 65_536

/**
 * What cannot reach the core unchanged reaches it as something that it refuses just so: a message over the limit is
 * cut, but not below the limit, so that a page cannot have a large text copied; one that is not Unicode becomes empty.
 */
internal fun transportable(text: String): String = when {
    text.length > MESSAGE_BYTES -> "x".repeat(MESSAGE_BYTES + 1)
    !text.isWellFormed() -> ""
    else -> text
}

private fun String.isWellFormed(): Boolean {
    var at = 0
    while (at < length) {
        val unit = this[at]
        val isPair = unit.isHighSurrogate() && at + 1 < length && this[at + 1].isLowSurrogate()
        if (unit.isSurrogate() && !isPair) return false
        at += if (isPair) 2 else 1
    }
    return true
}
