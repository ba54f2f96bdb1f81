package org.minihost.android.consent

import android.app.Activity
import android.os.Looper
import android.widget.CompoundButton
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.NameDoubt
import org.minihost.android.support.ScreenReader
import org.minihost.android.support.consentView
import org.minihost.android.support.getsFocus
import org.minihost.android.ui.Palette
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The sheet for whoever does not see it: what is read, in which order, and what is said without being asked. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], qualifiers = "w360dp-h780dp-xhdpi")
class ConsentSheetSpokenTest {
    private lateinit var sheet: ConsentSheet
    private val reader get() = ScreenReader(checkNotNull(sheet.window).decorView)

    private fun show(locale: String, doubts: List<NameDoubt> = emptyList()) {
        val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
        val model = ConsentSheetModel(consentView(locale, doubts = doubts))
        sheet = ConsentSheet(activity, model, ConsentTexts.of(locale, "Harbour"), Palette.light, "teahouse.example") {}
        sheet.show()
        sheet.getsFocus()
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(700))
    }

    @Test
    fun `a swipe goes from who asks over what is asked to the answer`() {
        show("en")
        val expected = listOf(
            "Tea House asks for your details",
            "By Qinghe Tea Ltd",
            "teahouse.example",
            "Close without answering",
            "alice, Your Harbour account",
            "Choose what it may do",
            "Recognise you the next time [x]",
            "See your email address “To send your receipt.” [x]",
            "See your phone number “To call you when your tea is ready.” [x]",
            "For how long",
            "30 days [x]",
            "Until I stop it [ ]",
            "Once [ ]",
            "Your choice is remembered for 30 days.",
            "Deny",
            "Allow",
        )
        assertEquals(expected, reader.words)
        assertEquals(listOf("Tea House asks for your details", "Choose what it may do", "For how long"), reader.headings)
        assertEquals("it is said when the sheet comes", expected.first(), "${sheet.window?.attributes?.title}")
    }

    @Test
    fun `a doubt about the name is read before what is asked`() {
        show("en", doubts = listOf(NameDoubt.LOOKS_LIKE_HOST))
        val words = reader.words
        val warning = words.indexOfFirst { "Harbour" in it }
        assertTrue("$words", warning in 1 until words.indexOf("alice, Your Harbour account"))
    }

    @Test
    fun `that nothing is ticked any more is said by itself`() {
        show("en")
        val before = reader.announced
        reader.controls.filterIsInstance<CompoundButton>().filter { it.tag is String }.forEach { it.isChecked = false }
        val after = reader.announced
        assertEquals(1, after.size)
        assertTrue("$after", after.single().isNotEmpty() && after != before)
    }

    @Test
    fun `everything that can be touched has a name, and a finger hits it`() {
        for (locale in listOf("en", "zh-Hans")) {
            show(locale)
            val density = sheet.context.resources.displayMetrics.density
            assertTrue("${reader.words}", reader.words.none(String::isBlank))
            for (control in reader.controls) {
                assertTrue("${control.contentDescription} is ${control.height / density} dp high", control.height >= 48 * density)
                assertTrue("${control.contentDescription} is ${control.width / density} dp wide", control.width >= 48 * density)
            }
            sheet.dismiss()
        }
    }
}
