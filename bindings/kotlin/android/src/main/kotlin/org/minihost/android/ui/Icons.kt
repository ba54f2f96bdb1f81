package org.minihost.android.ui

import android.graphics.Canvas
import android.graphics.ColorFilter
import android.graphics.Paint
import android.graphics.Path
import android.graphics.PixelFormat
import android.graphics.drawable.Drawable

/** The few signs of the SDK's views, drawn by strokes in a square of 24. */
internal enum class Icon(val draw: Path.() -> Unit) {
    BACK({
        moveTo(15f, 5f)
        lineTo(8f, 12f)
        lineTo(15f, 19f)
    }),
    CLOSE({
        moveTo(6f, 6f)
        lineTo(18f, 18f)
        moveTo(18f, 6f)
        lineTo(6f, 18f)
    }),
    LOCK({
        addRoundRect(5f, 11f, 19f, 20f, 2f, 2f, Path.Direction.CW)
        moveTo(8f, 11f)
        lineTo(8f, 8f)
        arcTo(8f, 4f, 16f, 12f, 180f, 180f, false)
        lineTo(16f, 11f)
    }),
    WARNING({
        moveTo(12f, 4f)
        lineTo(21f, 19f)
        lineTo(3f, 19f)
        close()
        moveTo(12f, 10f)
        lineTo(12f, 14f)
        moveTo(12f, 16.6f)
        lineTo(12f, 16.7f)
    }),
    CHEVRON({
        moveTo(9f, 5f)
        lineTo(16f, 12f)
        lineTo(9f, 19f)
    }),
}

internal class IconDrawable(icon: Icon, color: Int, private val sizePx: Int) : Drawable() {
    private val path = Path().apply { icon.draw(this) }
    private val paint = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        this.color = color
        style = Paint.Style.STROKE
        strokeWidth = STROKE
        strokeCap = Paint.Cap.ROUND
        strokeJoin = Paint.Join.ROUND
    }

    override fun draw(canvas: Canvas) {
        val scale = minOf(bounds.width(), bounds.height()) / GRID
        canvas.save()
        canvas.translate(bounds.exactCenterX() - GRID * scale / 2, bounds.exactCenterY() - GRID * scale / 2)
        canvas.scale(scale, scale)
        canvas.drawPath(path, paint)
        canvas.restore()
    }

    override fun getIntrinsicWidth(): Int = sizePx

    override fun getIntrinsicHeight(): Int = sizePx

    override fun setAlpha(alpha: Int) {
        paint.alpha = alpha
    }

    override fun setColorFilter(filter: ColorFilter?) {
        paint.colorFilter = filter
    }

    @Deprecated("Android asks for it no more")
    override fun getOpacity(): Int = PixelFormat.TRANSLUCENT

    private companion object {
        const val GRID = 24f
        const val STROKE = 1.8f
    }
}
