//! What the user is to see.

use crate::prompt::Remember;

/// What a host draws. Everything in it was verified or cleaned; nothing is taken from the page.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ConsentView {
    /// To be named in the answer.
    pub prompt: u64,
    /// To be repeated in the answer: it stands for all the rest.
    pub digest: String,
    /// Who asks.
    pub mini_program: ViewMiniProgram,
    /// The account that is used.
    pub account: String,
    /// What is asked, in this order; one box each.
    pub scopes: Vec<ViewScope>,
    /// The resource the code is for, where the program named one.
    pub audience: Option<String>,
    /// The language of the texts, BCP 47.
    pub locale: String,
    /// For how long the user may agree; the first is what the host proposes.
    pub remember: Vec<Remember>,
}

/// Who asks.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ViewMiniProgram {
    /// For machines.
    pub id: String,
    /// For people.
    pub name: String,
    /// Its publisher, for people.
    pub publisher: String,
    /// The address of its picture, at one of its own origins: to look at it tells nobody else.
    pub icon: Option<String>,
    /// Nobody vouches for this program: the host shows a warning.
    pub unsigned: bool,
    /// Why the names deserve a second look: the host shows a warning for each.
    pub doubts: Vec<NameDoubt>,
}

/// Why a name deserves a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NameDoubt {
    /// One of its words is written in scripts that do not go together.
    MixedScripts,
    /// It looks like the host's own name.
    LooksLikeHost,
    /// It looks like the name of another program that is open.
    LooksLikeAnother,
}

/// One box.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ViewScope {
    /// The scope token, for the answer.
    pub name: String,
    /// What it lets the program see or do, in plain words.
    pub title: String,
    /// Why the program says it wants it; empty where it does not say.
    pub reason: String,
}

impl From<minihost::ConsentView> for ConsentView {
    fn from(view: minihost::ConsentView) -> Self {
        let minihost::ConsentView { prompt, digest, shown } = view;
        Self {
            prompt: prompt.0,
            digest: digest.as_str().to_owned(),
            mini_program: shown.mini_program.into(),
            account: shown.account,
            scopes: shown.scopes.into_iter().map(ViewScope::from).collect(),
            audience: shown.audience.map(|audience| audience.as_str().to_owned()),
            locale: shown.locale.as_str().to_owned(),
            remember: shown.remember.into_iter().map(Remember::from).collect(),
        }
    }
}

impl From<minihost::ViewMiniProgram> for ViewMiniProgram {
    fn from(program: minihost::ViewMiniProgram) -> Self {
        Self {
            id: program.id.as_str().to_owned(),
            name: program.name,
            publisher: program.publisher,
            icon: program.icon.map(String::from),
            unsigned: program.unsigned,
            doubts: program.doubts.into_iter().map(NameDoubt::from).collect(),
        }
    }
}

impl From<minihost::NameDoubt> for NameDoubt {
    fn from(doubt: minihost::NameDoubt) -> Self {
        match doubt {
            minihost::NameDoubt::MixedScripts => Self::MixedScripts,
            minihost::NameDoubt::LooksLikeHost => Self::LooksLikeHost,
            minihost::NameDoubt::LooksLikeAnother => Self::LooksLikeAnother,
        }
    }
}

impl From<minihost::ViewScope> for ViewScope {
    fn from(scope: minihost::ViewScope) -> Self {
        Self { name: scope.name.as_str().to_owned(), title: scope.title, reason: scope.reason }
    }
}
