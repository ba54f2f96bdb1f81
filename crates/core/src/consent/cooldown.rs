//! After a refusal the program waits: 30 seconds, then 5 minutes, then until the user opens settings.

use std::{collections::HashMap, time::Duration};

use crate::{MiniProgramId, UserId};

const FIRST: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(5 * 60);
/// Closing the prompt without an answer counts as a refusal from the third time within this.
const DISMISSALS_WITHIN: Duration = Duration::from_secs(5 * 60);
const DISMISSALS: usize = 3;

/// Who refused whom, and how often.
#[derive(Debug, Default)]
pub(crate) struct Cooldowns(HashMap<(UserId, MiniProgramId), History>);

#[derive(Debug, Default)]
struct History {
    refusals: u32,
    until: Option<Until>,
    dismissals: Vec<Duration>,
}

/// Until when no prompt is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// This uptime.
    Uptime(Duration),
    /// The user opens the host's settings.
    SettingsOpened,
}

impl Cooldowns {
    /// The user said no.
    pub(crate) fn refused(&mut self, user: &UserId, program: &MiniProgramId, now: Duration) {
        let history = self.history(user, program);
        history.refusals += 1;
        history.until = Some(match history.refusals {
            1 => Until::Uptime(now + FIRST),
            2 => Until::Uptime(now + SECOND),
            _ => Until::SettingsOpened,
        });
    }

    /// The user closed the prompt without an answer.
    pub(crate) fn dismissed(&mut self, user: &UserId, program: &MiniProgramId, now: Duration) {
        let history = self.history(user, program);
        history.dismissals.retain(|at| now.saturating_sub(*at) < DISMISSALS_WITHIN);
        history.dismissals.push(now);
        if history.dismissals.len() >= DISMISSALS {
            history.dismissals.clear();
            self.refused(user, program, now);
        }
    }

    /// The user said yes: earlier refusals are forgotten.
    pub(crate) fn allowed(&mut self, user: &UserId, program: &MiniProgramId) {
        self.0.remove(&(user.clone(), program.clone()));
    }

    /// Until when this program may not prompt this user.
    pub(crate) fn active(
        &self,
        user: &UserId,
        program: &MiniProgramId,
        now: Duration,
    ) -> Option<Until> {
        let until = self.0.get(&(user.clone(), program.clone()))?.until?;
        match until {
            Until::Uptime(at) if at <= now => None,
            _ => Some(until),
        }
    }

    fn history(&mut self, user: &UserId, program: &MiniProgramId) -> &mut History {
        self.0.entry((user.clone(), program.clone())).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> (UserId, MiniProgramId) {
        (UserId::new("alice"), MiniProgramId::new("teahouse"))
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn refusals_climb_the_ladder() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        assert_eq!(cooldowns.active(&alice, &tea, seconds(0)), None);
        cooldowns.refused(&alice, &tea, seconds(0));
        assert_eq!(cooldowns.active(&alice, &tea, seconds(29)), Some(Until::Uptime(seconds(30))));
        assert_eq!(cooldowns.active(&alice, &tea, seconds(30)), None);
        cooldowns.refused(&alice, &tea, seconds(100));
        assert_eq!(cooldowns.active(&alice, &tea, seconds(399)), Some(Until::Uptime(seconds(400))));
        cooldowns.refused(&alice, &tea, seconds(500));
        assert_eq!(cooldowns.active(&alice, &tea, seconds(9_999)), Some(Until::SettingsOpened));
    }

    #[test]
    fn only_the_third_dismissal_in_five_minutes_counts_as_a_refusal() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        for at in [0, 200, 400] {
            cooldowns.dismissed(&alice, &tea, seconds(at));
        }
        assert_eq!(cooldowns.active(&alice, &tea, seconds(401)), None);
        cooldowns.dismissed(&alice, &tea, seconds(402));
        assert!(cooldowns.active(&alice, &tea, seconds(403)).is_some());
    }

    #[test]
    fn one_programs_refusal_does_not_touch_another_and_a_yes_forgives() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        cooldowns.refused(&alice, &tea, seconds(0));
        assert_eq!(cooldowns.active(&alice, &MiniProgramId::new("cinema"), seconds(1)), None);
        assert_eq!(cooldowns.active(&UserId::new("bob"), &tea, seconds(1)), None);
        cooldowns.allowed(&alice, &tea);
        assert_eq!(cooldowns.active(&alice, &tea, seconds(1)), None);
    }
}
