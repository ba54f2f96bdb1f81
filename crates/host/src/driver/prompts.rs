//! The way to the host's prompt: what waits for it while it does not return from a call, and no more of
//! it than still matters.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use minihost_core::{ConsentView, PromptId};

use super::lane::{Ground, Handed, Lane};
use crate::{ports::ConsentPrompt, sync::lock};

/// Hands prompts to their lane and never waits.
pub(super) struct PromptLane {
    calls: Arc<Mutex<Calls>>,
    lane: Lane<()>,
}

/// What waits. At most one prompt is on screen, so that only the newest is worth presenting.
#[derive(Default)]
struct Calls {
    waiting: VecDeque<Call>,
    /// Whether the lane has yet to see that something waits.
    is_called: bool,
}

enum Call {
    Present(Box<ConsentView>),
    Dismiss(PromptId),
}

impl PromptLane {
    /// Starts the lane. `failed` hears of a prompt that could not be presented.
    pub(super) fn new(
        ground: &Ground,
        prompt: Arc<dyn ConsentPrompt>,
        failed: impl Fn(PromptId) + Send + 'static,
    ) -> std::io::Result<Self> {
        let calls = Arc::new(Mutex::new(Calls::default()));
        let waiting = calls.clone();
        let lane = Lane::new(ground, "prompt", move |()| {
            while let Some(call) = next(&waiting) {
                carry_out(&*prompt, call, &failed);
            }
        })?;
        Ok(Self { calls, lane })
    }

    /// Has a prompt presented. One that still waits for that has been answered elsewhere.
    pub(super) fn present(&self, view: ConsentView) -> Handed {
        let mut calls = lock(&self.calls);
        calls.waiting.retain(|call| matches!(call, Call::Dismiss(_)));
        self.push(&mut calls, Call::Present(Box::new(view)))
    }

    /// Has a prompt taken off the screen; one that still waits to be presented never is.
    pub(super) fn dismiss(&self, prompt: PromptId) -> Handed {
        let mut calls = lock(&self.calls);
        let before = calls.waiting.len();
        calls.waiting.retain(|call| !matches!(call, Call::Present(view) if view.prompt == prompt));
        if calls.waiting.len() < before {
            return Handed::Queued;
        }
        self.push(&mut calls, Call::Dismiss(prompt))
    }

    /// Takes no more calls; see [`Lane::finish`].
    pub(super) fn finish(self) -> Option<std::thread::JoinHandle<()>> {
        self.lane.finish()
    }

    fn push(&self, calls: &mut Calls, call: Call) -> Handed {
        calls.waiting.push_back(call);
        if std::mem::replace(&mut calls.is_called, true) {
            return Handed::Queued;
        }
        self.lane.hand(())
    }
}

/// The next call; where there is none, the lane is to be called again.
fn next(calls: &Mutex<Calls>) -> Option<Call> {
    let mut calls = lock(calls);
    let next = calls.waiting.pop_front();
    calls.is_called = next.is_some();
    next
}

fn carry_out(prompt: &dyn ConsentPrompt, call: Call, failed: &impl Fn(PromptId)) {
    match call {
        Call::Present(view) => {
            let id = view.prompt;
            if catch_unwind(AssertUnwindSafe(|| prompt.present(*view))).is_err() {
                tracing::error!("the host's prompt panicked; nobody waits for it");
                failed(id);
            }
        }
        Call::Dismiss(id) => {
            if catch_unwind(AssertUnwindSafe(|| prompt.dismiss(id))).is_err() {
                tracing::error!("the host's prompt panicked; it may still be on screen");
            }
        }
    }
}
