//! Whatever happens in whatever order, the machine keeps its promises.

mod event;
mod world;

use self::event::{Event, PROGRAMS, event, impatience};
use self::world::World;
use minihost_core::{Effect, Input, ReplyToken, SessionId};
use minihost_protocol::limits;
use minihost_testkit::call;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

proptest! {
    #[test]
    fn every_request_gets_one_answer_and_no_code_is_asked_for_without_consent(
        events in vec(event(), 1..120)
    ) {
        let mut world = World::start();
        for event in &events {
            world.happen(event);
        }
        let effects = world.machine.feed(Input::ShutDown);
        world.observe(effects);
        prop_assert!(world.unanswered.is_empty(), "the end leaves nothing unanswered");
    }

    #[test]
    fn one_impatient_page_keeps_within_its_bounds(events in vec(impatience(), 60..90)) {
        let mut world = World::start();
        world.happen(&Event::Request { session: 0, scopes: 1, prompt: "auto", visible: true });
        world.happen(&Event::Answer { prompt: None, choice: 2, allow: 1, remember: true });
        world.happen(&Event::Saved { save: 0, stored: true });
        for event in &events {
            world.happen(event);
        }
        prop_assert!(world.most_pending > limits::PENDING / 2, "the bound was never near");
    }

    #[test]
    fn no_text_makes_the_machine_panic_or_stop(texts in vec(any::<String>(), 1..20)) {
        let mut world = World::start();
        for text in &texts {
            let context = call(PROGRAMS[0], world.documents[&SessionId(1)], ReplyToken(1));
            world.machine.receive(SessionId(1), context, text);
        }
        world.happen(&Event::Request { session: 0, scopes: 1, prompt: "auto", visible: true });
        prop_assert!(world.on_screen.is_some());
    }

    #[test]
    fn no_message_shape_makes_the_machine_panic(
        method in select(vec!["host.initialize", "auth.requestCode", "$/cancelRequest", "x"]),
        id in prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!(null)), Just(json!(-1))],
        member in select(vec!["scopes", "codeChallenge", "versions", "id", "maxAge", "prompt"]),
        value in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!("")), Just(json!(1e300)),
            Just(json!([1, "a", null])), Just(json!({"min": -1, "max": "x"})),
        ],
    ) {
        let mut world = World::start();
        let text = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": {member: value}});
        let context = call(PROGRAMS[0], world.documents[&SessionId(1)], ReplyToken(1));
        let effects = world.machine.receive(SessionId(1), context, &text.to_string());
        let replies = effects.iter().filter(|effect| matches!(effect, Effect::Reply(_))).count();
        prop_assert_eq!(replies, 1);
    }
}
