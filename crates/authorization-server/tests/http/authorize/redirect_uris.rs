//! To whom the endpoint sends a browser at all.

use minihost_authorization_server::{
    Application, ClientAuthentication, RedirectUri, RefreshPolicy,
};
use reqwest::Method;

use crate::support::browser::{Browser, authorize};
use crate::support::{Pkce, World, callback, program};

#[tokio::test]
async fn c7_an_unknown_client_or_redirect_uri_is_told_to_the_user_and_never_redirected() {
    let world = World::new().await;
    let good = world.authorization("teahouse", &Pkce::new());
    for bad in [
        good.clone().with("client_id", "nobody"),
        good.clone().with("client_id", "a b"),
        good.clone().without("client_id"),
        good.clone().and("client_id", "teahouse"),
        good.clone().with("redirect_uri", "https://evil.example/callback"),
        good.clone().with("redirect_uri", callback("cinema")),
        good.clone().without("redirect_uri"),
        good.clone().and("redirect_uri", &callback("teahouse")),
        // Nothing else that is wrong with the request makes it a redirect.
        good.clone().with("redirect_uri", "https://evil.example/").without("response_type"),
        good.clone().with("redirect_uri", "https://evil.example/").with("prompt", "none"),
    ] {
        for browser in [&Browser::new(&world), &world.browser_of("alice").await] {
            browser.open(&authorize(&bad)).await.stops(400);
            let post = browser.request(Method::POST, "/authorize").form(&bad.0);
            browser.send("/authorize", post).await.stops(400);
        }
    }
    let browser = Browser::new(&world);
    browser.open("/authorize?client_id=%FF").await.stops(400);
    browser.open("/authorize").await.stops(400);
}

#[tokio::test]
async fn c6_redirect_uris_are_compared_character_by_character() {
    let world = World::new().await;
    let mut client = program("club", ClientAuthentication::None, RefreshPolicy::None);
    client.redirect_uris = ["https://club.example/cb?next=a&b=1", "http://127.0.0.1:4500/cb"]
        .map(|uri| RedirectUri::new(uri).unwrap())
        .into();
    world.put(client).await;
    let browser = Browser::new(&world);
    for uri in ["https://club.example/cb?next=a&b=1", "http://127.0.0.1:4500/cb"] {
        let form = world.authorization("club", &Pkce::new()).with("redirect_uri", uri);
        assert_eq!(browser.open(&authorize(&form)).await.status, 303, "{uri}");
    }
    for uri in NOT_REGISTERED {
        let form = world.authorization("club", &Pkce::new()).with("redirect_uri", uri);
        browser.open(&authorize(&form)).await.stops(400);
    }
}

/// Each differs from `https://club.example/cb?next=a&b=1` or `http://127.0.0.1:4500/cb` in one way.
const NOT_REGISTERED: [&str; 62] = [
    "https://club.example/cb",
    "https://club.example/cb?next=a",
    "https://club.example/cb?next=a&b=1&",
    "https://club.example/cb?next=a&b=1&c=2",
    "https://club.example/cb?b=1&next=a",
    "https://club.example/cb?next=A&b=1",
    "https://club.example/cb?next=%61&b=1",
    "https://club.example/cb?next=a&amp;b=1",
    "https://club.example/cb?next=a&b=1#",
    "https://club.example/cb?next=a&b=1#fragment",
    "https://club.example/cb/?next=a&b=1",
    "https://club.example/CB?next=a&b=1",
    "https://club.example/%63b?next=a&b=1",
    "https://club.example/c%62?next=a&b=1",
    "https://club.example//cb?next=a&b=1",
    "https://club.example/./cb?next=a&b=1",
    "https://club.example/x/../cb?next=a&b=1",
    "https://club.example/cb/../evil?next=a&b=1",
    "https://club.example/cb/..%2fevil?next=a&b=1",
    "https://club.example/cb\\?next=a&b=1",
    "https://club.example\\cb?next=a&b=1",
    "https:\\\\club.example/cb?next=a&b=1",
    "https:/club.example/cb?next=a&b=1",
    "https:club.example/cb?next=a&b=1",
    "HTTPS://club.example/cb?next=a&b=1",
    "http://club.example/cb?next=a&b=1",
    "https://CLUB.example/cb?next=a&b=1",
    "https://club.example./cb?next=a&b=1",
    "https://club.example:443/cb?next=a&b=1",
    "https://club.example:8443/cb?next=a&b=1",
    "https://club.example:/cb?next=a&b=1",
    "https://www.club.example/cb?next=a&b=1",
    "https://club.example.evil.example/cb?next=a&b=1",
    "https://evil.example/club.example/cb?next=a&b=1",
    "https://evilclub.example/cb?next=a&b=1",
    "https://club.evil.example/cb?next=a&b=1",
    "https://club.example@evil.example/cb?next=a&b=1",
    "https://user@club.example/cb?next=a&b=1",
    "https://user:pass@club.example/cb?next=a&b=1",
    "https://club.example%2f@evil.example/cb?next=a&b=1",
    "https://club.example%00.evil.example/cb?next=a&b=1",
    "https://clu\u{44c}.example/cb?next=a&b=1",
    "https://xn--clu-y0d.example/cb?next=a&b=1",
    "https://club\u{3002}example/cb?next=a&b=1",
    "https://club.example/cb?next=a&b=1 ",
    " https://club.example/cb?next=a&b=1",
    "https://club.example/cb?next=a&b=1\n",
    "https://club.example/cb?next=a&b=1%0d%0aX: y",
    "https://club.example/cb?next=a&b=1\u{0}",
    "//club.example/cb?next=a&b=1",
    "/cb?next=a&b=1",
    "javascript:alert(1)//club.example/cb?next=a&b=1",
    "data:text/html,x",
    "http://127.0.0.1:4501/cb",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:04500/cb",
    "https://127.0.0.1:4500/cb",
    "http://localhost:4500/cb",
    "http://[::1]:4500/cb",
    "http://127.1:4500/cb",
    "http://2130706433:4500/cb",
    "http://127.0.0.1:4500/cb/",
];

#[tokio::test]
async fn c6_only_the_port_of_a_loopback_uri_may_differ_and_only_for_a_native_program() {
    let world = World::new().await;
    let mut client = program("desk", ClientAuthentication::None, RefreshPolicy::None);
    client.application = Application::Native;
    client.redirect_uris =
        ["http://127.0.0.1/cb", "http://[::1]:1/cb?x=1", "https://desk.example:1/cb"]
            .map(|uri| RedirectUri::new(uri).unwrap())
            .into();
    world.put(client).await;
    let browser = Browser::new(&world);
    let open = async |uri: &str| {
        let form = world.authorization("desk", &Pkce::new()).with("redirect_uri", uri);
        browser.open(&authorize(&form)).await
    };
    for uri in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]:50000/cb?x=1",
        "https://desk.example:1/cb",
    ] {
        assert_eq!(open(uri).await.status, 303, "{uri}");
    }
    for uri in [
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:080/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1:80.evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:80#/cb",
        "http://127.0.0.1:80\\cb",
        "http://127.0.0.1:80/cb?x=1",
        "http://127.0.0.2:80/cb",
        "http://localhost:80/cb",
        "http://[::1]:50000/cb",
        "http://[::2]:50000/cb?x=1",
        "https://127.0.0.1:80/cb",
        "https://desk.example:2/cb",
        "https://desk.example/cb",
    ] {
        open(uri).await.stops(400);
    }
}
