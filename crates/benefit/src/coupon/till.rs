//! The way of calls into the tables: one commit takes whatever was asked during the one before it,
//! so that many tills at once cost few commits and none waits for a timer.
//!
//! The calls of a shop are taken in their order by one task. It loads what all of them are about
//! with a few statements, decides in memory ([`super::register`]), writes with a few statements,
//! and answers each with what came of it: one that is refused holds up no other one. What was
//! answered is durable.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{Code, Error, Result, ShopId, Time, Zone};
use store::{Cx, Tx, counter};
use tokio::sync::{mpsc, oneshot};

use super::call::{Call, Move};
use super::load::{Known, load};
use super::register::Register;
use super::sql::{batch, register as rows};
use super::{BATCHES, CODES, USES};

/// Calls that wait at the most; more are told to come again.
const WAITING_MAX: usize = 4_096;
/// Calls of one shop that one commit takes at the most.
const COMMIT_CALLS_MAX: usize = 256;
/// Wrong codes that one caller may send for one customer in a minute; then it is told to wait.
pub const WRONG_MAX: u32 = 30;
/// The same of a caller that does not say for whom: a shop's till asks for all of its buyers.
pub const WRONG_UNNAMED_MAX: u32 = 300;
/// Microseconds for which wrong codes count.
const WRONG_MICROS: i64 = 60_000_000;
/// Callers and customers whose wrong codes are counted at the most.
const GUESSERS_MAX: usize = 100_000;
/// Shops of which is remembered what never changes.
const SHOPS_MAX: usize = 1_000;

/// What one request asks.
struct Asked {
    shop: ShopId,
    zone: Zone,
    call: Call,
    done: oneshot::Sender<Result<Move>>,
}

/// Where requests ask. Cheap to clone.
#[derive(Clone)]
pub struct Till {
    line: mpsc::Sender<Asked>,
    guesses: Arc<Mutex<Guesses>>,
}

/// The other end of a [`Till`].
pub struct Tilling(mpsc::Receiver<Asked>);

/// A till and its other end, which somebody must run.
#[must_use]
pub fn till() -> (Till, Tilling) {
    let (line, end) = mpsc::channel(WAITING_MAX);
    (Till { line, guesses: Arc::default() }, Tilling(end))
}

impl Till {
    /// Asks something of the context's shop, whose days are those of a zone; what came of it is
    /// durable when this returns.
    ///
    /// # Errors
    /// As [`Register::call`]; `busy` when too many requests wait, or after too many wrong codes;
    /// what the database reports.
    pub async fn ask(&self, cx: &Cx, zone: &Zone, call: Call) -> Result<Move> {
        let customer = call.customer;
        self.guarded((cx, customer), self.hand_in(cx, zone, call)).await
    }

    async fn hand_in(&self, cx: &Cx, zone: &Zone, call: Call) -> Result<Move> {
        let busy = || {
            Error::new(Code::Busy, "too many requests wait to be written")
                .hint("try again in a moment")
        };
        let (done, told) = oneshot::channel();
        let asked = Asked { shop: cx.shop, zone: zone.clone(), call, done };
        self.line.try_send(asked).map_err(|_| busy())?;
        told.await.unwrap_or_else(|_| Err(busy()))
    }

    /// Does what somebody asks about a code for a customer, unless they have sent too many wrong
    /// ones: then right ones are refused, too, since otherwise the refusal would tell which is one.
    ///
    /// # Errors
    /// `busy` after too many wrong codes; what the work reports.
    pub async fn guarded<T>(
        &self,
        (cx, customer): (&Cx, Option<i64>),
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let guesser = (cx.shop, cx.actor.to_string(), customer);
        if held(&self.guesses).too_many(&guesser, cx.now) {
            return Err(guessing());
        }
        let told = work.await;
        if told.as_ref().is_err_and(is_wrong) {
            held(&self.guesses).wrong(guesser, cx.now);
        }
        told
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who sends codes: in which shop, who, and for whom.
type Guesser = (ShopId, String, Option<i64>);

/// How many wrong codes came since when.
#[derive(Default)]
struct Guesses(HashMap<Guesser, (Time, u32)>);

impl Guesses {
    /// Whether a caller has sent too many wrong codes.
    fn too_many(&mut self, guesser: &Guesser, now: Time) -> bool {
        let most = if guesser.2.is_some() { WRONG_MAX } else { WRONG_UNNAMED_MAX };
        let over = |since: Time| since.plus(WRONG_MICROS) <= now;
        match self.0.get(guesser) {
            Some((since, _)) if over(*since) => {
                self.0.remove(guesser);
                false
            }
            Some((_, wrong)) => *wrong >= most,
            None => false,
        }
    }

    fn wrong(&mut self, guesser: Guesser, now: Time) {
        if self.0.len() >= GUESSERS_MAX {
            self.0.retain(|_, (since, _)| since.plus(WRONG_MICROS) > now);
        }
        if self.0.len() >= GUESSERS_MAX {
            self.0.clear();
        }
        self.0.entry(guesser).or_insert((now, 0)).1 += 1;
    }
}

impl Tilling {
    /// Answers what is asked until nobody can ask any more; `now` gives contexts of the present
    /// time.
    pub async fn run(self, now: impl Fn() -> Cx) {
        let Self(mut line) = self;
        // What never changes of each shop.
        let mut known: HashMap<ShopId, Known> = HashMap::new();
        let mut left: Vec<Asked> = Vec::new();
        loop {
            if left.is_empty() {
                let Some(first) = line.recv().await else { return };
                left.push(first);
            }
            while left.len() < WAITING_MAX {
                let Ok(next) = line.try_recv() else { break };
                left.push(next);
            }
            let mut shops: BTreeMap<ShopId, Vec<Asked>> = BTreeMap::new();
            let mut rest = Vec::new();
            for asked in left {
                let own = shops.entry(asked.shop).or_default();
                if own.len() < COMMIT_CALLS_MAX { own.push(asked) } else { rest.push(asked) }
            }
            left = rest;
            for (shop, asked) in shops {
                if known.len() >= SHOPS_MAX && !known.contains_key(&shop) {
                    known.clear();
                }
                answer(&now().of(shop), asked, known.entry(shop).or_default()).await;
            }
        }
    }
}

/// Answers calls of the context's shop.
async fn answer(cx: &Cx, asked: Vec<Asked>, known: &mut Known) {
    let Some(zone) = asked.first().map(|asked| asked.zone.clone()) else { return };
    let (mut calls, mut waiting) = (Vec::new(), Vec::new());
    for Asked { call, done, .. } in asked {
        calls.push(call);
        waiting.push(done);
    }
    let told = match carry_out(cx, zone, &calls, known).await {
        Ok(told) => told,
        Err(error) => calls.iter().map(|_| Err(same(&error))).collect(),
    };
    for (told, done) in told.into_iter().zip(waiting) {
        // Whoever left does not want to know.
        let _ = done.send(told);
    }
}

fn guessing() -> Error {
    Error::new(Code::Busy, "too many codes were wrong").field("code").hint("try again in a minute")
}

/// Whether somebody named a code that there is not.
fn is_wrong(error: &Error) -> bool {
    let names =
        |field: &str| field.split('.').any(|part| part == "code" || part.starts_with("codes["));
    error.code == Code::NotFound && error.field.as_deref().is_some_and(names)
}

fn same(error: &Error) -> Error {
    Error { hint: error.hint.clone(), ..Error::new(error.code, &error.message) }
}

/// Does calls in their order in one transaction, each whole or not at all.
async fn carry_out(
    cx: &Cx,
    zone: Zone,
    calls: &[Call],
    known: &mut Known,
) -> Result<Vec<Result<Move>>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = cx.write().await?;
    let told = within(&mut tx, (cx, zone), calls, known).await?;
    tx.commit().await?;
    Ok(told)
}

/// Does calls in their order within a transaction, each whole or not at all. Nobody else changes
/// codes until it ends.
pub(super) async fn within(
    tx: &mut Tx,
    (cx, zone): (&Cx, Zone),
    calls: &[Call],
    known: &mut Known,
) -> Result<Vec<Result<Move>>> {
    let claims = calls.iter().any(|call| call.claims().is_some());
    let first = super::begin(tx, claims).await?;
    let mut register = Register::new(cx.now, zone, first);
    load(tx, cx, &mut register, calls, known).await?;
    let told: Vec<Result<Move>> = calls.iter().map(|call| register.call(call)).collect();
    let taken = register.taken();
    for (series, count) in [(USES, taken.uses), (CODES, taken.codes), (BATCHES, taken.batches)] {
        if count > 0 {
            counter::take(tx, series, count).await?;
        }
    }
    if !register.done().claimed.is_empty() {
        batch::put_claims(tx, &register);
    }
    rows::write(tx, &register)?;
    Ok(told)
}
