//! The attacks that hosts of mini-programs have fallen for. Each is carried out against minihost by a
//! case of this folder, whose name begins with the attack's; `README.md` has the table.

/// One attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attack {
    /// How its cases' names begin.
    pub id: &'static str,
    /// What the attacker does.
    pub what: &'static str,
}

const fn attack(id: &'static str, what: &'static str) -> Attack {
    Attack { id, what }
}

/// All of them: `a…` from papers and advisories, `f…` from the code of other hosts.
pub const ATTACKS: [Attack; 34] = [
    attack("a1", "a page speaks while the view shows another's address"),
    attack("a2", "a frame within the page, or a window that it opened, speaks for it"),
    attack("a3", "a page says that it is another program"),
    attack("a4", "a capability is used again after its document, session or process is gone"),
    attack("a5", "an origin looks like the program's"),
    attack("a6", "a redirect leads to a stranger's page, which finds the bridge still there"),
    attack("a7", "the next document receives what the one before asked for"),
    attack("a8", "a text leaves its quotes in the page that receives it"),
    attack("a9", "another program's link has the user's code issued"),
    attack("a10", "a code, state or issuer of one program is passed off on another"),
    attack("a11", "a code is read on its way"),
    attack("a12", "a secret is read out of what every user downloads"),
    attack("a13", "a page asks for keys with which it could forge what the server said"),
    attack("a14", "a page calls methods that nobody told it of"),
    attack("a15", "a page calls a method without the scope that it needs"),
    attack("a16", "an agreement is used by another user, program, publisher or release"),
    attack("a17", "the user agrees to something other than what they think"),
    attack("a18", "a page finds out whether the user is known without asking"),
    attack("a19", "one program reads what another has stored"),
    attack("a20", "the authorization server's pages are shown within the program"),
    attack("a21", "a manifest is changed, renamed, unsigned or from before a fault was mended"),
    attack("a22", "messages are too large, too deep or too many"),
    attack("a23", "one request is answered twice, or one answer is used twice"),
    attack("a24", "the account changes while the user reads"),
    attack("a25", "a program learns which others the user opens"),
    attack("f1", "a name or id with quotes and line ends breaks or runs the answer"),
    attack("f2", "a message that the host does not know gets no answer"),
    attack("f3", "an unknown or settled id upsets the bridge"),
    attack("f4", "answers to two requests under way are mixed up"),
    attack(
        "f5",
        "the program is identified by what the page passes, or by the beginning of its address",
    ),
    attack("f6", "all programs share one store"),
    attack("f7", "what cannot be checked counts as checked"),
    attack("f8", "an agreement covers every later scope of its kind"),
    attack("f9", "a verifier or client secret lies in the page"),
];
