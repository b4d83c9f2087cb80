//! 优惠券: coupons, who holds which of their codes, and what was taken off with them.
//!
//! A [`Coupon`] is what a shop defines; its terms have versions, and a code keeps those by which it
//! was handed out. Codes are handed out in batches ([`issue`]) and claimed; at a till they are
//! locked, redeemed and rolled back ([`till`]), which [`register`] decides without looking at a
//! database. Nothing is ever used more often than its limit, nothing is taken beyond the budget,
//! and whoever asks twice gets the first answer.
//!
//! A code belongs to the number under which somebody was known when they got it, and a person
//! holds what lies under all of their numbers.

mod act;
pub mod call;
pub mod code;
pub mod held;
pub mod issue;
mod load;
pub mod register;
pub mod rule;
mod sql;
#[cfg(test)]
mod tests;
pub mod text;
pub mod till;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Code as Kind, Error, Result, Time, Zone};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::key::Sealer;
use store::{Cx, Tx, counter, setting};
use stratify::expr::LIST_MAX;
use stratify::segment;

use crate::ledger::{AMOUNT_MAX, coded};
use crate::tier;
use code::Count;
use register::Numbers;
use rule::Terms;
use text::Cipher;

/// Coupons of a shop at the most.
pub const COUPONS_MAX: i64 = 10_000;
/// Characters of a name at the most.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters of a note, and of a reason, at the most.
pub const NOTE_CHARS_MAX: usize = 500;
/// The series of coupons; its row is locked while one is made or changed.
const COUPONS: &str = "coupon";
/// The series of uses; its row is locked while codes of the shop change.
const USES: &str = "coupon_use";
/// The series of codes.
const CODES: &str = "coupon_code";
/// The series of batches.
const BATCHES: &str = "coupon_batch";
/// The name of the policy's setting.
const POLICY: &str = "coupon.policy";
/// What the key that codes are made with is found by.
const KEY: &str = "coupon.code";

coded! {
    /// How a code came to be.
    How {
        /// 领取: somebody claimed it.
        Claim = 1 "claim",
        /// 发放: it was given to somebody by hand.
        One = 2 "one",
        /// It was given to everybody on a list.
        List = 3 "list",
        /// It was given to everybody in a segment.
        Segment = 4 "segment",
        /// It is one of many that nobody has.
        Codes = 5 "codes",
        /// 通用码: it is one that many share.
        Shared = 6 "shared",
        /// It is one of many of a form.
        Pattern = 7 "pattern",
        /// It came from a list of codes.
        Import = 8 "import",
    }
}

coded! {
    /// What handed codes out.
    Source {
        /// The shop itself.
        Shop = 0 "shop",
        /// An activity.
        Activity = 1 "activity",
        /// 老带新: somebody who brought somebody.
        Referral = 2 "referral",
        /// 客服: somebody who was served.
        Agent = 3 "agent",
        /// A campaign.
        Campaign = 4 "campaign",
        /// 积分兑换: somebody who took it for points.
        Exchange = 5 "exchange",
    }
}

impl Serialize for Source {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where codes came from, which they never lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// What handed them out.
    pub source: Source,
    /// Its number, where it has one.
    pub number: Option<i64>,
}

impl Origin {
    /// The shop itself.
    pub const SHOP: Self = Self { source: Source::Shop, number: None };
}

/// What a shop says of all of its coupons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Minor units that a coupon may cost at the most without a second person's approval; none for
    /// no such limit.
    pub approval_above: Option<i64>,
}

/// A coupon.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupon {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other coupon has.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// The version of its terms, which grows with every change.
    pub version: i64,
    /// The version that is in force; 0 before somebody approved one.
    pub in_force: i64,
    /// Whether the latest version waits for a second person.
    pub waits: bool,
    /// The latest version of its terms.
    pub terms: Terms,
    /// Who made it.
    pub owner: String,
    /// Who made the latest version of its terms.
    pub editor: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub edited_at: Time,
    /// When it was ended: nothing of it is handed out since.
    pub ended_at: Option<Time>,
    /// Who decided last, and when.
    pub decided: Option<(String, Time)>,
    /// What it has given.
    pub count: Count,
    /// Whether codes of it went to a private segment, so that how many there are is not told.
    pub private: bool,
}

/// What a coupon is to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// What it says.
    pub terms: Terms,
}

fn missing() -> Error {
    Error::missing("there is no such coupon").field("coupon_id")
}

/// What the shop says of all of its coupons.
///
/// # Errors
/// What the store reports.
pub async fn policy(cx: &Cx) -> Result<Policy> {
    setting::get(&mut cx.read().await?, POLICY).await
}

/// Changes what the shop says of all of its coupons.
///
/// # Errors
/// `bad_input` for a limit that will not do.
pub async fn set_policy(cx: &Cx, policy: &Policy) -> Result<()> {
    if policy.approval_above.is_some_and(|limit| !(0..=AMOUNT_MAX).contains(&limit)) {
        return Err(Error::bad(format!("is 0 to {AMOUNT_MAX}")).field("approval_above"));
    }
    let mut tx = cx.write().await?;
    let before: Policy = setting::get(&mut tx, POLICY).await?;
    setting::set(&mut tx, POLICY, policy).await?;
    let text = |policy: &Policy| serde_json::to_string(policy).ok();
    let (before, after) = (text(&before), text(policy));
    audit::commit(tx, cx, Deed { action: "coupon.policy", target: "", before, after }).await
}

/// The coupons of the context's shop before a number, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx, (before, limit): (Option<i64>, i64)) -> Result<Vec<Coupon>> {
    sql::list(&mut cx.read().await?, (before.unwrap_or(i64::MAX), limit)).await
}

/// A coupon.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Coupon> {
    sql::get(&mut cx.read().await?, number).await?.ok_or_else(missing)
}

/// What coupons are called, by number.
///
/// # Errors
/// What the store reports.
pub async fn names(cx: &Cx, numbers: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
    let mut tx = cx.read().await?;
    let found = sql::of_numbers(&mut tx, numbers).await?.into_iter();
    Ok(found.map(|own| (own.number, own.name)).collect())
}

/// Makes a coupon; one that may cost more than the shop lets one person decide waits for a second.
///
/// # Errors
/// `bad_input` that says what will not do, `conflict` for a name that is taken, `too_large` when
/// there are too many.
pub async fn make(cx: &Cx, wish: Wish) -> Result<Coupon> {
    let wish = wished(cx, wish).await?;
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, COUPONS, 1).await?;
    if number > COUPONS_MAX {
        return Err(Error::new(Kind::TooLarge, format!("a shop makes at most {COUPONS_MAX}")));
    }
    unnamed(&mut tx, number, &wish.name).await?;
    let policy: Policy = setting::get(&mut tx, POLICY).await?;
    let waits = policy.approval_above.is_some_and(|limit| wish.terms.cost().above(limit));
    let coupon = Coupon {
        number,
        name: wish.name,
        note: wish.note,
        version: 1,
        in_force: i64::from(!waits),
        waits,
        terms: wish.terms,
        owner: cx.actor.to_string(),
        editor: cx.actor.to_string(),
        created_at: cx.now,
        edited_at: cx.now,
        ended_at: None,
        decided: None,
        count: Count::default(),
        private: false,
    };
    sql::put(&mut tx, &coupon).await?;
    told(tx, cx, "coupon.make", (None, &coupon)).await?;
    Ok(coupon)
}

/// Changes a coupon: codes that there are keep the terms by which they were handed out. A version
/// that may cost more than the one before and than one person decides waits for a second one, and
/// the one before stays in force.
///
/// # Errors
/// As [`make`]; `not_found` when there is none, `conflict` when it has ended.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Coupon> {
    let wish = wished(cx, wish).await?;
    let mut tx = cx.write().await?;
    counter::take(&mut tx, COUPONS, 0).await?;
    let before = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if before.ended_at.is_some() {
        return Err(Error::conflict("this coupon has ended").field("coupon_id"));
    }
    unnamed(&mut tx, number, &wish.name).await?;
    let mut coupon = Coupon { name: wish.name, note: wish.note, ..before.clone() };
    coupon.edited_at = cx.now;
    if wish.terms != before.terms {
        let policy: Policy = setting::get(&mut tx, POLICY).await?;
        let approved = sql::terms(&mut tx, &BTreeSet::from([(number, before.in_force)])).await?;
        let approved = approved.first().map(|(_, terms)| terms.cost());
        let more = |own: &rule::Cost| match (own.total, approved.map(|own| own.total)) {
            (Some(own), Some(Some(approved))) => own > approved,
            (_, Some(None)) => false,
            (None, _) | (_, None) => true,
        };
        let cost = wish.terms.cost();
        coupon.waits = policy.approval_above.is_some_and(|limit| cost.above(limit) && more(&cost));
        coupon.version += 1;
        coupon.terms = wish.terms;
        coupon.editor = cx.actor.to_string();
        coupon.decided = None;
        if !coupon.waits {
            coupon.in_force = coupon.version;
        }
    }
    sql::put(&mut tx, &coupon).await?;
    told(tx, cx, "coupon.edit", (Some(&before), &coupon)).await?;
    Ok(coupon)
}

/// Approves the version that waits, or refuses it. Who made it can only refuse.
///
/// # Errors
/// `not_found` when there is no such coupon; `conflict` when nothing waits; `forbidden` for who
/// made it to approve.
pub async fn decide(cx: &Cx, number: i64, yes: bool) -> Result<Coupon> {
    let mut tx = cx.write().await?;
    counter::take(&mut tx, COUPONS, 0).await?;
    let before = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if !before.waits {
        return Err(Error::conflict("this was decided already").field("coupon_id"));
    }
    if yes && before.editor == cx.actor.to_string() {
        return Err(Error::new(Kind::Forbidden, "whoever asked for it cannot approve")
            .hint("a second person with the same permission decides"));
    }
    let mut coupon = Coupon { waits: false, ..before.clone() };
    coupon.decided = Some((cx.actor.to_string(), cx.now));
    if yes {
        coupon.in_force = coupon.version;
    }
    sql::put(&mut tx, &coupon).await?;
    let action = if yes { "coupon.approve" } else { "coupon.refuse" };
    told(tx, cx, action, (Some(&before), &coupon)).await?;
    Ok(coupon)
}

/// Ends a coupon: nothing of it is handed out any more, and codes that many share are used no
/// more. What people hold stays valid.
///
/// # Errors
/// `not_found` when there is none, `conflict` when it has ended already.
pub async fn end(cx: &Cx, number: i64) -> Result<Coupon> {
    let mut tx = cx.write().await?;
    counter::take(&mut tx, COUPONS, 0).await?;
    lock(&mut tx).await?;
    let before = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if before.ended_at.is_some() {
        return Err(Error::conflict("this has ended already").field("coupon_id"));
    }
    let coupon = Coupon { ended_at: Some(cx.now), edited_at: cx.now, ..before.clone() };
    sql::put(&mut tx, &coupon).await?;
    told(tx, cx, "coupon.end", (Some(&before), &coupon)).await?;
    Ok(coupon)
}

async fn wished(cx: &Cx, mut wish: Wish) -> Result<Wish> {
    wish.name = wish.name.trim().to_owned();
    wish.note = wish.note.trim().to_owned();
    if wish.name.is_empty() || wish.name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if wish.note.chars().count() > NOTE_CHARS_MAX {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    wish.terms.check()?;
    let scope = &wish.terms.offer.scope;
    for tier in scope.tiers.iter().take(LIST_MAX) {
        let known = tier::check_known(cx, Some(*tier)).await;
        known.map_err(|error| error.field("terms.offer.scope.tiers"))?;
    }
    for number in scope.segments.iter().take(LIST_MAX) {
        // By who may use it, it could be told who is in a private one.
        let open = segment::open(cx, *number).await;
        open.map_err(|error| error.field("terms.offer.scope.segments"))?;
    }
    Ok(wish)
}

async fn unnamed(tx: &mut Tx, number: i64, name: &str) -> Result<()> {
    match sql::named(tx, name).await?.is_none_or(|own| own == number) {
        true => Ok(()),
        false => Err(Error::conflict("another coupon has this name").field("name")),
    }
}

async fn told(
    tx: Tx,
    cx: &Cx,
    action: &'static str,
    (before, coupon): (Option<&Coupon>, &Coupon),
) -> Result<()> {
    let shown = |own: &Coupon| {
        let Coupon { name, note, version, in_force, terms, ended_at, .. } = own;
        let ended_at = ended_at.map(|at| at.to_string());
        serde_json::json!({ "name": name, "note": note, "version": version,
            "in_force": in_force, "terms": terms, "ended_at": ended_at })
        .to_string()
    };
    let target = coupon.number.to_string();
    let (before, after) = (before.map(shown), Some(shown(coupon)));
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await
}

/// Has nobody else change codes of the shop until the transaction ends; the next numbers of uses.
pub(crate) async fn lock(tx: &mut Tx) -> Result<i64> {
    // Taking none of the numbers locks the series: one after the other changes codes, on
    // PostgreSQL too.
    counter::take(tx, USES, 0).await
}

/// The next numbers of uses, codes and batches; see [`lock`].
async fn begin(tx: &mut Tx, claims: bool) -> Result<Numbers> {
    let uses = lock(tx).await?;
    if !claims {
        return Ok(Numbers { uses, codes: 0, batches: 0 });
    }
    let codes = counter::take(tx, CODES, 0).await?;
    Ok(Numbers { uses, codes, batches: counter::take(tx, BATCHES, 0).await? })
}

/// What makes a shop's codes of numbers. Its key never changes, also when other keys of the shop
/// are rotated.
///
/// # Errors
/// What the store reports.
pub async fn cipher(tx: &mut Tx, cx: &Cx) -> Result<Cipher> {
    let sealer = Sealer::open(tx, cx, &[], false).await?;
    let key = sealer.blind(KEY, "");
    let key = <[u8; 16]>::try_from(key.as_slice());
    key.map(Cipher::new).map_err(|cause| Error::internal("a key has another length", cause))
}

/// Does calls within a transaction, which is to be given up where this fails. Nobody else changes
/// codes until it ends.
///
/// # Errors
/// As [`register::Register::call`], of the first call that is refused.
pub(crate) async fn carry_out(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    calls: &[call::Call],
) -> Result<Vec<call::Move>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let told = till::within(tx, (cx, zone.clone()), calls, &mut load::Known::default()).await?;
    told.into_iter().collect()
}

/// Terms that never change, by coupon and version.
type TermsOf = ((i64, i64), Arc<Terms>);
