//! Connections: how many there may be at once, and how long one may take to say what it wants.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use base::{Error, Result};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::request::Peer;

/// Connections at once; more wait until one ends.
const CONNECTIONS_MAX: usize = 4_096;
/// How long the head of a request may take to arrive, and a connection may stay without one.
pub(super) const HEAD_MAX: Duration = Duration::from_secs(60);
/// Bytes of a request that are held before they are read; a head must fit.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// How long nobody is let in after the system refused a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until `stopped` says so, and then whatever is under way; the head of a
/// request may take up to `head_max`.
///
/// # Errors
/// `internal` when connections can no longer be counted.
pub(super) async fn answer(
    listener: TcpListener,
    router: Router,
    (mut stopped, head_max): (watch::Receiver<bool>, Duration),
) -> Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_max).max_buf_size(HEAD_BYTES_MAX);
    let (under_way, room) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS_MAX)));
    loop {
        let next = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            next = accept(&listener, &room) => next?,
        };
        let Some((stream, peer, place)) = next else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let inner = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            inner.call(request)
        });
        let connection = under_way.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Whoever broke it off knows.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    under_way.shutdown().await;
    Ok(())
}

/// The next connection; none when the system has no room for one.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Result<Option<(TcpStream, IpAddr, OwnedSemaphorePermit)>> {
    let place = Arc::clone(room).acquire_owned().await;
    let place = place.map_err(|cause| Error::internal("a worker stopped", cause))?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // An answer is written at once, and nothing follows that could go with it.
            let _ = stream.set_nodelay(true);
            Ok(Some((stream, peer.ip(), place)))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection was refused");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn who_does_not_say_what_is_wanted_is_left() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = Router::new().route("/", axum::routing::get(async || "here"));
        let serving = tokio::spawn(answer(listener, router, (stopped, Duration::from_millis(50))));
        let ask = async |head: &[u8]| {
            let mut line = TcpStream::connect(address).await.unwrap();
            line.write_all(head).await.unwrap();
            let mut said = String::new();
            // A head that is too large is refused before all of it is read.
            let _ = line.read_to_string(&mut said).await;
            said
        };
        let whole = ask(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("here"), "{whole}");
        let half = ask(b"GET / HTTP/1.1\r\nHost:").await;
        assert!(!half.contains("here"), "{half}");
        let large = [b"GET / HTTP/1.1\r\nHost: ".as_slice(), &[b'x'; 2 * HEAD_BYTES_MAX]].concat();
        let large = ask(&large).await;
        assert!(large.is_empty() || large.starts_with("HTTP/1.1 431"), "{large}");
        stop.send_replace(true);
        serving.await.unwrap().unwrap();
    }
}
