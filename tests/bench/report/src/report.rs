//! All that one benchmark has to tell.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::comparison::{Comparison, Goal};

/// The results of one benchmark.
#[derive(Clone, Debug)]
pub struct Report {
    benchmark: &'static str,
    facts: Vec<(&'static str, f64)>,
    results: Vec<Comparison>,
}

impl Report {
    /// A report without results.
    #[must_use]
    pub fn new(benchmark: &'static str) -> Self {
        Self { benchmark, facts: Vec::new(), results: Vec::new() }
    }

    /// States a circumstance that the reader needs to judge the results.
    pub fn fact(&mut self, name: &'static str, value: f64) {
        self.facts.push((name, value));
    }

    /// Adds a result.
    pub fn add(&mut self, comparison: Comparison) {
        self.results.push(comparison);
    }

    /// The results, a line each.
    #[must_use]
    pub fn table(&self) -> String {
        let head = ["", "ours", "other", "unit", "ratio", "least", "most", "goal", ""];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(self.results.iter().map(row));
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
        let widths: [usize; 9] = std::array::from_fn(|column| width(column).unwrap_or(0));
        let line = |row: &[String; 9]| {
            let mut line = format!("{:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(widths).skip(1) {
                line.push_str(&format!("  {cell:>width$}"));
            }
            line.trim_end().to_owned()
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The results and the facts.
    #[must_use]
    pub fn json(&self) -> Value {
        let facts: Map<String, Value> =
            self.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "benchmark": self.benchmark,
            "facts": facts,
            "results": self.results.iter().map(Comparison::json).collect::<Vec<_>>(),
        })
    }

    /// Writes [`Report::json`] to a file, replacing what it held.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, format!("{:#}\n", self.json()))
    }
}

fn row(comparison: &Comparison) -> [String; 9] {
    let ratios = comparison.ours.ratios(&comparison.other.sample).spread();
    let goal = comparison.goal.map_or_else(String::new, |goal| match goal {
        Goal::RatioAtLeast(least) => format!("ratio >= {least}"),
        Goal::RatioAtMost(most) => format!("ratio <= {most}"),
        Goal::ExcessAtMost(most) => format!("excess <= {most}"),
        Goal::OursBelow(limit) => format!("ours < {limit}"),
    });
    let met = comparison.is_met().map_or("", |met| if met { "met" } else { "MISSED" });
    [
        comparison.name.clone(),
        figure(comparison.ours.median()),
        figure(comparison.other.sample.median()),
        comparison.unit.to_owned(),
        format!("{:.2}", comparison.ratio()),
        format!("{:.2}", ratios.min),
        format!("{:.2}", ratios.max),
        goal,
        met.to_owned(),
    ]
}

/// Three digits that say something; more for what is counted in thousands.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        below if below < 1.0 => 3,
        below if below < 10.0 => 2,
        below if below < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Other;
    use crate::sample::Sample;

    fn report() -> Report {
        let mut report = Report::new("test");
        report.fact("cores", 2.0);
        for (name, ours) in [("short", 1234.5), ("a longer name", 0.25)] {
            report.add(Comparison {
                name: name.to_owned(),
                unit: "ms",
                ours: Sample::once(ours),
                other: Other { name: "floor".to_owned(), sample: Sample::once(1.0) },
                goal: Some(Goal::OursBelow(10.0)),
            });
        }
        report
    }

    #[test]
    fn the_table_says_of_each_result_whether_its_goal_is_met() {
        let table = report().table();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("short ") && lines[1].ends_with("ours < 10  MISSED"));
        assert!(lines[2].starts_with("a longer name ") && lines[2].ends_with("ours < 10     met"));
    }

    #[test]
    fn the_json_has_the_facts_and_every_result() {
        let json = report().json();
        assert_eq!(json["benchmark"], "test");
        assert_eq!(json["facts"], json!({ "cores": 2.0 }));
        assert_eq!(json["results"][0]["ours"], 1234.5);
        assert_eq!(json["results"][1]["met"], true);
    }
}
