package org.minihost.android.container

import android.annotation.SuppressLint
import android.content.Context
import android.os.Bundle
import android.view.KeyEvent
import android.view.accessibility.AccessibilityNodeInfo
import android.view.accessibility.AccessibilityNodeProvider
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputConnection
import android.view.inputmethod.InputConnectionWrapper
import android.webkit.WebView
import androidx.annotation.RequiresApi

/**
 * A WebView that tells of what the user does to the page and no event of the screen or of a key tells: an accessibility
 * service clicks in the user's place, and a keyboard on the screen speaks to the page itself.
 *
 * @param touched is called on the main thread, before the page hears of it
 */
@SuppressLint("ViewConstructor")
internal class ProgramWebView(context: Context, private val touched: () -> Unit) : WebView(context) {
    private var watched: WatchedActions? = null

    override fun getAccessibilityNodeProvider(): AccessibilityNodeProvider? {
        val own = super.getAccessibilityNodeProvider() ?: return null
        return watched?.takeIf { it.own === own } ?: WatchedActions(own, touched).also { watched = it }
    }

    override fun onCreateInputConnection(outAttrs: EditorInfo): InputConnection? =
        super.onCreateInputConnection(outAttrs)?.let { own -> WatchedKeyboard(own) { post(touched) } }
}

private class WatchedActions(val own: AccessibilityNodeProvider, private val touched: () -> Unit) : AccessibilityNodeProvider() {
    override fun performAction(virtualViewId: Int, action: Int, arguments: Bundle?): Boolean {
        if (action in COUNTED) touched()
        return own.performAction(virtualViewId, action, arguments)
    }

    override fun createAccessibilityNodeInfo(virtualViewId: Int): AccessibilityNodeInfo? = own.createAccessibilityNodeInfo(virtualViewId)

    override fun findAccessibilityNodeInfosByText(text: String, virtualViewId: Int): List<AccessibilityNodeInfo>? =
        own.findAccessibilityNodeInfosByText(text, virtualViewId)

    override fun findFocus(focus: Int): AccessibilityNodeInfo? = own.findFocus(focus)

    @RequiresApi(26)
    override fun addExtraDataToAccessibilityNodeInfo(
        virtualViewId: Int,
        info: AccessibilityNodeInfo,
        extraDataKey: String,
        arguments: Bundle?,
    ) = own.addExtraDataToAccessibilityNodeInfo(virtualViewId, info, extraDataKey, arguments)

    private companion object {
        val COUNTED = setOf(
            AccessibilityNodeInfo.ACTION_CLICK,
            AccessibilityNodeInfo.ACTION_LONG_CLICK,
            android.R.id.accessibilityActionImeEnter,
        )
    }
}

/** It is spoken to on a thread of the keyboard's. */
private class WatchedKeyboard(own: InputConnection, private val touched: () -> Unit) : InputConnectionWrapper(own, true) {
    override fun performEditorAction(editorAction: Int): Boolean {
        touched()
        return super.performEditorAction(editorAction)
    }

    override fun sendKeyEvent(event: KeyEvent): Boolean {
        touched()
        return super.sendKeyEvent(event)
    }
}
