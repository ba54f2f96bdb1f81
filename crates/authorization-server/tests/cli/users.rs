use rusqlite::Connection;

use crate::support::{Place, Server, within_moments};

fn host(place: &Place) -> String {
    place.secret(&[
        "client",
        "add",
        "bank",
        "--kind=host",
        "--scope=openid email",
        "--grant=password",
        "--id-token-algorithm=EdDSA",
        "--json",
    ])
}

async fn signs_in(server: &Server, secret: &str, password: &str) -> bool {
    let form = [("grant_type", "password"), ("username", "alice"), ("password", password)];
    let (status, json) = server.post("/token", ("bank", secret), &form).await;
    if status == 200 {
        let token = json["access_token"].as_str().unwrap();
        let (_, details) = server.details(token).await;
        assert_eq!(details["email"], "alice@mail.example");
    }
    status == 200
}

#[tokio::test]
async fn a_user_signs_in_with_the_password_that_was_given_or_made() {
    let place = Place::new();
    let secret = host(&place);
    let add = ["user", "add", "alice", "--email", "alice@mail.example"];
    let mut given = add.to_vec();
    given.push("--password-stdin");
    let output = place.told(&given, "open sesame\n");
    assert!(output.status.success());
    let server = place.serve();
    assert!(signs_in(&server, &secret, "open sesame").await);

    let sentence = place.refused(&add, 1);
    assert!(sentence.contains("--replace"), "{sentence}");
    let mut made = add.to_vec();
    made.extend(["--generate", "--replace", "--json"]);
    let made = place.json(&made)["password"].as_str().unwrap().to_owned();
    assert_eq!(made.len(), 43, "256 bits in base64url");
    within_moments(async || signs_in(&server, &secret, &made).await).await;
    assert!(!signs_in(&server, &secret, "open sesame").await);
}

#[tokio::test]
async fn another_password_ends_the_users_tokens_unless_they_are_to_be_kept() {
    let place = Place::new();
    let secret = host(&place);
    let add = ["user", "add", "alice", "--password-stdin"];
    assert!(place.told(&add, "open sesame").status.success());
    let server = place.serve();
    let token = async |password: &str| {
        let form = [("grant_type", "password"), ("username", "alice"), ("password", password)];
        let (status, json) = server.post("/token", ("bank", &secret), &form).await;
        (status == 200).then(|| json["access_token"].as_str().unwrap().to_owned())
    };
    let first = token("open sesame").await.unwrap();
    let mut replace = add.to_vec();
    replace.extend(["--replace", "--keep-tokens"]);
    assert!(place.told(&replace, "second password").status.success());
    assert_eq!(server.details(&first).await.0, 200);
    let second = token("second password").await.unwrap();
    replace.pop();
    assert!(place.told(&replace, "third password").status.success());
    for ended in [&first, &second] {
        assert_eq!(server.details(ended).await.0, 401);
    }
    let third = token("third password").await.unwrap();
    assert_eq!(server.details(&third).await.0, 200);
}

#[tokio::test]
async fn another_password_comes_with_the_end_of_the_users_tokens_or_not_at_all() {
    let place = Place::new();
    let secret = host(&place);
    let add = ["user", "add", "alice", "--email=alice@mail.example", "--password-stdin"];
    assert!(place.told(&add, "open sesame").status.success());
    let server = place.serve();
    assert!(signs_in(&server, &secret, "open sesame").await);
    let database = Connection::open(place.path("authorization-server.sqlite")).unwrap();
    let fault = "CREATE TRIGGER fault BEFORE UPDATE OF revoked_at ON authorizations
         BEGIN SELECT RAISE(ABORT, 'a fault'); END";
    database.execute_batch(fault).unwrap();
    let replace = [&add[..], &["--replace"]].concat();
    assert!(!place.told(&replace, "second password").status.success());
    assert!(!signs_in(&server, &secret, "second password").await);
    assert!(signs_in(&server, &secret, "open sesame").await);
    database.execute_batch("DROP TRIGGER fault").unwrap();
    assert!(place.told(&replace, "second password").status.success());
    assert!(signs_in(&server, &secret, "second password").await);
}

#[test]
fn a_password_comes_from_somewhere_and_is_not_too_short() {
    let place = Place::new();
    let sentence = place.refused(&["user", "add", "alice"], 1);
    assert!(sentence.contains("--password-stdin"), "{sentence}");
    let output = place.told(&["user", "add", "alice", "--password-stdin"], "sesame\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said, "error: a password must have at least 8 characters\n");
}
