package org.minihost.android.support

import org.minihost.AskedScope
import org.minihost.AskingProgram
import org.minihost.ConsentView
import org.minihost.NameDoubt
import org.minihost.Remember

/** What the core would have the user see. */
internal fun consentView(
    locale: String = "en",
    unsigned: Boolean = false,
    doubts: List<NameDoubt> = emptyList(),
    remember: List<Remember> = listOf(Remember.THIRTY_DAYS, Remember.UNTIL_REVOKED, Remember.ONCE),
): ConsentView {
    val chinese = locale.startsWith("zh")
    fun pick(english: String, han: String) = if (chinese) han else english
    return ConsentView(
        prompt = 1,
        digest = "d".repeat(43),
        miniProgram = AskingProgram("teahouse", pick("Tea House", "茶馆"), pick("Qinghe Tea Ltd", "清河茶业"), null, unsigned, doubts),
        account = "alice",
        scopes = listOf(
            AskedScope("openid", pick("Recognise you the next time", "下次认出您"), ""),
            AskedScope("email", pick("See your email address", "查看您的邮箱地址"), pick("To send your receipt.", "用于发送收据。")),
            AskedScope("phone", pick("See your phone number", "查看您的手机号码"), pick("To call you when your tea is ready.", "茶备好后给您打电话。")),
        ),
        audience = null,
        locale = locale,
        remember = remember,
    )
}
