//! How fast the authorization server is, beside oidc-provider in the same run on the same machine;
//! `cargo xtask bench server` starts it.
//!
//! Our server is the program as it is delivered, on a SQLite file that is flushed before every answer; the
//! peer is one process of Node that keeps everything in memory. A closed loop loads them in turn. What it could
//! do at most is measured as well, against a server that does nothing but answer, and so are the flushes
//! that the disk manages: no figure says much without them.
//!
//! Needs Linux, which tells what processes use.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

mod bare;
mod connection;
mod contest;
mod failure;
mod load;
mod machine;
mod memory;
mod party;
mod process;
mod register;
mod request;
mod setting;
mod workloads;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum as _};
use minihost_bench_report::{Report, Sample, finish};

use crate::contest::{Contest, Discipline, Rival};
use crate::failure::Outcome;
use crate::load::{Load, drive};
use crate::party::Party;
use crate::setting::Setting;
use crate::workloads::Bare;

/// The rate that the fastest of the writing workloads is to reach on a quiet machine; each connection
/// gets at most one answer for each flush of the disk.
const GREATEST_WRITE_RATE: f64 = 17_000.0;
const MOST_CONNECTIONS: usize = 256;
const USERS: usize = 32;
const SERVER: &str = "minihost-authorization-server";

/// How fast the authorization server is.
#[derive(Parser)]
#[command(name = "cargo xtask bench server", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    child: Option<Child>,
}

#[derive(Args)]
struct Options {
    /// Where the results go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The program of our server; the one beside this program when none is named
    #[arg(long, value_name = "PROGRAM")]
    server: Option<PathBuf>,
    /// The script of the peer; without it ours is compared with a bare reply
    #[arg(long, value_name = "SCRIPT")]
    peer: Option<PathBuf>,
    /// What to measure; everything when nothing is named
    #[arg(value_name = "WHAT")]
    disciplines: Vec<Discipline>,
    /// How many connections load a server; more are used where the disk is too slow for so few
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How often each side is measured
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// How long a run lasts, in seconds
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// What goes before each run without being measured, in seconds
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// How many sessions are live when memory is measured; none for no such measurement
    #[arg(long, default_value_t = 100_000)]
    sessions: usize,
    /// Where the databases lie, on the disk that counts
    #[arg(long, default_value = ".")]
    directory: PathBuf,
}

#[derive(Subcommand)]
enum Child {
    /// A server that only answers
    #[command(hide = true)]
    ServeBare,
}

fn main() -> ExitCode {
    let Cli { options, child } = Cli::parse();
    match child {
        None => finish(benchmark(&options), options.json.as_deref()),
        Some(Child::ServeBare) => match serve_bare() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("{error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn serve_bare() -> Outcome<()> {
    let many_threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    many_threads.block_on(bare::serve())
}

fn benchmark(options: &Options) -> Outcome<Report> {
    let one_thread = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    one_thread.block_on(measure(options))
}

async fn measure(options: &Options) -> Outcome<Report> {
    let fsyncs = machine::fsyncs_per_second(&options.directory, Duration::from_secs(1))?;
    let connections = enough_connections(options.connections, fsyncs);
    println!("The disk takes {fsyncs:.0} flushes a second.");
    if connections > options.connections {
        println!(
            "That is too few for {} connections: {connections} are used.",
            options.connections
        );
    }
    let load = Load {
        connections,
        warm_up: Duration::try_from_secs_f64(options.warm_up)?,
        measured: Duration::try_from_secs_f64(options.seconds)?,
    };

    let setting = Setting::new(USERS);
    let bare = Party::bare()?;
    let server = match &options.server {
        Some(program) => program.clone(),
        None => env::current_exe()?.with_file_name(SERVER),
    };
    let ours = Party::ours(&server, &options.directory, &setting).await?;
    let peer = options.peer.as_ref().map(|script| Party::peer(script, &setting)).transpose()?;

    let mut floor = Vec::new();
    for _ in 0..options.runs {
        floor.push(drive(bare.server, load, Bare::new(&bare)).await?.0);
    }
    let ceiling = Sample::new(floor.iter().map(|run| run.rate).collect())
        .ok_or("there must be at least one run")?
        .median();
    println!("The load generator gets {ceiling:.0} answers a second from a bare axum reply.");

    let rival = match &peer {
        Some(peer) => Rival::Peer(peer),
        None => Rival::Floor { name: &bare.name, runs: &floor },
    };
    let contest = Contest { ours: &ours, rival, setting: &setting, load, runs: options.runs };
    let mut report = Report::new("server");
    let mut others = Vec::new();
    for discipline in chosen(&options.disciplines) {
        println!("{} …", discipline.name());
        contest.hold(discipline, &mut report, &mut others).await?;
    }
    let flushes_after = machine::fsyncs_per_second(&options.directory, Duration::from_secs(1))?;
    if options.sessions > 0 {
        println!("memory …");
        let new = Party::ours(&server, &options.directory, &setting).await?;
        let sessions = options.sessions;
        memory::report(&new, &bare, &setting, connections, sessions, &mut report).await?;
    }

    let others = Sample::new(others).map_or(0.0, |others| others.median());
    report.fact("fsyncs_per_second_before", fsyncs);
    report.fact("fsyncs_per_second_after", flushes_after);
    report.fact("connections", connections as f64);
    report.fact("bare_replies_per_second", ceiling);
    report.fact("share_of_processors_used_by_others", others);
    println!(
        "\nOther: {}. Flushes a second: {fsyncs:.0} before, {flushes_after:.0} after. Others used {:.0} % of the processors.",
        contest.rival.name(),
        others * 100.0
    );
    Ok(report)
}

fn chosen(named: &[Discipline]) -> Vec<Discipline> {
    if named.is_empty() { Discipline::value_variants().to_vec() } else { named.to_vec() }
}

/// As many as asked for, or as many more, in steps of that number, as the disk needs.
fn enough_connections(asked: usize, fsyncs_per_second: f64) -> usize {
    (1..)
        .map(|times| asked.max(1) * times)
        .find(|connections| {
            *connections >= MOST_CONNECTIONS
                || *connections as f64 * fsyncs_per_second >= GREATEST_WRITE_RATE
        })
        .unwrap_or(asked)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_slow_disk_gets_more_connections_up_to_a_limit() {
        assert_eq!(enough_connections(16, 5_000.0), 16);
        assert_eq!(enough_connections(16, 1_100.0), 16);
        assert_eq!(enough_connections(16, 1_000.0), 32);
        assert_eq!(enough_connections(16, 401.0), 48);
        assert_eq!(enough_connections(16, 1.0), MOST_CONNECTIONS);
        assert_eq!(enough_connections(1000, 1.0), 1000);
    }
}
