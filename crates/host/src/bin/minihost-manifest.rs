//! `cargo xtask manifest`: keys, signatures and advice for publishers of mini-programs.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand, ValueEnum};
use minihost::{
    PublisherId,
    manifest::{Algorithm, Build, Severity, SigningKey, TrustedKey, lint, verify},
};

/// Keys and signatures for the manifests of mini-programs.
#[derive(Parser)]
#[command(name = "cargo xtask manifest", bin_name = "cargo xtask manifest")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key: FILE keeps the private half, FILE.jwk the public one, for hosts to pin
    Keygen {
        /// Where to; nothing is overwritten
        file: PathBuf,
        /// What the key signs with
        #[arg(long, value_enum, default_value_t = KeyKind::EdDsa)]
        algorithm: KeyKind,
    },
    /// Sign a manifest, and print the signed one
    Sign {
        /// The private key
        #[arg(long)]
        key: PathBuf,
        /// The manifest's JSON
        manifest: PathBuf,
        /// Allow http on this machine
        #[arg(long)]
        development: bool,
    },
    /// Verify a signed manifest, and print what it says
    Verify {
        /// The public key that a host would pin
        #[arg(long)]
        key: PathBuf,
        /// Whose key it is: the publisher's id
        #[arg(long)]
        publisher: String,
        /// The signed manifest
        manifest: PathBuf,
        /// Allow http on this machine
        #[arg(long)]
        development: bool,
    },
    /// Look for secrets and other faults before signing
    Lint {
        /// The manifest's JSON
        manifest: PathBuf,
        /// Allow http on this machine
        #[arg(long)]
        development: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum KeyKind {
    #[value(name = "EdDSA")]
    EdDsa,
    #[value(name = "ES256")]
    Es256,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Keygen { file, algorithm } => keygen(&file, algorithm),
        Command::Sign { key, manifest, development } => {
            let key = SigningKey::from_pem(&text(&key)?).map_err(|error| error.to_string())?;
            let signed = key.sign(&bytes(&manifest)?, build(development));
            println!("{}", signed.map_err(|error| error.to_string())?);
            Ok(())
        }
        Command::Verify { key, publisher, manifest, development } => {
            let key = TrustedKey::from_jwk(PublisherId::new(publisher), &text(&key)?);
            let key = key.map_err(|error| format!("the public key cannot be used: {error}"))?;
            let manifest = verify(&text(&manifest)?, &[key], build(development));
            let manifest = manifest.map_err(|error| error.to_string())?;
            println!("{} {} of {}", manifest.id, manifest.version, manifest.publisher.id);
            Ok(())
        }
        Command::Lint { manifest, development } => {
            let findings = lint(&bytes(&manifest)?, build(development));
            for finding in &findings {
                let severity = match finding.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                match finding.path.as_str() {
                    "" => println!("{severity}: {}", finding.message),
                    path => println!("{severity}: `{path}`: {}", finding.message),
                }
            }
            match findings.iter().filter(|finding| finding.severity == Severity::Error).count() {
                0 => Ok(()),
                count => Err(format!("{count} to mend before it is signed")),
            }
        }
    }
}

fn keygen(file: &Path, algorithm: KeyKind) -> Result<(), String> {
    let algorithm = match algorithm {
        KeyKind::EdDsa => Algorithm::EdDsa,
        KeyKind::Es256 => Algorithm::Es256,
    };
    let (key, pem) = SigningKey::generate(algorithm).map_err(|error| error.to_string())?;
    let public = key.public_jwk();
    let mut public_file = file.as_os_str().to_owned();
    public_file.push(".jwk");
    create_private(file, pem.as_bytes()).map_err(|error| cannot("written", file, &error))?;
    let public_file = PathBuf::from(public_file);
    create_new(&public_file)
        .and_then(|mut file| writeln!(file, "{public}"))
        .map_err(|error| cannot("written", &public_file, &error))?;
    println!("{}: keep it, and show it to nobody", file.display());
    println!("{}: for hosts to pin; its kid is {}", public_file.display(), key.kid());
    Ok(())
}

fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content)
}

fn create_new(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}

fn build(development: bool) -> Build {
    if development { Build::Development } else { Build::Release }
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| cannot("read", path, &error))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| cannot("read", path, &error))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("{} cannot be {what}: {error}", path.display())
}
