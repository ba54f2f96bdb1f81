use reqwest::{Method, header};
use sample_miniprogram::{
    Config, NOTEBOOK, PROGRAMS,
    ProgramId::{self, Cinema, Teahouse},
    SamplePrograms,
};
use tokio::net::TcpListener;

use crate::support::{Browser, HOST_ORIGIN, World, origin, program_config, serve};

#[tokio::test]
async fn each_program_is_served_under_its_own_name_alone() {
    let world = World::start().await;
    let title = |program| world.browser(program);
    assert!(
        title(Teahouse).get("/").await.body.as_str().unwrap().contains("<title>Tea House</title>")
    );
    assert!(
        title(Cinema).get("/").await.body.as_str().unwrap().contains("<title>Night Cinema</title>")
    );
    for stranger in ["127.0.0.1", "evil.example", "sim.localhost", "teahouse.sim.localhost"] {
        let browser = Browser::new(world.programs_at, format!("http://{stranger}"));
        assert_eq!(browser.get("/").await.status, 421, "{stranger}");
    }
    assert_eq!(title(Cinema).get("/api/menu").await.status, 404);
    assert_eq!(title(Teahouse).get("/api/screenings").await.status, 404);
}

#[tokio::test]
async fn a_program_on_a_listener_of_its_own_is_not_the_other_one() {
    let world = World::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    serve(listener, world.programs.router_for(Cinema));
    let served = |program| Browser::new(at, origin(program, world.programs_at.port()));
    assert_eq!(served(Cinema).get("/").await.status, 200);
    assert_eq!(served(Teahouse).get("/").await.status, 421);
}

#[tokio::test]
async fn pages_run_their_own_scripts_alone_and_only_the_host_may_frame_them() {
    let world = World::start().await;
    let ids = PROGRAMS.iter().map(|program| program.as_str()).chain([NOTEBOOK]);
    for program in ids {
        let page = world.browser_at(program).get("/").await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self';"), "{policy}");
        // A page without a backend asks the authorization server itself; no other asks anybody else.
        let asks_nobody_else = policy.contains("connect-src 'self';");
        assert_eq!(asks_nobody_else, program != NOTEBOOK, "{policy}");
        assert!(policy.ends_with(&format!("frame-ancestors {HOST_ORIGIN}")), "{policy}");
        assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let html = page.body.as_str().unwrap();
        assert!(html.contains(&format!(r#"<meta name="host-origins" content="{HOST_ORIGIN}">"#)));
        assert!(!html.contains("{{"), "a placeholder is left");
        assert!(
            !html.contains("<script>") && !html.contains("style=") && !html.contains("onclick")
        );
    }
}

#[tokio::test]
async fn every_file_that_a_page_or_a_script_names_is_served() {
    let world = World::start().await;
    let ids = PROGRAMS.iter().map(|program| program.as_str()).chain([NOTEBOOK]);
    for program in ids {
        let browser = world.browser_at(program);
        let mut to_visit = vec!["/".to_owned()];
        let mut seen = Vec::new();
        while let Some(path) = to_visit.pop() {
            let file = browser.get(&path).await;
            assert_eq!(file.status, 200, "{program} {path}");
            let text = file.body.as_str().unwrap().to_owned();
            to_visit.extend(
                named_files(&path, &text).into_iter().filter(|found| !seen.contains(found)),
            );
            seen.push(path);
        }
        let account = if program == NOTEBOOK { "/client.js" } else { "/shared/account.js" };
        for expected in ["/app.js", "/style.css", account, "/minihost/transports/frame.js"] {
            assert!(
                seen.iter().any(|path| path == expected),
                "{program}: {expected} was not reached"
            );
        }
    }
}

/// The files that a page loads and a module imports; a link to a page is neither.
fn named_files(path: &str, text: &str) -> Vec<String> {
    let base = url::Url::parse("http://x").unwrap().join(path).unwrap();
    let text = text.split('<').filter(|tag| !tag.starts_with("a ")).collect::<Vec<_>>().join("<");
    let mut found = Vec::new();
    for opening in ["href=\"", "src=\"", "from \""] {
        for rest in text.split(opening).skip(1) {
            let name = rest.split('"').next().unwrap();
            if name.starts_with('/') || name.starts_with('.') {
                found.push(base.join(name).unwrap().path().to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_with_the_same_protection() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    for path in ["/nothing", "/../Cargo.toml", "/minihost/../../Cargo.toml", "/api/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    }
    let posted = browser.send(browser.request(Method::POST, "/")).await;
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let answer =
        browser.post("/api/sign-in/start", &format!("{{{}}}", " ".repeat(17 * 1024))).await;
    assert_eq!(answer.reason(), "invalid_request");
    assert_eq!(browser.post("/api/sign-in/start", "{}").await.status, 200);
}

async fn open(change: impl FnOnce(&mut Config)) -> Result<SamplePrograms, String> {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config {
        issuer: "http://127.0.0.1:1".parse().unwrap(),
        programs: PROGRAMS.iter().map(|&id: &ProgramId| program_config(id, 1, "secret")).collect(),
        notebook: None,
        host_origins: vec![HOST_ORIGIN.to_owned()],
        data_dir: dir.path().to_owned(),
    };
    change(&mut config);
    SamplePrograms::open(config).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_in_one_sentence() {
    let refused = [
        (open(|c| c.host_origins[0].push('/')).await, "is not an origin"),
        (open(|c| c.host_origins[0] = "*".to_owned()).await, "is not an origin"),
        (open(|c| c.programs[0].origin = "teahouse".to_owned()).await, "is not an origin"),
        (open(|c| c.programs[1].origin = c.programs[0].origin.clone()).await, "configured twice"),
        (open(|c| c.programs[1].id = Teahouse).await, "configured twice"),
        (open(|c| c.issuer = "http://as.example".parse().unwrap()).await, "must be an https URL"),
        (open(|c| c.data_dir = "/dev/null/programs".into()).await, "cannot be made"),
    ];
    for (opened, sentence) in refused {
        let error = opened.err().unwrap();
        assert!(
            error.contains(sentence) && !error.contains('\n') && error.ends_with('.'),
            "{error}"
        );
    }
    assert!(open(|_| {}).await.is_ok());
}

#[tokio::test]
async fn only_a_configured_program_has_a_manifest() {
    let programs = open(|config| config.programs.truncate(1)).await.unwrap();
    assert_eq!(
        programs.manifest(Teahouse).unwrap()["startUrl"],
        "http://teahouse.sim.localhost:1/"
    );
    assert_eq!(programs.manifest(Cinema), None);
}
