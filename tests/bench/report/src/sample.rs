//! The figures of several runs.

use serde::Serialize;

/// One figure for each run, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample(Vec<f64>);

/// The least and the greatest figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Sample {
    /// Takes the figures in the order of the runs; `None` when there is none, or one is not a number.
    #[must_use]
    pub fn new(runs: Vec<f64>) -> Option<Self> {
        (!runs.is_empty() && runs.iter().all(|run| run.is_finite())).then_some(Self(runs))
    }

    /// A figure that was taken once.
    ///
    /// # Panics
    /// When it is not a number.
    #[must_use]
    pub fn once(figure: f64) -> Self {
        Self::new(vec![figure]).expect("a figure is a number")
    }

    /// The figure in the middle; of an even number of runs the mean of the two in the middle.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        }
    }

    /// From the least to the greatest.
    #[must_use]
    pub fn spread(&self) -> Spread {
        self.0.iter().fold(
            Spread { min: f64::INFINITY, max: f64::NEG_INFINITY },
            |Spread { min, max }, run| Spread { min: min.min(*run), max: max.max(*run) },
        )
    }

    /// The ratios of runs that were neighbours in time; runs without a neighbour are left out.
    pub(crate) fn ratios(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, other)| ours / other).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_mind_the_order_or_one_wild_run() {
        let median = |runs: &[f64]| Sample::new(runs.to_vec()).unwrap().median();
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[900.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn the_spread_goes_from_the_least_to_the_greatest() {
        let sample = Sample::new(vec![2.0, 1.0, 3.0]).unwrap();
        assert_eq!(sample.spread(), Spread { min: 1.0, max: 3.0 });
        assert_eq!(Sample::once(7.0).spread(), Spread { min: 7.0, max: 7.0 });
    }

    #[test]
    fn no_runs_and_no_numbers_are_no_sample() {
        assert_eq!(Sample::new(Vec::new()), None);
        assert_eq!(Sample::new(vec![1.0, f64::NAN]), None);
        assert_eq!(Sample::new(vec![f64::INFINITY]), None);
    }
}
