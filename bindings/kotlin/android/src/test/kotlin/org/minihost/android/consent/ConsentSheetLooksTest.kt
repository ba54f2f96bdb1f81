package org.minihost.android.consent

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import android.view.View
import java.io.File
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.NameDoubt
import org.minihost.android.support.consentView
import org.minihost.android.support.getsFocus
import org.minihost.android.ui.Appearance
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** How the sheet looks, drawn by Android's own graphics. The pictures are for people; the assertions are for the machine. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class ConsentSheetLooksTest {
    private fun look(name: String, qualifiers: String, locale: String = "en", fontScale: Float = 1f, doubtful: Boolean = false) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(fontScale)
        val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
        val view = consentView(locale, unsigned = doubtful, doubts = if (doubtful) listOf(NameDoubt.LOOKS_LIKE_HOST) else emptyList())
        val texts = ConsentTexts.of(locale, "Harbour")
        val sheet = ConsentSheet(activity, ConsentSheetModel(view), texts, Appearance().palette(activity), "teahouse.sim.localhost:8080") {}
        sheet.show()
        sheet.getsFocus()
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(700))
        val window = checkNotNull(sheet.window).decorView
        val picture = draw(window)
        save(picture, "consent-$name")
        assertTrue("the whole sheet is on screen", sheet.allowButton.isEnabled)
        for (button in listOf(sheet.allowButton, sheet.denyButton, sheet.closeButton)) {
            assertTrue("a finger hits it", button.height >= activity.resources.displayMetrics.density * 48 - 1)
            assertTrue("it is within the window", button.bottomIn(window) <= window.height)
        }
        val row = (0 until picture.width step 7).map { picture.getPixel(it, picture.height - 40) }
        assertTrue("something is drawn", row.distinct().size > 1)
        assertEquals(listOf(texts.allow, texts.deny), listOf(sheet.allowButton.text.toString(), sheet.denyButton.text.toString()))
        sheet.dismiss()
    }

    private fun View.bottomIn(window: View): Int {
        val (place, origin) = IntArray(2).also(::getLocationOnScreen) to IntArray(2).also(window::getLocationOnScreen)
        return place[1] - origin[1] + height
    }

    @Test
    fun `light, narrow, English`() = look("light-narrow", "en-w360dp-h780dp-xhdpi")

    @Test
    fun `dark, narrow, English`() = look("dark-narrow", "en-w360dp-h780dp-night-xhdpi")

    @Test
    fun `light, narrow, Chinese`() = look("light-narrow-zh", "zh-rCN-w360dp-h780dp-xhdpi", locale = "zh-Hans")

    @Test
    fun `dark, wide, Chinese`() = look("dark-wide-zh", "zh-rCN-w1280dp-h800dp-night-mdpi", locale = "zh-Hans")

    @Test
    fun `large type on a small screen`() = look("large-type", "en-w320dp-h640dp-xhdpi", fontScale = 1.8f)

    @Test
    fun `a program that looks like the host, in landscape`() = look("doubtful-landscape", "en-w780dp-h360dp-land-xhdpi", doubtful = true)

    @Test
    fun `a program that nobody verified`() = look("doubtful", "en-w360dp-h780dp-xhdpi", doubtful = true)
}

/** Draws a view as it is. */
internal fun draw(view: View): Bitmap {
    val picture = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
    picture.eraseColor(0xFF9AA5AB.toInt())
    view.draw(Canvas(picture))
    return picture
}

/** Writes a picture where people look at it. */
internal fun save(picture: Bitmap, name: String) {
    val folder = File(checkNotNull(System.getProperty("screenshots.dir")) { "the system property screenshots.dir names no folder" })
    folder.mkdirs()
    File(folder, "$name.png").outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
}
