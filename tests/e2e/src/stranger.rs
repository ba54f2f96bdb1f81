//! A web server that belongs to nobody whom the host knows.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Serves one page to everybody on a port of its own, for as long as the test runs. Gives its address.
///
/// # Panics
/// Where there is no port.
pub async fn with_one_page(page: &str) -> String {
    answering(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{page}",
        page.len()
    ))
    .await
}

/// Sends everybody on with a 302, for as long as the test runs. Gives its address.
///
/// # Panics
/// Where there is no port.
pub async fn sending_on_to(target: &str) -> String {
    answering(format!(
        "HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ))
    .await
}

async fn answering(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut head)).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://127.0.0.1:{port}/")
}
