//! What is written to standard output: where things are, and how to get in. Nothing else, so that
//! passwords stay out of logs and scripts can read the one line of JSON.

use std::io::{self, Write};

use sample_miniprogram::NOTEBOOK;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use crate::{
    addresses::Addresses,
    demo::{Demo, HOST_CLIENT, redirect_uri},
    node_program::POSTCARDS,
    steering::Door,
};

/// What a script is told. Has no `Debug`: it holds secrets in clear.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Announcement<'a> {
    simulator: String,
    authorization_server: &'a str,
    mini_programs: Vec<AnnouncedProgram<'a>>,
    host: AnnouncedClient<'a>,
    users: Vec<AnnouncedUser<'a>>,
    /// Only where scripts may steer.
    #[serde(skip_serializing_if = "Option::is_none")]
    steering: Option<AnnouncedDoor<'a>>,
}

#[derive(Serialize)]
struct AnnouncedDoor<'a> {
    url: &'a str,
    token: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnnouncedProgram<'a> {
    id: &'a str,
    url: String,
    #[serde(flatten)]
    client: AnnouncedClient<'a>,
    redirect_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnnouncedClient<'a> {
    client_id: &'a str,
    /// Public clients have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
}

#[derive(Serialize)]
struct AnnouncedUser<'a> {
    username: &'a str,
    password: &'a str,
}

/// The address of an origin's first page.
pub(crate) fn page(origin: &str) -> String {
    format!("{origin}/")
}

/// One line of JSON.
pub(crate) fn write_json(
    out: &mut impl Write,
    addresses: &Addresses,
    demo: &Demo,
    door: Option<&Door>,
) -> io::Result<()> {
    let program = |id, secret, origin: &str| AnnouncedProgram {
        id,
        url: page(origin),
        client: AnnouncedClient { client_id: id, client_secret: secret },
        redirect_uri: redirect_uri(origin),
    };
    let with_backend = addresses.programs.iter().map(|(id, origin)| {
        program(id.as_str(), Some(demo.program_secrets[id].expose_secret()), origin)
    });
    let without = program(NOTEBOOK, None, &addresses.notebook);
    let secret = demo.postcards_secret.expose_secret();
    let in_node = addresses.postcards.iter().map(|origin| program(POSTCARDS, Some(secret), origin));
    let announcement = Announcement {
        simulator: page(&addresses.simulator),
        authorization_server: &addresses.issuer,
        mini_programs: with_backend.chain([without]).chain(in_node).collect(),
        host: AnnouncedClient {
            client_id: HOST_CLIENT,
            client_secret: Some(demo.host_secret.expose_secret()),
        },
        users: demo
            .users
            .iter()
            .map(|user| AnnouncedUser {
                username: user.username,
                password: user.password.expose_secret(),
            })
            .collect(),
        steering: door
            .map(|door| AnnouncedDoor { url: &door.url, token: door.token.expose_secret() }),
    };
    serde_json::to_writer(&mut *out, &announcement)?;
    writeln!(out)?;
    out.flush()
}

/// A few lines for people.
pub(crate) fn write_text(
    out: &mut impl Write,
    addresses: &Addresses,
    demo: &Demo,
) -> io::Result<()> {
    writeln!(out, "The sample host is ready.\n")?;
    writeln!(out, "  {:24}{}", "Simulator", page(&addresses.simulator))?;
    writeln!(out, "  {:24}{}", "Authorization server", addresses.issuer)?;
    let with_backend = addresses.programs.iter().map(|(id, origin)| (id.as_str(), origin));
    let in_node = addresses.postcards.iter().map(|origin| (POSTCARDS, origin));
    for (id, origin) in with_backend.chain([(NOTEBOOK, &addresses.notebook)]).chain(in_node) {
        writeln!(out, "  {:24}{}", format!("Mini-program {id}"), page(origin))?;
    }
    writeln!(
        out,
        "\nSign in to the simulator as one of these; the passwords are new at every start.\n"
    )?;
    for user in &demo.users {
        writeln!(out, "  {:24}{}", user.username, user.password.expose_secret())?;
    }
    writeln!(out, "\nCtrl-C stops it.")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use sample_miniprogram::PROGRAMS;
    use serde_json::Value;

    use super::*;

    fn addresses() -> Addresses {
        Addresses {
            issuer: "http://127.0.0.1:1".into(),
            simulator: "http://host.sim.localhost:3".into(),
            programs: PROGRAMS
                .iter()
                .map(|id| (*id, format!("http://{id}.sim.localhost:2")))
                .collect(),
            notebook: "http://notebook.sim.localhost:2".into(),
            postcards: Some("http://postcards.sim.localhost:4".into()),
        }
    }

    #[test]
    fn scripts_get_one_line_with_these_members() {
        let demo = Demo::new();
        let mut out = Vec::new();
        write_json(&mut out, &addresses(), &demo, None).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.ends_with('\n'));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["simulator"], "http://host.sim.localhost:3/");
        assert_eq!(value["authorizationServer"], "http://127.0.0.1:1");
        assert_eq!(value["host"]["clientId"], HOST_CLIENT);
        assert_eq!(value["host"]["clientSecret"], demo.host_secret.expose_secret());
        assert_eq!(value["users"][0]["username"], "alice");
        assert_eq!(value["users"][1]["username"], "bob");
        assert_eq!(value["users"][1]["password"], demo.users[1].password.expose_secret());
        let programs = value["miniPrograms"].as_array().unwrap();
        assert_eq!(programs.len(), PROGRAMS.len() + 2);
        let notebook = programs.iter().find(|program| program["id"] == NOTEBOOK).unwrap();
        assert_eq!(notebook["url"], "http://notebook.sim.localhost:2/");
        assert_eq!(notebook.get("clientSecret"), None);
        let tea = programs.iter().find(|program| program["id"] == "teahouse").unwrap();
        assert_eq!(tea["url"], "http://teahouse.sim.localhost:2/");
        assert_eq!(tea["redirectUri"], "http://teahouse.sim.localhost:2/callback");
        assert_eq!(tea["clientId"], "teahouse");
        let members: Vec<&String> = tea.as_object().unwrap().keys().collect();
        assert_eq!(members.len(), 5, "{members:?}");
        assert_eq!(value.as_object().unwrap().len(), 5);
    }

    #[test]
    fn people_get_the_addresses_and_passwords_but_no_client_secret() {
        let demo = Demo::new();
        let mut out = Vec::new();
        write_text(&mut out, &addresses(), &demo).unwrap();
        let text = String::from_utf8(out).unwrap();
        for user in &demo.users {
            assert!(text.contains(user.password.expose_secret()));
        }
        assert!(text.contains("http://host.sim.localhost:3/"));
        assert!(!text.contains(demo.host_secret.expose_secret()));
    }
}
