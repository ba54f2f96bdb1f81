// Not verified: written without the Android Gradle plugin at hand, and not run where this repository is tested.
//
// For app teams that build the SDK with their own Gradle. `cargo xtask bindings` generates the Kotlin that `lib` is compiled
// with, `npm run build` in bindings/javascript makes the scripts that the container injects, and `android/native.sh` builds the
// libraries of Android's ABIs. Maven is what builds and tests it in this repository.

pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "minihost-kotlin"

include(":lib", ":android")
