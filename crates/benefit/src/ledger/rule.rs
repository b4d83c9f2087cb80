//! What the books are made of: accounts, lots, transfers, and what an intent may be.

use base::{Error, Result, Time};

use super::{
    AMOUNT_MAX, Act, CAUSE_CHARS_MAX, Intent, Owner, REASON_CHARS_MAX, Short, Source, Unit,
};

/// An account of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number within the shop.
    pub number: i64,
    /// What it counts.
    pub unit: Unit,
    /// Whose it is.
    pub owner: Owner,
    /// Everything that ever went out.
    pub debits: i64,
    /// Everything that ever came in.
    pub credits: i64,
    /// What is held and not yet gone.
    pub held: i64,
    /// What is expected and not yet there.
    pub pending: i64,
    /// What was taken beyond what was there, and is not made up for yet.
    pub owed: i64,
}

impl Account {
    /// What is there, held or not; below nothing when something is owed.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.credits - self.debits
    }
}

/// Something that came in at once and runs out at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// The number of the transfer by which it came.
    pub number: i64,
    /// The account in which it lies.
    pub account: i64,
    /// How much it was.
    pub amount: i64,
    /// How much is neither spent nor held.
    pub remaining: i64,
    /// From when on it cannot be spent.
    pub expires_at: Option<Time>,
}

impl Lot {
    pub(super) fn alive(&self, now: Time) -> bool {
        self.remaining > 0 && !self.over(now)
    }

    pub(super) fn over(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// What a transfer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Moves value.
    Posted,
    /// Says that value is expected, or holds it.
    Pending,
    /// Moves what was expected or held.
    Post,
    /// Says that what was expected or held does not move.
    Void,
    /// Moves some of what was moved back.
    Back,
}

impl Kind {
    /// All of them, by their numbers in the database.
    pub const ALL: [Self; 5] = [Self::Posted, Self::Pending, Self::Post, Self::Void, Self::Back];

    /// Its number in the database.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Posted => 0,
            Self::Pending => 1,
            Self::Post => 2,
            Self::Void => 3,
            Self::Back => 4,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Pending => "pending",
            Self::Post => "post",
            Self::Void => "void",
            Self::Back => "back",
        }
    }

    /// Whether value moves.
    #[must_use]
    pub fn moves(self) -> bool {
        matches!(self, Self::Posted | Self::Post | Self::Back)
    }
}

/// A transfer from one account to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its number within the shop.
    pub number: i64,
    /// What it does.
    pub kind: Kind,
    /// The transfer that it posts, voids or gives back.
    pub of: Option<i64>,
    /// The account out of which value goes.
    pub debit: i64,
    /// The account into which it goes.
    pub credit: i64,
    /// Which of the two is the customer's; the shop's own first where both are the shop's.
    pub account: i64,
    /// How much, at least 1.
    pub amount: i64,
    /// The caller's id.
    pub cause: String,
    /// Its place among those of one cause.
    pub part: i64,
    /// What it is about.
    pub source: Source,
    /// Why.
    pub reason: String,
    /// When it happened.
    pub at: Time,
    /// When what came by it, or comes when it is posted, runs out.
    pub expires_at: Option<Time>,
}

/// How much of a lot a transfer took; below nothing for what it gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The transfer.
    pub transfer: i64,
    /// The lot.
    pub lot: i64,
    /// How much.
    pub amount: i64,
}

/// What came of an intent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Booked {
    /// The transfers that it is.
    pub transfers: Vec<i64>,
    /// How much they move, or are to move, together.
    pub amount: i64,
    /// Whether it had been booked before.
    pub again: bool,
}

pub(super) fn nobody() -> Error {
    Error::bad("means nobody").field("customer_id")
}

pub(super) fn check(intent: &Intent) -> Result<()> {
    let whole = matches!(intent.act, Act::Post(_) | Act::Void { .. });
    if !whole && !(1..=AMOUNT_MAX).contains(&intent.amount) {
        return Err(Error::bad(format!("is 1 to {AMOUNT_MAX}")).field("amount"));
    }
    if intent.cause.is_empty() || intent.cause.chars().count() > CAUSE_CHARS_MAX {
        return Err(Error::bad(format!("needs 1 to {CAUSE_CHARS_MAX} characters")).field("cause"));
    }
    if intent.reason.chars().count() > REASON_CHARS_MAX {
        let text = format!("has at most {REASON_CHARS_MAX} characters");
        return Err(Error::bad(text).field("reason"));
    }
    if let Act::Debit { short: Short::Owe | Short::Forgive, hold: Some(_), .. } = intent.act {
        return Err(Error::bad("what is held must be there").field("amount"));
    }
    Ok(())
}
