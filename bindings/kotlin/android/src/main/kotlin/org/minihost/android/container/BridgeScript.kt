package org.minihost.android.container

/** The page side of the bridge, as `bindings/javascript` makes it. */
internal class BridgeScript(
    /** Gives a page the name `minihostBridge`. */
    val pageSide: String,
    /** Makes the object `minihost` out of a port to come. */
    val awaitedPort: String,
) {
    companion object {
        val shipped: BridgeScript by lazy { BridgeScript(read("document-start.js"), read("awaited-port.js")) }

        // By its whole name: an app that shrinks itself moves this class to another package, and the files stay.
        private fun read(name: String): String {
            val path = "/org/minihost/android/container/$name"
            val file = checkNotNull(BridgeScript::class.java.getResourceAsStream(path)) { "$name is missing in the library" }
            return file.use { it.readBytes().decodeToString() }
        }
    }
}
