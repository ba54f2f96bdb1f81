//! A browser's driver, and the browser that it starts: they end together.

use std::process::Stdio;

use tokio::process::{Child, ChildStdout, Command};

/// A driver that runs. Dropping it ends it and its browser, however far they are.
pub(super) struct Driver(Child);

impl Driver {
    /// Starts it.
    ///
    /// # Errors
    /// What the system says where it is not installed.
    pub(super) fn start(command: &mut Command) -> std::io::Result<Self> {
        let command = command.stdin(Stdio::null()).stderr(Stdio::null());
        command.kill_on_drop(true).spawn().map(Self)
    }

    /// What it says, once, where that is piped.
    pub(super) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The driver is killed with what this holds, and would leave its browser running.
        if let Some(driver) = self.0.id() {
            let driver = driver.to_string();
            let _ = std::process::Command::new("pkill").args(["-KILL", "-P", &driver]).status();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;

    #[tokio::test]
    async fn what_a_driver_has_started_ends_with_it() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 600 & echo $!; wait"]).stdout(Stdio::piped());
        let mut driver = Driver::start(&mut shell).unwrap();
        let mut said = BufReader::new(driver.take_stdout().unwrap()).lines();
        let browser = said.next_line().await.unwrap().unwrap();
        drop(driver);
        // Its end of the pipe is closed once it is gone.
        assert_eq!(said.next_line().await.unwrap(), None, "process {browser} is still there");
    }
}
