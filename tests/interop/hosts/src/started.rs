//! Servers that are started for the suite.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::failure::Failure;
use crate::settings::{Ends, Start};
use crate::variables::Variables;

/// A loaded machine takes its time, and some servers make their keys first.
const TIME_TO_START: Duration = Duration::from_secs(240);
const TIME_TO_END: Duration = Duration::from_secs(30);

/// A server that runs.
pub(crate) struct Started(Child, Ends);

impl Started {
    /// Starts it in `directory`, with its files in `room`, and waits until it says what it has registered.
    pub(crate) async fn start(
        start: &Start,
        directory: &Path,
        room: &Path,
        variables: &mut Variables,
    ) -> Result<Self, Failure> {
        variables.set("WORK", room.display().to_string());
        for (name, text) in &start.files {
            std::fs::write(room.join(name), variables.fill_text(text)?)?;
        }
        let words = start.command.iter().map(|word| variables.fill_text(word));
        let words: Vec<String> = words.collect::<Result<_, _>>()?;
        let (program, arguments) =
            words.split_first().ok_or_else(|| Failure::new("`start` has no command"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failure::new(format!("{program} does not start: {error}")))?;
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let told = timeout(TIME_TO_START, lines.next_line()).await;
        let told = told.map_err(|_| Failure::new(format!("{program} says nothing")))??;
        let told = told.ok_or_else(|| Failure::new(format!("{program} ended at once")))?;
        let told: BTreeMap<String, String> = serde_json::from_str(&told)?;
        variables.extend(told);
        // What it says later is nothing to the suite, and it must be able to say it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self(child, start.ends))
    }

    /// Lets it end by itself.
    pub(crate) async fn end(mut self) {
        drop(self.0.stdin.take());
        let by_itself = self.1 == Ends::WithItsInput;
        if !by_itself || timeout(TIME_TO_END, self.0.wait()).await.is_err() {
            // What does not end by itself is ended; it may have ended meanwhile.
            let _ = self.0.kill().await;
        }
    }
}
