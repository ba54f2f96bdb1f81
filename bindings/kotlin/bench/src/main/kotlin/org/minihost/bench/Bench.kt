package org.minihost.bench

import java.io.File

/** How often each side is measured. */
private const val RUNS = 25

/** Measures each of ours and its floor by turns, and writes the figures where it is told, as JSON. */
public fun main(arguments: Array<String>) {
    val file = File(arguments.single())
    val calls = Calls()
    val deliveries = Deliveries()
    // Until the virtual machine has compiled what is measured.
    repeat(RUNS) {
        calls.measure()
        deliveries.measure()
    }
    calls.forget()
    deliveries.forget()
    repeat(RUNS) {
        calls.measure()
        deliveries.measure()
    }
    val figures = calls.figures() + deliveries.figures()
    file.writeText(figures.entries.joinToString(",\n", "{\n", "\n}\n") { (name, value) -> "\"$name\": $value" })
    calls.close()
    deliveries.close()
}

/** Microseconds that one of so many took. */
internal inline fun microsecondsEach(count: Int, work: () -> Unit): Double {
    val began = System.nanoTime()
    work()
    return (System.nanoTime() - began) / 1e3 / count
}
