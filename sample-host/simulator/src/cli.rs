//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Starts a sample host on this machine: an authorization server, mini-programs, and a page
/// that shows a phone.
#[derive(Debug, Parser)]
#[command(name = "sample-host", version, about)]
pub(crate) struct Cli {
    /// The first port: authorization server N, mini-programs N+1, simulator N+2. 0 takes any free
    /// ones.
    #[arg(long, value_name = "N", default_value_t = 7420)]
    pub(crate) port: u16,

    /// How the mini-programs get an origin each. `port` gives them N+3 onwards, for browsers that
    /// do not resolve `*.localhost`.
    #[arg(long, value_enum, default_value_t = Origins::Subdomain)]
    pub(crate) origins: Origins,

    /// Where databases and remembered grants are kept [default: below the user's data directory].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Where the mini-program with a backend in Node lies [default: in the checkout that this
    /// program was built from].
    #[arg(long, value_name = "DIR")]
    pub(crate) postcards: Option<PathBuf>,

    /// Do not open the simulator in the default browser.
    #[arg(long)]
    pub(crate) no_open: bool,

    /// Print one line of JSON when ready, and nothing else, on standard output.
    #[arg(long)]
    pub(crate) json: bool,

    /// Let scripts steer the authorization server: make tokens expire, move its clock, replace its
    /// keys. The line of JSON says where, and by which token.
    #[arg(long, requires = "json")]
    pub(crate) steering: bool,

    /// The language in which the host app starts.
    #[arg(long, value_enum, default_value_t = Language::English)]
    pub(crate) locale: Language,
}

/// How the mini-programs get an origin each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Origins {
    /// `<id>.sim.localhost`, all on one port.
    Subdomain,
    /// 127.0.0.1, a port each.
    Port,
}

/// A language that the host app speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    #[value(name = "en")]
    English,
    #[value(name = "zh-Hans")]
    Chinese,
}

impl Language {
    /// The BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// The language of a tag that the page sends; `None` for one that the host app does not speak.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        [Self::English, Self::Chinese].into_iter().find(|language| language.tag() == tag)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn everything_has_a_default() {
        let cli = Cli::try_parse_from(["sample-host"]).unwrap();
        assert_eq!((cli.port, cli.origins), (7420, Origins::Subdomain));
        assert_eq!(cli.locale.tag(), "en");
        assert!(!cli.no_open && !cli.json && cli.data_dir.is_none());
    }

    #[test]
    fn languages_are_named_by_their_tags() {
        let cli = Cli::try_parse_from(["sample-host", "--locale", "zh-Hans"]).unwrap();
        assert_eq!(Language::of(cli.locale.tag()), Some(Language::Chinese));
        assert_eq!(Language::of("de"), None);
        assert!(Cli::try_parse_from(["sample-host", "--locale", "de"]).is_err());
        assert!(Cli::try_parse_from(["sample-host", "--port", "65536"]).is_err());
    }

    #[test]
    fn a_data_directory_without_a_name_is_none() {
        assert!(Cli::try_parse_from(["sample-host", "--data-dir", ""]).is_err());
        assert!(Cli::try_parse_from(["sample-host", "--data-dir="]).is_err());
    }
}
