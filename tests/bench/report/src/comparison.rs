//! One figure beside another.

use serde::Serialize;
use serde_json::{Value, json};

use crate::sample::Sample;

/// What was measured of ours, and of what it is compared with, in the same run.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was measured.
    pub name: String,
    /// The unit of both figures.
    pub unit: &'static str,
    /// Ours, a figure for each run.
    pub ours: Sample,
    /// The other's, in runs that alternate with ours.
    pub other: Other,
    /// What ours should reach; `None` where the comparison is only for the reader.
    pub goal: Option<Goal>,
}

/// A peer, or a floor below which nobody gets.
#[derive(Clone, Debug)]
pub struct Other {
    /// Its name, with its version where it has one.
    pub name: String,
    /// Its figures.
    pub sample: Sample,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Ours divided by the other's.
    RatioAtLeast(f64),
    /// Ours divided by the other's.
    RatioAtMost(f64),
    /// What ours takes above the other's, in the unit of the comparison.
    ExcessAtMost(f64),
    /// Ours alone, in the unit of the comparison.
    OursBelow(f64),
}

impl Comparison {
    /// The median of ours, divided by the median of the other's.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ours.median() / self.other.sample.median()
    }

    /// Whether the goal is reached; `None` where there is none.
    #[must_use]
    pub fn is_met(&self) -> Option<bool> {
        self.goal.map(|goal| match goal {
            Goal::RatioAtLeast(least) => self.ratio() >= least,
            Goal::RatioAtMost(most) => self.ratio() <= most,
            Goal::ExcessAtMost(most) => self.ours.median() - self.other.sample.median() <= most,
            Goal::OursBelow(limit) => self.ours.median() < limit,
        })
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "unit": self.unit,
            "ours": self.ours.median(),
            "other": { "name": self.other.name, "value": self.other.sample.median() },
            "ratio": self.ratio(),
            "spread": {
                "ours": self.ours.spread(),
                "other": self.other.sample.spread(),
                "ratio": self.ours.ratios(&self.other.sample).spread(),
            },
            "goal": self.goal,
            "met": self.is_met(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(ours: &[f64], other: &[f64], goal: Option<Goal>) -> Comparison {
        Comparison {
            name: "x".to_owned(),
            unit: "1/s",
            ours: Sample::new(ours.to_vec()).unwrap(),
            other: Other { name: "y".to_owned(), sample: Sample::new(other.to_vec()).unwrap() },
            goal,
        }
    }

    #[test]
    fn goals_are_met_by_medians() {
        let met = |goal| comparison(&[300.0, 1.0, 301.0], &[100.0, 99.0, 500.0], goal).is_met();
        assert_eq!(met(None), None);
        assert_eq!(met(Some(Goal::RatioAtLeast(3.0))), Some(true));
        assert_eq!(met(Some(Goal::RatioAtLeast(3.01))), Some(false));
        assert_eq!(met(Some(Goal::RatioAtMost(3.0))), Some(true));
        assert_eq!(met(Some(Goal::RatioAtMost(2.99))), Some(false));
        assert_eq!(met(Some(Goal::ExcessAtMost(200.0))), Some(true));
        assert_eq!(met(Some(Goal::ExcessAtMost(199.9))), Some(false));
        assert_eq!(met(Some(Goal::OursBelow(300.1))), Some(true));
        assert_eq!(met(Some(Goal::OursBelow(300.0))), Some(false));
    }

    #[test]
    fn the_json_has_both_figures_their_ratio_and_the_spread_over_neighbouring_runs() {
        let json = comparison(&[200.0, 400.0], &[100.0, 100.0], Some(Goal::RatioAtLeast(2.0)));
        assert_eq!(
            json.json(),
            json!({
                "name": "x", "unit": "1/s", "ours": 300.0, "other": { "name": "y", "value": 100.0 },
                "ratio": 3.0,
                "spread": {
                    "ours": { "min": 200.0, "max": 400.0 },
                    "other": { "min": 100.0, "max": 100.0 },
                    "ratio": { "min": 2.0, "max": 4.0 },
                },
                "goal": { "ratio_at_least": 2.0 },
                "met": true,
            })
        );
    }
}
