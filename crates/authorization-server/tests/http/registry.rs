//! What the operator changes, in the server itself or beside it.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, Config, Names, OpenError, RefreshPolicy, Registry,
    RegistryError, SystemClock,
};

use crate::support::{Form, Pkce, WEEK, World, client_id, program, redeem_form};

/// Opens the database as the command line does while the server runs.
async fn beside(world: &World) -> Registry {
    Registry::open(&world.database, Arc::new(SystemClock)).await.unwrap()
}

/// Repeats until the answer is as wanted. The server looks for changes once a second.
async fn within_moments<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the change was never seen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn one_process_serves_from_a_database_until_it_closes() {
    let world = World::new().await;
    let database = world.database.clone();
    let second = || {
        AuthorizationServer::open(Config::new("http://127.0.0.1:4000".parse().unwrap(), &database))
    };
    let refused = second().await.err().unwrap();
    assert!(matches!(refused, OpenError::Served { .. }), "{refused}");
    assert!(refused.to_string().contains("another server is running"), "{refused}");
    let _kept = world.close().await;
    second().await.unwrap().close().await;
}

#[tokio::test]
async fn a_name_that_looks_like_one_of_another_publishers_is_refused() {
    let mut world = World::new().await;
    let registry = beside(&world).await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let named = |world: &mut World, id: &str, names: Names, publisher: Option<&str>| {
        let mut client = program(id, world.new_secret(id), rotating);
        client.names = names;
        client.publisher = publisher.map(|name| Names::new(name).unwrap());
        client
    };
    let library = || Names::new("Library").unwrap().with("zh-Hans", "图书馆").unwrap();
    let first = named(&mut world, "library", library(), Some("Acme"));
    registry.put_client(first).await.unwrap();
    let digit = Names::new("L1BRARY").unwrap();
    let localized = Names::new("Books").unwrap().with("fr", "LIBRARY").unwrap();
    for names in [digit, localized, Names::new("图书馆").unwrap()] {
        for publisher in [None, Some("Evil")] {
            let lookalike = named(&mut world, "lookalike", names.clone(), publisher);
            let refused = registry.put_client(lookalike).await.err().unwrap();
            assert!(matches!(&refused, RegistryError::LooksLike(id) if id.as_str() == "library"));
        }
    }
    let clients = registry.clients().await.unwrap();
    assert!(clients.iter().all(|client| client.id.as_str() != "lookalike"));
    let second = named(&mut world, "reader", library(), Some("Acme"));
    registry.put_client(second).await.unwrap();
    let again = named(&mut world, "library", library(), Some("Acme"));
    registry.put_client(again).await.unwrap();

    // Whose publisher looks like another's is refused whatever its names are.
    let posing = named(&mut world, "posing", Names::new("Maps").unwrap(), Some("ACME"));
    let refused = registry.put_client(posing).await.err().unwrap();
    assert!(matches!(refused, RegistryError::LooksLike(_)), "{refused}");
    registry.close().await;
}

#[tokio::test]
async fn a_client_that_keeps_its_names_is_replaced_whatever_was_registered_since() {
    let mut world = World::new().await;
    let registry = beside(&world).await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let names = || Names::new("Library").unwrap();
    let mut first = program("library", world.new_secret("library"), rotating);
    (first.names, first.publisher) = (names(), Some(Names::new("Acme").unwrap()));
    registry.put_client(first).await.unwrap();
    let mut second = program("reader", world.new_secret("reader"), rotating);
    (second.names, second.publisher) = (names(), Some(Names::new("Acme").unwrap()));
    registry.put_client(second).await.unwrap();
    // Now without publisher, which is a change, and looks like the other.
    let mut changed = program("library", world.new_secret("library"), rotating);
    changed.names = names();
    assert!(registry.put_client(changed).await.is_err());

    // As an earlier version of this server may have let both in.
    let database = rusqlite::Connection::open(&world.database).unwrap();
    let without = "UPDATE clients SET registration = json_set(registration, '$.publisher', NULL)";
    database.execute(without, ()).unwrap();
    let mut same = program("library", world.new_secret("library"), rotating);
    same.names = names();
    registry.put_client(same).await.unwrap();
    registry.close().await;
}

#[tokio::test]
async fn a_running_server_sees_what_is_registered_beside_it() {
    let mut world = World::new().await;
    let registry = beside(&world).await;
    let authentication = world.new_secret("library");
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    registry.put_client(program("library", authentication, rotating)).await.unwrap();
    let refused = within_moments(async || {
        let answer = world.refresh("library", "unknown").await;
        (answer.status == 400).then_some(answer)
    })
    .await;
    refused.refused(400, "invalid_grant");
    registry.close().await;
}

#[tokio::test]
async fn a_removed_client_has_nothing_left_and_gets_nothing_back_when_it_returns() {
    let mut world = World::new().await;
    let tokens = world.tokens("cinema", "alice").await;
    let others = world.tokens("teahouse", "alice").await;
    let pkce = Pkce::new();
    let unspent = world.code("cinema", "alice", &pkce).await;
    let registry = world.server.registry().clone();
    registry.remove_client(&client_id("cinema")).await.unwrap();

    world.refresh("cinema", tokens.text("refresh_token")).await.refused(401, "invalid_client");
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
    world.userinfo(others.text("access_token")).await.ok();
    let left: Vec<_> = registry.clients().await.unwrap();
    assert!(left.iter().all(|client| client.id.as_str() != "cinema"));
    let again = registry.remove_client(&client_id("cinema")).await.unwrap_err();
    assert!(matches!(again, RegistryError::NoSuchClient(_)), "{again}");

    let authentication = world.new_secret("cinema");
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    world.put(program("cinema", authentication, rotating)).await;
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
    world.refresh("cinema", tokens.text("refresh_token")).await.refused(400, "invalid_grant");
    let spent = world.post("/token", "cinema", &redeem_form("cinema", &unspent, &pkce)).await;
    spent.refused(400, "invalid_grant");
    let subject = world.sign_in("bank", "alice").await;
    let asked = world.code_form("cinema", &subject, &Pkce::new());
    world.post("/challenge", "bank", &asked).await.refused(400, "unauthorized_client");
}

#[tokio::test]
async fn a_removed_hosts_codes_are_worth_nothing_and_its_programs_tokens_stay() {
    let world = World::new().await;
    let tokens = world.tokens("cinema", "alice").await;
    let pkce = Pkce::new();
    let unspent = world.code("cinema", "alice", &pkce).await;
    world.server.registry().remove_client(&client_id("bank")).await.unwrap();
    world.redeem("cinema", &unspent, &pkce).await.refused(400, "invalid_grant");
    world.refresh("cinema", tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn both_secrets_are_taken_while_one_takes_over_from_the_other() {
    let world = World::new().await;
    let registry = world.server.registry();
    let (teahouse, minute) = (client_id("teahouse"), Duration::from_secs(60));
    let next = registry.rotate_secret(&teahouse, minute).await.unwrap();
    world.remember(next.expose());
    let old = world.secret("teahouse").to_owned();
    let uses = async |secret: &str, status: u16, error: &str| {
        let form = Form::new(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "unknown"),
            ("client_id", "teahouse"),
            ("client_secret", secret),
        ]);
        world.post_unauthenticated("/token", &form).await.refused(status, error);
    };
    uses(&old, 400, "invalid_grant").await;
    uses(next.expose(), 400, "invalid_grant").await;
    world.clock.advance(minute);
    uses(&old, 401, "invalid_client").await;
    uses(next.expose(), 400, "invalid_grant").await;

    let refused = registry.rotate_secret(&client_id("gallery"), minute).await.err().unwrap();
    assert!(matches!(refused, RegistryError::NoSecret(_)), "{refused}");
    let refused = registry.rotate_secret(&client_id("nobody"), minute).await.err().unwrap();
    assert!(matches!(refused, RegistryError::NoSuchClient(_)), "{refused}");
}

#[tokio::test]
async fn a8_secrets_carry_256_bits_and_no_list_shows_them() {
    let world = World::new().await;
    let ClientAuthentication::Secret(secret) = program_secret() else { unreachable!() };
    assert_eq!(secret.expose().len(), 43, "256 bits in base64url");
    let listed = world.server.registry().clients().await.unwrap();
    let listed = serde_json::to_string(&listed).unwrap();
    assert!(listed.contains("teahouse"));
    for secret in world.minted() {
        assert!(!listed.contains(&secret));
    }
    assert!(!listed.contains("sha256"), "nor what is kept of them");
}

async fn published_keys(world: &World) -> Vec<String> {
    let answer = world.send(world.request(reqwest::Method::GET, "/jwks")).await.ok();
    let keys = answer.json["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn program_secret() -> ClientAuthentication {
    ClientAuthentication::Secret(minihost_authorization_server::ClientSecret::generate().unwrap())
}

#[tokio::test]
async fn a_lost_key_file_is_named_and_new_keys_leave_everything_else_as_it_was() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let published = published_keys(&world).await;
    let in_use = Registry::reset_keys(&world.database, Arc::new(SystemClock)).await.unwrap_err();
    assert!(matches!(in_use, RegistryError::Open(OpenError::Served { .. })), "{in_use}");

    let (_directory, database, clock) = world.close().await;
    fs::remove_file(database.with_added_extension("key")).unwrap();
    let lost = Registry::open(&database, clock.clone()).await.err().unwrap();
    assert!(matches!(lost, OpenError::KeyFileMissing { .. }), "{lost}");
    assert!(lost.to_string().contains("`keys reset`"), "{lost}");
    let made = Registry::reset_keys(&database, clock.clone()).await.unwrap();
    assert_eq!(made.len(), 2);

    let mut world = World::open(&database, clock).await;
    world.register_all().await;
    world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
    let renewed = published_keys(&world).await;
    assert_eq!(renewed.len(), 2);
    assert!(renewed.iter().all(|id| !published.contains(id)));
}
