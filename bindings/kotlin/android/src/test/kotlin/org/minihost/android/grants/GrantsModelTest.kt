package org.minihost.android.grants

import kotlin.time.Instant
import org.junit.Assert.assertEquals
import org.junit.Test
import org.minihost.Grant
import org.minihost.Revoked
import org.minihost.ServerTold

class GrantsModelTest {
    private val texts = GrantsTexts.of("en")

    private fun grant(program: String, scope: String) = Grant(program, scope, null, Instant.fromEpochSeconds(0), null, "1.0.0")

    @Test
    fun `grants stand under their programs`() {
        val held = listOf(grant("tea", "profile"), grant("cinema", "openid"), grant("tea", "email"))
        val listed = GrantsModel.byProgram(held).map { (id, grants) -> id to grants.map(Grant::scope) }
        assertEquals(listOf("tea" to listOf("email", "profile"), "cinema" to listOf("openid")), listed)
    }

    @Test
    fun `the outcome says what ended here and at the server`() {
        val ended = GrantsModel.outcome(Revoked(listOf("openid", "x-own"), stored = true, ServerTold.ENDED), texts)
        assertEquals("Taken back: Recognise you, x-own. The mini-program’s access has ended.", ended)
        val local = GrantsModel.outcome(Revoked(listOf("email"), stored = false, ServerTold.LOCAL_ONLY), texts)
        assertEquals(listOf("Taken back: Email address.", texts.serverNothing, texts.notStored).joinToString(" "), local)
        assertEquals(texts.nothingRevoked, GrantsModel.outcome(Revoked(emptyList(), stored = true, ServerTold.NOTHING), texts))
    }
}
