//! How a benchmark tells what it measured: a table for people, JSON for machines.
//!
//! A figure alone says as much about the machine as about the program. So each stands beside another
//! that was measured in the same run, a peer's or a floor's, with the ratio of the two and the spread
//! over the runs.
//!
//! ```
//! use minihost_bench_report::{Comparison, Goal, Other, Report, Sample};
//!
//! let mut report = Report::new("example");
//! report.fact("cores", 2.0);
//! report.add(Comparison {
//!     name: "echo".to_owned(),
//!     unit: "1/s",
//!     ours: Sample::new(vec![290.0, 300.0, 310.0]).expect("three runs"),
//!     other: Other {
//!         name: "peer 1.0".to_owned(),
//!         sample: Sample::new(vec![100.0, 100.0, 100.0]).expect("three runs"),
//!     },
//!     goal: Some(Goal::RatioAtLeast(2.0)),
//! });
//! assert!(report.table().contains("3.00"));
//! assert_eq!(report.json()["results"][0]["ratio"], 3.0);
//! ```

mod comparison;
mod figures;
mod finish;
mod report;
mod sample;

pub use comparison::{Comparison, Goal, Other};
pub use figures::run;
pub use finish::finish;
pub use report::Report;
pub use sample::{Sample, Spread};
