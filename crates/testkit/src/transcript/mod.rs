//! Histories as JSON: what goes in, what must come out. The form is described in
//! `tests/vectors/README.md`.

mod input;
mod shape;

use minihost_core::Effect;
use serde::Deserialize;
use serde_json::Value;

use self::{input::feed, shape::Shapes};
use crate::{matches, render};

/// One history.
#[derive(Debug, Deserialize)]
pub struct Transcript {
    /// What it shows, as a sentence.
    pub title: String,
    #[serde(default)]
    audit: bool,
    #[serde(default)]
    events: bool,
    /// How the host differs from the usual one.
    #[serde(default)]
    host: Value,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    #[serde(rename = "in")]
    input: Value,
    #[serde(default)]
    out: Vec<Value>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

/// Plays a history against a fresh machine. Beside what the history names, whatever the machine
/// answers or tells must look as the registry declares.
///
/// # Errors
/// A text that says at which step what came differs from what was expected.
pub fn play(transcript: &Transcript) -> Result<(), String> {
    let title = &transcript.title;
    let mut machine = input::machine(&transcript.host)
        .ok_or_else(|| format!("“{title}”: not a host: {}", transcript.host))?;
    let mut shapes = Shapes::default();
    let steps = transcript.steps.iter().enumerate();
    for (index, step) in steps.flat_map(|step| (0..step.1.times).map(move |_| step)) {
        shapes.note(&step.input);
        let effects = feed(&mut machine, &step.input)
            .ok_or_else(|| format!("“{title}”, step {index}: not an input: {}", step.input))?;
        if let Some(text) = effects.iter().find_map(|effect| shapes.misshapen(effect)) {
            return Err(format!("“{title}”, step {index}: not as declared: {text}"));
        }
        let kept = |effect: &&Effect| match effect {
            Effect::Audit(_) => transcript.audit,
            Effect::Tell(_) => transcript.events,
            _ => true,
        };
        let came: Vec<Value> = effects.iter().filter(kept).map(render).collect();
        let expected = Value::Array(step.out.clone());
        if !matches(&expected, &Value::Array(came.clone())) {
            let came = serde_json::to_string_pretty(&came).unwrap_or_default();
            let expected = serde_json::to_string_pretty(&expected).unwrap_or_default();
            return Err(format!(
                "“{title}”, step {index}: {}\nexpected {expected}\ncame {came}",
                step.input
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn played(steps: Value) -> Result<(), String> {
        play(&serde_json::from_value(json!({"title": "t", "steps": steps})).unwrap())
    }

    #[test]
    fn a_step_that_differs_and_a_member_that_nobody_reads_are_faults() {
        let ready = json!({"in": {"ready": {"session": 1, "program": "teahouse"}}});
        let garbage = |text: &str, out: Value| {
            json!({"in": {"message": {"session": 1, "program": "teahouse", "document": 1, "to": 1,
                "text": text}}, "out": out})
        };
        let settled = json!([{"settle": {"session": 1, "to": 1}}]);
        let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
        assert_eq!(played(json!([ready, garbage(cancel, settled.clone())])), Ok(()));
        assert!(played(json!([ready, garbage("{", settled)])).is_err());
        assert!(played(json!([ready, garbage(cancel, json!([]))])).is_err());
        assert!(played(json!([{"in": {"close": {"sesion": 1}}}])).is_err());
        assert!(played(json!([{"in": {"explode": true}}])).is_err());
        let host = json!({"title": "t", "host": {"sillent": "recognise"}, "steps": []});
        assert!(play(&serde_json::from_value(host).unwrap()).is_err());
    }
}
