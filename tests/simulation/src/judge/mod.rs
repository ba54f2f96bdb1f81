//! The model that a history is held against. It knows what was done to the host and what came out of
//! it, and nothing of the code in between.

mod codes;
mod disk;
mod facts;
mod grants;
mod prompts;
mod refusals;
mod requests;
mod screen;
mod secrets;
mod server;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use minihost::{DocumentId, ReplyToken, SessionId, User};

pub(crate) use facts::{CodeAsked, CodeSent, Key, Party, Program, Sent, Wants};
pub(crate) use secrets::SECRET;

use crate::rule::{Rule, Violation};
use disk::OnDisk;
use grants::Agreement;
use prompts::{Answer, OnScreen};
use refusals::Refusals;
use requests::{Ended, Waiting};
use screen::Elsewhere;
use server::Named;

/// When something happened: by the clock of the process, and by the calendar.
#[derive(Clone, Copy)]
pub(crate) struct When {
    pub(crate) uptime: Duration,
    pub(crate) time: Timestamp,
}

/// What an observer outside the host knows.
#[derive(Default)]
pub(crate) struct Judge {
    pub(crate) violation: Option<Violation>,
    /// Whether the host forgets what its user granted when they sign out.
    forgets: bool,
    /// Which document is there in each open session.
    documents: BTreeMap<SessionId, DocumentId>,
    /// Documents that went since everything was last at rest: what was on its way to them may come.
    gone_just_now: BTreeSet<(SessionId, DocumentId)>,
    waiting: BTreeMap<(SessionId, ReplyToken), Waiting>,
    ended: BTreeMap<(SessionId, ReplyToken), Ended>,
    /// Notifications and messages of old documents, whose way back is let go once.
    unanswerable: BTreeSet<(SessionId, ReplyToken)>,
    /// Which message a challenge came with; each request of a page has its own.
    challenges: BTreeMap<String, (SessionId, ReplyToken)>,
    hidden: BTreeSet<SessionId>,
    /// Pages that left the screen since everything was last at rest: their prompt is on its way off it.
    left_just_now: BTreeSet<SessionId>,
    /// Whether an answer came since everything was last at rest.
    answered_just_now: bool,
    user: Option<User>,
    on_screen: Option<OnScreen>,
    /// Which program's page has cancelled something or begun anew last, and when.
    takes_back: Option<(String, Duration)>,
    elsewhere: Elsewhere,
    /// Who was asked when, newest last.
    turns: Vec<(String, Duration)>,
    answers: Vec<Answer>,
    refusals: BTreeMap<(String, String), Refusals>,
    standing: BTreeMap<Key, Vec<Agreement>>,
    /// What lies in the file of grants, but for what has ended.
    on_disk: BTreeMap<Key, OnDisk>,
    /// What the host has the server's name for, by user and client.
    named: BTreeMap<(String, String), Vec<Named>>,
    saves: u64,
    answers_given: u64,
    evidence_seen: BTreeSet<String>,
    codes_delivered: BTreeSet<String>,
    /// Code requests that are on their way to the server, or back, by their challenge.
    under_way: BTreeMap<String, Duration>,
}

impl Judge {
    pub(crate) fn new(forgets: bool) -> Self {
        Self { forgets, ..Self::default() }
    }

    /// How many answers of the user counted, and how many codes were delivered.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (self.answers_given, self.codes_delivered.len() as u64)
    }

    /// Notes that a rule did not hold; the first one counts.
    pub(crate) fn blame(&mut self, rule: Rule, what: impl Into<String>) {
        if self.violation.is_none() {
            self.violation = Some(Violation { rule, what: what.into() });
        }
    }

    fn expect(&mut self, holds: bool, rule: Rule, what: impl FnOnce() -> String) {
        if !holds && self.violation.is_none() {
            self.blame(rule, what());
        }
    }

    /// Whether something may be on its way within the process that is out of date.
    fn is_in_flux(&self) -> bool {
        !self.gone_just_now.is_empty() || !self.left_just_now.is_empty() || self.answered_just_now
    }

    /// Whoever is there now: where it is another than at the last rest, each may have been there in between
    /// and have signed out.
    pub(crate) fn seen(&mut self, epoch: Option<u64>) {
        if self.forgets && self.user.as_ref().map(|user| user.epoch) != epoch {
            self.may_be_forgotten();
        }
    }

    /// Everything has come to rest: nothing is on its way within the process.
    pub(crate) fn at_rest(&mut self, when: When, user: Option<User>, pending: usize) {
        self.gone_just_now.clear();
        self.left_just_now.clear();
        self.answered_just_now = false;
        self.saves_are_heard();
        let (before, after) = (self.user.as_ref(), user.as_ref());
        if before.map(|user| user.epoch) != after.map(|user| user.epoch) {
            self.answers.retain(|answer| Some(answer.epoch) == after.map(|user| user.epoch));
        }
        self.seen(after.map(|user| user.epoch));
        self.user = user;
        self.check_requests(when.uptime, pending);
        self.check_screen(when.uptime);
        self.note_expiry(when.time);
    }

    /// The process is gone, and everything that lived in it.
    pub(crate) fn process_ended(&mut self) {
        self.documents.clear();
        self.gone_just_now.clear();
        self.waiting.clear();
        self.ended.clear();
        self.unanswerable.clear();
        self.hidden.clear();
        self.left_just_now.clear();
        self.user = None;
        self.on_screen = None;
        self.takes_back = None;
        self.elsewhere = Elsewhere::default();
        self.turns.clear();
        self.answers.clear();
        self.under_way.clear();
    }
}
