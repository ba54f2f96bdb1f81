//! Rates and latencies of both sides, in runs that alternate.

use std::time::Duration;

use minihost_bench_report::{Comparison, Goal, Other, Report, Sample};

use crate::failure::Outcome;
use crate::load::{Load, Run, drive};
use crate::machine::Watch;
use crate::party::Party;
use crate::setting::Setting;
use crate::workloads::{Codes, Redeem, Refresh, Scope, Tokens, Userinfo};

/// How long an answer of ours may take, in milliseconds, for 99 of 100 requests.
const P99: Goal = Goal::OursBelow(10.0);

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Discipline {
    /// Codes for a mini-program, by the challenge endpoint
    Codes,
    /// Codes into tokens, with an ID token
    RedeemOpenid,
    /// Codes into tokens, without an ID token
    Redeem,
    /// New tokens for a refresh token, which rotates; with an ID token
    Refresh,
    /// The user's details
    Userinfo,
}

impl Discipline {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::RedeemOpenid => "redeems with an ID token",
            Self::Redeem => "redeems without",
            Self::Refresh => "refresh",
            Self::Userinfo => "userinfo",
        }
    }

    fn goal(self) -> Goal {
        Goal::RatioAtLeast(match self {
            Self::Codes | Self::RedeemOpenid => 3.0,
            Self::Redeem | Self::Refresh => 4.0,
            Self::Userinfo => 5.0,
        })
    }
}

/// How the sides are measured.
pub(crate) struct Contest<'a> {
    pub(crate) ours: &'a Party,
    pub(crate) rival: Rival<'a>,
    pub(crate) setting: &'a Setting,
    pub(crate) load: Load,
    pub(crate) runs: usize,
}

/// What ours is compared with.
pub(crate) enum Rival<'a> {
    /// A server that is asked for the same.
    Peer(&'a Party),
    /// What was measured of a server that does nothing but answer.
    Floor { name: &'a str, runs: &'a [Run] },
}

impl Rival<'_> {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Peer(party) => &party.name,
            Self::Floor { name, .. } => name,
        }
    }
}

impl Contest<'_> {
    /// Measures both sides in turn and reports rate and latency; `others` gets the share of the
    /// processors that other programs had in each run.
    pub(crate) async fn hold(
        &self,
        discipline: Discipline,
        report: &mut Report,
        others: &mut Vec<f64>,
    ) -> Outcome<()> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            ours.push(self.watched(self.ours, discipline, others).await?);
            if let Rival::Peer(peer) = self.rival {
                theirs.push(self.watched(peer, discipline, others).await?);
            }
        }
        if let Rival::Floor { runs, .. } = self.rival {
            theirs.extend_from_slice(runs);
        }
        let name = discipline.name();
        let rate = |run: &Run| run.rate;
        report.add(self.comparison(name, "1/s", (&ours, &theirs), rate, Some(discipline.goal())));
        for (what, goal, of) in [
            ("p50", None, (|run| run.p50) as fn(&Run) -> Duration),
            ("p99", Some(P99), |run| run.p99),
            ("processor time", None, |run| run.cpu),
        ] {
            let name = format!("{name}, {what}");
            let milliseconds = |run: &Run| of(run).as_secs_f64() * 1000.0;
            report.add(self.comparison(&name, "ms", (&ours, &theirs), milliseconds, goal));
        }
        Ok(())
    }

    async fn watched(
        &self,
        party: &Party,
        discipline: Discipline,
        others: &mut Vec<f64>,
    ) -> Outcome<Run> {
        let processes = [std::process::id(), party.server.process];
        let watch = Watch::begin(&processes)?;
        let run = measure(party, self.setting, discipline, self.load).await?;
        others.push(watch.share_of_others()?);
        Ok(run)
    }

    fn comparison(
        &self,
        name: &str,
        unit: &'static str,
        (ours, theirs): (&[Run], &[Run]),
        of: impl Fn(&Run) -> f64,
        goal: Option<Goal>,
    ) -> Comparison {
        let sample = |runs: &[Run]| {
            Sample::new(runs.iter().map(&of).collect()).expect("there is a run, and it has figures")
        };
        Comparison {
            name: name.to_owned(),
            unit,
            ours: sample(ours),
            other: Other { name: self.rival.name().to_owned(), sample: sample(theirs) },
            goal,
        }
    }
}

/// One run. What it needs, fresh codes or tokens, is got before, for as long as the run will last.
async fn measure(
    party: &Party,
    setting: &Setting,
    discipline: Discipline,
    load: Load,
) -> Outcome<Run> {
    let server = party.server;
    let run = match discipline {
        Discipline::Codes => {
            drive(server, load, Codes::new(party, setting, Scope::WithOpenid, usize::MAX)).await?.0
        }
        Discipline::RedeemOpenid => redeem(party, setting, Scope::WithOpenid, load).await?.0,
        Discipline::Redeem => redeem(party, setting, Scope::WithoutOpenid, load).await?.0,
        Discipline::Refresh => {
            let (_, tokens) = redeem(party, setting, Scope::WithOpenid, load).await?;
            drive(server, load, Refresh::new(party, setting, Scope::WithOpenid, tokens)).await?.0
        }
        Discipline::Userinfo => {
            let (_, tokens) = redeem(party, setting, Scope::WithOpenid, load).await?;
            drive(server, load, Userinfo::new(party, &tokens, usize::MAX)).await?.0
        }
    };
    Ok(run)
}

async fn redeem(
    party: &Party,
    setting: &Setting,
    scope: Scope,
    load: Load,
) -> Outcome<(Run, Vec<Tokens>)> {
    let codes = Codes::new(party, setting, scope, usize::MAX);
    let (_, Codes { codes, .. }) = drive(party.server, load, codes).await?;
    let redeem = Redeem::new(party, setting, scope, codes);
    let (run, Redeem { tokens, .. }) = drive(party.server, load, redeem).await?;
    Ok((run, tokens))
}
