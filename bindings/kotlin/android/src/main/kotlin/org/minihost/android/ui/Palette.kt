package org.minihost.android.ui

import android.content.Context
import android.content.res.Configuration
import android.graphics.Color

/** The colours of the SDK's own views, as `0xAARRGGBB`. A host app gives its own. */
public data class Palette(
    /** Buttons that go on, ticked boxes, the avatar. */
    val brand: Int,
    /** What is written on [brand]. */
    val onBrand: Int,
    /** A quiet tint of [brand]. */
    val brandSoft: Int,
    /** Behind screens. */
    val ground: Int,
    /** Cards and bars. */
    val surface: Int,
    /** The sheet. */
    val raised: Int,
    val text: Int,
    val muted: Int,
    val line: Int,
    val warning: Int,
    val warningSoft: Int,
    val danger: Int,
) {
    /** Android's own looks for what these colours do not reach. */
    internal val theme: Int
        get() = if (Color.luminance(raised) < HALF) {
            android.R.style.Theme_Material_NoActionBar
        } else {
            android.R.style.Theme_Material_Light_NoActionBar
        }

    public companion object {
        private const val HALF = 0.5f

        /** Dark on light. */
        public val light: Palette = Palette(
            brand = 0xFF0D5F6E.toInt(),
            onBrand = 0xFFFFFFFF.toInt(),
            brandSoft = 0xFFE0F0F2.toInt(),
            ground = 0xFFF3F6F7.toInt(),
            surface = 0xFFFFFFFF.toInt(),
            raised = 0xFFFFFFFF.toInt(),
            text = 0xFF0F2029.toInt(),
            muted = 0xFF50636E.toInt(),
            line = 0xFFDAE2E6.toInt(),
            warning = 0xFF7A4A00.toInt(),
            warningSoft = 0xFFFFF2D6.toInt(),
            danger = 0xFFB3261E.toInt(),
        )

        /** Light on dark. */
        public val dark: Palette = Palette(
            brand = 0xFF57C3D0.toInt(),
            onBrand = 0xFF04232A.toInt(),
            brandSoft = 0xFF17343B.toInt(),
            ground = 0xFF0E141A.toInt(),
            surface = 0xFF18212A.toInt(),
            raised = 0xFF1E2933.toInt(),
            text = 0xFFE9F1F4.toInt(),
            muted = 0xFFA0B2BD.toInt(),
            line = 0xFF2C3A46.toInt(),
            warning = 0xFFF5C46B.toInt(),
            warningSoft = 0xFF3A2C10.toInt(),
            danger = 0xFFFF9D94.toInt(),
        )
    }
}

/** How the SDK's own views look. */
public class Appearance(
    /** The colours by day. */
    public val light: Palette = Palette.light,
    /** The colours by night. */
    public val dark: Palette = Palette.dark,
) {
    /** Those that the device's configuration wants. */
    public fun palette(context: Context): Palette {
        val night = context.resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK
        return if (night == Configuration.UI_MODE_NIGHT_YES) dark else light
    }
}
