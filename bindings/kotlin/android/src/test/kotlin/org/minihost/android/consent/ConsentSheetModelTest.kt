package org.minihost.android.consent

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Test
import org.minihost.Choice
import org.minihost.NameDoubt
import org.minihost.Remember
import org.minihost.android.support.consentView

class ConsentSheetModelTest {
    private val model = ConsentSheetModel(consentView())

    private fun visibleFor(ms: Long) {
        model.visible(true, 1_000)
        model.visible(true, 1_000 + ms)
    }

    @Test
    fun `a yes counts once all of the sheet was on screen for half a second`() {
        assertNull(model.allow(0))
        assertNull(model.readyInMs(0))
        visibleFor(499)
        assertNull(model.allow(1_499))
        assertEquals(1L, model.readyInMs(1_499))
        assertEquals(Choice.Allow(listOf("openid", "email", "phone"), Remember.THIRTY_DAYS), model.allow(1_500))
    }

    @Test
    fun `time counts anew when the sheet was not all on screen`() {
        visibleFor(400)
        model.visible(false, 1_400)
        model.visible(true, 1_450)
        assertNull(model.allow(1_900))
        assertEquals(450L, model.readyInMs(1_500))
    }

    @Test
    fun `nothing is allowed while another app covers a part of the screen, nor at once afterwards`() {
        visibleFor(1_000)
        model.partlyCovered(true, 2_000)
        assertNull(model.allow(9_000))
        assertNull(model.readyInMs(9_000))
        assertEquals(EnglishForTests.covered, model.hint(EnglishForTests))
        model.partlyCovered(false, 9_000)
        assertEquals(500L, model.readyInMs(9_000))
    }

    @Test
    fun `the answer is what is ticked and chosen`() {
        visibleFor(500)
        model.tick("phone", false)
        model.remember(Remember.ONCE)
        assertEquals(Choice.Allow(listOf("openid", "email"), Remember.ONCE), model.allow(2_000))
        model.tick("phone", true)
        assertEquals(listOf("openid", "email", "phone"), (model.allow(2_000) as Choice.Allow).scopes)
        assertThrows(IllegalStateException::class.java) {
            ConsentSheetModel(consentView(remember = listOf(Remember.ONCE))).remember(Remember.THIRTY_DAYS)
        }
    }

    @Test
    fun `the hint says what follows`() {
        assertEquals(EnglishForTests.follows(Remember.THIRTY_DAYS), model.hint(EnglishForTests))
        model.remember(Remember.UNTIL_REVOKED)
        assertEquals(EnglishForTests.follows(Remember.UNTIL_REVOKED), model.hint(EnglishForTests))
        listOf("openid", "email", "phone").forEach { model.tick(it, false) }
        assertEquals(EnglishForTests.nothingChosen, model.hint(EnglishForTests))
    }

    @Test
    fun `each doubt about a name is a warning of its own`() {
        val doubtful = ConsentSheetModel(consentView(unsigned = true, doubts = NameDoubt.entries))
        val warnings = doubtful.warnings(EnglishForTests)
        assertEquals(4, warnings.toSet().size)
        assertEquals(emptyList<String>(), model.warnings(EnglishForTests))
    }

    private companion object {
        val EnglishForTests = ConsentTexts.of("en", "Harbour")
    }
}
