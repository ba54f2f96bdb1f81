//! Which pages may read what the server answers.

use minihost_authorization_server::{
    ClientAuthentication, ClientRegistration, RefreshPolicy, WebOrigin,
};
use reqwest::Method;

use crate::support::{Answer, Form, Pkce, WEEK, World, program, redeem_form};

const PAGE: &str = "https://gallery.example";
const FOREIGN: [&str; 7] = [
    "https://evil.example",
    "https://gallery.example.evil.example",
    "http://gallery.example",
    "https://gallery.example:444",
    "https://GALLERY.example",
    "https://gallery.example/",
    "null",
];
const FOR_PAGES: [(&str, &str); 3] =
    [("/token", "POST"), ("/revoke", "POST"), ("/userinfo", "GET")];

async fn world() -> World {
    let world = World::new().await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let origins = vec![WebOrigin::new(PAGE).unwrap()];
    world
        .put(ClientRegistration {
            origins,
            ..program("gallery", ClientAuthentication::None, rotating)
        })
        .await;
    world
}

async fn preflight(world: &World, path: &str, origin: &str, method: &str) -> reqwest::Response {
    let request = world
        .request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,dpop");
    request.send().await.unwrap()
}

fn allowed(answer: &reqwest::Response) -> Option<&str> {
    answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap())
}

/// That a shared cache cannot give one page what was meant for another.
fn varies(answer: &Answer) {
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    let named = vary.iter().any(|value| value.to_str().unwrap().to_lowercase().contains("origin"));
    assert!(named, "{vary:?}");
}

#[tokio::test]
async fn a_page_at_a_registered_origin_is_let_through_by_the_preflight() {
    let world = world().await;
    for (path, method) in FOR_PAGES {
        let answer = preflight(&world, path, PAGE, method).await;
        assert!(answer.status().is_success(), "{path}");
        assert_eq!(allowed(&answer), Some(PAGE), "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_ascii_lowercase();
        assert!(header("access-control-allow-methods").contains(&method.to_ascii_lowercase()));
        for name in ["authorization", "content-type", "dpop"] {
            assert!(header("access-control-allow-headers").contains(name), "{path}: {name}");
        }
        assert_eq!(answer.headers().get("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn no_other_origin_is_let_through() {
    let world = world().await;
    for origin in FOREIGN {
        for (path, method) in FOR_PAGES {
            let answer = preflight(&world, path, origin, method).await;
            assert_eq!(allowed(&answer), None, "{origin} at {path}");
            let method = method.parse().unwrap();
            let answer = world.request(method, path).header("origin", origin).send().await;
            assert_eq!(allowed(&answer.unwrap()), None, "{origin} at {path}");
        }
    }
}

#[tokio::test]
async fn a_page_without_a_backend_does_the_whole_story() {
    let world = world().await;
    let pkce = Pkce::new();
    let code = world.code("gallery", "alice", &pkce).await;
    let send = async |request: reqwest::RequestBuilder| {
        let answer = world.send(request.header("origin", PAGE)).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let exposed = answer.header("access-control-expose-headers").unwrap().to_lowercase();
        assert!(exposed.contains("www-authenticate") && exposed.contains("dpop-nonce"));
        varies(&answer);
        answer
    };
    let post = |path: &str, form: &Form| {
        world.request(Method::POST, path).form(&form.clone().with("client_id", "gallery").0)
    };
    let tokens = send(post("/token", &redeem_form("gallery", &code, &pkce))).await.ok();
    let access = tokens.text("access_token");
    let userinfo = || world.request(Method::GET, "/userinfo").bearer_auth(access);
    send(userinfo()).await.ok();
    let refresh = Form::new(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
    ]);
    let fresh = send(post("/token", &refresh)).await.ok();
    let token = Form::new(&[("token", fresh.text("refresh_token"))]);
    send(post("/revoke", &token)).await.ok();
    // Refusals can be read too, or the page could not tell an expired token from a dead network.
    send(userinfo()).await.refused(401, "invalid_token");
    send(post("/token", &refresh)).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_page_of_one_client_reads_nothing_that_is_for_another() {
    const OTHER: &str = "https://atelier.example";
    let world = world().await;
    let rotating = || RefreshPolicy::Rotating { lifetime: WEEK };
    let origins = vec![WebOrigin::new(OTHER).unwrap()];
    let atelier = program("atelier", ClientAuthentication::None, rotating());
    world.put(ClientRegistration { origins, ..atelier }).await;
    let gallery = world.tokens("gallery", "alice").await;
    let teahouse = world.tokens("teahouse", "alice").await;

    let from = |origin: &str, request: reqwest::RequestBuilder| request.header("origin", origin);
    let userinfo =
        |token: &str| world.request(Method::GET, "/userinfo").bearer_auth(token.to_owned());
    let refuse = |path: &str, client: &str| {
        let form = [("grant_type", "none"), ("token", "none"), ("client_id", client)];
        world.request(Method::POST, path).form(&form)
    };
    let confidential = |path: &str| {
        let form = [("grant_type", "none"), ("token", "none")];
        let secret = world.secret("teahouse");
        world.request(Method::POST, path).form(&form).basic_auth("teahouse", Some(secret))
    };
    let read = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        allowed(&answer).map(str::to_owned)
    };

    for (own, foreign, client) in [(PAGE, OTHER, "gallery"), (OTHER, PAGE, "atelier")] {
        for path in ["/token", "/revoke"] {
            assert_eq!(read(from(own, refuse(path, client))).await.as_deref(), Some(own));
            assert_eq!(read(from(foreign, refuse(path, client))).await, None, "{client}, {path}");
            assert_eq!(read(from(own, confidential(path))).await, None, "{path}");
        }
        let token = teahouse.text("access_token");
        assert_eq!(read(from(own, userinfo(token))).await, None);
        assert_eq!(read(from(own, userinfo("unknown"))).await, None);
    }
    let token = gallery.text("access_token");
    assert_eq!(read(from(PAGE, userinfo(token))).await.as_deref(), Some(PAGE));
    assert_eq!(read(from(OTHER, userinfo(token))).await, None);
}

#[tokio::test]
async fn an_answer_to_nobodys_page_still_varies_by_origin() {
    let world = world().await;
    for (path, method) in FOR_PAGES {
        varies(&world.send(world.request(method.parse().unwrap(), path)).await);
    }
}

#[tokio::test]
async fn metadata_and_keys_are_for_all_pages_without_credentials() {
    let world = world().await;
    for path in
        ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/jwks"]
    {
        let request = world.request(Method::GET, path).header("origin", "https://any.example");
        let answer = request.send().await.unwrap();
        assert_eq!(allowed(&answer), Some("*"), "{path}");
        assert_eq!(answer.headers().get("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn c12_what_is_not_for_pages_says_nothing_of_origins() {
    let world = world().await;
    for path in ["/authorize", "/challenge", "/introspect", "/grants/x", "/par"] {
        for method in [Method::OPTIONS, Method::GET, Method::POST] {
            let request = world
                .request(method, path)
                .header("origin", PAGE)
                .header("access-control-request-method", "POST");
            let answer = request.send().await.unwrap();
            let about_origins = answer.headers().keys().map(|name| name.as_str());
            let about_origins = about_origins.filter(|name| name.starts_with("access-control-"));
            assert_eq!(about_origins.count(), 0, "{path}");
        }
    }
}

#[tokio::test]
async fn an_origin_that_is_no_longer_registered_is_let_through_no_more() {
    let world = world().await;
    assert_eq!(allowed(&preflight(&world, "/token", PAGE, "POST").await), Some(PAGE));
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    world.put(program("gallery", ClientAuthentication::None, rotating)).await;
    assert_eq!(allowed(&preflight(&world, "/token", PAGE, "POST").await), None);
}
