package org.minihost.android.container

import android.os.Bundle
import android.view.KeyEvent
import android.view.MotionEvent
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityNodeInfo
import android.view.accessibility.AccessibilityNodeProvider
import android.view.inputmethod.EditorInfo
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.minihost.android.support.PageSide
import org.minihost.android.support.ProgramOnScreen
import org.minihost.android.support.ShadowFeatures
import org.minihost.android.support.ShadowListeners
import org.minihost.android.support.ShadowTyping
import org.minihost.android.support.mainIdle
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow.newInstanceOf

/** What counts as the user's own act on a page, without which it has nobody asked. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowFeatures::class, ShadowListeners::class, ShadowTyping::class])
class GesturesTest {
    @get:Rule
    internal val screen = ProgramOnScreen()

    private fun PageSide.isRefused() {
        requestCodeUntouched("openid")
        assertEquals("interaction_required", reason())
    }

    private fun PageSide.isAnswered() {
        requestCodeUntouched("openid")
        screen.phone.sheet().denyButton.performClick()
        assertEquals("user_denied", reason())
    }

    private fun PageSide.isTouched(action: Int) {
        val event = MotionEvent.obtain(0, 0, action, 10f, 10f, 0)
        (webView.parent as ViewGroup).dispatchTouchEvent(event)
        event.recycle()
    }

    private fun PageSide.isTyped(action: Int, code: Int, repeat: Int = 0) {
        (webView.parent as ViewGroup).dispatchKeyEvent(KeyEvent(0, 0, action, code, repeat))
    }

    @Test
    fun `a page that nobody touched asks nobody`() = screen.ready().isRefused()

    @Test
    fun `a touch counts from its beginning, and a move alone does not`() {
        val page = screen.ready()
        page.isTouched(MotionEvent.ACTION_MOVE)
        page.isRefused()
        page.isTouched(MotionEvent.ACTION_DOWN)
        page.isAnswered()
    }

    @Test
    fun `the end of a touch counts too`() {
        val page = screen.ready()
        page.isTouched(MotionEvent.ACTION_UP)
        page.isAnswered()
    }

    @Test
    fun `a key counts when it is pressed, but not one of the device's nor one that is held`() {
        val page = screen.ready()
        page.isTyped(KeyEvent.ACTION_DOWN, KeyEvent.KEYCODE_VOLUME_UP)
        page.isTyped(KeyEvent.ACTION_UP, KeyEvent.KEYCODE_VOLUME_UP)
        page.isTyped(KeyEvent.ACTION_DOWN, KeyEvent.KEYCODE_ENTER, repeat = 1)
        page.isRefused()
        page.isTyped(KeyEvent.ACTION_DOWN, KeyEvent.KEYCODE_ENTER)
        page.isAnswered()
    }

    @Test
    fun `the click of a screen reader counts, and where it only looks does not`() {
        val page = screen.ready()
        val done = ArrayList<Int>()
        val node = newInstanceOf(AccessibilityNodeInfo::class.java)
        page.webView.accessibilityDelegate = object : View.AccessibilityDelegate() {
            override fun getAccessibilityNodeProvider(host: View) = provider
            private val provider = object : AccessibilityNodeProvider() {
                override fun performAction(virtualViewId: Int, action: Int, arguments: Bundle?) = done.add(action)
                override fun createAccessibilityNodeInfo(virtualViewId: Int) = node
                override fun findFocus(focus: Int) = node
                override fun findAccessibilityNodeInfosByText(text: String, virtualViewId: Int) = listOf(node)
            }
        }
        val nodes = checkNotNull(page.webView.accessibilityNodeProvider)
        assertSame(nodes, page.webView.accessibilityNodeProvider)
        assertSame(node, nodes.createAccessibilityNodeInfo(7))
        assertSame(node, nodes.findFocus(AccessibilityNodeInfo.FOCUS_ACCESSIBILITY))
        assertSame(node, nodes.findAccessibilityNodeInfosByText("Pay", 7)?.single())
        assertTrue(nodes.performAction(7, AccessibilityNodeInfo.ACTION_ACCESSIBILITY_FOCUS, null))
        page.isRefused()
        assertTrue(nodes.performAction(7, AccessibilityNodeInfo.ACTION_CLICK, null))
        page.isAnswered()
        assertEquals(listOf(AccessibilityNodeInfo.ACTION_ACCESSIBILITY_FOCUS, AccessibilityNodeInfo.ACTION_CLICK), done)
    }

    @Test
    fun `the keyboard's own go counts`() {
        val page = screen.ready()
        val keyboard = checkNotNull(page.webView.onCreateInputConnection(EditorInfo()))
        keyboard.commitText("Alice", 1)
        mainIdle()
        page.isRefused()
        keyboard.performEditorAction(EditorInfo.IME_ACTION_GO)
        mainIdle()
        page.isAnswered()
    }
}
