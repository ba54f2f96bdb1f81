//! What ends an approval that nobody has redeemed yet.

use minihost_authorization_server::Scopes;

use crate::device::{Device, answer, ask, scope, world};
use crate::device_pages::{decide, shown_code};
use crate::support::browser::{Browser, Page};
use crate::support::{World, client_id};

async fn approved_in_app(world: &World) -> Device {
    let device = ask(world, "gallery", &scope("openid")).await;
    decide(world, "bank", "alice", &device.user_code, "approve").await.ok();
    device
}

async fn approved_in(world: &World, browser: &Browser<'_>) -> Device {
    let device = ask(world, "gallery", &scope("openid")).await;
    let page = browser.visit(&format!("/device?user_code={}", device.user_code)).await;
    let page = browser.press(&page.form("/device")).await;
    browser.press(&page.form("/device").with("decision", "allow")).await;
    device
}

/// A browser that shows a code which alice has approved in the app.
async fn waiting(world: &World) -> (Browser<'_>, Page) {
    let browser = Browser::new(world);
    let page = browser.visit("/login/app").await;
    decide(world, "bank", "alice", &shown_code(&page), "approve").await.ok();
    (browser, page)
}

async fn assert_not_signed_in((browser, page): &(Browser<'_>, Page)) {
    let next = browser.press(&page.form("/login/app")).await;
    assert_ne!(shown_code(&next), shown_code(page), "the approved code is of no use");
    assert_eq!(browser.cookie("minihost-session"), None);
}

#[tokio::test]
async fn t4_a_new_password_ends_every_approval_of_the_user_and_of_nobody_else() {
    let world = world().await;
    let browser = world.browser_of("alice").await;
    let (by_app, by_browser) = (approved_in_app(&world).await, approved_in(&world, &browser).await);
    let shown = waiting(&world).await;
    let denied = ask(&world, "gallery", &scope("openid")).await;
    decide(&world, "bank", "alice", &denied.user_code, "deny").await.ok();
    let bobs = ask(&world, "gallery", &scope("openid")).await;
    decide(&world, "bank", "bob", &bobs.user_code, "approve").await.ok();

    let new = "a new password of alice";
    world.remember(new);
    let form = browser.visit("/account").await.form("/account/password");
    let form = form.with("new", new).with("again", new).with("current", world.secret("alice"));
    assert!(browser.press(&form).await.words().contains("Your password was changed"));
    for ended in [by_app, by_browser] {
        ended.poll(&world).await.refused(400, "invalid_grant");
    }
    assert_not_signed_in(&shown).await;
    denied.poll(&world).await.refused(400, "access_denied");
    bobs.poll(&world).await.ok();
}

#[tokio::test]
async fn t4_the_operators_sign_out_ends_every_approval_of_the_user() {
    let world = world().await;
    let (device, shown) = (approved_in_app(&world).await, waiting(&world).await);
    world.server.registry().sign_out_user("alice").await.unwrap();
    device.poll(&world).await.refused(400, "invalid_grant");
    assert_not_signed_in(&shown).await;
}

#[tokio::test]
async fn t4_an_approval_in_a_browser_ends_with_the_session_there() {
    let world = world().await;
    let (browser, other) = (world.browser_of("alice").await, world.browser_of("alice").await);
    let (ended, stays) = (approved_in(&world, &browser).await, approved_in(&world, &other).await);
    browser.press(&browser.visit("/account").await.form("/account/sign-out")).await;
    ended.poll(&world).await.refused(400, "invalid_grant");
    stays.poll(&world).await.ok();
}

#[tokio::test]
async fn what_a_host_approved_ends_when_the_host_is_removed() {
    let world = world().await;
    let (device, shown) = (approved_in_app(&world).await, waiting(&world).await);
    let other = ask(&world, "gallery", &scope("openid")).await;
    let browser = world.browser_of("alice").await;
    let by_browser = approved_in(&world, &browser).await;
    world.server.registry().remove_client(&client_id("bank")).await.unwrap();
    device.poll(&world).await.refused(400, "invalid_grant");
    let (browser, page) = shown;
    browser.press(&page.form("/login/app")).await;
    assert_eq!(browser.cookie("minihost-session"), None);
    other.poll(&world).await.refused(400, "authorization_pending");
    by_browser.poll(&world).await.ok();
}

#[tokio::test]
async fn a_user_may_refuse_what_their_host_could_not_allow() {
    let mut world = world().await;
    let mut host = world.host("bank", "gallery");
    host.scopes = Scopes::parse("openid mediate").unwrap();
    host.default_scopes = host.scopes.clone();
    world.put(host).await;
    let device = ask(&world, "gallery", &scope("email")).await;
    let subject = world.sign_in("bank", "alice").await;
    let form = device.form(&subject);
    for refused in [form.clone(), form.clone().with("decision", "approve")] {
        answer(&world, "bank", &refused).await.refused(400, "invalid_scope");
    }
    answer(&world, "bank", &form.with("decision", "deny")).await.ok();
    device.poll(&world).await.refused(400, "access_denied");
}
