//! The `prompt` parameter (OpenID Connect Core §3.1.2.1).

use crate::http::Problem;

/// What the user must, or must not, be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Prompt {
    /// Nothing at all.
    Nothing,
    /// What is needed, and what is named here in any case.
    Ask { login: bool, consent: bool, account: bool },
}

impl Prompt {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Problem> {
        let invalid = |description| Err(Problem::invalid_request(description));
        let (mut nothing, mut login, mut consent, mut account) = (false, false, false, false);
        for word in text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => nothing = true,
                "login" => login = true,
                "consent" => consent = true,
                "select_account" => account = true,
                _ => return invalid("prompt must be none, login, consent or select_account"),
            }
        }
        match (nothing, login || consent || account) {
            (true, true) => invalid("prompt must not have none beside other values"),
            (true, false) => Ok(Self::Nothing),
            (false, _) => Ok(Self::Ask { login, consent, account }),
        }
    }

    pub(super) fn wants_login(self) -> bool {
        matches!(self, Self::Ask { login: true, .. })
    }

    pub(super) fn wants_consent(self) -> bool {
        matches!(self, Self::Ask { consent: true, .. })
    }

    pub(super) fn wants_account(self) -> bool {
        matches!(self, Self::Ask { account: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_values_are_read_and_none_stands_alone() {
        assert_eq!(Prompt::read(Some("none")).unwrap(), Prompt::Nothing);
        let both = Prompt::read(Some("consent  login")).unwrap();
        assert!(both.wants_login() && both.wants_consent() && !both.wants_account());
        let nothing_special = Prompt::read(None).unwrap();
        assert!(!nothing_special.wants_login() && nothing_special != Prompt::Nothing);
        for bad in ["none login", "create", "NONE"] {
            assert!(Prompt::read(Some(bad)).is_err(), "{bad}");
        }
    }
}
