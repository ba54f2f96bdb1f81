//! What our server holds of the machine's memory.

use minihost_bench_report::{Comparison, Goal, Other, Report, Sample};

use crate::failure::Outcome;
use crate::load::{Load, drive};
use crate::party::Party;
use crate::setting::Setting;
use crate::workloads::{Codes, Redeem, Scope, Userinfo};

const IDLE_MEGABYTES: f64 = 12.0;
const SESSIONS_MEGABYTES: f64 = 100.0;
/// Codes live for a minute; so many are redeemed in time on any machine.
const BATCH: usize = 5_000;

/// Reports our server, which must be new, when it began to serve, when it had signed its users in, and
/// with `sessions` live sessions, each of which has tokens that were used.
pub(crate) async fn report(
    ours: &Party,
    bare: &Party,
    setting: &Setting,
    connections: usize,
    sessions: usize,
    report: &mut Report,
) -> Outcome<()> {
    report.add(Comparison {
        name: "memory, idle".to_owned(),
        unit: "MB",
        ours: Sample::once(ours.idle_megabytes),
        other: Other { name: bare.name.clone(), sample: Sample::once(bare.idle_megabytes) },
        goal: Some(Goal::OursBelow(IDLE_MEGABYTES)),
    });
    let idle = || Other { name: "idle".to_owned(), sample: Sample::once(ours.idle_megabytes) };
    report.add(Comparison {
        name: "memory, users signed in".to_owned(),
        unit: "MB",
        ours: Sample::once(ours.process.resident_megabytes()?),
        other: idle(),
        goal: None,
    });

    let load = Load::to_the_end(connections);
    let mut begun = 0;
    while begun < sessions {
        let batch = BATCH.min(sessions - begun);
        let codes = Codes::new(ours, setting, Scope::WithOpenid, batch);
        let (_, Codes { codes, .. }) = drive(ours.server, load, codes).await?;
        let redeem = Redeem::new(ours, setting, Scope::WithOpenid, codes);
        let (_, Redeem { tokens, .. }) = drive(ours.server, load, redeem).await?;
        let details = Userinfo::new(ours, &tokens, tokens.len());
        drive(ours.server, load, details).await?;
        begun += tokens.len();
    }
    report.add(Comparison {
        name: format!("memory, {sessions} live sessions"),
        unit: "MB",
        ours: Sample::once(ours.process.resident_megabytes()?),
        other: idle(),
        goal: Some(Goal::OursBelow(SESSIONS_MEGABYTES)),
    });
    Ok(())
}
