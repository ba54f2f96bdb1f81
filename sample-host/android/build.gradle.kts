// Not verified: written without the Android Gradle plugin at hand, and not run where this repository is tested.

plugins {
    id("com.android.application") version "9.5.0"
}

android {
    namespace = "org.minihost.harbour"
    compileSdk = 36

    defaultConfig {
        applicationId = "org.minihost.harbour"
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "1.0.0"
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }

    // The manifests of the sample programs, at the place where the app reads them.
    sourceSets["main"].resources.srcDir(layout.buildDirectory.dir("manifests"))
}

val manifests = tasks.register<Copy>("manifests") {
    from("../../sample-miniprogram/programs") { include("*/manifest.json") }
    into(layout.buildDirectory.dir("manifests/programs"))
}

tasks.named("preBuild") { dependsOn(manifests) }

dependencies {
    implementation("org.minihost:minihost-android:0.1.0-SNAPSHOT")
}
