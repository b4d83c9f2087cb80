//! Whether the server lives, and whether it can be asked.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;

/// How long the database may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// It lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether requests would be answered: it is not stopping, and the database answers.
pub(super) async fn ready(State(app): State<App>) -> Response {
    let cx = app.place.cx();
    let why = if *app.setup.stopped.borrow() {
        "stopping\n"
    } else {
        match tokio::time::timeout(ANSWER_MAX, store::shop::list(&cx)).await {
            Ok(Ok(_)) => return "ready\n".into_response(),
            Ok(Err(error)) => {
                tracing::warn!(error = %error.chain(), "not ready");
                "no database\n"
            }
            Err(_) => "no database\n",
        }
    };
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}
