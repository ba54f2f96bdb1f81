package org.minihost.android.grants

/** The words of the grants screen. A host app may bring its own. */
public interface GrantsTexts {
    public val title: String
    public val empty: String
    public fun since(date: String, until: String): String
    public fun until(date: String): String
    public val untilRevoked: String

    /** What a scope is called; the scope itself where there is no word for it. */
    public fun scope(name: String): String
    public fun takeBack(scope: String): String
    public val takeAllBack: String
    public val about: String
    public fun revoked(scopes: List<String>): String
    public val nothingRevoked: String
    public val serverEnded: String
    public val serverLater: String
    public val serverNothing: String
    public val notStored: String
    public val failed: String

    public companion object {
        /** The SDK's own words: Chinese for `zh`, else English. */
        public fun of(locale: String): GrantsTexts =
            if (locale.substringBefore('-').lowercase() == "zh") ChineseGrantsTexts else EnglishGrantsTexts
    }
}

private object EnglishGrantsTexts : GrantsTexts {
    override val title = "What you allowed"
    override val empty = "Nothing yet. What you allow a mini-program is listed here."
    override fun since(date: String, until: String) = "since $date, $until"
    override fun until(date: String) = "until $date"
    override val untilRevoked = "until you take it back"
    override fun scope(name: String) = when (name) {
        "openid" -> "Recognise you"
        "profile" -> "User name"
        "email" -> "Email address"
        "phone" -> "Phone number"
        else -> name
    }

    override fun takeBack(scope: String) = "Take back: $scope"
    override val takeAllBack = "Take everything back"
    override val about =
        "What a mini-program has learned already, it keeps. It gets nothing new, and is no longer signed in for you."

    override fun revoked(scopes: List<String>) = "Taken back: ${scopes.joinToString()}."
    override val nothingRevoked = "There was nothing to take back."
    override val serverEnded = "The mini-program’s access has ended."
    override val serverLater = "The authorization server could not be reached; it is told later."
    override val serverNothing = "What the mini-program holds already lasts until it expires."
    override val notStored = "This could not be written down, and may come back after a restart."
    override val failed = "That did not work just now. Try again."
}

private object ChineseGrantsTexts : GrantsTexts {
    override val title = "您的授权"
    override val empty = "暂无授权。您允许小程序的内容会列在这里。"
    override fun since(date: String, until: String) = "自 $date 起，$until"
    override fun until(date: String) = "有效期至 $date"
    override val untilRevoked = "收回前一直有效"
    override fun scope(name: String) = when (name) {
        "openid" -> "认出您"
        "profile" -> "用户名"
        "email" -> "邮箱地址"
        "phone" -> "手机号码"
        else -> name
    }

    override fun takeBack(scope: String) = "收回：$scope"
    override val takeAllBack = "全部收回"
    override val about = "小程序已经获知的内容会被它保留，但它不会再得到新的内容，也不再代表您登录。"
    override fun revoked(scopes: List<String>) = "已收回：${scopes.joinToString("、")}。"
    override val nothingRevoked = "没有可收回的授权。"
    override val serverEnded = "小程序的访问已经终止。"
    override val serverLater = "无法连接授权服务器，稍后会再通知。"
    override val serverNothing = "小程序已经持有的凭证在过期前仍然有效。"
    override val notStored = "未能保存这一更改，重新启动后可能失效。"
    override val failed = "操作未成功，请重试。"
}
