//! Prompts that wait for the user: one on screen, the others in a queue that is fair among
//! mini-programs. Equal requests of one document share a prompt.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use minihost_protocol::{Failure, Reason, method::request_code::Prompt};

use super::{Mediator, responder::Responder};
use crate::{
    AskedCode, Audience, ConsentView, DocumentId, MiniProgramId, PromptId, Scope, SessionId,
    Ticket, User, UserId, ViewDigest,
};

/// What makes two requests equal, so that one answer serves both.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) session: SessionId,
    document: DocumentId,
    user: (UserId, u64),
    pub(super) scopes: Arc<BTreeSet<Scope>>,
    pub(super) audience: Option<Audience>,
    pub(super) prompt: Prompt,
}

impl Share {
    pub(super) fn of(
        responder: &Responder,
        user: &User,
        scopes: &Arc<BTreeSet<Scope>>,
        asked: &AskedCode,
        prompt: Prompt,
    ) -> Self {
        Self {
            session: responder.session,
            document: responder.document,
            user: (user.id.clone(), user.epoch),
            scopes: scopes.clone(),
            audience: asked.audience.clone(),
            prompt,
        }
    }
}

/// The most prompts of one program that may wait, the one on screen included.
const WAITING_PROMPTS: usize = 3;

/// One prompt and the requests that wait for it.
pub(super) struct Sheet {
    pub(super) prompt: PromptId,
    pub(super) share: Share,
    pub(super) program: MiniProgramId,
    pub(super) tickets: Vec<Ticket>,
    /// The uptime until which the user may answer; requests that join later do not move it.
    deadline: Duration,
}

/// Where a request has found its place.
pub(super) struct Joined {
    pub(super) prompt: PromptId,
    pub(super) deadline: Duration,
    /// What the user sees already, if the prompt is on screen.
    pub(super) digest: Option<ViewDigest>,
}

/// The prompt on screen.
pub(super) struct OnScreen {
    pub(super) sheet: Sheet,
    pub(super) view: ConsentView,
    /// Scopes that were granted earlier and are not asked again.
    pub(super) already: BTreeSet<Scope>,
}

/// A prompt that has left the screen unanswered.
pub(super) struct PutBack<'a> {
    /// What it was on screen.
    pub(super) before: PromptId,
    pub(super) sheet: &'a Sheet,
}

/// All prompts.
#[derive(Default)]
pub(super) struct Sheets {
    queue: Vec<Sheet>,
    on_screen: Option<OnScreen>,
    turns: BTreeMap<MiniProgramId, u64>,
    last_turn: u64,
    last_prompt: u64,
}

impl Sheets {
    /// Adds a request to the prompt of its equals, or to the end of the queue.
    pub(super) fn join(
        &mut self,
        share: Share,
        program: &MiniProgramId,
        ticket: Ticket,
        deadline: Duration,
    ) -> Joined {
        let equal = self.all_mut().find(|sheet| sheet.share == share).map(|sheet| {
            sheet.tickets.push(ticket);
            (sheet.prompt, sheet.deadline)
        });
        if let Some((prompt, deadline)) = equal {
            return Joined { prompt, deadline, digest: self.digest(prompt) };
        }
        let prompt = self.new_prompt();
        let (program, tickets) = (program.clone(), vec![ticket]);
        self.queue.push(Sheet { prompt, share, program, tickets, deadline });
        Joined { prompt, deadline, digest: None }
    }

    /// Whether a request would share a prompt that waits already.
    pub(super) fn has(&self, share: &Share) -> bool {
        self.all().any(|sheet| sheet.share == *share)
    }

    /// Takes a request off its prompt. True where the prompt is on screen and nobody waits for it
    /// any more; it counts as gone then.
    pub(super) fn leave(&mut self, prompt: PromptId, ticket: Ticket) -> bool {
        for sheet in self.all_mut().filter(|sheet| sheet.prompt == prompt) {
            sheet.tickets.retain(|waiting| *waiting != ticket);
        }
        self.queue.retain(|sheet| !sheet.tickets.is_empty());
        self.on_screen.take_if(|shown| shown.sheet.tickets.is_empty()).is_some()
    }

    /// How many prompts of a program wait, the one on screen included.
    pub(super) fn waiting_of(&self, program: &MiniProgramId) -> usize {
        self.all().filter(|sheet| sheet.program == *program).count()
    }

    /// Takes the next prompt off the queue, if none is on screen: of the program whose last turn
    /// is longest ago, the oldest. One whose page is not on screen waits for it and holds nobody up.
    pub(super) fn next(&mut self, is_visible: impl Fn(SessionId) -> bool) -> Option<Sheet> {
        if self.on_screen.is_some() || self.queue.is_empty() {
            return None;
        }
        let turn = |sheet: &Sheet| self.turns.get(&sheet.program).copied().unwrap_or(0);
        let ready = |sheet: &Sheet| is_visible(sheet.share.session);
        let queue = self.queue.iter().enumerate().filter(|(_, sheet)| ready(sheet));
        let (index, _) = queue.min_by_key(|(_, sheet)| turn(sheet))?;
        Some(self.queue.remove(index))
    }

    /// Puts a prompt on screen.
    pub(super) fn show(&mut self, shown: OnScreen) {
        self.last_turn += 1;
        self.turns.insert(shown.sheet.program.clone(), self.last_turn);
        self.on_screen = Some(shown);
    }

    /// Puts the prompt on screen back into the queue, before all others of its program, where it is
    /// this session's. It is another prompt from then on: an answer that the user has given to the one
    /// before may be on its way, and must not count for what they see next.
    pub(super) fn put_back(&mut self, session: SessionId) -> Option<PutBack<'_>> {
        let OnScreen { mut sheet, .. } =
            self.on_screen.take_if(|shown| shown.sheet.share.session == session)?;
        let before = std::mem::replace(&mut sheet.prompt, self.new_prompt());
        self.queue.insert(0, sheet);
        self.queue.first().map(|sheet| PutBack { before, sheet })
    }

    /// Takes the prompt off the screen, if it is this one.
    pub(super) fn take(&mut self, prompt: PromptId) -> Option<OnScreen> {
        self.on_screen.take_if(|shown| shown.sheet.prompt == prompt)
    }

    /// What is on screen.
    pub(super) fn view(&self) -> Option<&ConsentView> {
        self.on_screen.as_ref().map(|shown| &shown.view)
    }

    /// Whose prompt is on screen.
    pub(super) fn program_on_screen(&self) -> Option<MiniProgramId> {
        self.on_screen.as_ref().map(|shown| shown.sheet.program.clone())
    }

    fn new_prompt(&mut self) -> PromptId {
        self.last_prompt += 1;
        PromptId(self.last_prompt)
    }

    fn digest(&self, prompt: PromptId) -> Option<ViewDigest> {
        self.view().filter(|view| view.prompt == prompt).map(|view| view.digest.clone())
    }

    fn all(&self) -> impl Iterator<Item = &Sheet> {
        self.queue.iter().chain(self.on_screen.as_ref().map(|shown| &shown.sheet))
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Sheet> {
        self.queue.iter_mut().chain(self.on_screen.as_mut().map(|shown| &mut shown.sheet))
    }
}

impl Mediator {
    /// Whether one more prompt of a program may wait, or the one that waits serves this too.
    pub(super) fn check_queue(
        &self,
        program: &MiniProgramId,
        share: &Share,
    ) -> Result<(), Failure> {
        if self.sheets.waiting_of(program) < WAITING_PROMPTS || self.sheets.has(share) {
            return Ok(());
        }
        let message = "Three prompts of this mini-program wait for the user already.";
        Err(Failure::new(Reason::Busy, message).retry_after(5))
    }
}
