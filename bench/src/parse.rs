//! The endpoint that accepting is measured against: the same server and the same structs, but what
//! was parsed is dropped.

use std::io::Write;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base::Result;
use perceive::collect::wire::{self, BODY_BYTES_MAX, Envelope};
use tokio::net::TcpListener;

use crate::START;

/// Serves until its standard input ends.
pub(crate) async fn serve() -> Result<()> {
    let router =
        Router::new().route("/v1/batch", post(take)).layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "ready\nhttp://{address}")?;
    let ended =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    let stop = async move { drop(ended.await) };
    axum::serve(listener, router).with_graceful_shutdown(stop).await?;
    Ok(())
}

async fn take(body: Bytes) -> Response {
    let envelope = Envelope { source: 1, kind: None, received: START, agent: "", prefetch: false };
    match wire::read(&body, &envelope) {
        Ok(received) => {
            let refused = received.refused.len();
            drop(received);
            axum::Json(serde_json::json!({ "success": true, "refused": refused })).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
