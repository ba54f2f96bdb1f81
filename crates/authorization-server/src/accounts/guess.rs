//! Whose failures a password that was tried counts with.

use std::net::IpAddr;

use crate::client::{Application, Client, Proof};
use crate::http::Problem;
use crate::server::Server;
use crate::throttle::{Attempt, Subject};

/// From where a username and a password were sent.
#[derive(Clone, Copy)]
pub(crate) enum Sender {
    /// From the user's own browser or app.
    User(Option<IpAddr>),
    /// From the backend of a client, behind whose address all its users are. It tells nothing about
    /// who guesses, and nobody is refused because of it: only an authenticated client sends from
    /// there, and it knows its users' addresses itself.
    Backend(Option<IpAddr>),
}

impl Sender {
    /// From where this client sends its users' passwords.
    pub(crate) fn of(client: &Client, address: Option<IpAddr>) -> Self {
        let is_installed =
            client.application == Application::Native || matches!(client.proof, Proof::Attested(_));
        if is_installed { Self::User(address) } else { Self::Backend(address) }
    }

    fn address(self) -> Option<IpAddr> {
        let (Self::User(address) | Self::Backend(address)) = self;
        address
    }
}

/// The subjects of one guess.
#[derive(Clone)]
pub(super) struct Subjects {
    /// The user from this address. A success forgets its failures.
    here: Subject,
    /// The user from anywhere.
    anywhere: Subject,
    /// The address, whoever the user.
    address: Option<Subject>,
}

impl Subjects {
    pub(super) fn new(username: &str, sender: Sender) -> Self {
        Self {
            here: Subject::username(username, sender.address()),
            anywhere: Subject::username_anywhere(username),
            address: match sender {
                Sender::User(address) => Some(Subject::address(address)),
                Sender::Backend(_) => None,
            },
        }
    }

    /// Refuses when too many guesses failed.
    pub(super) fn check(&self, server: &Server) -> Result<(), Problem> {
        let now = server.clock.now();
        let all = [&self.here, &self.anywhere].into_iter().chain(&self.address);
        all.into_iter().try_for_each(|subject| server.throttle.check(subject, now))
    }
}

/// A password that is being looked at. It fails unless it is said not to: who hangs up before the
/// answer has guessed all the same.
#[must_use]
pub(super) struct Guess<'a> {
    server: &'a Server,
    here: Subject,
    /// What counts from the start.
    begun: Vec<Attempt>,
    /// What counts when it has failed.
    later: Vec<Subject>,
}

impl<'a> Guess<'a> {
    /// For a password that is looked at here, a few at a time: nothing counts before it has failed.
    pub(super) fn here(server: &'a Server, subjects: Subjects) -> Result<Self, Problem> {
        subjects.check(server)?;
        let Subjects { here, anywhere, address } = subjects;
        let later = [here.clone(), anywhere].into_iter().chain(address).collect();
        Ok(Self { server, here, begun: Vec::new(), later })
    }

    /// For a password that somebody else looks at, who may take their time: no more guesses at one
    /// user's password are on their way than may fail.
    pub(super) fn elsewhere(server: &'a Server, subjects: Subjects) -> Result<Self, Problem> {
        subjects.check(server)?;
        let Subjects { here, anywhere, address } = subjects;
        let later = address.into_iter().collect();
        let mut guess = Self { server, here: here.clone(), begun: Vec::new(), later };
        for subject in [here, anywhere] {
            match server.throttle.begin(subject, server.clock.now()) {
                Ok(attempt) => guess.begun.push(attempt),
                Err(problem) => {
                    guess.was_not_checked();
                    return Err(problem);
                }
            }
        }
        Ok(guess)
    }

    pub(super) fn was_right(self) {
        let server = self.server;
        let here = self.here.clone();
        self.was_not_checked();
        server.throttle.forget(&here);
    }

    pub(super) fn was_not_checked(mut self) {
        self.later.clear();
        for attempt in self.begun.drain(..) {
            self.server.throttle.give_back(attempt);
        }
    }
}

impl Drop for Guess<'_> {
    fn drop(&mut self) {
        let now = self.server.clock.now();
        for subject in &self.later {
            self.server.throttle.count_failure(subject, now);
        }
    }
}
