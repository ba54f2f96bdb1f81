//! What a settings file leaves open: addresses, secrets, places.

use std::collections::BTreeMap;
use std::env;

use crate::failure::Failure;

/// Values for `${NAME}`, by what was started and else by the environment.
#[derive(Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    pub(crate) fn extend(&mut self, told: BTreeMap<String, String>) {
        self.0.extend(told);
    }

    fn get(&self, name: &str) -> Result<String, Failure> {
        let value = self.0.get(name).cloned().or_else(|| env::var(name).ok());
        value.ok_or_else(|| Failure::new(format!("nothing says what ${{{name}}} is")))
    }

    pub(crate) fn fill_text(&self, text: &str) -> Result<String, Failure> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, behind)) = after.split_once('}') else { break };
            filled.push_str(before);
            filled.push_str(&self.get(name)?);
            rest = behind;
        }
        Ok(filled + rest)
    }

    /// Fills in every string of a value.
    pub(crate) fn fill(&self, value: toml::Value) -> Result<toml::Value, Failure> {
        Ok(match value {
            toml::Value::String(text) => toml::Value::String(self.fill_text(&text)?),
            toml::Value::Array(values) => toml::Value::Array(
                values.into_iter().map(|value| self.fill(value)).collect::<Result<_, _>>()?,
            ),
            toml::Value::Table(table) => {
                let filled = table.into_iter().map(|(name, value)| Ok((name, self.fill(value)?)));
                toml::Value::Table(filled.collect::<Result<_, Failure>>()?)
            }
            plain => plain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_filled_in_wherever_they_stand_and_a_value_is_not_filled_in_again() {
        let mut variables = Variables::default();
        variables.set("A", "${B}");
        let table: toml::Table =
            "x = ['a${A}b${A}', { y = '${A}', n = 1 }]\nz = '$A ${'".parse().unwrap();
        let filled = variables.fill(toml::Value::Table(table)).unwrap();
        let expected: toml::Table =
            "x = ['a${B}b${B}', { y = '${B}', n = 1 }]\nz = '$A ${'".parse().unwrap();
        assert_eq!(filled, toml::Value::Table(expected));
    }

    #[test]
    fn a_name_that_nobody_knows_is_said() {
        let failure = Variables::default().fill_text("${NO_SUCH_VARIABLE}").unwrap_err();
        assert!(failure.to_string().contains("${NO_SUCH_VARIABLE}"));
    }
}
