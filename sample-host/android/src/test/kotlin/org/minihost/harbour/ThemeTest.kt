package org.minihost.harbour

import android.view.ContextThemeWrapper
import android.widget.EditText
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.w3c.dom.Element

/** The app's files, of which Robolectric reads none, against what each Android has. */
@RunWith(RobolectricTestRunner::class)
class ThemeTest {
    private fun root(file: String): Element =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(File("src/main/$file")).documentElement

    private fun Element.first(name: String) = getElementsByTagName(name).item(0) as Element

    @Test
    fun `by day and by night, the theme's parent is one of this Android's, and fields take what a user types`() {
        assertEquals("@style/Harbour", root("AndroidManifest.xml").first("application").getAttribute("android:theme"))
        for (directory in listOf("values", "values-night")) {
            val style = root("res/$directory/styles.xml").first("style")
            assertEquals("Harbour", style.getAttribute("name"))
            val parent = style.getAttribute("parent").removePrefix("@android:style/").replace('.', '_')
            val theme = android.R.style::class.java.getField(parent).getInt(null)
            val field = EditText(ContextThemeWrapper(RuntimeEnvironment.getApplication(), theme))
            assertTrue(directory, field.isFocusableInTouchMode && field.isClickable)
        }
    }

    @Test
    fun `the manifest has Android 13 to 15 tell of the back button as those after them do`() {
        assertEquals("true", root("AndroidManifest.xml").first("application").getAttribute("android:enableOnBackInvokedCallback"))
    }
}
