//! 账本: what customers hold of a shop's benefits, by double entry.
//!
//! Value moves by transfers between two accounts of one unit, and in no other way. A transfer never
//! changes: what was expected is posted or voided by another one, what was wrong is put right by
//! another one. What a customer holds lies in **lots**, each with its own last moment; the one that
//! ends first is spent first, and what is given back goes into the lots that it came from.
//!
//! An account belongs to the number under which somebody was known when value came to it, and a
//! person holds what lies under all of their numbers. So when two customers turn out to be one, or
//! one to be two, no value moves.
//!
//! For every unit the sum of all debits is the sum of all credits; for every account
//! `credits − debits − held` is what remains in its lots less what is owed.

pub mod books;
mod deal;
mod due;
pub mod expiry;
mod fact;
pub mod rule;
mod spend;
mod sql;
#[cfg(test)]
mod tests;
mod wallet;

use std::collections::BTreeSet;

use base::{Code, Error, Result, Time};
use store::{Cx, Tx, counter};

use books::Books;
pub use deal::{Deal, close, earn, give_back, policy, set_policy, spend, take_back};
pub(crate) use deal::{Known, close_known, give_back_known, labels};
pub use due::{LAPSE_LOTS, lapse, settle_due};
pub use rule::{Account, Booked, Kind, Lot, Transfer};
pub use wallet::{
    Holding, Liability, Statement, Wallet, balances, earned, gauges, liability, statement, wallet,
};

/// The most that one transfer moves, in its unit.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000_000;
/// Characters of a cause at the most.
pub const CAUSE_CHARS_MAX: usize = 220;
/// Characters of a reason at the most.
pub const REASON_CHARS_MAX: usize = 500;
/// Intents that are booked at once at the most.
pub const INTENTS_MAX: usize = 10_000;
/// The series of transfers; its row is locked while anything of the shop is booked.
const TRANSFERS: &str = "ledger_transfer";
/// The series of accounts.
const ACCOUNTS: &str = "ledger_account";

macro_rules! coded {
    ($(#[$about:meta])* $name:ident {
        $($(#[$note:meta])* $variant:ident = $code:literal $text:literal,)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$note])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its number in the database.
            #[must_use]
            pub fn code(self) -> i64 {
                match self { $(Self::$variant => $code),* }
            }

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The one of that number.
            #[must_use]
            pub fn coded(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The one of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

pub(crate) use coded;

coded! {
    /// What is counted.
    Unit {
        /// 积分, in points.
        Points = 1 "points",
        /// 成长值, which levels go by and nobody spends.
        Growth = 2 "growth",
        /// 储值, in minor units of money.
        Stored = 3 "stored",
    }
}

coded! {
    /// Accounts of the shop itself, one of each in a unit.
    House {
        /// Where what is earned comes from; what it has given is what the shop has promised.
        Issued = 1 "issued",
        /// Where what is spent goes.
        Redeemed = 2 "redeemed",
        /// Where what has run out goes.
        Expired = 3 "expired",
        /// What people add and take by hand.
        Adjusted = 4 "adjusted",
        /// What should have been taken back and was not there any more.
        Forgiven = 5 "forgiven",
    }
}

coded! {
    /// What a transfer is about.
    Matter {
        /// Something that somebody did by hand, by the number of the adjustment.
        Adjustment = 1 "adjustment",
        /// An order, by its number.
        Order = 2 "order",
        /// A day on which lots ran out, counted from 1970-01-01.
        Expiry = 3 "expiry",
        /// A call of the shop's own systems, by the number of the customer.
        Call = 4 "call",
        /// An event, by the number of the customer.
        Event = 5 "event",
        /// 结算: a checkout, by its number.
        Checkout = 6 "checkout",
        /// 积分兑换: an exchange, by its number.
        Exchange = 7 "exchange",
    }
}

/// What a transfer is about: what kind of thing, and its number.
pub type Source = (Matter, i64);

/// Whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// A customer's, by one of the numbers that they go or went by.
    Customer(i64),
    /// The shop's.
    House(House),
}

/// What to do when there is less than is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short {
    /// Take nothing.
    Refuse,
    /// Take it all the same: the customer owes the rest, and what they get next goes there first.
    Owe,
    /// Take what there is and let go of the rest.
    Forgive,
}

/// Until when something is open that nobody posts or voids; none for as long as nobody does.
pub type Until = Option<Time>;

/// What is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Give a customer something.
    Credit {
        /// From which of the shop's accounts.
        from: House,
        /// The last moment at which it can be spent; none for ever.
        expires_at: Option<Time>,
        /// Whether it is only expected, and until when.
        pending: Option<Until>,
    },
    /// Take something from a customer.
    Debit {
        /// To which of the shop's accounts.
        to: House,
        /// When there is less.
        short: Short,
        /// The cause of what they got that is to be taken first.
        first: Option<String>,
        /// Whether it is only held, and until when.
        hold: Option<Until>,
    },
    /// What was expected or held under a cause happens.
    Post(String),
    /// What was expected or held under a cause does not happen.
    Void {
        /// The cause.
        of: String,
        /// Until when what was held and has run out meanwhile can be spent.
        until: Option<Time>,
    },
    /// Gives back some of what was taken under a cause.
    Back {
        /// The cause.
        of: String,
        /// Until when what has run out meanwhile can be spent.
        until: Option<Time>,
    },
}

/// Something that is to be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// What is counted.
    pub unit: Unit,
    /// The numbers that the customer goes or went by; the first one's account gets and owes.
    pub labels: Vec<i64>,
    /// How much, at least 1; what is posted or voided is so as a whole, and this 0.
    pub amount: i64,
    /// What is to happen.
    pub act: Act,
    /// The caller's id: what was booked under it once is not booked again.
    pub cause: String,
    /// What it is about.
    pub source: Source,
    /// Why, in somebody's own words; empty where the source says all.
    pub reason: String,
    /// When it happened.
    pub at: Time,
    /// Until when whatever else the customer has of this unit lasts at least; none where that
    /// stays.
    pub renews: Option<Time>,
}

/// Books intents in their order, all or none.
///
/// # Errors
/// `bad_input` for an amount or cause that will not do; `conflict` when there is less than is to be
/// taken, when what is to be closed is closed already, and for a cause that something else was
/// booked under.
pub async fn book(tx: &mut Tx, cx: &Cx, intents: &[Intent]) -> Result<Vec<Booked>> {
    let mut books = open(tx, cx, intents).await?;
    let booked = intents.iter().map(|intent| books.book(intent)).collect::<Result<Vec<_>>>()?;
    finish(tx, cx, books).await?;
    Ok(booked)
}

/// The next numbers of accounts and of transfers. Nobody else books until the transaction ends.
async fn begin(tx: &mut Tx) -> Result<(i64, i64)> {
    // Taking none of the numbers locks the series: one after the other books, on PostgreSQL too.
    let transfer = counter::take(tx, TRANSFERS, 0).await?;
    Ok((counter::take(tx, ACCOUNTS, 0).await?, transfer))
}

/// Has nobody else book until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    begin(tx).await.map(drop)
}

/// The number of the last transfer: grows with whatever is booked.
///
/// # Errors
/// What the store reports.
pub async fn bookings(tx: &mut Tx) -> Result<i64> {
    counter::last(tx, TRANSFERS).await
}

/// Those of some causes under which something is expected or held.
pub(crate) async fn open_causes(tx: &mut Tx, causes: &BTreeSet<&str>) -> Result<BTreeSet<String>> {
    sql::open_causes(tx, causes).await
}

/// The books that intents are about.
async fn open(tx: &mut Tx, cx: &Cx, intents: &[Intent]) -> Result<Books> {
    if intents.len() > INTENTS_MAX {
        return Err(Error::new(Code::TooLarge, format!("at most {INTENTS_MAX} at once")));
    }
    let mut books = Books::new(cx.now, begin(tx).await?);
    let mut causes: BTreeSet<&str> = intents.iter().map(|intent| intent.cause.as_str()).collect();
    causes.extend(intents.iter().filter_map(|intent| intent.act.refers()));
    sql::load_transfers(tx, &mut books, &causes).await?;
    let owners: BTreeSet<i64> = intents.iter().flat_map(|own| own.labels.clone()).collect();
    sql::load_accounts(tx, &mut books, &owners).await?;
    let takes = |own: &&Intent| matches!(own.act, Act::Debit { .. }) || own.renews.is_some();
    let spending = intents.iter().filter(takes).flat_map(|own| own.labels.clone()).collect();
    sql::load_lots(tx, &mut books, &spending).await?;
    Ok(books)
}

async fn finish(tx: &mut Tx, cx: &Cx, books: Books) -> Result<()> {
    let (accounts, transfers) = books.taken();
    counter::take(tx, ACCOUNTS, accounts).await?;
    counter::take(tx, TRANSFERS, transfers).await?;
    fact::tell(tx, cx, &books).await?;
    sql::write(tx, cx, books).await
}

impl Act {
    /// The cause of something before that it is about.
    pub(crate) fn refers(&self) -> Option<&str> {
        match self {
            Self::Credit { .. } => None,
            Self::Debit { first, .. } => first.as_deref(),
            Self::Post(of) | Self::Void { of, .. } | Self::Back { of, .. } => Some(of),
        }
    }
}
