package org.minihost.android.grants

import org.minihost.Grant
import org.minihost.Revoked
import org.minihost.ServerTold

/** One program on the grants screen. */
internal data class GrantedProgram(val id: String, val grants: List<Grant>)

/** What the grants screen shows, without views. */
internal object GrantsModel {
    /** The programs in the order of their first grant. */
    fun byProgram(grants: List<Grant>): List<GrantedProgram> =
        grants.groupBy { it.miniProgram }.map { (id, held) -> GrantedProgram(id, held.sortedBy { it.scope }) }

    /** What came of taking back, in words. */
    fun outcome(revoked: Revoked, texts: GrantsTexts): String = listOfNotNull(
        if (revoked.scopes.isEmpty()) texts.nothingRevoked else texts.revoked(revoked.scopes.map(texts::scope)),
        if (revoked.scopes.isEmpty()) null else server(revoked.server, texts),
        if (revoked.stored) null else texts.notStored,
    ).joinToString(" ")

    private fun server(told: ServerTold, texts: GrantsTexts) = when (told) {
        ServerTold.ENDED -> texts.serverEnded
        ServerTold.LATER -> texts.serverLater
        ServerTold.NOTHING, ServerTold.LOCAL_ONLY -> texts.serverNothing
    }
}
