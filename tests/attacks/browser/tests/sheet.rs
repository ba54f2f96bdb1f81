//! Taps that were meant for something else: a17.
#![cfg(test)]

use minihost_e2e::{
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
};

/// How long a sheet must have been seen before it takes a yes.
const READING_MS: f64 = 500.0;

/// Taps Allow in the very moment in which the sheet appears, as a page makes the user do that has them
/// tap quickly at that place; and writes down when Allow came to work.
const TAP_AT_ONCE: &str = r#"
window.tapped = { early: 0, survived: 0, appeared: null, worked: null };
new MutationObserver(() => {
  const allow = document.querySelector('[data-testid=consent-allow]');
  if (allow === null) return;
  if (window.tapped.appeared === null) {
    window.tapped.appeared = performance.now();
    window.tapNow();
  }
  if (allow.ariaDisabled !== 'true') window.tapped.worked ??= performance.now();
}).observe(document.body, { subtree: true, childList: true, attributes: true });
window.tapNow = () => {
  document.querySelector('[data-testid=consent-allow]').click();
  window.tapped.early += 1;
  if (document.querySelector('[data-testid=consent-sheet]') !== null) window.tapped.survived += 1;
};
"#;

/// The phone goes to the background or comes back.
fn becomes(visibility: &str) -> String {
    format!(
        "Object.defineProperty(document, 'visibilityState', {{ configurable: true, value: '{visibility}' }}); \
         document.dispatchEvent(new Event('visibilitychange'));"
    )
}

#[tokio::test]
async fn a17_a_tap_that_comes_before_the_sheet_was_seen_says_nothing() {
    on_a_phone(tap_before_reading).await;
}

async fn tap_before_reading(_: &SampleHost, phone: &Phone<'_>) {
    phone.run(TAP_AT_ONCE).await;
    phone.open_program("teahouse").await;
    phone.tap_continue().await;
    phone.shown("consent-sheet").await;
    phone.enabled("consent-allow").await;
    let held = phone.run("return window.tapped.worked - window.tapped.appeared").await;
    // A timer may be late on a busy machine, and is never early by more than its clock's grain.
    assert!(held.as_f64().unwrap() >= READING_MS - 1.0, "{held}");

    // Seen is what is on screen: the sheet leaves with the phone, takes nothing while it goes, and is
    // another when the phone is back, with a time of its own.
    let away = format!("{} window.tapNow();", becomes("hidden"));
    phone.run(&away).await;
    phone.gone("consent-sheet").await;
    let back = format!("window.tapped.appeared = null; {}", becomes("visible"));
    phone.run(&back).await;
    phone.shown("consent-sheet").await;
    let tapped = phone.run("return [window.tapped.early, window.tapped.survived]").await;
    assert_eq!(tapped, serde_json::json!([3, 3]), "a sheet was answered before it was seen");

    // Who has read it can agree.
    phone.allow_except(&[]).await;
    phone.greeting().await;
}
