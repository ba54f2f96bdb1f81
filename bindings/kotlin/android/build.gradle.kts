// Not verified: written without the Android Gradle plugin at hand, and not run where this repository is tested.

plugins {
    id("com.android.library")
    `maven-publish`
}

android {
    namespace = "org.minihost.android"
    compileSdk = 36

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets["main"].apply {
        manifest.srcFile("AndroidManifest.xml")
        // One artifact: these classes, those of `lib`, and what is generated.
        kotlin.srcDirs("src/main/kotlin", "../lib/src/main/kotlin", "../../../target/bindings/kotlin")
        jniLibs.srcDir("../../../target/android/jni")
        resources.srcDir(layout.buildDirectory.dir("scripts"))
    }

    publishing { singleVariant("release") { withSourcesJar() } }
}

// The page side of the bridge, at the place where the container reads it.
val scripts = tasks.register<Copy>("scripts") {
    from("../../javascript/dist/document-start") { include("document-start.js", "awaited-port.js") }
    into(layout.buildDirectory.dir("scripts/org/minihost/android/container"))
}

tasks.named("preBuild") { dependsOn(scripts) }

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    api("androidx.annotation:annotation:1.11.0")
    implementation("androidx.webkit:webkit:1.18.0")
    implementation("androidx.browser:browser:1.10.0")
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

publishing {
    publications.create<MavenPublication>("minihost") {
        artifactId = "minihost-android"
        afterEvaluate { from(components["release"]) }
    }
}
