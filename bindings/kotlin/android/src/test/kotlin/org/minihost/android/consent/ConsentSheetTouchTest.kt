package org.minihost.android.consent

import android.app.Activity
import android.os.Looper
import android.view.MotionEvent
import android.view.View
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.Choice
import org.minihost.Remember
import org.minihost.android.support.consentView
import org.minihost.android.support.getsFocus
import org.minihost.android.support.mainIdle
import org.minihost.android.ui.Palette
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** The sheet's own touches, as Android hands them to its window. */
@RunWith(RobolectricTestRunner::class)
class ConsentSheetTouchTest {
    private val answers = ArrayList<Choice>()
    private lateinit var sheet: ConsentSheet

    @Before
    fun show() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
        val texts = ConsentTexts.of("en", "Harbour")
        sheet = ConsentSheet(activity, ConsentSheetModel(consentView()), texts, Palette.light, null, answers::add)
        sheet.show()
        sheet.getsFocus()
        mainIdle()
    }

    private val window: View get() = checkNotNull(sheet.window).decorView

    private fun letPass(ms: Long) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(ms))

    private fun touch(action: Int, x: Float, y: Float, flags: Int = 0) {
        val properties = arrayOf(MotionEvent.PointerProperties().apply { id = 0 })
        val coordinates = arrayOf(
            MotionEvent.PointerCoords().apply {
                this.x = x
                this.y = y
                pressure = 1f
                size = 1f
            },
        )
        val now = android.os.SystemClock.uptimeMillis()
        val event = MotionEvent.obtain(0, now, action, 1, properties, coordinates, 0, 0, 1f, 1f, 0, 0, 0, flags)
        window.dispatchTouchEvent(event)
        event.recycle()
        mainIdle()
    }

    private fun tap(x: Float, y: Float, flags: Int = 0) {
        touch(MotionEvent.ACTION_DOWN, x, y, flags)
        touch(MotionEvent.ACTION_UP, x, y, flags)
        letPass(100)
    }

    private fun middleOf(view: View): Pair<Float, Float> {
        val (place, origin) = IntArray(2).also(view::getLocationInWindow) to IntArray(2).also(window::getLocationInWindow)
        return (place[0] - origin[0] + view.width / 2f) to (place[1] - origin[1] + view.height / 2f)
    }

    @Test
    fun `allow is not taken before half a second, and then it is`() {
        assertFalse(sheet.allowButton.isEnabled)
        sheet.allowButton.performClick()
        assertEquals(emptyList<Choice>(), answers)
        letPass(600)
        assertTrue(sheet.allowButton.isEnabled)
        val (x, y) = middleOf(sheet.allowButton)
        tap(x, y)
        assertEquals(listOf(Choice.Allow(listOf("openid", "email", "phone"), Remember.THIRTY_DAYS)), answers)
        assertFalse(sheet.isShowing)
    }

    @Test
    fun `a touch through another app's window is no yes and closes the sheet`() {
        letPass(600)
        val (x, y) = middleOf(sheet.allowButton)
        tap(x, y, MotionEvent.FLAG_WINDOW_IS_OBSCURED)
        assertEquals(listOf<Choice>(Choice.Dismiss), answers)
    }

    @Test
    fun `a window elsewhere over the screen holds the yes back until it is gone`() {
        letPass(600)
        val (x, y) = middleOf(sheet.allowButton)
        tap(x, y, flags = 0x2)
        assertEquals(emptyList<Choice>(), answers)
        assertFalse(sheet.allowButton.isEnabled)
        touch(MotionEvent.ACTION_DOWN, x, y)
        touch(MotionEvent.ACTION_CANCEL, x, y)
        assertFalse(sheet.allowButton.isEnabled)
        letPass(600)
        assertTrue(sheet.allowButton.isEnabled)
    }

    @Test
    fun `a touch beside the sheet closes it without an answer`() {
        tap(5f, 5f)
        assertEquals(listOf<Choice>(Choice.Dismiss), answers)
    }

    @Test
    fun `a swipe down closes it without an answer, and half a swipe does not`() {
        val (x, _) = middleOf(sheet.allowButton)
        val top = middleOf(sheet.closeButton).second
        touch(MotionEvent.ACTION_DOWN, x, top)
        touch(MotionEvent.ACTION_MOVE, x, top + 30)
        touch(MotionEvent.ACTION_MOVE, x, top + 40)
        touch(MotionEvent.ACTION_CANCEL, x, top + 40)
        assertTrue(sheet.isShowing)
        touch(MotionEvent.ACTION_DOWN, x, top)
        for (step in 1..30) touch(MotionEvent.ACTION_MOVE, x, top + step * 20)
        touch(MotionEvent.ACTION_UP, x, top + 600)
        assertEquals(listOf<Choice>(Choice.Dismiss), answers)
    }

    @Test
    fun `it guards itself against other windows and tells a screen reader what it is`() {
        assertTrue(sheet.allowButton.filterTouchesWhenObscured)
        assertEquals("Close without answering", sheet.closeButton.contentDescription)
        assertEquals("Tea House asks for your details", window.let { sheet.window?.attributes?.title })
    }
}
