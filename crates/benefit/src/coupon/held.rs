//! Looking at codes: what a customer holds, what became of a code, and whether one could be used.

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result, Time, Zone};
use perceive::identity;
use store::{Cx, Tx};

use super::call::{Call, Deed, Move, Named, Spend};
use super::code::{Code, Stage, Use};
use super::issue::Batch;
use super::load::{Known, load};
use super::register::{Numbers, Register};
use super::sql::{self, batch, register as rows};

/// Uses of the codes of a page that are looked at to tell how these stand.
const USES_MAX: i64 = 10_000;
/// Moves of a code that are listed at the most.
const MOVES_MAX: i64 = 200;

/// Codes of a customer that are looked at for a quote, the latest first.
pub const USABLE_MAX: i64 = 200;

/// How a code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be used while it is valid.
    Held,
    /// Its only use is locked.
    Locked,
    /// All of its uses have happened.
    Redeemed,
    /// Its last moment is over.
    Expired,
    /// The shop has withdrawn it.
    Void,
}

impl Standing {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Locked => "locked",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }

    /// Of a code with so many locks that are not over.
    #[must_use]
    pub fn of(code: &Code, locks: i64, now: Time) -> Self {
        let full = |uses: i64| code.uses_max.is_some_and(|most| uses >= most);
        if code.void {
            Self::Void
        } else if full(code.used) {
            Self::Redeemed
        } else if full(code.used + locks) {
            Self::Locked
        } else if now > code.until {
            Self::Expired
        } else {
            Self::Held
        }
    }
}

/// A code as it is shown.
#[derive(Debug, Clone)]
pub struct Held {
    /// The code.
    pub code: Code,
    /// As it is written.
    pub shown: String,
    /// The coupon's name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// What it was handed out with.
    pub batch: Batch,
}

/// How codes are written, by number.
///
/// # Errors
/// What the store reports.
pub async fn texts(tx: &mut Tx, cx: &Cx, numbers: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let written = rows::shown(tx, numbers).await?;
    let cipher = super::cipher(tx, cx).await?;
    let text = |number: &i64| written.get(number).cloned().unwrap_or_else(|| cipher.code(*number));
    Ok(numbers.iter().map(|number| (*number, text(number))).collect())
}

async fn shown(tx: &mut Tx, cx: &Cx, codes: Vec<Code>) -> Result<Vec<Held>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: BTreeSet<i64> = codes.iter().map(|code| code.number).collect();
    let texts = texts(tx, cx, &numbers).await?;
    let coupons: BTreeSet<i64> = codes.iter().map(|code| code.coupon).collect();
    let names = sql::of_numbers(tx, &coupons).await?.into_iter();
    let names: BTreeMap<i64, String> = names.map(|own| (own.number, own.name)).collect();
    let of: BTreeSet<i64> = codes.iter().map(|code| code.batch).collect();
    let found = batch::of_numbers(tx, &of).await?.into_iter();
    let found: BTreeMap<i64, Batch> = found.map(|own| (own.number, own)).collect();
    let open: BTreeSet<i64> =
        codes.iter().filter(|code| code.open > 0).map(|code| code.number).collect();
    let mut locks: BTreeMap<i64, i64> = BTreeMap::new();
    if !open.is_empty() {
        for own in rows::uses_of_codes(tx, &open, USES_MAX).await? {
            let lasts = own.stage == Stage::Locked && own.until.is_some_and(|at| at > cx.now);
            *locks.entry(own.code).or_default() += i64::from(lasts);
        }
    }
    let held = codes.into_iter().filter_map(|code| {
        let number = code.number;
        let text = texts.get(&number).cloned().unwrap_or_default();
        let standing = Standing::of(&code, locks.get(&number).copied().unwrap_or(0), cx.now);
        let batch = found.get(&code.batch)?.clone();
        let name = names.get(&code.coupon).cloned().unwrap_or_default();
        Some(Held { code, shown: text, name, standing, batch })
    });
    Ok(held.collect())
}

/// What a customer holds before a number, the latest first: also what is over. What came to them
/// as to one of a private segment is there once it was used.
///
/// # Errors
/// What the store reports.
pub async fn of_customer(
    cx: &Cx,
    person: i64,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<Held>> {
    let mut tx = cx.read().await?;
    let labels = identity::labels(&mut tx, person).await?;
    let page = (before.unwrap_or(i64::MAX), limit);
    let codes = rows::of_holders(&mut tx, &labels, page).await?;
    shown(&mut tx, cx, codes).await
}

/// The codes of a batch after a number, the first first.
///
/// # Errors
/// `not_found` when there is no such batch, `forbidden` when it is private.
pub async fn of_batch(
    cx: &Cx,
    number: i64,
    (after, limit): (Option<i64>, i64),
) -> Result<Vec<Held>> {
    let own = super::issue::get(cx, number).await?;
    if own.private {
        return Err(stratify::segment::hidden());
    }
    let first = after.map_or(own.first, |after| own.first.max(after + 1));
    let mut tx = cx.read().await?;
    let codes = rows::of_batch(&mut tx, number, (first, own.first + own.total - 1), limit).await?;
    shown(&mut tx, cx, codes).await
}

/// A code, its uses and what was done with it, the latest first.
#[derive(Debug, Clone)]
pub struct Found {
    /// The code.
    pub held: Held,
    /// Its uses.
    pub uses: Vec<Use>,
    /// What was done.
    pub moves: Vec<Move>,
}

/// What became of a code.
///
/// # Errors
/// `not_found` when there is none.
pub async fn find(cx: &Cx, written: &str) -> Result<Found> {
    let mut tx = cx.read().await?;
    let named = Named::new(written);
    let held = named_of(&mut tx, cx, &named).await?;
    let number = held.code.number;
    let uses = rows::uses_of_codes(&mut tx, &BTreeSet::from([number]), MOVES_MAX).await?;
    let moves = rows::of_code(&mut tx, number, MOVES_MAX).await?;
    Ok(Found { held, uses, moves })
}

async fn named_of(tx: &mut Tx, cx: &Cx, named: &Named) -> Result<Held> {
    let cipher = super::cipher(tx, cx).await?;
    let number = match cipher.number(&named.word) {
        Some(number) => Some(number),
        None => {
            let found = rows::of_words(tx, &BTreeSet::from([named.word.as_str()])).await?;
            found.into_iter().next().map(|(_, number)| number)
        }
    };
    let unknown = || Error::missing("there is no such code").field("code");
    let number = number.ok_or_else(unknown)?;
    let codes = rows::of_numbers(tx, &BTreeSet::from([number])).await?;
    shown(tx, cx, codes).await?.into_iter().next().ok_or_else(unknown)
}

/// The code of a number, as it is shown.
///
/// # Errors
/// `not_found` when there is none.
pub async fn of_number(cx: &Cx, number: i64) -> Result<Held> {
    let mut tx = cx.read().await?;
    let codes = rows::of_numbers(&mut tx, &BTreeSet::from([number])).await?;
    let unknown = || Error::missing("there is no such code").field("code");
    shown(&mut tx, cx, codes).await?.into_iter().next().ok_or_else(unknown)
}

/// What a code would do.
#[derive(Debug, Clone)]
pub struct Would {
    /// The code.
    pub held: Held,
    /// What it would take from the budget.
    pub amount: i64,
    /// By which terms.
    pub terms: std::sync::Arc<super::rule::Terms>,
    /// What is left of the coupon's budget; none where nothing limits it.
    pub rest: Option<i64>,
}

/// Whether a code could be used now, without using it.
///
/// # Errors
/// As [`Register::call`].
pub async fn validate(
    cx: &Cx,
    zone: &Zone,
    (spend, customer): (Spend, Option<i64>),
) -> Result<Would> {
    let mut tx = cx.read().await?;
    let mut register = Register::new(cx.now, zone.clone(), Numbers::default());
    // What is checked is what a use at once would be.
    let deed = Deed::Redeem(spend.clone(), None);
    let call = Call::new(("validate".to_owned(), cx.actor.to_string()), customer, deed)?;
    load(&mut tx, cx, &mut register, &[call], &mut Known::default()).await?;
    let amount = register.check(&spend, customer)?;
    let code = register.find(&spend.code)?.clone();
    let damaged = || Error::damaged("a code has no terms");
    let terms = register.terms_of(code.coupon, code.version).ok_or_else(damaged)?;
    let terms = std::sync::Arc::clone(terms);
    let unknown = || Error::missing("there is no such code").field("code");
    let rest = register.rest(code.coupon);
    let held = shown(&mut tx, cx, vec![code]).await?.into_iter().next().ok_or_else(unknown)?;
    Ok(Would { held, amount, terms, rest })
}

/// The codes that a customer could use now: those that are named, and what they hold besides.
///
/// What came to them as to one of a private segment is among them only when it is named.
///
/// # Errors
/// As [`Register::call`], with the place of a named code that could not be used; `conflict` for a
/// code that is named twice.
pub async fn usable(
    cx: &Cx,
    zone: &Zone,
    (named, person): (&[String], Option<i64>),
) -> Result<Vec<Would>> {
    let own = match person {
        Some(person) => of_customer(cx, person, (None, USABLE_MAX)).await?,
        None => Vec::new(),
    };
    let own = own.into_iter().filter(|held| held.standing == Standing::Held);
    let words = named.iter().cloned().map(|code| (code, true));
    let words: Vec<(String, bool)> = words.chain(own.map(|held| (held.shown, false))).collect();
    let mut tx = cx.read().await?;
    let mut register = Register::new(cx.now, zone.clone(), Numbers::default());
    let calls = words.iter().enumerate().map(|(place, (code, _))| {
        let deed = Deed::Redeem(spend_of(code), None);
        Call::new((format!("quote:{place}"), cx.actor.to_string()), person, deed)
    });
    let calls: Vec<Call> = calls.collect::<Result<_>>()?;
    load(&mut tx, cx, &mut register, &calls, &mut Known::default()).await?;
    let mut found: BTreeMap<i64, (i64, std::sync::Arc<super::rule::Terms>)> = BTreeMap::new();
    for (place, (written, is_named)) in words.iter().enumerate() {
        let told = register.check(&spend_of(written), person);
        let amount = match told {
            Ok(amount) => amount,
            Err(error) if *is_named => return Err(error.field(format!("codes[{place}]"))),
            Err(_) => continue,
        };
        let code = register.find(&Named::new(written))?;
        if *is_named && found.contains_key(&code.number) {
            return Err(Error::conflict("is named twice").field(format!("codes[{place}]")));
        }
        let terms = register.terms_of(code.coupon, code.version);
        let terms = terms.ok_or_else(|| Error::damaged("a code has no terms"))?;
        found.entry(code.number).or_insert_with(|| (amount, std::sync::Arc::clone(terms)));
    }
    let codes = found.keys().filter_map(|number| register.code(*number).cloned()).collect();
    let held = shown(&mut tx, cx, codes).await?.into_iter();
    let would = |held: Held| {
        let (amount, terms) = found.get(&held.code.number)?.clone();
        let rest = register.rest(held.code.coupon);
        Some(Would { held, amount, terms, rest })
    };
    Ok(held.filter_map(would).collect())
}

/// A use at once, of as much as the quote will say.
fn spend_of(code: &str) -> Spend {
    let lines = Vec::new();
    Spend { code: Named::new(code), amount: Some(0), lines, order: String::new() }
}

/// Withdraws a code: nobody uses it any more. What of its stock was not used is there again.
///
/// # Errors
/// `not_found` when there is none; `conflict` when it was used, is locked or withdrawn.
pub async fn withdraw(cx: &Cx, written: &str) -> Result<Held> {
    let mut tx = cx.write().await?;
    super::lock(&mut tx).await?;
    let mut held = named_of(&mut tx, cx, &Named::new(written)).await?;
    void(&mut tx, &mut held).await?;
    let target = held.code.coupon.to_string();
    let after = Some(serde_json::json!({ "code": held.code.number }).to_string());
    let deed =
        store::audit::Deed { action: "coupon.withdraw", target: &target, before: None, after };
    store::audit::commit(tx, cx, deed).await?;
    Ok(held)
}

/// Withdraws a code by its number within a transaction; one that is withdrawn already stays so.
///
/// # Errors
/// As [`withdraw`].
pub(crate) async fn take_away(tx: &mut Tx, cx: &Cx, number: i64) -> Result<()> {
    super::lock(tx).await?;
    let codes = rows::of_numbers(tx, &BTreeSet::from([number])).await?;
    let Some(mut held) = shown(tx, cx, codes).await?.into_iter().next() else { return Ok(()) };
    match held.standing {
        Standing::Void => Ok(()),
        _ => void(tx, &mut held).await,
    }
}

async fn void(tx: &mut Tx, held: &mut Held) -> Result<()> {
    if held.standing != Standing::Held && held.standing != Standing::Expired {
        let text = format!("this code is {}", held.standing.name());
        return Err(Error::conflict(text).field("code"));
    }
    held.code.void = true;
    held.standing = Standing::Void;
    rows::put_codes(tx, [&held.code].into_iter());
    let back = match (held.code.takes(), held.code.uses_max) {
        (false, Some(most)) => most - held.code.used,
        _ => 0,
    };
    let stands = sql::stands(tx, &BTreeSet::from([held.code.coupon])).await?;
    if let Some(mut stand) = stands.into_iter().next() {
        stand.count.taken -= back;
        sql::put_counts(tx, [(stand.number, &stand.count)].into_iter());
    }
    Ok(())
}
