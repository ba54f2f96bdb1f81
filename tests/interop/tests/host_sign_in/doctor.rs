//! What the doctor finds at a server that is well, and at one that is not.

use std::sync::Arc;

use minihost::{
    ClientId, Clock, Issuer, Moment, SystemClock,
    diagnosis::{Check, Diagnosis, Doctor, Finding, Mediation, Program, Verdict},
    http::ReqwestTransport,
    issuer::{ClientAuthentication, ClientSecret},
    ports::HttpTransport,
    session::RedirectUri,
    store::MemorySecretStore,
};
use minihost_interop::ClientMetadata;

use crate::{Play, REDIRECT};

const PROGRAM: &str = "https://program.example/callback";

fn doctor(play: &Play, transport: Arc<dyn HttpTransport>) -> Doctor {
    let clock = Arc::new(SystemClock::new());
    Doctor::new(play.issuer(), play.client.clone(), transport, clock).unwrap()
}

fn finding(diagnosis: &Diagnosis, check: Check) -> &Finding {
    let mut findings = diagnosis.findings.iter().filter(|finding| finding.check == check);
    findings.next().unwrap_or_else(|| panic!("{diagnosis}"))
}

fn bad(diagnosis: &Diagnosis, check: Check) -> &str {
    let finding = finding(diagnosis, check);
    assert_eq!(finding.verdict, Verdict::Bad, "{diagnosis}");
    assert!(!diagnosis.is_healthy());
    assert!(finding.cure.as_ref().is_some_and(|cure| !cure.is_empty()));
    &finding.saw
}

async fn program(play: &Play) -> ClientId {
    let program =
        ClientMetadata { redirect_uris: vec![PROGRAM.to_owned()], ..ClientMetadata::default() };
    ClientId::new(play.stage.register(program).await.unwrap().client_id)
}

#[tokio::test]
async fn all_is_well_where_all_is_well() {
    let play = Play::begin().await;
    let program = Program { client_id: program(&play).await, redirect_uri: PROGRAM.to_owned() };
    let doctor = doctor(&play, play.transport())
        .mediation(Mediation::NotWanted)
        .redirect_uri(RedirectUri::new(REDIRECT).unwrap())
        .program(program)
        .secrets(Arc::new(MemorySecretStore::default()));
    let diagnosis = doctor.diagnose().await;
    assert!(diagnosis.is_healthy(), "{diagnosis}");
    let all_good = diagnosis.findings.iter().all(|finding| finding.verdict == Verdict::Good);
    assert!(all_good, "{diagnosis}");
    let json: serde_json::Value = serde_json::from_str(&diagnosis.to_json()).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 7);
    assert_eq!(json["findings"][0]["check"], "tls");
}

#[tokio::test]
async fn a_server_that_issues_no_codes_to_hosts_says_so() {
    let play = Play::begin().await;
    let diagnosis = doctor(&play, play.transport()).diagnose().await;
    let saw = bad(&diagnosis, Check::Metadata);
    assert!(saw.contains("host_mediation_supported"), "{saw}");
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_a_matter_of_certificates() {
    let play = Play::begin().await;
    let strange = Arc::new(ReqwestTransport::new());
    let diagnosis = doctor(&play, strange).diagnose().await;
    assert!(bad(&diagnosis, Check::Tls).contains("cannot be trusted"), "{diagnosis}");
    assert_eq!(finding(&diagnosis, Check::Metadata).verdict, Verdict::Unknown);
}

#[tokio::test]
async fn a_server_that_does_not_listen_is_a_matter_of_the_network() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = ClientAuthentication::None { client_id: ClientId::new("host") };
    let (transport, clock) = (Arc::new(ReqwestTransport::new()), Arc::new(SystemClock::new()));
    let doctor = Doctor::new(Issuer::new(issuer), client, transport, clock).unwrap();
    let diagnosis = doctor.diagnose().await;
    assert!(bad(&diagnosis, Check::Tls).contains("no connection"), "{diagnosis}");
}

#[tokio::test]
async fn an_issuer_that_is_spelt_otherwise_is_a_matter_of_metadata() {
    let play = Play::begin().await;
    let issuer = Issuer::new(format!("{}/", play.stage.issuer()));
    let clock = Arc::new(SystemClock::new());
    let doctor = Doctor::new(issuer, play.client.clone(), play.transport(), clock).unwrap();
    let diagnosis = doctor.diagnose().await;
    assert!(bad(&diagnosis, Check::Metadata).contains("another issuer"), "{diagnosis}");
}

struct Wrong;

impl Clock for Wrong {
    fn now(&self) -> Moment {
        let now = SystemClock::new().now();
        Moment { time: now.time - jiff::SignedDuration::from_hours(1), ..now }
    }
}

#[tokio::test]
async fn a_clock_that_is_an_hour_late_is_found() {
    let play = Play::begin().await;
    let client = play.client.clone();
    let doctor = Doctor::new(play.issuer(), client, play.transport(), Arc::new(Wrong)).unwrap();
    let diagnosis = doctor.diagnose().await;
    let saw = bad(&diagnosis, Check::Clock);
    assert!(saw.contains("behind the server"), "{saw}");
}

#[tokio::test]
async fn wrong_credentials_and_wrong_registrations_are_told_apart() {
    let play = Play::begin().await;
    let secret =
        ClientMetadata { redirect_uris: vec![PROGRAM.into()], ..ClientMetadata::default() };
    let registered = play.stage.register(secret).await.unwrap();
    let client = |client_secret| ClientAuthentication::ClientSecretBasic {
        client_id: ClientId::new(registered.client_id.as_str()),
        client_secret,
    };
    let look = async |client, program: Program| {
        let clock = Arc::new(SystemClock::new());
        let doctor = Doctor::new(play.issuer(), client, play.transport(), clock).unwrap();
        doctor.program(program).mediation(Mediation::NotWanted).diagnose().await
    };
    let own = |redirect_uri: &str| Program {
        client_id: ClientId::new(registered.client_id.as_str()),
        redirect_uri: redirect_uri.to_owned(),
    };
    let right = ClientSecret::new(registered.client_secret.clone().unwrap());
    let diagnosis = look(client(right.clone()), own(PROGRAM)).await;
    assert!(diagnosis.is_healthy(), "{diagnosis}");

    let diagnosis = look(client(ClientSecret::new("hunter2")), own(PROGRAM)).await;
    assert!(bad(&diagnosis, Check::HostCredentials).contains("invalid_client"));
    assert!(!diagnosis.to_json().contains("hunter2"));

    let diagnosis = look(client(right.clone()), own("https://program.example/other")).await;
    bad(&diagnosis, Check::MiniProgram);
    assert_eq!(finding(&diagnosis, Check::HostCredentials).verdict, Verdict::Good);
    let unknown = Program { client_id: ClientId::new("nobody"), redirect_uri: PROGRAM.to_owned() };
    let diagnosis = look(client(right), unknown).await;
    bad(&diagnosis, Check::MiniProgram);
}
