package org.minihost

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Nothing is exported that nobody here calls, and no enum has a member that the other side does not know. */
internal class ExportedCallsTest {
    private val generated = File(checkNotNull(System.getProperty("bindings.dir")), "org/minihost/ffi/minihost_ffi.kt").readText()
    private val files = File("src").walk().filter { it.extension == "kt" && it.name != "ExportedCallsTest.kt" }
    private val sources = files.map { it.readText() }.toList()

    @Test
    fun `every exported call is made and every port is implemented`() {
        val functions = interfaces().flatMap { (name, body) -> FUNCTION.findAll(body).map { name to it.groupValues[1] } }
        assertTrue(functions.size > MANY, "the generated code looks otherwise: $functions")
        val unused = functions.filter { (_, function) -> sources.none { uses(it, function) } }
        assertEquals(emptyList<Pair<String, String>>(), unused)
    }

    @Test
    fun `enums have the same members on both sides`() {
        val members = { body: String -> MEMBER.findAll(body).map { it.groupValues[1] }.toSet() }
        val enums = ENUM.findAll(generated).associate { it.groupValues[1] to members(it.groupValues[2]) }
        val own = listOf(
            Remember::class, SilentTier::class, OnSignOut::class, Build::class, TokenBinding::class, SecretKnown::class, SecretSent::class,
            AssertionAudience::class, Assurance::class, NameDoubt::class, GrantEndedBy::class, ServerTold::class, ConsentMode::class,
            UserReturned::class, NotSigned::class, HttpFailure::class, GrantEnded::class, LogLevel::class, Check::class, Verdict::class,
        )
        for (type in own) {
            val members = type.java.enumConstants.map { (it as Enum<*>).name }.toSet()
            assertEquals(enums[type.simpleName], members, type.simpleName)
        }
    }

    private fun interfaces() = INTERFACE.findAll(generated)
        .map { it.groupValues[1] to it.groupValues[2] }
        .filter { (name, _) -> !name.startsWith("Uniffi") && !name.startsWith("Ffi") && name != "Disposable" }
        .toList()

    private fun uses(source: String, function: String) =
        Regex("""(\.|fun |::|host\.|ffi)`?$function\b|\b$function\(""", RegexOption.IGNORE_CASE).containsMatchIn(source)

    private companion object {
        const val MANY = 60
        val INTERFACE = Regex("""\ninternal interface (\w+)[^\n]*\{\n(.*?)\n}""", RegexOption.DOT_MATCHES_ALL)
        val FUNCTION = Regex("""fun `?(\w+)`?\(""")
        val ENUM = Regex("""\ninternal enum class (\w+)[^{]*\{\n(.*?)\n}""", RegexOption.DOT_MATCHES_ALL)
        val MEMBER = Regex("""(?m)^\s*([A-Z][A-Z_]*)[,;(]""")
    }
}
