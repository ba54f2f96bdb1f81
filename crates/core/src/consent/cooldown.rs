//! After a refusal the program waits: 30 seconds, then 5 minutes, then until the user opens settings.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{MiniProgramId, Moment, UserId};

const FIRST: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(5 * 60);
/// Closing the prompt without an answer counts as a refusal from the third time within this.
const DISMISSALS_WITHIN: Duration = Duration::from_secs(5 * 60);
const DISMISSALS: usize = 3;

/// Who refused whom, and how often. Whoever sits before a host that nobody is signed in to counts too.
#[derive(Debug, Default)]
pub(crate) struct Cooldowns(HashMap<(Option<UserId>, MiniProgramId), History>);

#[derive(Debug, Default)]
struct History {
    refusals: u32,
    until: Option<Until>,
    dismissals: Vec<Duration>,
}

/// What is remembered of a user's refusals of one program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Who refused.
    pub user: UserId,
    /// Whom.
    pub mini_program: MiniProgramId,
    /// How often in a row.
    pub count: u32,
    /// Until when the program may not ask again.
    pub until: HeldUntil,
}

/// Until when a program may not ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeldUntil {
    /// This time.
    Time(Timestamp),
    /// The user opens the host's settings.
    SettingsOpened,
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
    pub(crate) fn refused(
        &mut self,
        user: Option<&UserId>,
        program: &MiniProgramId,
        now: Duration,
    ) {
        let history = self.history(user, program);
        history.refusals = history.refusals.saturating_add(1);
        history.until = Some(match history.refusals {
            1 => Until::Uptime(now + FIRST),
            2 => Until::Uptime(now + SECOND),
            _ => Until::SettingsOpened,
        });
    }

    /// The prompt was closed without an answer, by the user or by the page that asked. Says whether
    /// that counts as a refusal.
    pub(crate) fn dismissed(
        &mut self,
        user: Option<&UserId>,
        program: &MiniProgramId,
        now: Duration,
    ) -> bool {
        let history = self.history(user, program);
        history.dismissals.retain(|at| now.saturating_sub(*at) < DISMISSALS_WITHIN);
        history.dismissals.push(now);
        if history.dismissals.len() >= DISMISSALS {
            history.dismissals.clear();
            self.refused(user, program, now);
            return true;
        }
        false
    }

    /// The user said yes: earlier refusals are forgotten. Says whether there were any.
    pub(crate) fn allowed(&mut self, user: &UserId, program: &MiniProgramId) -> bool {
        let before = self.0.remove(&(Some(user.clone()), program.clone()));
        before.is_some_and(|history| history.refusals > 0)
    }

    /// This user has opened the settings: nothing is held back from them, nor from whoever sits
    /// before the host while nobody is signed in. Says whether anything was.
    pub(crate) fn forget(&mut self, user: Option<&UserId>) -> bool {
        let mut any = false;
        self.0.retain(|(whose, _), history| {
            let stays = whose.is_some() && whose.as_ref() != user;
            any |= !stays && history.refusals > 0;
            stays
        });
        any
    }

    /// What outlives the process.
    pub(crate) fn snapshot(&self, now: Moment) -> Vec<Refusal> {
        let held = |until| match until {
            Until::SettingsOpened => HeldUntil::SettingsOpened,
            Until::Uptime(at) => {
                let left = SignedDuration::try_from(at.saturating_sub(now.uptime));
                let end = left.ok().and_then(|left| now.time.checked_add(left).ok());
                HeldUntil::Time(end.unwrap_or(Timestamp::MAX))
            }
        };
        let mut refusals: Vec<Refusal> = self
            .0
            .iter()
            .filter_map(|((user, mini_program), history)| {
                Some(Refusal {
                    user: user.clone()?,
                    mini_program: mini_program.clone(),
                    count: history.refusals,
                    until: held(history.until?),
                })
            })
            .collect();
        refusals.sort_by(|a, b| (&a.user, &a.mini_program).cmp(&(&b.user, &b.mini_program)));
        refusals
    }

    /// What an earlier process remembered. A calendar that was set back holds nobody longer than
    /// the ladder does.
    pub(crate) fn load(&mut self, refusals: Vec<Refusal>, now: Moment) {
        for Refusal { user, mini_program, count, until } in refusals {
            let until = match until {
                HeldUntil::SettingsOpened => Until::SettingsOpened,
                HeldUntil::Time(at) => {
                    let left = Duration::try_from(at.duration_since(now.time)).unwrap_or_default();
                    let most = if count <= 1 { FIRST } else { SECOND };
                    Until::Uptime(now.uptime + left.min(most))
                }
            };
            let history = self.history(Some(&user), &mini_program);
            history.refusals = history.refusals.max(count);
            history.until = history.until.or(Some(until));
        }
    }

    /// Until when this program may not prompt this user.
    pub(crate) fn active(
        &self,
        user: Option<&UserId>,
        program: &MiniProgramId,
        now: Duration,
    ) -> Option<Until> {
        let until = self.0.get(&(user.cloned(), program.clone()))?.until?;
        match until {
            Until::Uptime(at) if at <= now => None,
            _ => Some(until),
        }
    }

    fn history(&mut self, user: Option<&UserId>, program: &MiniProgramId) -> &mut History {
        self.0.entry((user.cloned(), program.clone())).or_default()
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
        assert_eq!(cooldowns.active(Some(&alice), &tea, seconds(0)), None);
        cooldowns.refused(Some(&alice), &tea, seconds(0));
        assert_eq!(
            cooldowns.active(Some(&alice), &tea, seconds(29)),
            Some(Until::Uptime(seconds(30)))
        );
        assert_eq!(cooldowns.active(Some(&alice), &tea, seconds(30)), None);
        cooldowns.refused(Some(&alice), &tea, seconds(100));
        assert_eq!(
            cooldowns.active(Some(&alice), &tea, seconds(399)),
            Some(Until::Uptime(seconds(400)))
        );
        cooldowns.refused(Some(&alice), &tea, seconds(500));
        assert_eq!(
            cooldowns.active(Some(&alice), &tea, seconds(9_999)),
            Some(Until::SettingsOpened)
        );
    }

    #[test]
    fn only_the_third_dismissal_in_five_minutes_counts_as_a_refusal() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        for at in [0, 200, 400] {
            cooldowns.dismissed(Some(&alice), &tea, seconds(at));
        }
        assert_eq!(cooldowns.active(Some(&alice), &tea, seconds(401)), None);
        cooldowns.dismissed(Some(&alice), &tea, seconds(402));
        assert!(cooldowns.active(Some(&alice), &tea, seconds(403)).is_some());
    }

    #[test]
    fn a_dismissal_counts_for_less_than_five_minutes() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        let counts = [0, 100, 300].map(|at| cooldowns.dismissed(Some(&alice), &tea, seconds(at)));
        assert_eq!(counts, [false; 3]);
        assert!(cooldowns.dismissed(Some(&alice), &tea, seconds(399)));
    }

    #[test]
    fn there_is_nothing_to_write_down_where_nobody_was_refused() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        cooldowns.dismissed(Some(&alice), &tea, seconds(0));
        assert!(!cooldowns.allowed(&alice, &tea), "a dismissal is no refusal");
        cooldowns.dismissed(Some(&alice), &tea, seconds(0));
        assert!(!cooldowns.forget(Some(&alice)));
        cooldowns.refused(Some(&alice), &tea, seconds(0));
        assert!(cooldowns.allowed(&alice, &tea));
        cooldowns.refused(Some(&alice), &tea, seconds(0));
        assert!(cooldowns.forget(Some(&alice)));
    }

    #[test]
    fn the_settings_lift_the_refusals_of_whoever_opens_them_and_nobody_elses() {
        let (alice, tea) = names();
        let bob = UserId::new("bob");
        let mut cooldowns = Cooldowns::default();
        for user in [Some(&alice), Some(&bob), None] {
            cooldowns.refused(user, &tea, seconds(0));
        }
        assert!(cooldowns.forget(Some(&bob)));
        assert!(cooldowns.active(Some(&alice), &tea, seconds(1)).is_some());
        for user in [Some(&bob), None] {
            assert_eq!(cooldowns.active(user, &tea, seconds(1)), None);
        }
        assert!(!cooldowns.forget(None));
    }

    #[test]
    fn a_restart_forgives_nothing_and_a_calendar_set_back_holds_nobody_longer() {
        let (alice, tea) = names();
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let at = |uptime, hours: i64| Moment {
            uptime: seconds(uptime),
            time: start + SignedDuration::from_hours(hours),
        };
        let mut cooldowns = Cooldowns::default();
        cooldowns.refused(Some(&alice), &tea, seconds(100));
        cooldowns.refused(Some(&alice), &tea, seconds(200));
        let stored = cooldowns.snapshot(at(260, 10));

        let mut again = Cooldowns::default();
        again.load(stored.clone(), at(5, 10));
        assert_eq!(again.active(Some(&alice), &tea, seconds(5)), Some(Until::Uptime(seconds(245))));
        assert_eq!(again.snapshot(at(5, 10)), stored);
        again.refused(Some(&alice), &tea, seconds(6));
        assert_eq!(again.active(Some(&alice), &tea, seconds(7)), Some(Until::SettingsOpened));

        let mut later = Cooldowns::default();
        later.load(stored.clone(), at(0, 11));
        assert_eq!(later.active(Some(&alice), &tea, seconds(0)), None);
        let mut back = Cooldowns::default();
        back.load(stored, at(0, 1));
        assert_eq!(back.active(Some(&alice), &tea, seconds(0)), Some(Until::Uptime(SECOND)));
    }

    #[test]
    fn a_count_that_cannot_grow_counts_all_the_same() {
        let (alice, tea) = names();
        let now = Moment { uptime: seconds(5), time: Timestamp::UNIX_EPOCH };
        let most = Refusal {
            user: alice.clone(),
            mini_program: tea.clone(),
            count: u32::MAX,
            until: HeldUntil::Time(Timestamp::UNIX_EPOCH),
        };
        let mut cooldowns = Cooldowns::default();
        cooldowns.load(vec![most], now);
        cooldowns.refused(Some(&alice), &tea, seconds(6));
        assert_eq!(cooldowns.snapshot(now)[0].count, u32::MAX);
        assert_eq!(cooldowns.active(Some(&alice), &tea, seconds(7)), Some(Until::SettingsOpened));
    }

    #[test]
    fn one_programs_refusal_does_not_touch_another_and_a_yes_forgives() {
        let (alice, tea) = names();
        let mut cooldowns = Cooldowns::default();
        cooldowns.refused(Some(&alice), &tea, seconds(0));
        assert_eq!(cooldowns.active(Some(&alice), &MiniProgramId::new("cinema"), seconds(1)), None);
        assert_eq!(cooldowns.active(Some(&UserId::new("bob")), &tea, seconds(1)), None);
        cooldowns.allowed(&alice, &tea);
        assert_eq!(cooldowns.active(Some(&alice), &tea, seconds(1)), None);
    }
}
