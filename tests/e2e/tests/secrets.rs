//! What the sample host keeps to itself, and whom it speaks to.
#![cfg(test)]

use minihost_e2e::{
    authorization_server::AuthorizationServer,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
    sockets,
};

#[tokio::test]
async fn nothing_secret_is_logged_or_stored_in_clear_and_nothing_leaves_this_machine() {
    on_a_phone(async |host, phone| {
        phone.sign_in_to("teahouse", &[]).await;
        phone.close_program().await;
        phone.sign_in_to("cinema", &[]).await;
        phone.expire_and_ask_again().await;
        phone.enter_program().await;
        let page = phone.run("return document.documentElement.outerHTML").await;
        phone.leave_program().await;

        sockets::assert_all_on_this_machine(host.pid());
        the_search_finds_what_is_there(host, phone).await;
        let minted = phone.minted();
        let nothing = Vec::<String>::new();
        assert!(minted.count() >= 12, "codes, challenges, tokens, three clients' secrets");
        assert_eq!(minted.found_in(page.as_str().unwrap().as_bytes()), nothing);
        assert_eq!(minted.found_below(host.data_dir()), nothing);
    })
    .await;
}

async fn the_search_finds_what_is_there(host: &SampleHost, phone: &Phone<'_>) {
    let server = AuthorizationServer::discover(host).await;
    let program = host.program("teahouse");
    let verifier = "0123456789-0123456789-0123456789-0123456789";
    let subject = server.sign_in("alice").await.text("access_token");
    let code = server.challenge(program, &subject, verifier, &[]).await.text("authorization_code");
    let tokens = server.redeem(program, &code, verifier, &program.redirect_uri).await;
    let page_token = phone.run("return document.documentElement.dataset.token").await;
    phone.enter_program().await;
    let cookies = phone.browser.client.get_all_cookies().await.unwrap();
    phone.leave_program().await;
    let session = cookies.iter().find(|cookie| cookie.name() == "cinema_session").unwrap();
    let minted = phone.minted();
    for secret in [
        session.value(),
        page_token.as_str().unwrap(),
        &subject,
        &code,
        verifier,
        &tokens.text("access_token"),
        &tokens.text("refresh_token"),
        &host.ready.host.client_secret,
        host.password("alice"),
    ] {
        let log = format!("INFO something=\"x{secret}\" else");
        let shorter = &log[..log.len() - 10];
        assert!(!minted.found_in(format!("a={secret}&b").as_bytes()).is_empty());
        assert!(!minted.found_in(log.as_bytes()).is_empty());
        assert!(minted.found_in(shorter.as_bytes()).is_empty(), "a part is not the whole");
    }
}
