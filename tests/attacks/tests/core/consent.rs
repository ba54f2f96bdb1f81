//! What the user is shown and how often: a17.

use minihost_core::{
    AnswerError, Choice, Input, Manifest, NameDoubt, Remember, SessionId, ViewDigest, Visibility,
};
use serde_json::{Value, json};

use crate::stage::{CINEMA, Stage, TEA, scopes};

const EVIL: SessionId = SessionId(3);

fn named(name: &str, reason: &str) -> Result<Manifest, minihost_core::ManifestError> {
    manifest(&json!({"en": name}), reason)
}

fn manifest(name: &Value, reason: &str) -> Result<Manifest, minihost_core::ManifestError> {
    let json = json!({
        "manifestVersion": 1, "id": "evil", "version": "1.0.0",
        "name": name, "publisher": {"id": "evil", "name": {"en": "Evil Ltd"}},
        "startUrl": "https://evil.example/", "origins": ["https://evil.example"],
        "clientId": "evil", "redirectUris": ["https://evil.example/callback"],
        "scopes": [{"name": "email", "reason": {"en": reason}}],
    });
    Manifest::unsigned_for_development(json.to_string().as_bytes())
}

fn shown(name: &str, reason: &str) -> minihost_core::Shown {
    let mut stage = Stage::new();
    stage.open(EVIL, named(name, reason).expect("the manifest is accepted"));
    stage.ask(EVIL, &["email"]).prompt().shown
}

#[test]
fn a17_what_turns_hides_or_breaks_lines_does_not_reach_the_sheet() {
    let reason = "Needed.\u{202e}\u{2066}\r\n\r\n    \u{200b}[Verified by Test]\u{0}\u{1b}[2J";
    let view = shown("Ev\u{200d}il\u{2029}\n\tBank\u{feff}", reason);
    assert_eq!(view.mini_program.name, "Evil Bank");
    let drawn = format!("{}{}", view.mini_program.name, view.scopes[0].reason);
    let invisible = |c: char| {
        c.is_control()
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2060}'..='\u{206f}').contains(&c)
            || c == '\u{feff}'
    };
    assert!(!drawn.contains(invisible), "{drawn:?}");
    // The program's words stand beside the host's and never in their place.
    assert!(!view.scopes[0].title.contains("Verified"));
    assert!(view.mini_program.unsigned, "and the user is told that nobody vouches for it");
}

#[test]
fn a17_a_name_that_pushes_the_rest_off_the_screen_is_cut() {
    let view = shown(&"Very long ".repeat(5_000), &"because ".repeat(5_000));
    assert!(view.mini_program.name.chars().count() <= 121);
    assert!(view.scopes[0].reason.chars().count() <= 121);
    let tower = shown(&format!("Z{}algo", "\u{335}\u{301}".repeat(200)), "x");
    assert!(tower.mini_program.name.chars().count() < 12, "{}", tower.mini_program.name);
}

#[test]
fn a17_a_name_that_cannot_be_seen_is_no_name() {
    for name in [
        "",
        " ",
        "\u{200b}",
        "\u{202e}\u{202c}",
        "\u{3164}",
        "\u{e0041}",
        "\u{2800}\u{2800}",
        "\u{1d159}",
        "\u{115f}\u{1160}\u{ffa0}",
    ] {
        assert!(named(name, "x").is_err(), "{name:?}");
        // Nor is it one for some users alone, of whom the reviewer of the manifest is none.
        assert!(manifest(&json!({"en": name, "fr": "Honnête"}), "x").is_err(), "{name:?}");
        assert!(manifest(&json!({"en": "Honest", "zh-Hans": name}), "x").is_err(), "{name:?}");
    }
}

#[test]
fn a17_names_that_imitate_the_host_or_another_program_are_flagged() {
    // The host's name is Test; the others' are The teahouse and The cinema.
    assert_eq!(shown("Test", "x").mini_program.doubts, [NameDoubt::LooksLikeHost]);
    assert!(shown("Te\u{455}t", "x").mini_program.doubts.contains(&NameDoubt::LooksLikeHost));
    for name in ["The CINEMA", "THE CINEMA", "The clnema", "the cinerna"] {
        assert_eq!(shown(name, "x").mini_program.doubts, [NameDoubt::LooksLikeAnother], "{name}");
    }
    let doubts = shown("The te\u{430}house", "x").mini_program.doubts;
    assert!(doubts.contains(&NameDoubt::MixedScripts), "{doubts:?}");
    assert!(doubts.contains(&NameDoubt::LooksLikeAnother), "{doubts:?}");
    assert_eq!(shown("Honest Ltd", "x").mini_program.doubts, []);
}

#[test]
fn a17_an_answer_to_another_sheet_than_the_one_on_screen_does_not_count() {
    // Tap-jacking: the sheet changes under the user's finger.
    let mut stage = Stage::new();
    let first = stage.ask(TEA, &["openid"]).prompt();
    stage.answer(&first, Choice::Dismiss).unwrap();
    let second = stage.ask(TEA, &["email", "phone"]).prompt();
    let tap = |names: &[&str]| Choice::Allow { scopes: scopes(names), remember: Remember::Once };
    assert_eq!(stage.answer(&first, tap(&["openid"])).err(), Some(AnswerError::NotWaiting));
    let mut mixed = second.clone();
    mixed.digest = first.digest;
    assert_eq!(stage.answer(&mixed, tap(&["email"])).err(), Some(AnswerError::OtherView));
    mixed.digest = ViewDigest::new("");
    assert_eq!(stage.answer(&mixed, tap(&["email"])).err(), Some(AnswerError::OtherView));
    assert_eq!(stage.answer(&second, tap(&["openid"])).err(), Some(AnswerError::OtherScopes));
}

#[test]
fn a17_a_program_cannot_fill_the_screen_with_sheets() {
    let mut stage = Stage::new();
    assert_eq!(stage.ask(TEA, &["openid"]).prompts.len(), 1);
    for scopes in [&["email"][..], &["phone"]] {
        stage.ask(TEA, scopes).assert_unheard();
    }
    assert_eq!(stage.ask(TEA, &["profile"]).refusal(), "busy");
    // One at a time for everybody, and another program's turn comes before the flood's second.
    stage.ask(CINEMA, &["openid"]).assert_unheard();
    let open = stage.machine.mediator.open_prompt().unwrap().clone();
    let next = stage.answer(&open, Choice::Dismiss).unwrap();
    assert_eq!(next.prompt().shown.mini_program.id.as_str(), "cinema");
}

#[test]
fn a17_who_was_refused_waits_longer_each_time() {
    use std::time::Duration;
    let mut stage = Stage::new();
    let mut refuse = |wait: u64| {
        stage.machine.advance(Duration::from_secs(wait));
        let out = stage.ask(TEA, &["openid"]);
        let Some(view) = out.prompts.first().cloned() else {
            return Some(out.refusal().to_owned());
        };
        stage.answer(&view, Choice::Deny).unwrap();
        None
    };
    let cooldown = Some("cooldown".to_owned());
    assert_eq!(refuse(0), None);
    assert_eq!(refuse(29), cooldown);
    assert_eq!(refuse(1), None);
    assert_eq!(refuse(299), cooldown);
    assert_eq!(refuse(1), None);
    assert_eq!(refuse(365 * 24 * 3600), cooldown, "until the user opens the settings");
}

#[test]
fn a17_no_sheet_is_shown_over_what_the_user_does_elsewhere() {
    let mut stage = Stage::new();
    stage.ask(CINEMA, &["openid"]).prompt();
    stage.ask(TEA, &["openid"]).assert_unheard();
    let hidden = Input::VisibilityChanged { session: TEA, visibility: Visibility::Hidden };
    stage.feed(hidden);
    let open = stage.machine.mediator.open_prompt().unwrap().clone();
    let out = stage.answer(&open, Choice::Dismiss).unwrap();
    assert!(out.prompts.is_empty(), "the tea house's turn comes while it is not seen");
}

#[test]
fn a17_a_page_cannot_have_its_sheet_flash() {
    use std::time::Duration;
    let mut stage = Stage::new();
    let mut flashes = 0;
    for _ in 0..600 {
        stage.machine.advance(Duration::from_millis(100));
        let asked = stage.ask(TEA, &["openid"]);
        if let Some(view) = asked.prompts.first().cloned() {
            flashes += 1;
            stage.cancel_last(TEA);
            assert_eq!(stage.answer(&view, Choice::Deny).err(), Some(AnswerError::NotWaiting));
        }
    }
    assert_eq!(flashes, 2 * 3, "three, and after half a minute three more");
}

#[test]
fn a17_no_sheet_stays_when_the_user_goes_to_another_page() {
    let mut stage = Stage::new();
    let of_tea = stage.ask(TEA, &["openid"]).prompt();
    let hidden = Input::VisibilityChanged { session: TEA, visibility: Visibility::Hidden };
    stage.feed(hidden);
    assert!(stage.machine.mediator.open_prompt().is_none(), "it is answered before the cinema");
    let of_cinema = stage.ask(CINEMA, &["openid"]).prompt();
    // A tap that the user gave the tea house as it went says nothing to the cinema.
    assert_eq!(stage.answer(&of_tea, Choice::Deny).err(), Some(AnswerError::NotWaiting));
    stage.answer(&of_cinema, Choice::Dismiss).unwrap();
    let back = Input::VisibilityChanged { session: TEA, visibility: Visibility::Visible };
    let again = stage.feed(back).prompt();
    assert_eq!((&again.digest, again.prompt == of_tea.prompt), (&of_tea.digest, false));
}
