// Not verified: written without the Android Gradle plugin at hand, and not run where this repository is tested.

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
        // Where Maven puts the AAR.
        maven(url = uri("../../target/android/repository"))
    }
}

rootProject.name = "harbour"
