//! The parts of the gate.

use clap::ValueEnum;

use crate::outcome::PartResult;
use crate::parts;
use crate::parts::swift::Lifetimes;
use crate::servers;
use crate::workspace::Workspace;

/// One part of the gate, in the order in which parts run: what fails soonest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Part {
    /// Formatting, by rustfmt
    Format,
    /// The direction of dependencies between the crates
    Layers,
    /// What is generated from the bridge's registry
    Registry,
    /// Clippy and rustdoc, every warning an error
    Lints,
    /// Licences, banned crates and sources, by cargo-deny
    Deny,
    /// The page side of the bridge, and the sample programs, by node
    Javascript,
    /// The page side as a package: types, CommonJS, what it weighs beside other bridges
    Package,
    /// Unit, transcript, property and documentation tests of every crate
    Rust,
    /// The keychain of a Linux desktop, in sessions of its own
    Keyring,
    /// The property tests again, with many more cases each
    Soak,
    /// OAuth clients of others, from crates.io, npm and PyPI, against the authorization server, and the SDK against servers of others
    Interop,
    /// The same from Maven Central, on a JVM
    InteropJvm,
    /// The SDK against a server of Maven Central, through a host's backend
    InteropServer,
    /// The generated Kotlin on a JVM, by Maven
    Kotlin,
    /// The lifetimes of the Kotlin binding, a hundred times as many
    KotlinLifetimes,
    /// A small Android app that R8 has shrunk, on a JVM
    KotlinShrunk,
    /// The Swift package on Linux, with the Swift of Debian and no network
    Swift,
    /// The lifetimes of the Swift package, a hundred times as many
    SwiftLifetimes,
    /// The library for Android and iOS, type-checked with their stores of secrets and TLS
    Phones,
    /// The sample host in headless Chromium
    E2e,
    /// The bridge of the page side in WebKitGTK
    Webkit,
}

/// The smallest mode that contains a part; each mode contains the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    Fast,
    Gate,
    Full,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Layers => "layers",
            Self::Registry => "registry",
            Self::Lints => "lints",
            Self::Deny => "deny",
            Self::Javascript => "javascript",
            Self::Package => "package",
            Self::Rust => "rust",
            Self::Keyring => "keyring",
            Self::Soak => "soak",
            Self::Interop => "interop",
            Self::InteropJvm => "interop-jvm",
            Self::InteropServer => "interop-server",
            Self::Kotlin => "kotlin",
            Self::KotlinLifetimes => "kotlin-lifetimes",
            Self::KotlinShrunk => "kotlin-shrunk",
            Self::Swift => "swift",
            Self::SwiftLifetimes => "swift-lifetimes",
            Self::Phones => "phones",
            Self::E2e => "e2e",
            Self::Webkit => "webkit",
        }
    }

    pub(crate) fn tier(self) -> Tier {
        match self {
            Self::Format
            | Self::Layers
            | Self::Registry
            | Self::Lints
            | Self::Javascript
            | Self::Rust => Tier::Fast,
            Self::Deny
            | Self::Package
            | Self::Keyring
            | Self::Interop
            | Self::Kotlin
            | Self::Swift
            | Self::E2e => Tier::Gate,
            Self::Soak
            | Self::InteropJvm
            | Self::InteropServer
            | Self::KotlinLifetimes
            | Self::KotlinShrunk
            | Self::SwiftLifetimes
            | Self::Phones
            | Self::Webkit => Tier::Full,
        }
    }

    pub(crate) fn run(self, workspace: &Workspace) -> PartResult {
        match self {
            Self::Format => parts::format::run(workspace),
            Self::Layers => parts::layers::run(workspace),
            Self::Registry => parts::registry::run(workspace),
            Self::Lints => parts::lints::run(workspace),
            Self::Deny => parts::deny::run(workspace),
            Self::Javascript => parts::javascript::run(workspace),
            Self::Package => parts::package::run(workspace),
            Self::Rust => parts::rust::run(workspace),
            Self::Keyring => parts::keyring::run(workspace),
            Self::Soak => parts::soak::run(workspace),
            Self::Interop => parts::interop::run(workspace),
            Self::InteropJvm => parts::interop::run_on_jvm(workspace),
            Self::InteropServer => servers::on_jvm(workspace),
            Self::Kotlin => parts::kotlin::run(workspace),
            Self::KotlinLifetimes => parts::kotlin::run_lifetimes(workspace),
            Self::KotlinShrunk => parts::kotlin::run_shrunk(workspace),
            Self::Swift => parts::swift::run(workspace, Lifetimes::Short),
            Self::SwiftLifetimes => parts::swift::run(workspace, Lifetimes::Long),
            Self::Phones => parts::phones::run(workspace),
            Self::E2e => parts::e2e::run(workspace),
            Self::Webkit => parts::webkit::run(workspace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_on_the_command_line_as_in_the_summary() {
        for part in Part::value_variants() {
            assert_eq!(part.to_possible_value().unwrap().get_name(), part.name());
        }
    }
}
