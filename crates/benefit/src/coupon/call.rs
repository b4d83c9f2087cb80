//! What the shop's systems ask of a code, and what is told of it.

use std::collections::BTreeSet;
use std::hash::Hasher;

use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use super::Origin;
use super::code::Use;
use super::rule::Terms;
use super::text;
use crate::ledger::AMOUNT_MAX;

/// Lines of an order that a call names at the most.
pub const LINES_MAX: usize = 500;
/// Characters of a line's name.
pub const LINE_CHARS_MAX: usize = 64;
/// Characters of an order's number at the shop.
pub const ORDER_CHARS_MAX: usize = 100;
/// Characters of a caller's id, with what is put before it.
pub const CAUSE_CHARS_MAX: usize = 220;
/// How long a code may be locked at the most, in microseconds: a day.
pub const LOCK_MICROS_MAX: i64 = base::time::DAY_MICROS;

/// What ids begin with under which Shuke itself holds and uses codes.
const OWN: [&str; 2] = ["checkout/", "exchange/"];

/// Refuses an id of a caller that is one of Shuke's own.
///
/// # Errors
/// `bad_input` with what it begins with.
pub fn is_callers(id: &str, field: &str) -> Result<()> {
    match OWN.iter().find(|own| id.starts_with(*own)) {
        None => Ok(()),
        Some(own) => Err(Error::bad(format!("must not begin with {own:?}"))
            .field(field.to_owned())
            .hint("a checkout and an exchange are changed by their own calls")),
    }
}

/// A code as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// What it is found by; empty for what can be no code.
    pub word: String,
}

impl Named {
    /// What somebody wrote. What can be no code is looked for like any other and not found.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self { word: text::word(written).unwrap_or_default() }
    }
}

/// What is taken off a line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineOff {
    /// The line, by the shop's own name for it.
    pub line: String,
    /// Minor units.
    pub amount_minor: i64,
}

/// A use that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spend {
    /// The code.
    pub code: Named,
    /// What it takes off in all, minor units; what the coupon says if left out.
    pub amount: Option<i64>,
    /// What it takes off line by line; adds up to the amount.
    pub lines: Vec<LineOff>,
    /// The order, by its number at the shop; may be empty.
    pub order: String,
}

/// What is to be rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Back {
    /// The code.
    pub code: Named,
    /// The caller's id of the lock or the use.
    pub of: String,
    /// How much of it, in minor units; all that is left if left out.
    pub amount: Option<i64>,
    /// Of which lines.
    pub lines: Vec<LineOff>,
}

/// What a call asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Deed {
    /// Holds a use for so many microseconds.
    Lock(Spend, i64),
    /// Uses a code: by the caller's id of a lock, or at once.
    Redeem(Spend, Option<String>),
    /// Undoes a lock or a use, whole or in part.
    Back(Back),
    /// Gives a customer a code of a coupon.
    Claim {
        /// The coupon.
        coupon: i64,
        /// Where it came from.
        origin: Origin,
        /// Whether the buyer asks, who gets only what may be claimed.
        by_buyer: bool,
    },
}

/// What somebody asks, once, however often they ask it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The caller's id.
    pub cause: String,
    /// What tells the request from others under the same id. Whom it is about does not count:
    /// people turn out to be others.
    pub print: i64,
    /// The customer, where the caller knows them.
    pub customer: Option<i64>,
    /// Who asks.
    pub actor: String,
    /// What.
    pub deed: Deed,
}

impl Call {
    /// A call, looked over.
    ///
    /// # Errors
    /// `bad_input` for what makes no sense whatever is stored.
    pub fn new(
        (cause, actor): (String, String),
        customer: Option<i64>,
        deed: Deed,
    ) -> Result<Self> {
        if cause.is_empty() || cause.chars().count() > CAUSE_CHARS_MAX {
            let text = format!("must have 1 to {CAUSE_CHARS_MAX} characters");
            return Err(Error::bad(text).field("Idempotency-Key"));
        }
        match &deed {
            Deed::Lock(spend, ttl) => {
                check_spend(spend)?;
                if !(1..=LOCK_MICROS_MAX).contains(ttl) {
                    let text = format!("is 1 to {}", LOCK_MICROS_MAX / 1_000_000);
                    return Err(Error::bad(text).field("ttl_seconds"));
                }
            }
            Deed::Redeem(spend, _) => check_spend(spend)?,
            Deed::Back(back) => check_lines((&back.lines, back.amount))?,
            Deed::Claim { .. } => {}
        }
        let print = print(&deed)?;
        Ok(Self { cause, print, customer, actor, deed })
    }

    /// The code that it names.
    #[must_use]
    pub fn named(&self) -> Option<&Named> {
        match &self.deed {
            Deed::Lock(spend, _) | Deed::Redeem(spend, _) => Some(&spend.code),
            Deed::Back(back) => Some(&back.code),
            Deed::Claim { .. } => None,
        }
    }

    /// The caller's id of something before that it is about.
    #[must_use]
    pub fn refers(&self) -> Option<&str> {
        match &self.deed {
            Deed::Redeem(_, of) => of.as_deref(),
            Deed::Back(back) => Some(&back.of),
            Deed::Lock(..) | Deed::Claim { .. } => None,
        }
    }

    /// The coupon of which it wants a code.
    #[must_use]
    pub fn claims(&self) -> Option<i64> {
        match &self.deed {
            Deed::Claim { coupon, .. } => Some(*coupon),
            _ => None,
        }
    }
}

/// What tells requests apart, in 64 bits.
///
/// # Errors
/// `internal` when it cannot be written.
pub(crate) fn print(what: &impl Serialize) -> Result<i64> {
    let failed = |cause| Error::internal("a request could not be written", cause);
    let mut hasher = SipHasher13::new();
    hasher.write(&serde_json::to_vec(what).map_err(failed)?);
    Ok(i64::from_le_bytes(hasher.finish().to_le_bytes()))
}

fn check_spend(spend: &Spend) -> Result<()> {
    if spend.order.chars().count() > ORDER_CHARS_MAX {
        let text = format!("has at most {ORDER_CHARS_MAX} characters");
        return Err(Error::bad(text).field("order"));
    }
    check_lines((&spend.lines, spend.amount))
}

fn check_lines((lines, amount): (&[LineOff], Option<i64>)) -> Result<()> {
    if amount.is_some_and(|amount| !(0..=AMOUNT_MAX).contains(&amount)) {
        return Err(Error::bad(format!("is 0 to {AMOUNT_MAX}")).field("amount_minor"));
    }
    if lines.len() > LINES_MAX {
        return Err(Error::bad(format!("has at most {LINES_MAX}")).field("lines"));
    }
    let mut names = BTreeSet::new();
    for (place, own) in lines.iter().enumerate() {
        let field = |part: &str| format!("lines[{place}].{part}");
        if !(1..=LINE_CHARS_MAX).contains(&own.line.chars().count()) {
            let text = format!("needs 1 to {LINE_CHARS_MAX} characters");
            return Err(Error::bad(text).field(field("line")));
        }
        if !names.insert(own.line.as_str()) {
            return Err(Error::bad("is named before").field(field("line")));
        }
        if !(0..=AMOUNT_MAX).contains(&own.amount_minor) {
            return Err(Error::bad(format!("is 0 to {AMOUNT_MAX}")).field(field("amount_minor")));
        }
    }
    if amount.is_some_and(|amount| !lines.is_empty() && total(lines).ok() != Some(amount)) {
        return Err(Error::bad("do not add up to the amount").field("lines"));
    }
    Ok(())
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A use was locked.
    Lock,
    /// A code was used.
    Redeem,
    /// A lock or a use was rolled back, whole or in part.
    Back,
    /// A code was claimed.
    Claim,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Lock, Self::Redeem, Self::Back, Self::Claim];

    /// Its number in the database.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Lock => 1,
            Self::Redeem => 2,
            Self::Back => 3,
            Self::Claim => 4,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Redeem => "redeem",
            Self::Back => "rollback",
            Self::Claim => "claim",
        }
    }
}

/// What happened once, as it is told again to whoever asks again. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The caller's id.
    pub cause: String,
    /// What.
    pub kind: Kind,
    /// To which code.
    pub code: i64,
    /// Of which coupon.
    pub coupon: i64,
    /// In which use.
    pub usage: Option<i64>,
    /// What the use takes off, in minor units.
    pub amount: i64,
    /// What of that was left then.
    pub rest: i64,
    /// Until when it is locked, or the claimed code valid.
    pub until: Option<Time>,
    /// The order.
    pub order: String,
    /// What tells the request from others under the same id.
    pub print: i64,
    /// Who asked.
    pub actor: String,
    /// When.
    pub at: Time,
}

/// What lines add up to.
pub(super) fn total(lines: &[LineOff]) -> Result<i64> {
    let sum = lines.iter().try_fold(0_i64, |sum, own| sum.checked_add(own.amount_minor));
    sum.ok_or_else(|| Error::bad("add up to too much").field("lines"))
}

/// Lines without what was rolled back of them.
pub(super) fn plain(lines: &[(LineOff, i64)]) -> Vec<LineOff> {
    lines.iter().map(|(line, _)| line.clone()).collect()
}

/// Refuses more than a coupon takes off.
pub(super) fn within_most(terms: &Terms, amount: Option<i64>) -> Result<()> {
    let most = terms.offer.effect.most_minor();
    match most.zip(amount).is_some_and(|(most, amount)| amount > most) {
        true => Err(Error::conflict("is more than the coupon takes off").field("amount_minor")),
        false => Ok(()),
    }
}

/// How much of a use is to be rolled back.
pub(super) fn part_of(own: &Use, back: &Back) -> Result<i64> {
    let rest = own.amount - own.back;
    let part = match back.amount {
        Some(amount) => amount,
        None if back.lines.is_empty() => return Ok(rest),
        None => total(&back.lines)?,
    };
    if part > rest {
        return Err(Error::conflict(format!("only {rest} of it are left"))
            .field("amount_minor")
            .hint("leave the amount out to roll all of it back"));
    }
    match part {
        0 => Err(Error::bad("is at least 1").field("amount_minor")),
        part => Ok(part),
    }
}

/// Takes what is rolled back from the lines of a use: from those that are named, else from the
/// first on.
pub(super) fn take_lines(own: &mut Use, back: &Back) -> Result<()> {
    if !back.lines.is_empty() {
        for line in &back.lines {
            let found = own.lines.iter_mut().find(|(known, _)| known.line == line.line);
            let missing = || Error::missing("the use has no such line").field("lines");
            let (known, gone) = found.ok_or_else(missing)?;
            let rest = known.amount_minor - *gone;
            if line.amount_minor > rest {
                let text = format!("only {rest} of the line {:?} are left", line.line);
                return Err(Error::conflict(text).field("lines"));
            }
            *gone += line.amount_minor;
        }
        return Ok(());
    }
    let mut part = part_of(own, back)?;
    for (known, gone) in &mut own.lines {
        let taken = part.min(known.amount_minor - *gone);
        *gone += taken;
        part -= taken;
    }
    Ok(())
}
