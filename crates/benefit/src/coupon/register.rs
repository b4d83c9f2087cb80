//! What happens to codes, in memory: locking, redeeming, rolling back and claiming. No reading and
//! no writing; what is loaded must be all that the calls are about. Pure.
//!
//! A use is **taken** from a coupon's stock, and counted for a person, once: by a code that has a
//! limit of its own when somebody gets it, by a code that many share when it is used. Its money is
//! taken from the budget when it is locked, and comes back with what is rolled back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use base::{Error, Result, Time, Zone};

use super::Origin;
use super::call::{Call, Deed, Move, Named, Spend, total};
use super::code::{Code, Count, Stand, Use};
use super::rule::Terms;
use crate::ledger::AMOUNT_MAX;

/// A code that somebody claimed, as it is to be written with its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its batch, whose only code it is.
    pub batch: i64,
    /// The code.
    pub code: i64,
    /// Where it came from.
    pub origin: Origin,
    /// By whom it was booked.
    pub actor: String,
}

/// What is to be written.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// Coupons whose counts have changed.
    pub coupons: BTreeSet<i64>,
    /// Codes that are new or changed.
    pub codes: BTreeSet<i64>,
    /// Uses that are new or changed.
    pub uses: BTreeSet<i64>,
    /// What happened, in its order.
    pub moves: Vec<Move>,
    /// What was claimed.
    pub claimed: Vec<Claimed>,
}

/// The next numbers of each series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Of uses.
    pub uses: i64,
    /// Of codes.
    pub codes: i64,
    /// Of batches.
    pub batches: i64,
}

/// Codes, uses and coupons in memory, with what is done to them.
#[derive(Debug, Clone)]
pub struct Register {
    pub(super) now: Time,
    pub(super) zone: Zone,
    first: Numbers,
    pub(super) next: Numbers,
    pub(super) coupons: HashMap<i64, Stand>,
    pub(super) terms: HashMap<(i64, i64), Arc<Terms>>,
    pub(super) words: HashMap<String, i64>,
    pub(super) codes: BTreeMap<i64, Code>,
    pub(super) uses: BTreeMap<i64, Use>,
    pub(super) moves: HashMap<String, Move>,
    pub(super) persons: HashMap<i64, i64>,
    /// Uses that a person has taken of a coupon, by day.
    pub(super) had: HashMap<(i64, i64), BTreeMap<i32, i64>>,
    pub(super) done: Done,
}

pub(super) fn unknown() -> Error {
    // What there is, was or will be is told to nobody who does not have it.
    Error::missing("there is no such code").field("code")
}

pub(super) fn spent_up() -> Error {
    Error::conflict("its budget is spent").field("amount_minor")
}

impl Register {
    /// One with nothing in it, whose new things have numbers from `first` on.
    #[must_use]
    pub fn new(now: Time, zone: Zone, first: Numbers) -> Self {
        Self {
            now,
            zone,
            first,
            next: first,
            coupons: HashMap::new(),
            terms: HashMap::new(),
            words: HashMap::new(),
            codes: BTreeMap::new(),
            uses: BTreeMap::new(),
            moves: HashMap::new(),
            persons: HashMap::new(),
            had: HashMap::new(),
            done: Done::default(),
        }
    }

    /// Puts a coupon in as it is stored, with its terms in force.
    pub fn load_coupon(&mut self, stand: Stand) {
        self.coupons.insert(stand.number, stand);
    }

    /// Puts a version of a coupon's terms in.
    pub fn load_terms(&mut self, (coupon, version): (i64, i64), terms: Arc<Terms>) {
        self.terms.insert((coupon, version), terms);
    }

    /// Puts a code in as it is stored, and the word by which it was asked for.
    pub fn load_code(&mut self, code: Code) {
        self.codes.insert(code.number, code);
    }

    /// Puts a use in as it is stored.
    pub fn load_use(&mut self, own: Use) {
        self.uses.insert(own.number, own);
    }

    /// Puts in what happened before.
    pub fn load_move(&mut self, own: Move) {
        self.moves.insert(own.cause.clone(), own);
    }

    /// How many numbers of each series were taken.
    #[must_use]
    pub fn taken(&self) -> Numbers {
        Numbers {
            uses: self.next.uses - self.first.uses,
            codes: self.next.codes - self.first.codes,
            batches: self.next.batches - self.first.batches,
        }
    }

    /// What is to be written.
    #[must_use]
    pub fn done(&self) -> &Done {
        &self.done
    }

    /// A code by its number.
    #[must_use]
    pub fn code(&self, number: i64) -> Option<&Code> {
        self.codes.get(&number)
    }

    /// A use by its number.
    #[must_use]
    pub fn usage(&self, number: i64) -> Option<&Use> {
        self.uses.get(&number)
    }

    /// A coupon by its number.
    #[must_use]
    pub fn coupon(&self, number: i64) -> Option<&Stand> {
        self.coupons.get(&number)
    }

    /// The terms of a version of a coupon.
    #[must_use]
    pub fn terms_of(&self, coupon: i64, version: i64) -> Option<&Arc<Terms>> {
        self.terms.get(&(coupon, version))
    }

    /// Does what a call asks for, whole or not at all; the first answer where it was asked before.
    ///
    /// # Errors
    /// `not_found` for a code that is none; `conflict` that says why it cannot be used, and for an
    /// id under which something else was asked; `bad_input` for amounts that make no sense.
    pub fn call(&mut self, call: &Call) -> Result<Move> {
        if let Some(known) = self.moves.get(&call.cause) {
            return match known.print == call.print {
                true => Ok(known.clone()),
                false => Err(Error::conflict("this key was used for another request")
                    .field("Idempotency-Key")
                    .hint("use a new key for a new request")),
            };
        }
        match &call.deed {
            Deed::Lock(spend, ttl) => self.lock(call, spend, *ttl),
            Deed::Redeem(spend, None) => self.redeem(call, spend),
            Deed::Redeem(spend, Some(of)) => self.settle(call, spend, of),
            Deed::Back(back) => self.back(call, back),
            Deed::Claim { coupon, origin, by_buyer } => {
                self.claim(call, *coupon, *origin, *by_buyer)
            }
        }
    }

    /// The code that a call names.
    ///
    /// # Errors
    /// `not_found`, the same whatever was guessed.
    pub fn find(&self, named: &Named) -> Result<&Code> {
        let number = self.words.get(&named.word).ok_or_else(unknown)?;
        self.codes.get(number).ok_or_else(unknown)
    }

    /// Whether a code could be used, and what it would take from the budget.
    ///
    /// # Errors
    /// As [`Register::call`].
    pub fn check(&self, spend: &Spend, customer: Option<i64>) -> Result<i64> {
        let code = self.find(&spend.code)?;
        let terms = self.by_terms(code)?;
        self.valid(code, terms)?;
        self.mine(code, terms, customer)?;
        if code.uses_max.is_some_and(|most| code.used + code.open >= most) {
            return Err(match code.open > 0 {
                true => Error::conflict("this code is locked")
                    .field("code")
                    .hint("redeem the lock, or wait until it is over"),
                false => Error::conflict("this code was used").field("code"),
            });
        }
        if code.takes() {
            let person = customer.map(|own| self.person(own));
            self.room(code.coupon, person)?;
        }
        self.money(code, terms, spend)
    }

    /// What is left of a coupon's budget; none where nothing limits it.
    pub(super) fn rest(&self, coupon: i64) -> Option<i64> {
        let stand = self.coupons.get(&coupon)?;
        let budget = self.in_force(stand).ok()?.limits.budget.limit()?;
        Some((budget - stand.count.spent).max(0))
    }

    pub(super) fn by_terms(&self, code: &Code) -> Result<&Terms> {
        let terms = self.terms.get(&(code.coupon, code.version));
        terms.map(AsRef::as_ref).ok_or_else(|| Error::damaged("a code has no terms"))
    }

    pub(super) fn stand(&self, coupon: i64) -> Result<&Stand> {
        let missing = || Error::missing("there is no such coupon").field("coupon_id");
        self.coupons.get(&coupon).ok_or_else(missing)
    }

    /// The terms in force of a coupon.
    pub(super) fn in_force(&self, stand: &Stand) -> Result<&Terms> {
        let waits = || Error::conflict("it waits for somebody to approve it").field("coupon_id");
        let terms = self.terms.get(&(stand.number, stand.in_force));
        terms.map(AsRef::as_ref).ok_or_else(waits)
    }

    pub(super) fn person(&self, label: i64) -> i64 {
        self.persons.get(&label).copied().unwrap_or(label)
    }

    fn valid(&self, code: &Code, terms: &Terms) -> Result<()> {
        let no = |text: String| Err(Error::conflict(text).field("code"));
        if code.void {
            return no("this code was withdrawn".to_owned());
        }
        if self.now < code.from {
            return no(format!("this code is valid from {} on", code.from));
        }
        if self.now > code.until {
            return no("this code has expired".to_owned());
        }
        match terms.offer.hours.hold(self.zone.local(self.now)) {
            true => Ok(()),
            false => no("this code is valid at other hours".to_owned()),
        }
    }

    /// Refuses who may not use somebody's code. Who shows it without saying who they are is taken
    /// for whose it is.
    fn mine(&self, code: &Code, terms: &Terms, customer: Option<i64>) -> Result<()> {
        let (Some(holder), Some(customer)) = (code.holder, customer) else { return Ok(()) };
        match terms.transferable || self.person(holder) == self.person(customer) {
            true => Ok(()),
            false => Err(Error::conflict("this code is another customer's").field("customer")),
        }
    }

    /// Whether one more use can be taken of a coupon, by a person where that is known.
    pub(super) fn room(&self, coupon: i64, person: Option<i64>) -> Result<()> {
        let stand = self.stand(coupon)?;
        let terms = self.in_force(stand)?;
        if stand.ended {
            return Err(Error::conflict("this coupon has ended").field("coupon_id"));
        }
        if !terms.limits.stock.allows(stand.count.taken + 1) {
            return Err(Error::conflict("there are none left").field("coupon_id"));
        }
        self.room_for(stand, terms, person)
    }

    fn room_for(&self, stand: &Stand, terms: &Terms, person: Option<i64>) -> Result<()> {
        if !terms.counts_people() {
            return Ok(());
        }
        let person = person.ok_or_else(|| {
            Error::bad("is missing")
                .field("customer")
                .hint("one person gets so many of this coupon only")
        })?;
        let all = || Error::conflict("this customer has had as many as one gets");
        let had = self.had.get(&(stand.number, person));
        let sum: i64 = had.into_iter().flat_map(BTreeMap::values).sum();
        if !terms.limits.each.allows(sum + 1) {
            return Err(all().field("customer"));
        }
        let Some(each_in) = terms.limits.each_in else { return Ok(()) };
        let first = each_in.period.first(self.zone.date(self.now));
        let sum: i64 = had.into_iter().flat_map(|days| days.range(first.0..)).map(|d| d.1).sum();
        match sum < each_in.uses {
            true => Ok(()),
            false => Err(all().field("customer").hint("in this period; later there is more")),
        }
    }

    /// Whether a person may have one more of a coupon, if there are enough.
    #[must_use]
    pub fn allows(&self, coupon: i64, person: i64) -> bool {
        let allowed = self.stand(coupon).and_then(|stand| {
            self.room_for(stand, self.in_force(stand)?, Some(self.person(person)))
        });
        allowed.is_ok()
    }

    /// What a use takes from the budget.
    pub(super) fn money(&self, code: &Code, terms: &Terms, spend: &Spend) -> Result<i64> {
        let most = terms.offer.effect.most_minor();
        let stand = self.stand(code.coupon)?;
        // A version that nobody approved limits nothing.
        let budget = self.in_force(stand).ok().map(|terms| terms.limits.budget);
        let limited = budget.is_some_and(|budget| budget.limit().is_some());
        let amount = match spend.amount {
            Some(amount) => amount,
            // A lock holds as much as it may need.
            None if !spend.lines.is_empty() => total(&spend.lines)?,
            None if limited => most.ok_or_else(|| {
                Error::bad("is missing")
                    .field("amount_minor")
                    .hint("the coupon has a budget, and nothing else says what it takes off")
            })?,
            None => most.unwrap_or(0),
        };
        if !(0..=AMOUNT_MAX).contains(&amount) {
            return Err(Error::bad(format!("is 0 to {AMOUNT_MAX}")).field("amount_minor"));
        }
        if most.is_some_and(|most| amount > most) {
            return Err(Error::conflict("is more than the coupon takes off").field("amount_minor"));
        }
        match budget.is_none_or(|budget| budget.allows(stand.count.spent + amount)) {
            true => Ok(amount),
            false => Err(spent_up()),
        }
    }

    pub(super) fn change(&mut self, coupon: i64, change: impl FnOnce(&mut Count)) {
        if let Some(stand) = self.coupons.get_mut(&coupon) {
            change(&mut stand.count);
            self.done.coupons.insert(coupon);
        }
    }

    pub(super) fn put_code(&mut self, code: i64, change: impl FnOnce(&mut Code)) {
        if let Some(code) = self.codes.get_mut(&code) {
            change(code);
            self.done.codes.insert(code.number);
        }
    }

    pub(super) fn put_use(&mut self, own: Use) {
        self.done.uses.insert(own.number);
        self.uses.insert(own.number, own);
    }

    /// Counts a use that a person has taken, or has not any more.
    pub(super) fn count_for(
        &mut self,
        (coupon, person): (i64, Option<i64>),
        day: i32,
        change: i64,
    ) {
        if let Some(label) = person {
            let person = self.person(label);
            *self.had.entry((coupon, person)).or_default().entry(day).or_default() += change;
        }
    }
}
