//! HTTP, on the loopback interface: where a shop's clients write, and whether the server lives.

mod collect;
mod writer;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{Code, Error, Result};
use perceive::collect::intake::Intake;
use perceive::collect::wire::BODY_BYTES_MAX;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::place::Place;
use writer::Writers;

/// Seconds after which a client that was told to wait may come again.
const RETRY_SECONDS: &str = "1";

/// What every handler needs.
#[derive(Clone)]
pub(crate) struct App {
    place: Place,
    intake: Intake,
    writers: Arc<Writers>,
}

impl App {
    pub(crate) fn new(place: Place, intake: Intake) -> Self {
        Self { place, intake, writers: Arc::default() }
    }
}

/// Listens on a loopback address.
///
/// # Errors
/// `wrong_use` for any other address: until people can sign in, nobody else may come; `busy` when
/// another program listens there.
pub(crate) async fn listen(address: &str) -> Result<TcpListener> {
    let parsed: SocketAddr = address.parse().map_err(|_| {
        Error::new(Code::WrongUse, format!("{address:?} is no address"))
            .field("--listen")
            .hint("use one such as 127.0.0.1:8080")
    })?;
    if !parsed.ip().is_loopback() {
        return Err(Error::new(Code::WrongUse, "only this machine may be listened to")
            .field("--listen")
            .hint("use 127.0.0.1 and a port, and a proxy that knows who may come"));
    }
    TcpListener::bind(parsed).await.map_err(|cause| {
        Error::new(Code::Busy, format!("{address} cannot be listened on"))
            .hint("name another port with --listen")
            .because(cause)
    })
}

/// Serves until it is told to stop; requests under way are answered.
///
/// # Errors
/// What the system reports.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    mut stopped: watch::Receiver<bool>,
) -> Result<()> {
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .merge(collect::routes())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app);
    let stop = async move {
        // An error means that nobody is left who could say so.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await?;
    Ok(())
}

/// Whether the database answers.
async fn ready(axum::extract::State(app): axum::extract::State<App>) -> Response {
    match store::shop::list(&app.place.cx()).await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => refusal(&error),
    }
}

/// An error as an answer; what lies beneath goes to the log.
fn refusal(error: &Error) -> Response {
    let status = match error.code {
        Code::Busy => StatusCode::TOO_MANY_REQUESTS,
        code => StatusCode::from_u16(code.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    if status.is_server_error() {
        tracing::error!(error = %error.chain(), "a request failed");
    }
    let message =
        if error.code == Code::Internal { "something went wrong" } else { &error.message };
    let code = error.code.name();
    let body = serde_json::json!({
        "success": false,
        "code": code,
        "message": message,
        "error": { "code": code, "message": message, "field": error.field },
    });
    let mut response = (status, axum::Json(body)).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    }
    response
}
