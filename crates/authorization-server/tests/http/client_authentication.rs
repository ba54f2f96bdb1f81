use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minihost_authorization_server::{
    Application, ClientAuthentication, ClientRegistration, ClientSecret, Names, RefreshPolicy,
};
use reqwest::Method;
use sha2::{Digest as _, Sha256};

use crate::support::{Form, Pkce, WEEK, World, client_id, program, redeem_form};

#[tokio::test]
async fn a3_unknown_clients_and_bad_secrets_look_the_same_and_are_told_of_basic() {
    let world = World::new().await;
    let form = redeem_form("teahouse", "code", &Pkce::new());
    let mut bodies = Vec::new();
    for (id, secret) in [
        ("nobody", "secret"),
        ("teahouse", "wrong"),
        ("teahouse", ""),
        ("gallery", "a secret for a client that has none"),
        ("a b", "secret"),
    ] {
        let basic = world
            .request(Method::POST, "/token")
            .basic_auth(id, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=authorization_code&code=c&redirect_uri=r&code_verifier=v");
        let answer = world.send(basic).await;
        answer.refused(401, "invalid_client");
        let challenge = r#"Basic realm="minihost", charset="UTF-8""#;
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
        bodies.push(answer.json);
        let in_body = form.clone().with("client_id", id).with("client_secret", secret);
        let answer = world.post_unauthenticated("/token", &in_body).await;
        answer.refused(401, "invalid_client");
        bodies.push(answer.json);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "one text for every cause");
    world.post_unauthenticated("/token", &form).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn a1_the_secret_may_be_in_the_header_or_the_body_but_not_in_both() {
    let world = World::new().await;
    let secret = world.secret("teahouse");
    let in_body = async |form: Form| {
        let form = form.with("client_id", "teahouse").with("client_secret", secret);
        world.post_unauthenticated("/token", &form).await
    };
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    in_body(redeem_form("teahouse", &code, &pkce)).await.ok();

    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    let form = redeem_form("teahouse", &code, &pkce);
    let both = form.clone().with("client_secret", secret);
    world.post("/token", "teahouse", &both).await.refused(400, "invalid_request");
    let another = form.clone().with("client_id", "cinema");
    world.post("/token", "teahouse", &another).await.refused(400, "invalid_request");
    let same = form.with("client_id", "teahouse");
    world.post("/token", "teahouse", &same).await.ok();
}

#[tokio::test]
async fn a1_a_second_authorization_header_is_refused() {
    let world = World::new().await;
    let request = world
        .request(Method::POST, "/token")
        .basic_auth("teahouse", Some(world.secret("teahouse")))
        .header("authorization", "Bearer x")
        .form(&[("grant_type", "refresh_token")]);
    world.send(request).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a2_ids_and_secrets_of_any_printable_character_work_in_basic() {
    let mut world = World::new().await;
    let id = "odd:id%+&=%20";
    let secret = "s:e%c+r&e=t \"with\\ everything~ 0123456789";
    let host = world.host("bank", "teahouse");
    let authentication = ClientAuthentication::Secret(ClientSecret::new(secret).unwrap());
    let names = Names::new("Odd").unwrap();
    world.put(ClientRegistration { id: client_id(id), names, authentication, ..host }).await;
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let request =
        world.request(Method::POST, "/token").basic_auth(encode(id), Some(encode(secret))).form(&[
            ("grant_type", "password"),
            ("username", "alice"),
            ("password", world.secret("alice")),
        ]);
    world.send(request).await.ok();
}

#[tokio::test]
async fn a2_letters_that_no_secret_may_have_are_a_wrong_secret_and_nothing_worse() {
    let world = World::new().await;
    let form = [("grant_type", "none")];
    for secret in ["é", "%C3%A9", "%", "%zz", ":%+ é"] {
        let request = world.request(Method::POST, "/token").basic_auth("teahouse", Some(secret));
        world.send(request.form(&form)).await.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn a8_secrets_lie_there_as_sha_256_and_passwords_as_argon2id() {
    let world = World::new().await;
    let secret = world.secret("teahouse").to_owned();
    assert_eq!(URL_SAFE_NO_PAD.decode(&secret).unwrap().len(), 32, "256 bits");
    let read = |sql: &str| -> String {
        let db = rusqlite::Connection::open(&world.database).unwrap();
        db.query_row(sql, (), |row| row.get(0)).unwrap()
    };
    let client = read("SELECT registration FROM clients WHERE id = 'teahouse'");
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&secret));
    assert!(client.contains(&digest) && !client.contains("argon2"));
    let password = read("SELECT password_hash FROM users WHERE username = 'alice'");
    assert!(password.starts_with("$argon2id$"));
}

#[tokio::test]
async fn a9_a_secret_inside_an_installed_program_proves_nothing_and_pkce_is_still_demanded() {
    let mut world = World::new().await;
    let authentication = world.new_secret("gallery");
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let native = ClientRegistration {
        application: Application::Native,
        ..program("gallery", authentication, rotating)
    };
    world.put(native).await;
    let redeem = async |pkce: &Pkce, change: fn(Form) -> Form| {
        let code = world.code("gallery", "alice", pkce).await;
        let form = redeem_form("gallery", &code, pkce).with("client_id", "gallery");
        world.post_unauthenticated("/token", &change(form)).await
    };
    redeem(&Pkce::new(), |form| form).await.ok();
    redeem(&Pkce::new(), |form| form.with("code_verifier", "v".repeat(43)))
        .await
        .refused(400, "invalid_grant");

    let pkce = Pkce::new();
    let code = world.code("gallery", "alice", &pkce).await;
    let without = redeem_form("gallery", &code, &pkce).without("code_verifier");
    world.post("/token", "gallery", &without).await.refused(400, "invalid_request");
    world.redeem("gallery", &code, &pkce).await.ok();
}

#[tokio::test]
async fn a_public_client_redeems_with_pkce_alone() {
    let world = World::new().await;
    let tokens = world.tokens("gallery", "alice").await;
    world.userinfo(tokens.text("access_token")).await.ok();
}

#[tokio::test]
async fn replacing_a_secret_ends_the_old_one_and_keeps_the_tokens() {
    let mut world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let old = world.secret("teahouse").to_owned();
    let authentication = world.new_secret("teahouse");
    let refresh = RefreshPolicy::Fixed { lifetime: WEEK };
    world.put(program("teahouse", authentication, refresh)).await;
    let form = Form::new(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
        ("client_id", "teahouse"),
        ("client_secret", &old),
    ]);
    world.post_unauthenticated("/token", &form).await.refused(401, "invalid_client");
    world.userinfo(tokens.text("access_token")).await.ok();
    world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
}
