package org.minihost.harbour

import android.os.Bundle
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class SteeringTest {
    private fun read(vararg words: Pair<String, String>) =
        Steering.read(Bundle().apply { words.forEach { (word, value) -> putString(word, value) } })

    @Test
    fun `words come together`() {
        val steering = read("user" to "alice", "open" to "teahouse", "answer" to "allow", "locale" to "zh-Hans", "appearance" to "dark")
        val expected = Steering(user = "alice", open = "teahouse", answer = Answer.Allow, locale = "zh-Hans", appearance = Look.DARK)
        assertEquals(expected, steering)
    }

    @Test
    fun `every answer has its word`() {
        val answers = mapOf(
            "allow" to Answer.Allow,
            "deny" to Answer.Deny,
            "dismiss" to Answer.Dismiss,
            "hang" to Answer.Hang,
            "partial:openid,email" to Answer.Partial(setOf("openid", "email")),
            "partial:" to Answer.Partial(emptySet()),
            "after:2000" to Answer.After(2_000),
        )
        for ((word, answer) in answers) assertEquals(word, answer, Answer.read(word))
        for (word in listOf("", "yes", "after:", "after:-1", "after:soon")) assertNull(word, Answer.read(word))
    }

    @Test
    fun `the network, the store, attacks and the server each have their words`() {
        val weather = mapOf(
            "ok" to Weather.Ok,
            "offline" to Weather.Offline,
            "html" to Weather.Html,
            "slow:200" to Weather.Slow(200),
            "cut-after:10" to Weather.CutAfter(10),
            "status:503" to Weather.Status(503),
            "retry-after:7" to Weather.RetryAfter(7),
        )
        for ((word, expected) in weather) assertEquals(word, Steering(network = expected), read("network" to word))
        assertEquals(Steering(store = StoreTrouble.LOCKED), read("store" to "locked"))
        for (attack in Attack.entries) assertEquals(Steering(attack = attack), read("attack" to attack.word))
        val server = mapOf("clock" to "+60", "expire" to "access", "rotate-keys" to "")
        assertEquals(Steering(server = server), read(*server.map { it.key to it.value }.toTypedArray()))
        val senseless = listOf("network=slow", "network=status:42", "store=gone", "attack=luck", "clock=60", "expire=all")
        for (word in senseless.map { it.substringBefore('=') to it.substringAfter('=') }) {
            assertEquals(Steering(notUnderstood = listOf("${word.first}=${word.second}")), read(word))
        }
    }

    @Test
    fun `what is not understood is told and changes nothing`() {
        val steering = read("answer" to "yes", "locale" to "tlh", "frobnicate" to "1", "user" to "bob")
        assertEquals(Steering(user = "bob", notUnderstood = listOf("answer=yes", "frobnicate=1", "locale=tlh")), steering)
        assertEquals(Steering(), Steering.read(null))
    }
}
