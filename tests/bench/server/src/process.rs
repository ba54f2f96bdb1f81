//! Servers in processes of their own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde::de::DeserializeOwned;

use crate::failure::Outcome;

/// A process that ends when this value goes.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program and reads the JSON that it prints on its first line, once it is ready.
    pub(crate) fn start<T: DeserializeOwned>(command: &mut Command) -> Outcome<(Self, T)> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().expect("standard output was asked for");
        let process = Self(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let ready = serde_json::from_str(&line)
            .map_err(|error| format!("{command:?} did not say that it is ready: {error}"))?;
        Ok((process, ready))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// What the process holds of the machine's memory, in megabytes of 1,000,000 bytes.
    pub(crate) fn resident_megabytes(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        resident_kibibytes(&status)
            .map(|kibibytes| kibibytes * 1024.0 / 1_000_000.0)
            .ok_or_else(|| "the operating system does not tell what a process holds".into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn resident_kibibytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_size_is_found_in_the_status_of_a_process() {
        let status = "Name:\tx\nVmHWM:\t   90000 kB\nVmRSS:\t    4096 kB\nThreads:\t5\n";
        assert_eq!(resident_kibibytes(status), Some(4096.0));
        assert_eq!(resident_kibibytes("Name:\tx\n"), None);
    }

    #[test]
    fn a_program_that_prints_no_json_is_not_ready() {
        assert!(Process::start::<u32>(Command::new("echo").arg("hello")).is_err());
        let (_, ready) = Process::start::<u32>(Command::new("echo").arg("7")).unwrap();
        assert_eq!(ready, 7);
    }
}
