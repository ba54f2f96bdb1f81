//! How many requests may wait for their users: of one address, and of one client.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use minihost_authorization_server::{Config, OpenRequests};

use crate::device::{self, Device};
use crate::external_login::{self, path};
use crate::pushed::{by_reference, push};
use crate::support::browser::{Browser, Page, authorize};
use crate::support::{ACCESS_TOKEN, Answer, Form, Pkce, World, http_client_at};

const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

/// Three of one address, and five of one client.
fn few(config: &mut Config) {
    let places = |count| NonZeroU32::new(count).unwrap();
    config.open_requests = OpenRequests { per_address: places(3), per_client: places(5) };
}

fn scope() -> Form {
    Form::new(&[("scope", "openid")])
}

/// A code for Gallery, which proves nothing, from another address of the loopback network.
async fn ask_at(world: &World, address: IpAddr) -> Answer {
    let form = scope().with("client_id", "gallery");
    let url = format!("{}/device_authorization", world.base);
    world.send(http_client_at(address).post(url).form(&form.0)).await
}

fn refused(answer: &Answer, seconds: &str) {
    answer.refused(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some(seconds));
}

fn stopped(page: &Page, seconds: &str) {
    page.stops(429);
    assert_eq!(page.header("retry-after"), Some(seconds));
}

async fn answer(world: &World, device: &Device, decision: &str) {
    let form = Form::new(&[
        ("user_code", &device.user_code),
        ("subject_token", &world.sign_in("bank", "alice").await),
        ("subject_token_type", ACCESS_TOKEN),
        ("decision", decision),
    ]);
    world.post("/device/approval", "bank", &form).await.ok();
}

#[tokio::test]
async fn an_address_has_so_many_device_codes_open_and_an_answer_or_ten_minutes_free_a_place() {
    let world = device::world_with(few).await;
    let ask = async || world.post("/device_authorization", "gallery", &scope()).await;
    let (first, second) = (
        device::ask(&world, "gallery", &scope()).await,
        device::ask(&world, "gallery", &scope()).await,
    );
    world.clock.advance(Duration::from_secs(60));
    ask().await.ok();
    refused(&ask().await, "540");
    ask_at(&world, ELSEWHERE).await.ok();
    for (device, decision, wait) in [(first, "approve", "540"), (second, "deny", "600")] {
        answer(&world, &device, decision).await;
        ask().await.ok();
        refused(&ask().await, wait);
    }
    world.clock.advance(Duration::from_secs(600));
    ask().await.ok();
}

#[tokio::test]
async fn a_client_has_so_many_device_codes_open_wherever_they_are() {
    let world = device::world_with(few).await;
    for address in [ELSEWHERE, ELSEWHERE, ELSEWHERE, ANYWHERE, ANYWHERE] {
        ask_at(&world, address).await.ok();
    }
    refused(&ask_at(&world, ANYWHERE).await, "600");
    refused(&world.post("/device_authorization", "gallery", &scope()).await, "600");
    // Another client is none the worse for it. It proves who it is, so its address does not count.
    for _ in 0..5 {
        world.post("/device_authorization", "teahouse", &scope()).await.ok();
    }
    refused(&world.post("/device_authorization", "teahouse", &scope()).await, "600");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_ask_at_once_no_more_get_a_code_than_there_are_places() {
    let world = device::world_with(few).await;
    let asking = (0..32).map(|_| async {
        world.post("/device_authorization", "gallery", &scope()).await.status.is_success()
    });
    let answers = futures_util::future::join_all(asking).await;
    assert_eq!(answers.into_iter().filter(|is_good| *is_good).count(), 3);
}

#[tokio::test]
async fn pushed_requests_have_places_of_their_own_and_their_use_frees_one() {
    let world = device::world_with(few).await;
    let asked = world.authorization("gallery", &Pkce::new());
    let form = asked.clone().without("client_id");
    let mut uris = Vec::new();
    for _ in 0..3 {
        world.post("/device_authorization", "gallery", &scope()).await.ok();
        uris.push(push(&world, "gallery", &asked).await);
    }
    refused(&world.post("/par", "gallery", &form).await, "600");
    let browser = world.browser_of("alice").await;
    let consent = browser.visit(&by_reference("gallery", &uris[0])).await;
    refused(&world.post("/par", "gallery", &form).await, "600");
    assert!(browser.press(&consent.consent_form("allow")).await.sent_back("code").is_some());
    push(&world, "gallery", &asked).await;
    refused(&world.post("/par", "gallery", &form).await, "600");

    // The server of a web app asks for all of its users from one address.
    let asked = world.authorization("teahouse", &Pkce::new());
    for _ in 0..5 {
        push(&world, "teahouse", &asked).await;
    }
    refused(&world.post("/par", "teahouse", &asked.without("client_id")).await, "600");
}

#[tokio::test]
async fn sign_ins_elsewhere_are_so_many_and_one_that_is_done_frees_a_place() {
    let (world, company) = external_login::world_with(external_login::elsewhere, few).await;
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    let browser = Browser::new(&world);
    let away = browser.visit(&address).await;
    for _ in 0..2 {
        assert_eq!(Browser::new(&world).visit(&address).await.status, 303);
    }
    stopped(&Browser::new(&world).visit(&address).await, "300");
    let elsewhere = Browser::new(&world).at(ELSEWHERE);
    for _ in 0..2 {
        assert_eq!(elsewhere.visit(&address).await.status, 303);
    }
    stopped(&elsewhere.visit(&address).await, "300");
    // The five are Tea House's; another client's users still get there.
    let other = authorize(&world.authorization("cinema", &Pkce::new()));
    assert_eq!(elsewhere.visit(&other).await.status, 303);

    let back = company.visit(away.location().unwrap(), "carol").await.unwrap();
    assert!(browser.visit(path(&world, &back)).await.is_consent());
    assert_eq!(Browser::new(&world).visit(&address).await.status, 303);
    stopped(&Browser::new(&world).visit(&address).await, "300");
    world.clock.advance(Duration::from_secs(300));
    assert_eq!(Browser::new(&world).visit(&address).await.status, 303);
}

#[tokio::test]
async fn codes_of_the_own_sign_in_page_are_counted_for_the_address_alone() {
    let world = device::world_with(few).await;
    let held = Browser::new(&world);
    for browser in [&held, &Browser::new(&world), &Browser::new(&world)] {
        assert_eq!(browser.visit("/login/app").await.status, 200);
    }
    stopped(&Browser::new(&world).visit("/login/app").await, "600");
    // Who has a code keeps it.
    assert_eq!(held.visit("/login/app").await.status, 200);
    for address in [ELSEWHERE, ANYWHERE] {
        for _ in 0..3 {
            assert_eq!(Browser::new(&world).at(address).visit("/login/app").await.status, 200);
        }
    }
}
