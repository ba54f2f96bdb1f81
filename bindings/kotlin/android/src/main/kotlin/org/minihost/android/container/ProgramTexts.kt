package org.minihost.android.container

/** The words around a mini-program's page. A host app may bring its own. */
public interface ProgramTexts {
    public val back: String
    public fun close(program: String): String
    public val unsigned: String
    public val failedTitle: String
    public fun failed(program: String): String
    public val again: String

    public companion object {
        /** The SDK's own words: Chinese for `zh`, else English. */
        public fun of(locale: String, host: String): ProgramTexts =
            if (locale.substringBefore('-').lowercase() == "zh") ChineseProgramTexts(host) else EnglishProgramTexts(host)
    }
}

private class EnglishProgramTexts(host: String) : ProgramTexts {
    override val back = "Back to $host"
    override fun close(program: String) = "Close $program"
    override val unsigned = "In development: nobody has verified its publisher."
    override val failedTitle = "It cannot be shown"
    override fun failed(program: String) = "$program cannot be reached just now. Look whether this device is online."
    override val again = "Try again"
}

private class ChineseProgramTexts(host: String) : ProgramTexts {
    override val back = "返回 $host"
    override fun close(program: String) = "关闭$program"
    override val unsigned = "开发中的程序：发布者未经验证。"
    override val failedTitle = "无法显示"
    override fun failed(program: String) = "暂时无法连接$program，请检查设备是否联网。"
    override val again = "重试"
}
