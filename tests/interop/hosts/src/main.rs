//! Plays the same story of host, page and mini-program against an authorization server that a
//! settings file describes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

mod failure;
mod host;
mod host_client;
mod program;
mod session;
mod settings;
mod started;
mod suite;
mod variables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;
use crate::settings::Settings;
use crate::started::Started;
use crate::suite::Case;
use crate::variables::Variables;

/// Tries the SDK against the authorization servers of settings files.
#[derive(Parser)]
struct Arguments {
    /// A file that describes a server; tests/interop/README.md has its format
    #[arg(long = "profile", value_name = "FILE", required = true)]
    profiles: Vec<PathBuf>,
    /// A variable of the files, in front of the environment's
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has no `=`")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut failed = false;
    for profile in &arguments.profiles {
        println!("{}", profile.display());
        match try_server(profile, &arguments.variables).await {
            Ok(Verdict::Holds) => {}
            Ok(Verdict::Fails) => failed = true,
            Err(failure) => {
                eprintln!("  {failure}");
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[derive(PartialEq, Eq)]
enum Verdict {
    Holds,
    Fails,
}

async fn try_server(file: &Path, given: &[(String, String)]) -> Result<Verdict, Failure> {
    let table = settings::read(file)?;
    let work = tempfile::tempdir()?;
    let directory = file.parent().unwrap_or(Path::new("."));
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let mut variables = Variables::default();
    for (name, value) in given {
        variables.set(name.as_str(), value.as_str());
    }
    let mut started = Vec::new();
    for (number, start) in settings::starting(&table)?.start.iter().enumerate() {
        let room = work.path().join(number.to_string());
        std::fs::create_dir(&room)?;
        started.push(Started::start(start, directory, &room, &mut variables).await?);
    }
    let verdict = match settings::settings(table, &variables) {
        Ok(settings) => Ok(play(&settings).await),
        Err(failure) => Err(failure),
    };
    while let Some(last) = started.pop() {
        last.end().await;
    }
    verdict
}

async fn play(settings: &Settings) -> Verdict {
    let mut verdict = Verdict::Holds;
    for case in Case::ALL {
        let sentence = case.sentence();
        match case.play(settings).await {
            Ok(true) => println!("  ok      {sentence}"),
            Ok(false) => println!("  left    {sentence} (nothing here has one)"),
            Err(failure) => {
                println!("  FAILED  {sentence}\n          {failure}");
                verdict = Verdict::Fails;
            }
        }
    }
    verdict
}
