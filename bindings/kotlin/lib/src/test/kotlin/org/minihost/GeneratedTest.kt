package org.minihost

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/**
 * The hand-written Kotlin knows all that is generated. That every call is made, both ways, is looked after in `pom.xml`, by
 * what the other tests have covered.
 */
internal class GeneratedTest {
    private val generated = File(checkNotNull(System.getProperty("bindings.dir")), "org/minihost/ffi/minihost_ffi.kt").readText()

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

    @Test
    fun `threads of the SDK stay attached whichever port they call first`() {
        val callbacks = CALLBACKS.findAll(generated).map { it.groupValues[1] }.toSet()
        val kept = File("src/main/kotlin/org/minihost/internal/SdkThreads.kt").readText()
        assertTrue(callbacks.size >= FEW)
        assertEquals(emptySet<String>(), callbacks.filterNot { "$it.vtable" in kept }.toSet())
    }

    private companion object {
        const val FEW = 14
        val CALLBACKS = Regex("""\ninternal object (uniffiCallbackInterface\w+) \{""")
        val ENUM = Regex("""\ninternal enum class (\w+)[^{]*\{\n(.*?)\n}""", RegexOption.DOT_MATCHES_ALL)
        val MEMBER = Regex("""(?m)^\s*([A-Z][A-Z_]*)[,;(]""")
    }
}
