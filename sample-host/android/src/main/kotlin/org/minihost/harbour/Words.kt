package org.minihost.harbour

/** The app's own words. */
class Words private constructor(val locale: String, private val chinese: Boolean) {
    val claim = pick("Your wallet, and the shops around it", "您的钱包，以及身边的小店")
    val signIn = pick("Sign in", "登录")
    val signInInBrowser = pick("Sign in with the browser", "用浏览器登录")
    val username = pick("Username", "用户名")
    val password = pick("Password", "密码")
    val missing = pick("Enter your username and password.", "请输入用户名和密码。")
    val wrongCredentials = pick("The username or the password is wrong.", "用户名或密码不正确。")
    val unavailable = pick("Signing in does not work just now. Try again in a moment.", "暂时无法登录，请稍后再试。")
    val noBrowser = pick("There is no browser on this device.", "此设备上没有浏览器。")
    val programs = pick("Mini-programs", "小程序")
    val hint = pick(
        "Made by others, shown by Harbour. They learn who you are only if you allow it.",
        "小程序由第三方制作，在 Harbour 中显示。未经您允许，它们不会知道您是谁。",
    )
    val grants = pick("What you allowed", "您的授权")
    val signOut = pick("Sign out", "退出登录")
    val anotherOpen = pick("Close the other mini-program first: this device cannot keep two apart.", "请先关闭另一个小程序：此设备无法隔离两个小程序。")
    val noServersTitle = pick("No sample host yet", "尚未连接示例宿主")
    val noServers = pick(
        "Start this app with the line that the sample host prints: see the README beside the app.",
        "请使用示例宿主输出的内容启动本应用，详见应用旁的 README。",
    )
    val spoiltLine = pick(
        "The line of the sample host is spoilt: look at the quotes around it.",
        "示例宿主输出的内容有误：请检查其两侧的引号。",
    )
    val nobodySignedIn = pick("Nobody is signed in.", "尚未登录。")
    val signOutIncomplete = pick(
        "You are signed out, but this device could not forget your sign-in. Sign in and out once more.",
        "您已退出登录，但此设备未能清除登录信息。请重新登录后再次退出。",
    )

    fun welcome(name: String) = pick("Hello, $name", "您好，$name")
    fun cannotOpen(name: String) = pick("$name cannot be opened.", "无法打开$name。")
    fun signInAgain(name: String) = pick("$name asks you to sign in again", "${name}请您重新登录")
    fun notStarted(why: String) = pick("The host did not start: $why", "宿主未能启动：$why")
    fun notConnected(why: NotConnected) = when (why) {
        is NotConnected.SpoiltLine -> spoiltLine
        is NotConnected.NotStarted -> notStarted(why.why.message.orEmpty())
    }
    fun noPage(words: List<String>) = pick("No page is on screen for: ${words.joinToString()}", "没有显示页面，无法执行：${words.joinToString()}")
    fun failed(why: String) = pick("That did not work: $why", "操作未成功：$why")
    fun notUnderstood(words: List<String>) = pick("Not understood: ${words.joinToString()}", "无法识别：${words.joinToString()}")

    private fun pick(english: String, han: String) = if (chinese) han else english

    companion object {
        fun of(locale: String): Words = if (locale.startsWith("zh")) Words("zh-Hans", true) else Words("en", false)
    }
}
