//! How many requests may wait for their users: of one address, of one site, and of one client that proves
//! who it is.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use minihost_authorization_server::{Config, OpenRequests, ProxyHeader, TrustedProxies};
use reqwest::Method;

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
async fn nobody_can_take_the_places_of_a_client_and_only_what_it_asks_for_with_proof_is_limited() {
    let world = device::world_with(few).await;
    for address in [ELSEWHERE, ANYWHERE] {
        for _ in 0..3 {
            ask_at(&world, address).await.ok();
        }
        refused(&ask_at(&world, address).await, "600");
    }
    // Six are open, more than one client may have.
    world.post("/device_authorization", "gallery", &scope()).await.ok();
    // Tea House proves who it is, so its address does not count.
    for _ in 0..5 {
        world.post("/device_authorization", "teahouse", &scope()).await.ok();
    }
    refused(&world.post("/device_authorization", "teahouse", &scope()).await, "600");
    world.post("/device_authorization", "gallery", &scope()).await.ok();
}

#[tokio::test]
async fn many_networks_of_one_ipv6_site_have_ten_times_the_places_of_one() {
    let world = device::world_with(|config| {
        few(config);
        config.trusted_proxies =
            TrustedProxies::new(["127.0.0.0/8"], ProxyHeader::XForwardedFor).unwrap();
    })
    .await;
    let ask = async |address: String| {
        let form = scope().with("client_id", "gallery");
        let request = world.request(Method::POST, "/device_authorization");
        world.send(request.header("x-forwarded-for", address).form(&form.0)).await
    };
    for network in 0..10 {
        for host in 1..=3 {
            ask(format!("2001:db8:1:{network}::{host}")).await.ok();
        }
    }
    refused(&ask("2001:db8:1:ff::1".to_owned()).await, "600");
    refused(&ask("2001:db8:1:0::1".to_owned()).await, "600");
    ask("2001:db8:2::1".to_owned()).await.ok();
    ask("192.0.2.1".to_owned()).await.ok();
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
    for _ in 0..3 {
        assert_eq!(elsewhere.visit(&address).await.status, 303);
    }
    stopped(&elsewhere.visit(&address).await, "300");
    // More than one client may have are open, and the users of this one still get there.
    let anywhere = Browser::new(&world).at(ANYWHERE);
    for _ in 0..3 {
        assert_eq!(anywhere.visit(&address).await.status, 303);
    }
    stopped(&anywhere.visit(&address).await, "300");

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
