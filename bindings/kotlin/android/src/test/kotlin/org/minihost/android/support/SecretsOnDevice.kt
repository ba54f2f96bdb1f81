package org.minihost.android.support

import java.io.File
import org.junit.rules.ExternalResource
import org.robolectric.RuntimeEnvironment

/** A device with a Keystore, and what lies encrypted on it. */
class SecretsOnDevice : ExternalResource() {
    private lateinit var keystore: FakeKeystore
    private val directory get() = File(RuntimeEnvironment.getApplication().noBackupFilesDir, "org.minihost")

    /** What was written, as whoever takes the device apart reads it. */
    val written: List<String> get() = directory.walk().filter(File::isFile).map { it.readText(Charsets.ISO_8859_1) }.toList()

    /** Where the secret of this name lies. */
    fun file(name: String) = File(directory, name)

    /** All keys are gone, as after the user removed the screen lock on some devices. */
    fun loseKeys() = keystore.loseKeys()

    /** What the Keystore answers the next time, and only then. */
    fun failNext(fault: Exception) = keystore.failNext(fault)

    fun keystoreGoesAway() = keystore.goAway()

    override fun before() {
        keystore = FakeKeystore()
    }

    override fun after() = keystore.close()
}
