//! Rule 6: whom a user has refused, and how long that program may not ask again.

use std::time::Duration;

use minihost::{HeldUntil, Refusal};

use super::{Judge, When};

const FIRST: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(300);

/// How often a user has refused a program, and until when it may not ask.
#[derive(Default)]
pub(super) struct Refusals {
    count: u32,
    until: Option<Until>,
    dismissed: Vec<Duration>,
}

enum Until {
    Uptime(Duration),
    SettingsOpened,
}

impl Refusals {
    pub(super) fn refused(&mut self, now: Duration) {
        self.count += 1;
        self.until = Some(match self.count {
            1 => Until::Uptime(now + FIRST),
            2 => Until::Uptime(now + SECOND),
            _ => Until::SettingsOpened,
        });
    }

    pub(super) fn holds(&self, now: Duration) -> bool {
        match self.until {
            None => false,
            Some(Until::Uptime(end)) => now < end,
            Some(Until::SettingsOpened) => true,
        }
    }

    /// Closing a prompt counts as a refusal from the third time within five minutes.
    pub(super) fn dismissed(&mut self, now: Duration) {
        self.dismissed.retain(|at| now - *at < SECOND);
        self.dismissed.push(now);
        if self.dismissed.len() == 3 {
            self.dismissed.clear();
            self.refused(now);
        }
    }
}

impl Judge {
    /// The user opens the host's settings.
    pub(crate) fn settings_opened(&mut self) {
        self.refusals.clear();
    }

    /// What an earlier process has stored of refusals is believed: that it was stored is not a rule.
    pub(super) fn refusals_loaded(&mut self, stored: &[Refusal], now: When) {
        self.refusals.clear();
        for refusal in stored {
            let until = match refusal.until {
                HeldUntil::SettingsOpened => Until::SettingsOpened,
                HeldUntil::Time(end) => {
                    let left = Duration::try_from(end.duration_since(now.time)).unwrap_or_default();
                    let most = if refusal.count <= 1 { FIRST } else { SECOND };
                    Until::Uptime(now.uptime + left.min(most))
                }
            };
            let key = (refusal.user.to_string(), refusal.mini_program.to_string());
            let refusals = Refusals { count: refusal.count, until: Some(until), dismissed: vec![] };
            self.refusals.insert(key, refusals);
        }
    }
}
