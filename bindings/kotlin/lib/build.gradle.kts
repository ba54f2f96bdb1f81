// Not verified: written without Gradle at hand, and not run where this repository is tested.

plugins {
    kotlin("jvm")
    `java-library`
    `maven-publish`
}

kotlin {
    jvmToolchain(17)
    explicitApi()
}

java { withSourcesJar() }

sourceSets["main"].kotlin.srcDirs("src/main/kotlin", "../../../target/bindings/kotlin")

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
    // An app for Android takes JNA as an AAR, with the native libraries in it.
    implementation("net.java.dev.jna:jna:5.19.1")
}

publishing {
    publications.create<MavenPublication>("minihost") {
        artifactId = "minihost"
        from(components["java"])
    }
}
