// Not verified: written without the Android Gradle plugin at hand, and not run where this repository is tested.

plugins {
    kotlin("jvm") version "2.4.21" apply false
    id("com.android.library") version "9.5.0" apply false
}

allprojects {
    group = "org.minihost"
    version = "0.1.0-SNAPSHOT"
}
