//! What is said at the end of a run.

use std::env;
use std::time::Duration;

use crate::outcome::{NotPassed, PartResult};
use crate::part::Part;

/// What a skipped part counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skips {
    /// On a developer's machine: counted apart.
    Allowed,
    /// On a build machine, which must be able to run everything: a failure.
    Fail,
}

impl Skips {
    pub(crate) fn from_environment() -> Self {
        Self::from_ci(env::var("CI").ok().as_deref())
    }

    fn from_ci(ci: Option<&str>) -> Self {
        if ci == Some("true") { Self::Fail } else { Self::Allowed }
    }

    /// The result as it counts.
    pub(crate) fn judge(self, result: PartResult) -> PartResult {
        match (self, result) {
            (Self::Fail, Err(NotPassed::Skipped(reason))) => Err(NotPassed::Failed(format!(
                "skipped, which is a failure with CI=true: {reason}"
            ))),
            (_, result) => result,
        }
    }
}

/// A part that was run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) part: Part,
    pub(crate) took: Duration,
    pub(crate) result: PartResult,
}

impl Report {
    /// One line: the part, its minutes, how it ended.
    pub(crate) fn line(&self) -> String {
        let ending = match &self.result {
            Ok(()) => "passed".to_owned(),
            Err(NotPassed::Failed(reason)) => format!("failed: {reason}"),
            Err(NotPassed::Skipped(reason)) => format!("skipped: {reason}"),
        };
        let minutes = self.took.as_secs_f64() / 60.0;
        format!("{:<12}{minutes:>6.2} min  {ending}", self.part.name())
    }
}

/// Every part of a run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    reports: Vec<Report>,
}

impl Summary {
    pub(crate) fn add(&mut self, report: Report) {
        self.reports.push(report);
    }

    pub(crate) fn has_failures(&self) -> bool {
        self.failed().next().is_some()
    }

    /// The table, the commands that run failed parts alone, and as the last line the counts.
    pub(crate) fn text(&self) -> String {
        let mut lines: Vec<String> = self.reports.iter().map(Report::line).collect();
        for report in self.failed() {
            let name = report.part.name();
            lines.push(format!("{name} failed; alone: cargo xtask test {name}"));
        }
        lines.push(self.counts());
        lines.join("\n")
    }

    fn counts(&self) -> String {
        let count = |wanted: fn(&PartResult) -> bool| {
            self.reports.iter().filter(|report| wanted(&report.result)).count()
        };
        let passed = count(Result::is_ok);
        let failed = self.failed().count();
        let skipped = count(|result| matches!(result, Err(NotPassed::Skipped(_))));
        let mut line = format!("{passed} passed, {failed} failed");
        if skipped > 0 {
            line.push_str(&format!(", {skipped} skipped"));
        }
        line
    }

    fn failed(&self) -> impl Iterator<Item = &Report> {
        self.reports.iter().filter(|report| matches!(report.result, Err(NotPassed::Failed(_))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped() -> PartResult {
        Err(NotPassed::Skipped("no browser".to_owned()))
    }

    fn summary(results: Vec<(Part, PartResult)>) -> Summary {
        let mut summary = Summary::default();
        for (part, result) in results {
            summary.add(Report { part, took: Duration::from_secs(90), result });
        }
        summary
    }

    #[test]
    fn the_last_line_counts_parts_and_nothing_else() {
        let summary = summary(vec![
            (Part::Format, Ok(())),
            (Part::Lints, Err(NotPassed::failed("clippy"))),
            (Part::Rust, Ok(())),
        ]);
        assert_eq!(summary.text().lines().last(), Some("2 passed, 1 failed"));
        assert!(summary.has_failures());
    }

    #[test]
    fn skips_are_counted_only_when_there_are_any() {
        let summary = summary(vec![(Part::Format, Ok(())), (Part::E2e, skipped())]);
        assert_eq!(summary.text().lines().last(), Some("1 passed, 0 failed, 1 skipped"));
        assert!(!summary.has_failures());
    }

    #[test]
    fn each_part_has_its_minutes_and_its_reason() {
        let summary = summary(vec![(Part::E2e, skipped())]);
        assert_eq!(
            summary.text().lines().next(),
            Some("e2e           1.50 min  skipped: no browser")
        );
    }

    #[test]
    fn a_failed_part_comes_with_the_command_that_runs_it_alone() {
        let summary = summary(vec![(Part::Deny, Err(NotPassed::failed("a licence")))]);
        assert!(summary.text().contains("\ndeny failed; alone: cargo xtask test deny\n"));
    }

    #[test]
    fn a_skip_fails_in_ci_and_keeps_its_reason() {
        let judged = Skips::from_ci(Some("true")).judge(skipped());
        assert!(matches!(judged, Err(NotPassed::Failed(reason)) if reason.ends_with("no browser")));
    }

    #[test]
    fn a_skip_stays_a_skip_elsewhere() {
        for ci in [None, Some(""), Some("false")] {
            assert_eq!(Skips::from_ci(ci).judge(skipped()), skipped());
        }
    }

    #[test]
    fn what_passed_or_failed_stays_so_in_ci() {
        for result in [Ok(()), Err(NotPassed::failed("a test"))] {
            assert_eq!(Skips::Fail.judge(result.clone()), result);
        }
    }
}
