//! `shuke serve`: the process that holds the lock, keeps everything fresh and does what other
//! commands ask.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Result, ShopId, Time, aside};
use perceive::collect::intake;
use perceive::fold::{self, Fold};
use perceive::relay::{self, Moved, Relay};
use perceive::{profile, upkeep};
use store::socket::{self, Line};
use store::{log, shop, sys, timer};
use stratify::mirror::Mirror;
use stratify::{rfm, segment};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, Notify, RwLock, watch};
use tokio::time::Instant;
use tracing::Instrument;

use super::{Call, held, perform, user};
use crate::auth::oidc::Provider;
use crate::cli::Serve;
use crate::confine;
use crate::console::{Console, Message};
use crate::http::{self, App, Mirrors, Setup, Watches};
use crate::place::{Place, Writer};
use crate::quota::Full;
use crate::{erased, upload, work};

/// How long a loop waits when there was nothing to do.
const IDLE: Duration = Duration::from_millis(500);
/// How often the database's log is folded into its file.
const LOG_EVERY: Duration = Duration::from_secs(1);
/// How many times as long as it worked the mirror rests at least.
const MIRROR_REST: u32 = 4;
/// How long it rests at least between two looks at who is in which segment.
const SEGMENT_REST: Duration = Duration::from_millis(250);
/// How often it is measured how much shops have.
const MEASURE_EVERY: Duration = Duration::from_secs(2);
/// How long a loop waits after a failure.
const PAUSE: Duration = Duration::from_secs(5);
/// Timers that are taken at once.
const TIMERS_MAX: i64 = 100;
/// The timer of each shop's night work.
const NIGHTLY: &str = "nightly";
/// How long after midnight the night work begins, in microseconds.
const NIGHTLY_DELAY_MICROS: i64 = 5 * 60 * 1_000_000;

/// Serves until it is told to stop.
pub(crate) async fn run(asked: &Serve) -> Result<()> {
    let oidc = Provider::asked(&asked.oidc)?;
    let listener = http::listen(&asked.listen).await?;
    let data = &asked.data;
    let writer = Writer::open(data).await?.ok_or_else(|| held(data))?;
    let url = asked.url.clone();
    on(listener, writer, How { only_accept: asked.only_accept, url, oidc }).await
}

/// How a server is to be.
#[derive(Debug, Clone, Default)]
pub(super) struct How {
    /// Nothing is taken in.
    pub(super) only_accept: bool,
    /// Where people reach it, when that is not where it listens.
    pub(super) url: Option<String>,
    /// Who else vouches for people.
    pub(super) oidc: Option<Provider>,
}

/// Serves what `writer` holds until it is told to stop.
pub(super) async fn on(listener: TcpListener, writer: Writer, how: How) -> Result<()> {
    let How { only_accept, url, oidc } = how;
    let place = writer.place.clone();
    let door = socket::listen(&place.dir)?;
    let (stop, stopped) = watch::channel(false);
    let ((intake, taking), (till, tilling)) = (intake::intake(), benefit::coupon::till::till());
    let address = listener.local_addr()?;
    let server = Arc::new(Server::open(place.clone()).await?);
    let (mirrors, asked) = (Arc::clone(&server.mirrors), Arc::clone(&server.asked));
    let setup = Setup {
        url: url.clone().unwrap_or_else(|| format!("http://{address}")),
        oidc,
        full: Arc::clone(&server.full),
        till,
        stopped: stopped.clone(),
    };
    let app = App::new(place.clone(), intake, mirrors, asked, setup);
    let (reader, stop_upkeep) = (app.clone(), stopped.clone());
    tracing::info!(dir = %place.dir.display(), "ready");
    println_ready(address, user::begin(&place).await?.as_deref(), url.as_deref());
    let mut terminate = signal(SignalKind::terminate())?;
    let ended = async {
        tokio::select! {
            done = tokio::signal::ctrl_c() => drop(done),
            _ = terminate.recv() => {}
        }
        stop.send_replace(true);
        Ok(())
    };
    let upkeep = async {
        if only_accept {
            return Ok(());
        }
        keep(&server, reader, stop_upkeep).await
    };
    let written = async { tokio::join!(taking.run(|| place.cx()), tilling.run(|| place.cx())) };
    let done = tokio::try_join!(
        ended,
        upkeep,
        server.open_door(door, stopped.clone()),
        http::serve(listener, app),
        async {
            tokio::select! {
                _ = written => {}
                () = http::overdue(stopped) => {}
            }
            Ok(())
        },
    );
    if !only_accept {
        server.take_rest().await;
    }
    server.save().await;
    place.close().await;
    done.map(drop)
}

/// Keeps everything fresh and does what is asked for, until it is time to stop.
async fn keep(server: &Arc<Server>, reader: App, stopped: watch::Receiver<bool>) -> Result<()> {
    let stop = || stopped.clone();
    let own = reader.clone();
    let segments = async move |server: &Server, stop| server.keep_segmented(&own, stop).await;
    tokio::try_join!(
        beside(("fold", server), stop(), async |server, stop| server.keep_folded(stop).await),
        beside(("relay", server), stop(), async |server, stop| server.keep_relayed(stop).await),
        beside(("mirror", server), stop(), async |server, stop| server.keep_mirrored(stop).await),
        server.keep_log(stop()),
        server.keep_time(stop()),
        server.keep_measured(stop()),
        server.keep_order(stop()),
        beside(("work", server), stop(), async |server, stop| server.keep_written(stop).await),
        beside(("segment", server), stop(), segments),
        server.keep_read(reader, stop()),
    )
    .map(drop)
}

fn println_ready(address: SocketAddr, token: Option<&str>, url: Option<&str>) {
    use std::io::Write;
    let mut out = std::io::stdout();
    // Whoever started it waits for these lines; when nobody reads them, nobody waits.
    let _ = writeln!(out, "ready\nhttp://{address}");
    if let Some(token) = token {
        let base = url.map_or_else(|| format!("http://{address}"), str::to_owned);
        // What follows the # is sent to nobody and stands in no log.
        let _ = writeln!(out, "{}/start#{token}", base.trim_end_matches('/'));
    }
}

struct Server {
    place: Place,
    mirrors: Mirrors,
    /// Held whole by whatever writes for long, so that two such things follow each other; shared by
    /// what takes in a little at a time.
    busy: RwLock<()>,
    /// Says that somebody has asked for a job.
    asked: Arc<Notify>,
    /// Shops that have as much as they may.
    full: Arc<Full>,
}

impl Server {
    async fn open(place: Place) -> Result<Self> {
        erased::keep(&place).await?;
        let cx = place.cx();
        let mut mirrors: HashMap<ShopId, Mirror> = HashMap::new();
        for shop in shop::list(&cx).await? {
            let own = cx.of(shop.id);
            mirrors.insert(shop.id, Mirror::open(&own, &place.mirrors()).await?);
        }
        let mirrors = Arc::new(Mutex::new(mirrors));
        let (busy, asked) = (RwLock::new(()), Arc::default());
        Ok(Self { place, mirrors, busy, asked, full: Arc::default() })
    }

    /// Takes in what was acknowledged, as far as there is time; the next start takes the rest.
    async fn take_rest(&self) {
        let mut fold = Fold::default();
        let rest = async {
            while self.fold(&mut fold).await?.rows > 0 {}
            let mut relay = Relay::default();
            while self.relay(&mut relay).await?.more {}
            self.mirror().await
        };
        match tokio::time::timeout(http::STOP_MAX, rest).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = %error.chain(), "something is not taken in"),
            Err(_) => tracing::warn!("something is not taken in: there was no time left"),
        }
    }

    async fn save(&self) {
        for mirror in self.mirrors.lock().await.values() {
            if let Err(error) = mirror.save(&self.place.mirrors()) {
                tracing::warn!(error = %error.chain(), "a checkpoint was not written");
            }
        }
    }

    /// Folds whatever comes.
    async fn keep_folded(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        let mut own = Fold::default();
        let turn = async || {
            let step = self.fold(&mut own).await?;
            Ok(if step.rows > 0 { fold::rest(&step) } else { IDLE })
        };
        keep_on(stopped, "fold", turn).await
    }

    async fn fold(&self, fold: &mut Fold) -> Result<log::Step> {
        let Ok(_busy) = self.busy.try_read() else { return Ok(log::Step::default()) };
        let span = tracing::info_span!("fold", rows = tracing::field::Empty);
        let step = fold.step(&self.place.cx()).instrument(span.clone()).await?;
        span.record("rows", step.rows);
        Ok(step)
    }

    /// Moves what was folded into the lake, once in a while.
    async fn keep_relayed(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        let mut own = Relay::default();
        let turn = async || Ok(self.relay(&mut own).await?.rest());
        keep_on(stopped, "relay", turn).await
    }

    async fn relay(&self, own: &mut Relay) -> Result<Moved> {
        // Whoever is at work may move rows itself.
        let Ok(_busy) = self.busy.try_read() else { return Ok(own.pause()) };
        let cx = self.place.cx();
        let span = tracing::info_span!("relay", rows = tracing::field::Empty);
        let moved = own.step(&cx, &self.place.lake).instrument(span.clone()).await?;
        span.record("rows", moved.rows.sum());
        if moved.rows.sum() > 0 {
            upkeep::ask_where_crowded(&cx, &self.place.lake).await?;
        }
        Ok(moved)
    }

    /// Keeps the mirrors up to date.
    async fn keep_mirrored(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        let turn = async || {
            let began = Instant::now();
            self.mirror().await?;
            // A large shop's mirror costs time, which others need.
            Ok(IDLE.max(began.elapsed() * MIRROR_REST))
        };
        keep_on(stopped, "mirror", turn).await
    }

    async fn mirror(&self) -> Result<()> {
        let cx = self.place.cx();
        for shop in shop::list(&cx).await? {
            let mut mirrors = self.mirrors.lock().await;
            let known = mirrors.entry(shop.id).or_insert_with(|| Mirror::empty(shop.id));
            // Whoever reads meanwhile reads the one before.
            let mut next = known.hand_over();
            drop(mirrors);
            let span = tracing::info_span!("mirror", shop = shop.id.0);
            let done = next.refresh(&cx.of(shop.id)).instrument(span).await;
            self.mirrors.lock().await.insert(shop.id, next);
            done?;
        }
        Ok(())
    }

    /// Keeps the members of segments up to date.
    async fn keep_segmented(&self, app: &App, stopped: watch::Receiver<bool>) -> Result<()> {
        let mut watches = Watches::default();
        let turn = async || {
            let began = Instant::now();
            watches.turn(app).await?;
            Ok(SEGMENT_REST.max(began.elapsed()))
        };
        keep_on(stopped, "segments", turn).await
    }

    /// Folds the database's log into its file.
    async fn keep_log(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        let cx = self.place.cx();
        cx.db().leave_log().await?;
        let turn = async || cx.db().fold_log().await.map(|()| LOG_EVERY);
        keep_on(stopped, "log", turn).await
    }

    /// Measures what shops have of what they may have.
    async fn keep_measured(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        let turn =
            async || self.full.measure(&self.place, &self.mirrors).await.map(|()| MEASURE_EVERY);
        keep_on(stopped, "quotas", turn).await
    }

    /// Fires timers when they are due.
    async fn keep_time(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        keep_on(stopped, "timers", async || self.fire().await.map(|()| PAUSE)).await
    }

    /// Does jobs when they are due, beside everything else. One that is interrupted is done again.
    async fn keep_order(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        let mut stop = stopped.clone();
        let turn = async || {
            tokio::select! {
                worked = upkeep::work(|| self.place.cx(), &self.place.lake) => {
                    Ok(after(worked?, PAUSE))
                }
                _ = stop.wait_for(|stop| *stop) => Ok(PAUSE),
            }
        };
        keep_on(stopped, "jobs", turn).await
    }

    /// Does what people ask for that changes what is stored.
    async fn keep_written(&self, stopped: watch::Receiver<bool>) -> Result<()> {
        self.keep_asked(stopped, "work", async || work::write(&self.place, &self.busy).await).await
    }

    /// Does what people ask for that only reads.
    async fn keep_read(&self, app: App, stopped: watch::Receiver<bool>) -> Result<()> {
        self.keep_asked(stopped, "read", async || work::read(&self.place, &app).await).await
    }

    /// Does jobs as soon as they are asked for. One that is interrupted is done again.
    async fn keep_asked(
        &self,
        stopped: watch::Receiver<bool>,
        task: &str,
        mut work: impl AsyncFnMut() -> Result<bool>,
    ) -> Result<()> {
        let mut stop = stopped.clone();
        let turn = async || {
            let worked = tokio::select! {
                worked = work() => worked?,
                _ = stop.wait_for(|stop| *stop) => false,
            };
            if !worked {
                // One that is asked for between the two is found at the next look.
                let woken = tokio::time::timeout(PAUSE, self.asked.notified());
                tokio::select! {
                    _ = woken => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            }
            Ok(Duration::ZERO)
        };
        keep_on(stopped, task, turn).await
    }

    async fn fire(&self) -> Result<()> {
        let cx = self.place.cx();
        for shop in shop::list(&cx).await? {
            let own = cx.of(shop.id);
            let mut tx = own.write().await?;
            timer::set_once(&mut tx, NIGHTLY, "", next_night(&shop, cx.now)?).await?;
            tx.commit().await?;
        }
        for due in sys::due_timers(&cx, TIMERS_MAX).await? {
            let own = cx.of(due.shop());
            let shop = shop::get(&own).await?;
            if due.kind == NIGHTLY {
                // Beside the fold and the relay, which go on; not beside what others ask for.
                let _busy = self.busy.read().await;
                self.night(&own, &shop).await?;
            }
            let mut tx = own.write().await?;
            let at = Some(Time::from_micros(due.due_at));
            if timer::clear(&mut tx, &due.kind, &due.name, at).await? && due.kind == NIGHTLY {
                timer::set(&mut tx, NIGHTLY, "", next_night(&shop, cx.now)?, "").await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// A shop's night work: habits, the day's RFM run, and what keeps files and tables small.
    async fn night(&self, cx: &store::Cx, shop: &shop::Shop) -> Result<()> {
        profile::refresh_habits(cx, &self.place.lake).await?;
        relay::publish(cx, &self.place.lake).await?;
        let mut mirror = self.mirrors.lock().await.get(&shop.id).cloned();
        if let Some(mirror) = &mut mirror {
            mirror.refresh(cx).await?;
            mirror.save(&self.place.mirrors())?;
            let wish = rfm::setting(cx).await?;
            let run = rfm::report(cx, mirror, &shop.zone, (None, &wish)).await?;
            rfm::save(cx, &run, false).await?;
        }
        segment::forget_moves(cx, shop.zone.date(cx.now)).await?;
        upkeep::ask(cx).await?;
        self.place.clear_scratch()?;
        upload::expire(&self.place, shop.id, cx.now)?;
        http::export::expire(&self.place, shop.id, cx.now)?;
        upkeep::expire(cx, &self.place.rejects(shop.id)).await
    }

    /// Lets other commands in, one after the other.
    async fn open_door(
        &self,
        door: UnixListener,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<()> {
        loop {
            let line = tokio::select! {
                changed = stopped.changed() => if changed.is_err() || *stopped.borrow() {
                    return Ok(());
                } else {
                    continue;
                },
                line = socket::accept(&door) => line,
            };
            match line {
                Ok(line) => {
                    if let Err(error) = self.answer(line).await {
                        tracing::warn!(error = %error.chain(), "a caller left");
                    }
                }
                Err(error) => tracing::warn!(error = %error.chain(), "nobody could come in"),
            }
        }
    }

    async fn answer(&self, mut line: Line) -> Result<()> {
        let Some(Call { lang, asked }) = line.receive().await? else { return Ok(()) };
        let _busy = match asked.goes_beside() {
            true => None,
            false => Some(self.busy.write().await),
        };
        let (console, mut messages) = Console::new(lang);
        let work = perform(self.place.clone(), asked, console);
        let tell = async {
            while let Some(message) = messages.recv().await {
                // The work goes on when the caller leaves: it was asked for.
                if line.send(&message).await.is_err() {
                    messages.close();
                }
            }
            line
        };
        let (done, mut line) = tokio::join!(work, tell);
        if let Err(error) = done {
            line.send(&Message::refused(error)).await?;
        }
        Ok(())
    }
}

/// Works on a thread of its own, which gives way to whoever waits for an answer.
async fn beside(
    (task, server): (&str, &Arc<Server>),
    stopped: watch::Receiver<bool>,
    work: impl AsyncFnOnce(&Server, watch::Receiver<bool>) -> Result<()> + Send + 'static,
) -> Result<()> {
    let (server, runtime) = (Arc::clone(server), Handle::current());
    let own = aside(task, move || {
        confine::give_way();
        runtime.block_on(work(&server, stopped))
    })?;
    own.done().await?
}

/// How long to wait for the next turn: not at all while there is more to do, else `idle`.
fn after(more: bool, idle: Duration) -> Duration {
    if more { Duration::ZERO } else { idle }
}

/// Takes turns until it is time to stop, each after the time that the one before tells, or after an
/// error, which goes to the log, after a pause.
async fn keep_on(
    mut stopped: watch::Receiver<bool>,
    task: &str,
    mut turn: impl AsyncFnMut() -> Result<Duration>,
) -> Result<()> {
    loop {
        let wait = turn().await.unwrap_or_else(|error| {
            tracing::error!(task, error = %error.chain(), "a task pauses");
            PAUSE
        });
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Shortly after the next local midnight.
fn next_night(shop: &shop::Shop, now: Time) -> Result<Time, Error> {
    let tomorrow = base::Date(shop.zone.date(now).0 + 1);
    Ok(shop.zone.start_of(tomorrow)?.plus(NIGHTLY_DELAY_MICROS))
}
