use std::fs;

use crate::support::{Place, Server, add_program, within_moments};

async fn published(server: &Server) -> Vec<String> {
    let (_, json) = server.get("/jwks").await;
    let keys = json["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn t14_a_running_server_sees_new_keys_and_publishes_the_old_ones_on() {
    let place = Place::new();
    let server = place.serve();
    let before = published(&server).await;
    let said = place.ok(&["keys", "rotate"]);
    assert_eq!(said, "There are new keys for RS256, which sign in 3600 seconds.\n");
    within_moments(async || published(&server).await.len() == 2).await;
    // What signs comes first.
    assert_eq!(published(&server).await[0], before[0]);

    let said = place.ok(&["keys", "rotate", "--now"]);
    assert_eq!(said, "There are new keys for RS256, which sign from now on.\n");
    within_moments(async || published(&server).await.len() == 3).await;
    let rotated = published(&server).await;
    assert!(rotated[0] != before[0] && rotated.contains(&before[0]));

    place.ok(&["keys", "rotate", "--compromised"]);
    within_moments(async || published(&server).await.len() == 1).await;
    assert!(!rotated.contains(&published(&server).await[0]));
}

#[test]
fn a_lead_that_is_shorter_than_clients_may_keep_keys_or_endless_is_refused_with_its_line() {
    let place = Place::new();
    let config = place.path("server.toml");
    let text = fs::read_to_string(&config).unwrap();
    for seconds in ["300", "700000"] {
        let lead = format!("lead_seconds = {seconds}");
        fs::write(&config, text.replace("#lead_seconds = 3600", &lead)).unwrap();
        for command in [&["keys", "rotate"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let sentence = place.refused(command, 3);
            assert!(sentence.contains("in line"), "{sentence}");
            assert!(sentence.contains("for 600 to 604800 seconds"), "{sentence}");
        }
    }
}

#[tokio::test]
async fn a_lost_key_file_stops_everything_until_there_are_new_keys() {
    let place = Place::new();
    let secret = add_program(&place, "teahouse");
    let key = place.path("authorization-server.sqlite.key");
    fs::remove_file(&key).unwrap();
    for command in [&["serve"][..], &["client", "list"], &["keys", "rotate"]] {
        let sentence = place.refused(command, 4);
        assert!(sentence.contains("key file") && sentence.contains("`keys reset`"), "{sentence}");
    }
    assert!(!key.exists());
    assert_eq!(
        place.ok(&["keys", "reset"]),
        "There are new keys for ES256, RS256, which sign from now on.\n"
    );
    let server = place.serve();
    assert_eq!(published(&server).await.len(), 2);
    assert!(server.knows("teahouse", &secret).await);

    let sentence = place.refused(&["keys", "reset"], 4);
    assert!(sentence.contains("another server is running"), "{sentence}");
}
