//! 发放: codes for many people at once, for nobody in particular, of a form, or from a list.
//!
//! What is to be handed out is written down first: whom it is for, and the numbers that the codes
//! will have. Then it happens in steps of bounded size, each of which says in its own transaction
//! how far it has come; so what is interrupted goes on where it was, and nothing happens twice.
//!
//! Who is in a private segment is told to nobody: neither how many got a code, nor who holds one
//! that was not used. What would tell it by counting is refused.

use std::collections::{BTreeMap, BTreeSet};

use base::{Code as Kind, Error, Result, Time, Zone};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter, job};

use super::call::print;
use super::code::{Code, Count, Stand};
use super::load::had;
use super::register::{Numbers, Register};
use super::rule::{Most, Terms};
use super::sql::{self, batch as rows, register as codes};
use super::text::word;
use super::written::{check_form, no_code, written};
use super::{BATCHES, CODES, How, NOTE_CHARS_MAX, Origin, lock};

/// The kind of jobs that hand codes out; their name is the batch's number.
pub const JOB: &str = "coupon.issue";
/// Codes of one batch at the most.
pub const BATCH_CODES_MAX: i64 = 10_000_000;
/// Codes that are handed out before whoever asked is answered.
pub const AT_ONCE_MAX: i64 = 1_000;
/// Codes that one transaction hands out: nobody else writes meanwhile.
const STEP_CODES: i64 = 10_000;
/// How a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is being handed out.
    Running,
    /// All that could be was handed out.
    Done,
    /// Somebody stopped it; what was handed out stays.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Cancelled];

    /// Its number in the database.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Running => 0,
            Self::Done => 1,
            Self::Cancelled => 2,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Codes that were handed out together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number within the shop.
    pub number: i64,
    /// The coupon.
    pub coupon: i64,
    /// By which of its terms.
    pub version: i64,
    /// How.
    pub how: How,
    /// Where it came from.
    pub origin: Origin,
    /// Whether nobody sees whom it is for, nor how many they are.
    pub private: bool,
    /// How it stands.
    pub state: State,
    /// The number of its first code.
    pub first: i64,
    /// Codes that are to be handed out.
    pub total: i64,
    /// How many of them were looked at.
    pub next: i64,
    /// How many of them were handed out: the others had as many as one gets, or there were none
    /// left, or there was such a code already.
    pub given: i64,
    /// What it is made of, as JSON.
    pub source: String,
    /// Why, in somebody's own words.
    pub reason: String,
    /// Who asked for it.
    pub actor: String,
    /// When.
    pub at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// What tells the request from others under the same id.
    pub print: i64,
}

/// What codes of a batch are made of where it is not people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The segment, by number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
    /// The code that many share, as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
    /// The form: `#` stands for a digit, `*` for a letter or digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The file, by the id of its upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// The file's column, by its header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// Whom codes are for, or what they are.
#[derive(Debug, Clone)]
pub enum To {
    /// People, and whether it is told who they are.
    People {
        /// Who.
        people: RoaringBitmap,
        /// By hand, by a list or by a segment.
        how: How,
        /// Whether they were found by what the shop keeps to itself.
        private: bool,
        /// The segment.
        segment: Option<i64>,
    },
    /// So many codes that nobody has.
    Codes(i64),
    /// One code that many share.
    Shared(String),
    /// So many codes of a form.
    Form(String, i64),
    /// A list of codes, which whoever does the work reads again: how many there are.
    Import {
        /// The file.
        upload: String,
        /// Its column.
        column: Option<String>,
        /// Codes in it.
        count: i64,
    },
}

/// What is to be handed out.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The coupon.
    pub coupon: i64,
    /// To whom, or what.
    pub to: To,
    /// Where it comes from.
    pub origin: Origin,
    /// Why.
    pub reason: String,
    /// The caller's id: what was begun under it once is not begun again.
    pub cause: String,
}

/// What a batch begins with.
struct Plan {
    how: How,
    total: i64,
    made: Made,
    people: Option<RoaringBitmap>,
    private: bool,
}

fn plan(to: To) -> Result<Plan> {
    let made = Made::default();
    let plan = match to {
        To::People { people, how, private, segment } => {
            let total = i64::try_from(people.len()).unwrap_or(i64::MAX);
            let made = Made { segment, ..made };
            Plan { how, total, made, people: Some(people), private }
        }
        To::Codes(total) => Plan { how: How::Codes, total, made, people: None, private: false },
        To::Shared(text) => {
            word(&text).ok_or_else(|| no_code("shared"))?;
            let made = Made { shared: Some(text.trim().to_owned()), ..made };
            Plan { how: How::Shared, total: 1, made, people: None, private: false }
        }
        To::Form(form, total) => {
            check_form(&form, total)?;
            let made = Made { form: Some(form), ..made };
            Plan { how: How::Pattern, total, made, people: None, private: false }
        }
        To::Import { upload, column, count } => {
            let made = Made { upload: Some(upload), column, ..made };
            Plan { how: How::Import, total: count, made, people: None, private: false }
        }
    };
    if !(1..=BATCH_CODES_MAX).contains(&plan.total) && !plan.private {
        return Err(Error::bad(format!("is 1 to {BATCH_CODES_MAX} codes at once")).field("count"));
    }
    Ok(plan)
}

/// What the codes of a batch are made of.
///
/// # Errors
/// `damaged` when it cannot be read.
pub fn made(own: &Batch) -> Result<Made> {
    let damaged = |cause| Error::damaged("a batch of coupons cannot be read").because(cause);
    serde_json::from_str(&own.source).map_err(damaged)
}

fn missing() -> Error {
    Error::missing("there is no such batch").field("coupon_batch_id")
}

/// Begins to hand codes out: at once what is little, the rest by a job.
///
/// # Errors
/// `not_found` when there is no such coupon; `conflict` when it has ended, waits for approval, or
/// nothing of it is left; `forbidden` where counting would tell who is in a private segment;
/// `bad_input` for codes that are none.
pub async fn begin(cx: &Cx, zone: &Zone, wish: Wish) -> Result<Batch> {
    let Wish { coupon, to, origin, reason, cause } = wish;
    let reason = reason.trim().to_owned();
    if reason.chars().count() > NOTE_CHARS_MAX {
        let text = format!("has at most {NOTE_CHARS_MAX} characters");
        return Err(Error::bad(text).field("reason"));
    }
    let Plan { how, total, made, people, private } = plan(to)?;
    // A segment's members change; what was asked for is the same.
    let asked = if how == How::Segment { 0 } else { total };
    let print = print(&(coupon, how.code(), &made, origin, asked))?;
    let mut tx = cx.write().await?;
    lock(&mut tx).await?;
    if let Some(known) = rows::of_cause(&mut tx, &cause).await? {
        return match known.print == print {
            true => Ok(known),
            false => Err(Error::conflict("this key was used for another request")
                .field("Idempotency-Key")
                .hint("use a new key for a new request")),
        };
    }
    let (stand, terms) = standing(&mut tx, coupon).await?;
    // What would be over when it is received is not handed out.
    terms.validity.of(zone, cx.now)?;
    if private && terms.limits.stock != Most::Unlimited {
        let text = "what is left of the stock would tell how many are in the segment";
        return Err(Error::new(Kind::Forbidden, text)
            .field("segment_id")
            .hint("use a coupon with an unlimited stock"));
    }
    let mut own = Batch {
        number: counter::take(&mut tx, BATCHES, 1).await?,
        coupon,
        version: stand.in_force,
        how,
        origin,
        private,
        state: State::Running,
        first: counter::take(&mut tx, CODES, total).await?,
        total,
        next: 0,
        given: 0,
        source: serde_json::to_string(&made)
            .map_err(|cause| Error::internal("a batch could not be written", cause))?,
        reason,
        actor: cx.actor.to_string(),
        at: cx.now,
        ended_at: None,
        print,
    };
    rows::insert(&mut tx, &own, (people.as_ref(), &cause)).await?;
    if total <= AT_ONCE_MAX && how != How::Import && !private {
        forward(&mut tx, (cx, zone), &mut own, &[]).await?;
    } else {
        let (name, body) = (own.number.to_string(), json!({ "batch": own.number }).to_string());
        job::add_once(&mut tx, cx, (JOB, &name), &body).await?;
    }
    let told = json!({
        "batch": own.number, "how": how.name(), "made": made, "reason": own.reason,
        "codes": (!private).then_some(total),
    });
    let (target, after) = (coupon.to_string(), Some(told.to_string()));
    let deed = Deed { action: "coupon.issue", target: &target, before: None, after };
    audit::commit(tx, cx, deed).await?;
    Ok(own)
}

/// A coupon of which something may be handed out, and its terms in force.
async fn standing(tx: &mut Tx, coupon: i64) -> Result<(Stand, Terms)> {
    let found = sql::stands(tx, &BTreeSet::from([coupon])).await?.into_iter().next();
    let stand = found.ok_or_else(super::missing)?;
    if stand.ended {
        return Err(Error::conflict("this coupon has ended").field("coupon_id"));
    }
    let found = sql::terms(tx, &BTreeSet::from([(coupon, stand.in_force)])).await?.pop();
    let waits = || Error::conflict("it waits for somebody to approve it").field("coupon_id");
    let (_, terms) = found.ok_or_else(waits)?;
    Ok((stand, terms.as_ref().clone()))
}

/// A step of a batch; `listed` are the codes of one that came from a list. How it stands then.
///
/// # Errors
/// `not_found` when there is no such batch; what the store reports.
pub async fn step(cx: &Cx, zone: &Zone, number: i64, listed: &[String]) -> Result<Batch> {
    let mut tx = cx.write().await?;
    lock(&mut tx).await?;
    let mut own = rows::get(&mut tx, number).await?.ok_or_else(missing)?;
    if own.state == State::Running {
        forward(&mut tx, (cx, zone), &mut own, listed).await?;
        tx.commit().await?;
    }
    Ok(own)
}

/// Stops a batch; what was handed out stays.
///
/// # Errors
/// `not_found` when there is no such batch, `conflict` when it has ended.
pub async fn cancel(cx: &Cx, number: i64) -> Result<Batch> {
    let mut tx = cx.write().await?;
    lock(&mut tx).await?;
    let mut own = rows::get(&mut tx, number).await?.ok_or_else(missing)?;
    if own.state != State::Running {
        return Err(Error::conflict("this has ended already").field("coupon_batch_id"));
    }
    (own.state, own.ended_at) = (State::Cancelled, Some(cx.now));
    rows::put(&mut tx, &own).await?;
    let target = own.coupon.to_string();
    let after = Some(json!({ "batch": number }).to_string());
    let deed = Deed { action: "coupon.cancel", target: &target, before: None, after };
    audit::commit(tx, cx, deed).await?;
    Ok(own)
}

/// A batch.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Batch> {
    rows::get(&mut cx.read().await?, number).await?.ok_or_else(missing)
}

/// The batches of a coupon before a number, claims left out, the latest first.
///
/// # Errors
/// `not_found` when there is no such coupon.
pub async fn list(cx: &Cx, coupon: i64, (before, limit): (Option<i64>, i64)) -> Result<Vec<Batch>> {
    let mut tx = cx.read().await?;
    sql::get(&mut tx, coupon).await?.ok_or_else(super::missing)?;
    rows::of_coupon(&mut tx, coupon, (before.unwrap_or(i64::MAX), limit)).await
}

/// What a step hands out: places within the batch, each with who gets it, or what it is.
pub(super) type Places = Vec<(i64, Option<i64>, Option<(String, String)>)>;

async fn forward(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    own: &mut Batch,
    listed: &[String],
) -> Result<()> {
    let stands = sql::stands(tx, &BTreeSet::from([own.coupon])).await?;
    let stand = stands.into_iter().next().ok_or_else(super::missing)?;
    let versions = BTreeSet::from([(own.coupon, own.version), (own.coupon, stand.in_force)]);
    let terms: BTreeMap<_, _> = sql::terms(tx, &versions).await?.into_iter().collect();
    let damaged = || Error::damaged("a batch has no terms");
    let by = terms.get(&(own.coupon, own.version)).ok_or_else(damaged)?;
    let limits = &terms.get(&(own.coupon, stand.in_force)).ok_or_else(damaged)?.limits;
    let end = own.total.min(own.next + STEP_CODES);
    let mut places: Places = match own.how {
        How::One | How::List | How::Segment => {
            people(tx, (cx, zone), (&*own, &stand, by), end).await?
        }
        How::Codes => (own.next..end).map(|place| (place, None, None)).collect(),
        _ => written(tx, cx, (&*own, listed), end).await?,
    };
    let takes = own.how != How::Shared;
    let left = limits.stock.limit().map(|most| (most - stand.count.taken).max(0));
    if let Some(left) = left.filter(|_| takes).and_then(|left| usize::try_from(left).ok()) {
        places.truncate(left);
    }
    let given = i64::try_from(places.len()).unwrap_or(i64::MAX);
    write(tx, (own, by), (zone, places))?;
    if takes {
        let count = Count { taken: stand.count.taken + given, ..stand.count };
        sql::put_counts(tx, [(own.coupon, &count)].into_iter());
    }
    (own.next, own.given) = (end, own.given + given);
    if own.next == own.total || stand.ended {
        (own.state, own.ended_at) = (State::Done, Some(cx.now));
    }
    rows::put(tx, own).await
}

/// Those of the next people of a batch who have not had as many as one gets.
async fn people(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    (own, stand, terms): (&Batch, &Stand, &Terms),
    end: i64,
) -> Result<Places> {
    let all = rows::people(tx, own.number).await?;
    let first = u32::try_from(own.next).ok().and_then(|place| all.select(place));
    let next = first.map(|first| all.range(first..)).into_iter().flatten();
    let next = (own.next..end).zip(next.map(i64::from));
    if !terms.counts_people() {
        return Ok(next.map(|(place, person)| (place, Some(person), None)).collect());
    }
    let mut register = Register::new(cx.now, zone.clone(), Numbers::default());
    register.load_coupon(stand.clone());
    let key = (own.coupon, stand.in_force);
    for (key, terms) in sql::terms(tx, &BTreeSet::from([key])).await? {
        register.load_terms(key, terms);
    }
    let next: Vec<(i64, i64)> = next.collect();
    let persons: BTreeSet<i64> = next.iter().map(|(_, person)| *person).collect();
    had(tx, &mut register, (&BTreeSet::from([own.coupon]), &persons)).await?;
    let next = next.into_iter().filter(|(_, person)| register.allows(own.coupon, *person));
    Ok(next.map(|(place, person)| (place, Some(person), None)).collect())
}

fn write(
    tx: &mut Tx,
    (own, terms): (&Batch, &Terms),
    (zone, places): (&Zone, Places),
) -> Result<()> {
    // Everybody in a batch received it when it began, whenever their step came.
    let (from, until) = terms.validity.of(zone, own.at)?;
    let (uses_max, day) = match own.how {
        How::Shared => (terms.uses_per_code.limit(), zone.date(own.at).0),
        _ => (Some(1), zone.date(own.at).0),
    };
    let mut new = Vec::with_capacity(places.len());
    let mut words = Vec::new();
    for (place, holder, written) in places {
        let number = own.first + place;
        words.extend(written.map(|(word, shown)| (word, number, shown)));
        new.push(Code {
            number,
            coupon: own.coupon,
            version: own.version,
            batch: own.number,
            how: own.how,
            holder,
            day,
            from,
            until,
            uses_max,
            used: 0,
            open: 0,
            void: false,
        });
    }
    codes::put_codes(tx, new.iter());
    codes::put_words(tx, words);
    Ok(())
}
