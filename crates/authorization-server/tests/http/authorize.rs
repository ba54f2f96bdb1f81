//! The authorization endpoint: what is refused, where, and how; and the whole way of a web app.

use std::time::Duration;

use minihost_authorization_server::{
    Application, ClientAuthentication, GrantType, RedirectUri, RefreshPolicy, Requirement,
    Resource, Scopes,
};
use reqwest::Method;

use crate::support::browser::{Browser, Page, authorize};
use crate::support::{ALL, Form, Pkce, World, callback, program, redeem_form};

/// Signs in and allows everything.
pub(crate) async fn allow(browser: &Browser<'_>, form: &Form, user: &str) -> Page {
    let login = browser.visit(&authorize(form)).await;
    assert!(login.is_login(), "{}", login.html);
    let consent = browser.sign_in(&login, user).await;
    assert!(consent.is_consent(), "{}", consent.html);
    browser.press(&consent.consent_form("allow")).await
}

#[tokio::test]
async fn a_web_app_sends_its_user_who_signs_in_and_allows_and_it_redeems_the_code() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce).with("nonce", "n".repeat(64));
    let page = allow(&browser, &form, "alice").await;

    assert_eq!(page.status, 303);
    assert!(page.location().unwrap().starts_with(&format!("{}?code=", callback("teahouse"))));
    assert_eq!(page.sent_back("state").as_deref(), Some("state of a web app"));
    assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()));
    let code = page.sent_back("code").unwrap();
    let tokens = world.redeem("teahouse", &code, &pkce).await.ok();
    assert_eq!(tokens.text("scope"), "email openid phone profile");
    let claims = crate::support::jwt::claims(tokens.text("id_token"));
    assert_eq!(claims["nonce"], "n".repeat(64));
    assert_eq!(claims["auth_time"], world.clock.seconds());
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("preferred_username"), "alice");
}

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

#[tokio::test]
async fn c15_a_repeated_parameter_is_refused_an_unknown_one_ignored_and_an_empty_one_absent() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    for name in [
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "prompt",
        "max_age",
        "login_hint",
        "ui_locales",
        "dpop_jkt",
        "request",
        "registration",
    ] {
        let twice = good.clone().and(name, "x").and(name, "x");
        let page = browser.open(&authorize(&twice)).await;
        page.sent_back_error("invalid_request");
        let state = (name != "state").then_some("state of a web app");
        assert_eq!(page.sent_back("state").as_deref(), state, "{name}");
    }
    for name in ["response_type", "code_challenge"] {
        let empty = good.clone().with(name, "");
        browser.open(&authorize(&empty)).await.sent_back_error("invalid_request");
    }
    let extra = good.clone().and("unknown", "1").and("unknown", "2").and("prompt", "");
    assert!(browser.visit(&authorize(&extra)).await.is_login());
}

#[tokio::test]
async fn refusals_go_back_with_the_error_the_state_and_the_issuer() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    let challenge = |value: &str| good.clone().with("code_challenge", value);
    for (bad, error) in [
        (good.clone().without("response_type"), "invalid_request"),
        (good.clone().with("response_type", "none"), "unsupported_response_type"),
        (good.clone().with("response_mode", "web_message"), "invalid_request"),
        (good.clone().without("code_challenge"), "invalid_request"),
        (
            good.clone().without("code_challenge").without("code_challenge_method"),
            "invalid_request",
        ),
        (good.clone().without("code_challenge_method"), "invalid_request"),
        (good.clone().with("code_challenge_method", "plain"), "invalid_request"),
        (challenge(&"A".repeat(42)), "invalid_request"),
        (challenge("not+base64url/not+base64url/not+base64url/x"), "invalid_request"),
        (good.clone().with("scope", "a\"b"), "invalid_scope"),
        (good.clone().with("scope", "unknown"), "invalid_scope"),
        (good.clone().with("scope", "mediate"), "invalid_scope"),
        (good.clone().with("resource", "https://api.example"), "invalid_target"),
        (good.clone().with("nonce", "n".repeat(1_025)), "invalid_request"),
        (good.clone().with("prompt", "create"), "invalid_request"),
        (good.clone().with("prompt", "none login"), "invalid_request"),
        (good.clone().with("max_age", "-1"), "invalid_request"),
        (good.clone().with("dpop_jkt", "short"), "invalid_request"),
        (good.clone().with("registration", "{}"), "registration_not_supported"),
        (good.clone().with("prompt", "none"), "login_required"),
    ] {
        let page = browser.open(&authorize(&bad)).await;
        page.sent_back_error(error);
        assert_eq!(page.sent_back("state").as_deref(), Some("state of a web app"));
        assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()));
        assert_eq!(page.sent_back("code"), None);
    }
}

#[tokio::test]
async fn c17_what_an_error_says_is_in_the_characters_of_oauth() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    for value in ["\u{8336}\"\\", "<script>", "\u{0}\u{1F375}", "a\nb"] {
        for name in ["scope", "response_type", "prompt", "resource", "code_challenge", "max_age"] {
            let page = browser.open(&authorize(&good.clone().with(name, value))).await;
            assert_eq!(page.status, 303, "{name}={value}");
            for sent in ["error", "error_description"] {
                let text = page.sent_back(sent).unwrap();
                let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
                assert!(!text.is_empty() && text.bytes().all(allowed), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn c20_request_objects_are_refused_by_name() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    let object = "eyJhbGciOiJub25lIn0.e30.";
    let page = browser.open(&authorize(&good.clone().with("request", object))).await;
    page.sent_back_error("request_not_supported");
    let page =
        browser.open(&authorize(&good.with("request_uri", "https://teahouse.example/r"))).await;
    page.sent_back_error("request_uri_not_supported");
    let metadata = world.metadata().await;
    for member in ["request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(metadata[member], false, "{member}");
    }
    assert!(metadata.get("request_object_signing_alg_values_supported").is_none());
    let algorithms = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
    assert!(!algorithms.is_empty() && !algorithms.contains(&"none".into()));
}

#[tokio::test]
async fn c11_state_comes_back_as_it_was_however_long_and_whatever_is_in_it() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let all: String = (' '..='~').collect();
    for state in [all.repeat(15), "\u{8336}\u{9986} \u{1F375}&=#?%2B+".to_owned(), "0".to_owned()] {
        let form = world.authorization("teahouse", &Pkce::new()).with("state", &state);
        let mut consent = browser.visit(&authorize(&form)).await;
        if consent.is_login() {
            consent = browser.sign_in(&consent, "alice").await;
        }
        let page = browser.press(&consent.consent_form("allow")).await;
        assert_eq!(page.sent_back("state"), Some(state));
        assert!(page.sent_back("code").is_some());
    }
    let form = world.authorization("teahouse", &Pkce::new()).without("state");
    let consent = browser.visit(&authorize(&form)).await;
    assert_eq!(browser.press(&consent.consent_form("allow")).await.sent_back("state"), None);
}

#[tokio::test]
async fn c10_every_answer_says_who_gave_it() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    for decision in ["allow", "deny"] {
        let consent = browser.visit(&authorize(&form)).await;
        let page = browser.press(&consent.consent_form(decision)).await;
        assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()), "{decision}");
    }
    let metadata = world.metadata().await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["issuer"], world.base);
}

#[tokio::test]
async fn c12_c13_no_other_site_reads_or_frames_the_authorization_endpoint() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let address = authorize(&world.authorization("gallery", &Pkce::new()));
    // The browser checks the headers of every page; here another origin asks.
    for method in [Method::GET, Method::OPTIONS, Method::POST] {
        let request = browser
            .request(method.clone(), &address)
            .header("origin", "http://gallery.sim.localhost:4001")
            .header("access-control-request-method", "GET");
        let response = request.send().await.unwrap();
        let allowed = response.headers().keys().any(|name| name.as_str().starts_with("access-"));
        assert!(!allowed, "{method}");
    }
}

#[tokio::test]
async fn c13_c14_every_page_refuses_frames_and_referrers_and_loads_nothing_from_elsewhere() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new()).with("response_mode", "form_post");
    let consent = browser.open(&authorize(&form)).await;
    let pages = [
        browser.open("/login").await,
        browser.press(&consent.consent_form("allow")).await,
        browser.open("/account").await,
        browser.open("/authorize").await,
        browser.submit(&consent.consent_form("allow").without("token")).await,
        consent,
    ];
    let mut nonces = std::collections::BTreeSet::new();
    for page in &pages {
        // What a browser is told of each page is looked at whenever one is received, its markup too.
        page.check(&world.base);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{}", page.address);
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{}", page.address);
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{}", page.address);
        nonces.insert(policy.to_owned());
    }
    assert_eq!(nonces.len(), pages.len(), "each page has a nonce of its own");
}

#[tokio::test]
async fn c8_a_request_that_is_posted_is_taken_up_by_get() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    let post = browser
        .request(Method::POST, "/authorize")
        .header("origin", "https://teahouse.example")
        .header("sec-fetch-site", "cross-site")
        .form(&form.0);
    let page = browser.send("/authorize", post).await;
    assert_eq!(page.status, 303);
    assert!(browser.follow(page).await.is_consent());
}

#[tokio::test]
async fn scope_and_redirect_uri_may_be_left_out_where_there_is_only_one_choice() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    client.redirect_uris.truncate(1);
    client.default_scopes = Scopes::parse("profile").unwrap();
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world.authorization("kiosk", &pkce).without("scope").without("redirect_uri");
    let consent = browser.visit(&authorize(&form)).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    assert!(page.location().unwrap().starts_with(&callback("kiosk")));
    let code = page.sent_back("code").unwrap();
    // What was not given need not be repeated (RFC 6749 section 4.1.3).
    let form = redeem_form("kiosk", &code, &pkce).without("redirect_uri");
    let tokens = world.post("/token", "kiosk", &form).await.ok();
    assert_eq!(tokens.text("scope"), "profile");
    // OpenID Connect wants it in every case.
    let openid = world.authorization("kiosk", &pkce).without("redirect_uri");
    browser.open(&authorize(&openid)).await.stops(400);
}

#[tokio::test]
async fn a_client_without_default_scopes_must_name_one() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    client.default_scopes = Scopes::default();
    world.put(client).await;
    let form = world.authorization("kiosk", &Pkce::new()).without("scope");
    let page = Browser::new(&world).open(&authorize(&form)).await;
    page.sent_back_error("invalid_scope");
}

#[tokio::test]
async fn a_confidential_client_that_may_do_without_pkce_does() {
    let mut world = World::new().await;
    let secret = world.new_secret("oldshop");
    let mut client = program("oldshop", secret, RefreshPolicy::None);
    client.pkce = Requirement::Optional;
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world
        .authorization("oldshop", &pkce)
        .without("code_challenge")
        .without("code_challenge_method");
    let consent = browser.visit(&authorize(&form)).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    let code = page.sent_back("code").unwrap();
    let redeem = redeem_form("oldshop", &code, &pkce).without("code_verifier");
    world.post("/token", "oldshop", &redeem).await.ok();
    // A method alone is a challenge that was lost.
    let lost = form.with("code_challenge_method", "S256");
    browser.open(&authorize(&lost)).await.sent_back_error("invalid_request");
}

#[tokio::test]
async fn a_token_for_an_api_is_asked_for_by_its_resource() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    client.resources = vec![Resource::new("https://api.example").unwrap()];
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world.authorization("kiosk", &pkce).with("resource", "https://api.example");
    let consent = browser.visit(&authorize(&form)).await;
    assert!(consent.words().contains("https://api.example"));
    let page = browser.press(&consent.consent_form("allow")).await;
    let tokens = world.redeem("kiosk", &page.sent_back("code").unwrap(), &pkce).await.ok();
    // The user details are of this server, for which the token is not.
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn what_was_given_for_an_api_is_never_turned_into_a_token_for_this_server() {
    let world = World::new().await;
    let week = RefreshPolicy::Rotating { lifetime: Duration::from_secs(7 * 24 * 60 * 60) };
    let mut client = program("kiosk", ClientAuthentication::None, week);
    client.resources = vec![Resource::new("https://api.example").unwrap()];
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let userinfo = format!("{}/userinfo", world.base);
    let mut codes = Vec::new();
    for _ in 0..3 {
        let pkce = Pkce::new();
        let form = world.authorization("kiosk", &pkce).with("resource", "https://api.example");
        let consent = browser.visit(&authorize(&form)).await;
        let page = browser.press(&consent.consent_form("allow")).await;
        codes.push((page.sent_back("code").unwrap(), pkce));
    }
    let (code, pkce) = codes.pop().unwrap();
    let tokens = world.redeem("kiosk", &code, &pkce).await.ok();
    let token = tokens.text("refresh_token");
    let refresh = Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
    for here in [&world.base, &userinfo] {
        let (code, pkce) = codes.pop().unwrap();
        let form = redeem_form("kiosk", &code, &pkce).with("resource", here);
        world.post("/token", "kiosk", &form).await.refused(400, "invalid_target");
        let form = refresh.clone().with("resource", here);
        world.post("/token", "kiosk", &form).await.refused(400, "invalid_target");
    }
    let tokens = world.post("/token", "kiosk", &refresh).await.ok();
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn an_answer_can_be_posted_and_can_be_put_into_the_fragment() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    let consent = browser.visit(&authorize(&form.clone().with("response_mode", "form_post"))).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    assert_eq!(page.status, 200);
    let answer = page.form(&callback("teahouse"));
    let sent = |name: &str| answer.fields.0.iter().find(|(key, _)| key == name).is_some();
    assert!(sent("code") && sent("state") && sent("iss"));

    let consent = browser.visit(&authorize(&form.with("response_mode", "fragment"))).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    let location = page.location().unwrap();
    assert!(location.starts_with(&format!("{}#code=", callback("teahouse"))), "{location}");
}

#[tokio::test]
async fn g2_there_is_no_implicit_grant_until_a_client_is_registered_for_it() {
    let mut world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new()).with("response_type", "token");
    let page = browser.open(&authorize(&form)).await;
    page.sent_back_error("unsupported_response_type");
    assert_eq!(world.metadata().await["response_types_supported"], serde_json::json!(["code"]));

    let secret = world.new_secret("oldpage");
    let week = RefreshPolicy::Fixed { lifetime: Duration::from_secs(60) };
    let mut client = program("oldpage", secret, week);
    client.grants = [GrantType::Implicit].into();
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let form = Form::new(&[
        ("response_type", "token"),
        ("client_id", "oldpage"),
        ("redirect_uri", &callback("oldpage")),
        ("scope", ALL),
        ("state", "s"),
    ]);
    let consent = browser.visit(&authorize(&form)).await;
    let page = browser.press(&consent.consent_form("allow").ticking(&["openid", "email"])).await;
    let location = page.location().unwrap().to_owned();
    assert!(location.starts_with(&format!("{}#access_token=", callback("oldpage"))), "{location}");
    assert_eq!(page.sent_back("refresh_token"), None);
    assert_eq!(page.sent_back("token_type").as_deref(), Some("Bearer"));
    assert_eq!(page.sent_back("expires_in").as_deref(), Some("60"));
    assert_eq!(page.sent_back("scope").as_deref(), Some("email openid"));
    assert_eq!(page.sent_back("state").as_deref(), Some("s"));
    assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()));
    let details = world.userinfo(&page.sent_back("access_token").unwrap()).await.ok();
    assert_eq!(details.text("email"), "alice@mail.example");
    // Not into the query, where it would be logged; and no codes for this client.
    let query = browser.open(&authorize(&form.clone().with("response_mode", "query"))).await;
    query.sent_back_error("invalid_request");
    let code = world.authorization("oldpage", &Pkce::new());
    browser.open(&authorize(&code)).await.sent_back_error("unauthorized_client");
    let metadata = world.metadata().await;
    assert_eq!(metadata["response_types_supported"], serde_json::json!(["code", "token"]));
}
