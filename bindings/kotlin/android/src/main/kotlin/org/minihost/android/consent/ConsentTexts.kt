package org.minihost.android.consent

import org.minihost.Remember

/** The words of the consent sheet around what the core says. A host app may bring its own. */
public interface ConsentTexts {
    public fun title(program: String): String
    public fun publisher(name: String): String

    /** What the account on the sheet is, such as "Your Harbour account". */
    public val account: String
    public val choose: String

    /** A program's own words, as such. */
    public fun quoted(reason: String): String
    public fun audience(resource: String): String
    public val howLong: String
    public fun duration(remember: Remember): String
    public fun follows(remember: Remember): String
    public val nothingChosen: String
    public val covered: String
    public val allow: String
    public val deny: String
    public val close: String
    public val unsigned: String
    public val mixedScripts: String
    public val looksLikeHost: String
    public val looksLikeAnother: String

    public companion object {
        /** The SDK's own words: Chinese for `zh`, else English. */
        public fun of(locale: String, host: String): ConsentTexts =
            if (locale.substringBefore('-').lowercase() == "zh") ChineseConsentTexts(host) else EnglishConsentTexts(host)
    }
}

private class EnglishConsentTexts(private val host: String) : ConsentTexts {
    override fun title(program: String) = "$program asks for your details"
    override fun publisher(name: String) = "By $name"
    override val account = "Your $host account"
    override val choose = "Choose what it may do"
    override fun quoted(reason: String) = "“$reason”"
    override fun audience(resource: String) = "For use at $resource"
    override val howLong = "For how long"
    override fun duration(remember: Remember) = when (remember) {
        Remember.ONCE -> "Once"
        Remember.THIRTY_DAYS -> "30 days"
        Remember.UNTIL_REVOKED -> "Until I stop it"
    }

    override fun follows(remember: Remember) = when (remember) {
        Remember.ONCE -> "Nothing is remembered: you are asked again next time."
        Remember.THIRTY_DAYS -> "Your choice is remembered for 30 days."
        Remember.UNTIL_REVOKED -> "Your choice is remembered until you take it back in your account."
    }

    override val nothingChosen = "With nothing chosen, this is the same as Deny."
    override val covered = "Another app covers a part of the screen. Close it to allow anything."
    override val allow = "Allow"
    override val deny = "Deny"
    override val close = "Close without answering"
    override val unsigned = "Nobody has verified this publisher."
    override val mixedScripts = "A name here mixes alphabets, so that it may look like another one."
    override val looksLikeHost = "This calls itself nearly like $host, and is not $host."
    override val looksLikeAnother = "This calls itself nearly like another mini-program that is open."
}

private class ChineseConsentTexts(private val host: String) : ConsentTexts {
    override fun title(program: String) = "${program}想获取您的信息"
    override fun publisher(name: String) = "由${name}提供"
    override val account = "您的 $host 账户"
    override val choose = "请选择允许的内容"
    override fun quoted(reason: String) = "“$reason”"
    override fun audience(resource: String) = "用于 $resource"
    override val howLong = "授权期限"
    override fun duration(remember: Remember) = when (remember) {
        Remember.ONCE -> "仅此一次"
        Remember.THIRTY_DAYS -> "30 天"
        Remember.UNTIL_REVOKED -> "直到收回"
    }

    override fun follows(remember: Remember) = when (remember) {
        Remember.ONCE -> "不会记住您的选择，下次会再次询问。"
        Remember.THIRTY_DAYS -> "您的选择将被记住 30 天。"
        Remember.UNTIL_REVOKED -> "您的选择将一直有效，直到您在账户中收回。"
    }

    override val nothingChosen = "未选择任何内容，等同于拒绝。"
    override val covered = "有其他应用遮挡了屏幕，请先关闭它再允许。"
    override val allow = "允许"
    override val deny = "拒绝"
    override val close = "暂不回答并关闭"
    override val unsigned = "发布者未经验证。"
    override val mixedScripts = "这里的名称混用了不同文字，可能是在模仿别的名称。"
    override val looksLikeHost = "此名称与 $host 十分相似，但它不是 $host。"
    override val looksLikeAnother = "此名称与另一个已打开的小程序十分相似。"
}
