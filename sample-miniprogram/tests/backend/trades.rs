use futures_util::future::join_all;
use sample_miniprogram::ProgramId::{Cinema, Teahouse};
use serde_json::{Value, json};

use crate::support::{ALL, Browser, World};

async fn order(browser: &Browser, tea: &str, cups: i64) -> (u16, Value) {
    let answer = browser.post("/api/orders", &json!({"tea": tea, "cups": cups}).to_string()).await;
    (answer.status, answer.body)
}

async fn book(browser: &Browser, screening: &str, seat: &str) -> (u16, String) {
    let asked = json!({"screening": screening, "seat": seat});
    let answer = browser.post("/api/bookings", &asked.to_string()).await;
    (answer.status, answer.reason().to_owned())
}

#[tokio::test]
async fn the_menu_is_open_to_all_and_ordering_needs_a_user() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let menu = browser.get("/api/menu").await.body;
    assert_eq!(menu["teas"][0], json!({"id": "longjing", "price": 28}));
    let (status, body) = order(&browser, "longjing", 1).await;
    assert_eq!((status, &body["error"]["reason"]), (401, &json!("login_required")));
    assert_eq!(browser.get("/api/orders").await.status, 401);
}

#[tokio::test]
async fn an_order_has_the_menus_price_and_is_seen_by_its_user_alone() {
    let world = World::start().await;
    let alice = world.signed_in(Teahouse, "alice", ALL).await;
    let bob = world.signed_in(Teahouse, "bob", ALL).await;
    let (status, placed) = order(&alice, "puer", 3).await;
    assert_eq!(status, 201);
    assert_eq!((&placed["order"]["price"], &placed["order"]["cups"]), (&json!(108), &json!(3)));
    order(&alice, "jasmine", 1).await;

    let teas = |answer: Value| -> Vec<String> {
        let orders = answer["orders"].as_array().unwrap().clone();
        orders.iter().map(|order| order["tea"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(teas(alice.get("/api/orders").await.body), ["jasmine", "puer"]);
    assert_eq!(teas(bob.get("/api/orders").await.body), [""; 0]);

    let alice_again = world.signed_in(Teahouse, "alice", &["openid"]).await;
    assert_eq!(teas(alice_again.get("/api/orders").await.body), ["jasmine", "puer"]);
}

#[tokio::test]
async fn an_order_of_what_is_not_there_is_refused() {
    let world = World::start().await;
    let alice = world.signed_in(Teahouse, "alice", ALL).await;
    for (tea, cups) in
        [("coffee", 1), ("", 1), ("puer", 0), ("puer", 10), ("puer", -1), ("puer", 300)]
    {
        assert_eq!(order(&alice, tea, cups).await.0, 400, "{tea} × {cups}");
    }
    assert_eq!(alice.get("/api/orders").await.body, json!({"orders": []}));
}

#[tokio::test]
async fn a_seat_belongs_to_one_user_and_others_see_it_taken_by_nobody_in_particular() {
    let world = World::start().await;
    let alice = world.signed_in(Cinema, "alice", ALL).await;
    let bob = world.signed_in(Cinema, "bob", ALL).await;
    assert_eq!(book(&alice, "orbit", "C4").await.0, 201);
    assert_eq!(book(&bob, "orbit", "C4").await, (409, "seat_taken".to_owned()));
    assert_eq!(book(&bob, "moonlight", "C4").await.0, 201);

    let orbit = async |browser: &Browser| {
        browser.get("/api/screenings").await.body["screenings"][2].clone()
    };
    let seen = orbit(&alice).await;
    assert_eq!((&seen["own"], &seen["taken"]), (&json!(["C4"]), &json!([])));
    for browser in [&bob, &world.browser(Cinema)] {
        let seen = orbit(browser).await;
        assert_eq!((&seen["own"], &seen["taken"]), (&json!([]), &json!(["C4"])));
    }
}

#[tokio::test]
async fn of_many_who_want_the_same_seat_at_once_one_gets_it() {
    let world = World::start().await;
    let browsers =
        [world.signed_in(Cinema, "alice", ALL).await, world.signed_in(Cinema, "bob", ALL).await];
    let wishes = (0..12).map(|n| book(&browsers[n % 2], "lighthouse", "E8"));
    let outcomes = join_all(wishes).await;
    assert_eq!(outcomes.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert_eq!(outcomes.iter().filter(|(_, reason)| reason == "seat_taken").count(), 11);
}

#[tokio::test]
async fn booking_needs_a_user_a_known_screening_a_known_seat_and_has_a_limit() {
    let world = World::start().await;
    assert_eq!(
        book(&world.browser(Cinema), "orbit", "A1").await,
        (401, "login_required".to_owned())
    );
    let alice = world.signed_in(Cinema, "alice", ALL).await;
    for (screening, seat) in [("matinee", "A1"), ("orbit", "F1"), ("orbit", "A9"), ("orbit", "a1")]
    {
        assert_eq!(book(&alice, screening, seat).await.0, 400, "{screening} {seat}");
    }
    for seat in ["A1", "A2", "A3", "A4", "A5", "A6"] {
        assert_eq!(book(&alice, "orbit", seat).await.0, 201);
    }
    assert_eq!(book(&alice, "orbit", "A7").await, (409, "too_many_seats".to_owned()));
    assert_eq!(book(&alice, "moonlight", "A7").await.0, 201);
}
