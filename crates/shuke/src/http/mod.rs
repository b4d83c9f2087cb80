//! HTTP: where a shop's clients write, what the console and programs read and change, the console
//! itself, and whether the server lives.

mod api;
mod asked;
mod body;
mod collect;
mod connection;
mod console;
mod error;
mod figure;
mod health;
mod kept;
mod key;
mod local;
mod meter;
mod once;
mod openapi;
mod request;
mod turn;
mod who;
mod whole;
mod writer;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware;
use axum::routing::get;
use base::{Code, Error, Result, ShopId};
use benefit::coupon::till::Till;
use perceive::collect::intake::Intake;
use perceive::collect::wire::BODY_BYTES_MAX;
use stratify::mirror::Mirror;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::auth::oidc::Provider;
use crate::place::Place;
use crate::quota::Full;
pub(crate) use api::export;
pub(crate) use api::query::{QueryAnswer, QueryColumn};
use figure::Figures;
use meter::Meters;
pub(crate) use openapi::document;
use turn::Turns;
pub(crate) use whole::Watches;
use writer::Writers;

/// Looks at history that are taken at once, each with memory and threads of its own; and how many
/// of them of one shop.
const SCANS_MAX: (usize, usize) = (3, 2);
/// Queries in SQL that are answered at once, each in a process of its own.
const QUERIES_MAX: usize = 2;
/// How many of them of a shop whose quota does not say.
const QUERIES_OF_SHOP: u32 = 1;
/// How long requests under way may take when the server stops.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(10);

/// Every shop's mirror; whoever has the lock keeps it for moments only.
pub(crate) type Mirrors = Arc<tokio::sync::Mutex<HashMap<ShopId, Mirror>>>;

/// What every handler needs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// See [`App`].
pub(crate) struct Parts {
    place: Place,
    intake: Intake,
    till: Till,
    writers: Writers,
    mirrors: Mirrors,
    meters: Meters,
    /// Looks at history.
    scans: Turns,
    /// Queries in SQL.
    queries: Turns,
    figures: Figures,
    setup: Setup,
    asked: Arc<Notify>,
}

/// What a server is told when it begins.
pub(crate) struct Setup {
    /// Where people reach it.
    pub(crate) url: String,
    /// Who else vouches for people.
    pub(crate) oidc: Option<Provider>,
    /// Shops that have as much as they may.
    pub(crate) full: Arc<Full>,
    /// Where codes of coupons are used.
    pub(crate) till: Till,
    /// Says when it is time to stop.
    pub(crate) stopped: watch::Receiver<bool>,
}

impl Setup {
    /// Whether people reach it over an encrypted connection alone.
    fn is_secure(&self) -> bool {
        self.url.starts_with("https://")
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    pub(crate) fn new(
        place: Place,
        intake: Intake,
        mirrors: Mirrors,
        asked: Arc<Notify>,
        setup: Setup,
    ) -> Self {
        Self(Arc::new(Parts {
            place,
            intake,
            till: setup.till.clone(),
            writers: Writers::default(),
            mirrors,
            meters: Meters::new(),
            scans: Turns::new(SCANS_MAX.0, SCANS_MAX.1),
            queries: Turns::new(QUERIES_MAX, QUERIES_OF_SHOP as usize),
            figures: Figures::default(),
            setup,
            asked,
        }))
    }

    /// Says that somebody has asked for a job.
    fn wake(&self) {
        self.asked.notify_waiters();
    }
}

/// Listens on a loopback address.
///
/// # Errors
/// `wrong_use` for any other address: passwords and keys cross no network in the clear, so others
/// come through a proxy that ends TLS; `busy` when another program listens there.
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

/// Serves until it is told to stop; requests under way are answered, for [`STOP_MAX`].
///
/// # Errors
/// What the system reports.
pub(crate) async fn serve(listener: TcpListener, app: App) -> Result<()> {
    let (router, described) = openapi::described();
    let described = Bytes::from(openapi::text(&described)?);
    let json = [(header::CONTENT_TYPE, "application/json")];
    let router = router
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(meter::show))
        .route("/api/openapi.json", get(async move || (json, described)))
        .fallback(console::show)
        .method_not_allowed_fallback(error::other_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), request::accompany))
        .with_state(app.clone());
    let (stopped, late) = (app.setup.stopped.clone(), overdue(app.setup.stopped.clone()));
    drop(app);
    tokio::select! {
        done = connection::answer(listener, router, (stopped, connection::HEAD_MAX)) => done,
        () = late => {
            tracing::warn!("requests were left unanswered");
            Ok(())
        }
    }
}

/// Returns when it is time to stop.
async fn told(mut stopped: watch::Receiver<bool>) {
    // An error means that nobody is left who could say so.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Returns when requests under way have had their time to end.
pub(crate) async fn overdue(stopped: watch::Receiver<bool>) {
    told(stopped).await;
    tokio::time::sleep(STOP_MAX).await;
}
