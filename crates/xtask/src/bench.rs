//! The benchmarks, one module each. Nothing here is part of the gate, which only compiles and lints them.

mod bridge;
mod core;
mod host;
mod kotlin;
mod server;
mod swift;

use std::ffi::OsString;
use std::path::Path;

use clap::ValueEnum;

use crate::outcome::PartResult;
use crate::workspace::Workspace;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benchmark {
    /// A call over the bridge in headless Chromium, beside a bare echo
    Bridge,
    /// The machine that decides, beside serde_json
    Core,
    /// A code request through the host, beside reqwest alone
    Host,
    /// Calls and callbacks of the Kotlin binding, beside those of UniFFI alone
    Kotlin,
    /// The authorization server, beside oidc-provider
    Server,
    /// Calls of the Swift package, beside those of UniFFI alone
    Swift,
}

impl Benchmark {
    /// Builds in release and measures; the results are printed, and written to `json` as JSON.
    pub(crate) fn run(
        self,
        workspace: &Workspace,
        json: Option<&Path>,
        options: &[OsString],
    ) -> PartResult {
        match self {
            Self::Bridge => bridge::run(workspace, json, options),
            Self::Core => core::run(workspace, json, options),
            Self::Host => host::run(workspace, json, options),
            Self::Kotlin => kotlin::run(workspace, json, options),
            Self::Server => server::run(workspace, json, options),
            Self::Swift => swift::run(workspace, json, options),
        }
    }
}
