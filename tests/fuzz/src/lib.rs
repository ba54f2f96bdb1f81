//! What must hold for any bytes at all, one target each: a function that panics where it does not.
//!
//! `cargo xtask fuzz TARGET` looks for such bytes with libFuzzer. What it found worth keeping lies in
//! `corpus/TARGET`, and a test tries all of it, whole, cut and changed, wherever the workspace is tested.

mod bridge;
mod consent_text;
#[cfg(feature = "host")]
mod grants_file;
mod manifest;
#[cfg(feature = "host")]
mod metadata;
mod origin;
#[cfg(feature = "server")]
mod redirect;
#[cfg(feature = "host")]
mod token_reply;

/// One thing that is fuzzed.
#[derive(Clone, Copy)]
pub struct Target {
    /// How it is named on the command line, and its folder of inputs.
    pub name: &'static str,
    /// Panics where what must hold does not.
    pub check: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "bridge", check: bridge::check },
    Target { name: "manifest", check: manifest::check },
    Target { name: "origin", check: origin::check },
    #[cfg(feature = "server")]
    Target { name: "redirect", check: redirect::check },
    #[cfg(feature = "host")]
    Target { name: "token-reply", check: token_reply::check },
    #[cfg(feature = "host")]
    Target { name: "metadata", check: metadata::check },
    Target { name: "consent-text", check: consent_text::check },
    #[cfg(feature = "host")]
    Target { name: "grants-file", check: grants_file::check },
];

impl Target {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().copied().find(|target| target.name == name)
    }
}
