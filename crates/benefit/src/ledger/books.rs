//! Booking in memory: what intents do to accounts, to lots and to what is open. No reading and no
//! writing; what is loaded must be all that the intents are about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Code, Error, Result, Time};

use super::rule::{Account, Booked, Kind, Lot, Part, Transfer, check, nobody};
use super::{Act, House, Intent, Matter, Owner, Unit, Until};

/// The most that goes through one side of an account; far from where numbers end.
const SUM_MAX: i64 = i64::MAX / 4;

/// Accounts and lots in memory, with what is done to them.
#[derive(Debug, Clone)]
pub struct Books {
    pub(super) now: Time,
    first: (i64, i64),
    pub(super) next: (i64, i64),
    pub(super) accounts: BTreeMap<i64, Account>,
    pub(super) owned: HashMap<(Unit, Owner), i64>,
    pub(super) lots: BTreeMap<i64, Lot>,
    pub(super) lots_of: HashMap<i64, BTreeSet<i64>>,
    pub(super) transfers: HashMap<i64, Transfer>,
    pub(super) causes: HashMap<String, Vec<i64>>,
    pub(super) after: HashMap<i64, Vec<i64>>,
    pub(super) parts: HashMap<i64, Vec<Part>>,
    pub(super) open: HashSet<i64>,
    pub(super) done: Done,
}

/// What is to be written.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// New transfers, in their order.
    pub transfers: Vec<Transfer>,
    /// What they took of lots, or gave back.
    pub parts: Vec<Part>,
    /// Accounts that are new or changed.
    pub accounts: BTreeSet<i64>,
    /// Lots that are new or changed.
    pub lots: BTreeSet<i64>,
    /// How much more, or less, of each unit runs out at a time.
    pub ends: BTreeMap<(Unit, Time), i64>,
    /// What has become open: the transfer, the customer's account, until when.
    pub opened: Vec<(i64, i64, Until)>,
    /// What is open no more.
    pub closed: Vec<i64>,
}

/// The two sides of a transfer, and the customer's among them.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    pub(super) debit: i64,
    pub(super) credit: i64,
    pub(super) account: i64,
}

impl Books {
    /// Books without anything in them, whose first new account and transfer have these numbers.
    #[must_use]
    pub fn new(now: Time, first: (i64, i64)) -> Self {
        Self {
            now,
            first,
            next: first,
            accounts: BTreeMap::new(),
            owned: HashMap::new(),
            lots: BTreeMap::new(),
            lots_of: HashMap::new(),
            transfers: HashMap::new(),
            causes: HashMap::new(),
            after: HashMap::new(),
            parts: HashMap::new(),
            open: HashSet::new(),
            done: Done::default(),
        }
    }

    /// Puts an account in as it is stored.
    pub fn load_account(&mut self, account: Account) {
        self.owned.insert((account.unit, account.owner), account.number);
        self.accounts.insert(account.number, account);
    }

    /// Puts a lot in as it is stored.
    pub fn load_lot(&mut self, lot: Lot) {
        self.lots_of.entry(lot.account).or_default().insert(lot.number);
        self.lots.insert(lot.number, lot);
    }

    /// Puts a transfer in that was booked before, and whether it is open.
    pub fn load_transfer(&mut self, transfer: Transfer, open: bool) {
        if open {
            self.open.insert(transfer.number);
        }
        self.know(transfer);
    }

    /// Puts in what a transfer took of a lot.
    pub fn load_part(&mut self, part: Part) {
        self.parts.entry(part.transfer).or_default().push(part);
    }

    /// How many numbers of accounts and of transfers were taken.
    #[must_use]
    pub fn taken(&self) -> (i64, i64) {
        (self.next.0 - self.first.0, self.next.1 - self.first.1)
    }

    /// The accounts as they are now.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The lots as they are now.
    pub fn lots(&self) -> impl Iterator<Item = &Lot> {
        self.lots.values()
    }

    /// An account by its number.
    #[must_use]
    pub fn account(&self, number: i64) -> Option<&Account> {
        self.accounts.get(&number)
    }

    /// A lot by its number.
    #[must_use]
    pub fn lot(&self, number: i64) -> Option<&Lot> {
        self.lots.get(&number)
    }

    /// What is to be written.
    #[must_use]
    pub fn done(&self) -> &Done {
        &self.done
    }

    fn know(&mut self, transfer: Transfer) {
        let number = transfer.number;
        self.causes.entry(transfer.cause.clone()).or_default().push(number);
        if let Some(of) = transfer.of {
            self.after.entry(of).or_default().push(number);
        }
        self.transfers.insert(number, transfer);
    }

    /// Books an intent, whole or not at all.
    ///
    /// # Errors
    /// As [`super::book`].
    pub fn book(&mut self, intent: &Intent) -> Result<Booked> {
        check(intent)?;
        if let Some(known) = self.causes.get(&intent.cause).cloned() {
            return self.again(intent, known);
        }
        let made = self.done.transfers.len();
        let before = intent.renews.map_or_else(Vec::new, |until| self.renew(intent, until));
        if let Err(refused) = self.act(intent) {
            before.into_iter().for_each(|lot| self.put_lot(lot));
            return Err(refused);
        }
        let new = self.done.transfers.get(made..).unwrap_or_default();
        Ok(Booked {
            transfers: new.iter().map(|own| own.number).collect(),
            amount: new.iter().map(|own| own.amount).sum(),
            again: false,
        })
    }

    fn act(&mut self, intent: &Intent) -> Result<()> {
        match &intent.act {
            Act::Credit { from, expires_at, pending } => {
                self.credit(intent, *from, (*expires_at, *pending))
            }
            Act::Debit { to, short, first, hold } => {
                self.debit(intent, *to, (*short, first.as_deref(), *hold))
            }
            Act::Post(of) => self.close(intent, of, None),
            Act::Void { of, until } => self.close(intent, of, Some(*until)),
            Act::Back { of, until } => self.back(intent, of, *until),
        }
    }

    /// The first answer to the same intent.
    fn again(&self, intent: &Intent, known: Vec<i64>) -> Result<Booked> {
        let ones = || known.iter().filter_map(|number| self.transfers.get(number));
        let amount: i64 = ones().map(|own| own.amount).sum();
        let whole = matches!(intent.act, Act::Post(_) | Act::Void { .. });
        if !self.are_of(ones(), intent)
            || !ones().all(|own| self.is_same(own, intent))
            || (!whole && amount != intent.amount)
        {
            return Err(Error::conflict("something else was booked under this id")
                .field("cause")
                .hint("use a new id for something new"));
        }
        Ok(Booked { transfers: known, amount, again: true })
    }

    /// Whether a transfer does what an intent asks for.
    fn is_same(&self, own: &Transfer, intent: &Intent) -> bool {
        let comes = own.credit == own.account;
        let house = if comes { own.debit } else { own.credit };
        let house = self.accounts.get(&house).map(|account| account.owner);
        let closes = |cause: &str| {
            let of = own.of.and_then(|of| self.transfers.get(&of));
            of.is_some_and(|of| of.cause == cause)
        };
        let act = match &intent.act {
            Act::Credit { from, pending, .. } => {
                let kind = if pending.is_some() { Kind::Pending } else { Kind::Posted };
                own.kind == kind && comes && house == Some(Owner::House(*from))
            }
            Act::Debit { to, hold, .. } => {
                let kind = if hold.is_some() { Kind::Pending } else { Kind::Posted };
                own.kind == kind && !comes && house == Some(Owner::House(*to))
            }
            Act::Post(of) => own.kind == Kind::Post && closes(of),
            Act::Void { of, .. } => own.kind == Kind::Void && closes(of),
            Act::Back { of, .. } => own.kind == Kind::Back && closes(of),
        };
        let unit = self.accounts.get(&own.account).map(|account| account.unit);
        // Whom a call is about is told by the account: their number may have changed since.
        let (matter, number) = intent.source;
        let about = own.source.0 == matter && (matter == Matter::Call || own.source.1 == number);
        act && about && unit == Some(intent.unit)
    }

    /// Whether transfers of one cause are of the customer whom an intent is about; those between
    /// the shop's own accounts alone are of nobody else.
    fn are_of<'a>(&self, own: impl Iterator<Item = &'a Transfer>, intent: &Intent) -> bool {
        let owners = own.filter_map(|own| match self.accounts.get(&own.account)?.owner {
            Owner::Customer(label) => Some(label),
            Owner::House(_) => None,
        });
        let owners: Vec<i64> = owners.collect();
        intent.labels.is_empty()
            || owners.is_empty()
            || owners.iter().any(|label| intent.labels.contains(label))
    }

    /// An owner's account, made if there was none.
    pub(super) fn of(&mut self, unit: Unit, owner: Owner) -> i64 {
        if let Some(number) = self.owned.get(&(unit, owner)) {
            return *number;
        }
        let number = self.next.0;
        self.next.0 += 1;
        let account =
            Account { number, unit, owner, debits: 0, credits: 0, held: 0, pending: 0, owed: 0 };
        self.load_account(account);
        self.done.accounts.insert(number);
        number
    }

    pub(super) fn change(&mut self, account: i64, change: impl FnOnce(&mut Account)) {
        if let Some(account) = self.accounts.get_mut(&account) {
            change(account);
            self.done.accounts.insert(account.number);
        }
    }

    pub(super) fn enter(
        &mut self,
        intent: &Intent,
        (kind, of): (Kind, Option<i64>),
        sides: Sides,
        (amount, expires_at): (i64, Option<Time>),
    ) -> i64 {
        let number = self.next.1;
        self.next.1 += 1;
        let part = self.causes.get(&intent.cause).map_or(0, Vec::len);
        let transfer = Transfer {
            number,
            kind,
            of,
            debit: sides.debit,
            credit: sides.credit,
            account: sides.account,
            amount,
            cause: intent.cause.clone(),
            part: i64::try_from(part).unwrap_or(i64::MAX),
            source: intent.source,
            reason: intent.reason.clone(),
            at: intent.at,
            expires_at,
        };
        if kind.moves() {
            self.change(sides.debit, |account| account.debits += amount);
            self.change(sides.credit, |account| account.credits += amount);
        }
        self.done.transfers.push(transfer.clone());
        self.know(transfer);
        number
    }

    /// Puts what came by a transfer into a lot of its own, after what is owed.
    fn deposit(&mut self, number: i64, account: i64, (amount, expires_at): (i64, Option<Time>)) {
        let made_up = self.make_up(account, amount);
        let lot = Lot { number, account, amount, remaining: amount - made_up, expires_at };
        if made_up > 0 {
            self.take_part(Part { transfer: number, lot: number, amount: made_up });
        }
        self.put_lot(lot);
    }

    /// Puts a lot in as it is now, and counts what runs out when anew.
    pub(super) fn put_lot(&mut self, lot: Lot) {
        let unit = self.accounts.get(&lot.account).map(|account| account.unit);
        let before = self.lots.get(&lot.number).map(|own| (own.expires_at, -own.remaining));
        for (at, change) in before.into_iter().chain([(lot.expires_at, lot.remaining)]) {
            if let (Some(unit), Some(at)) = (unit, at) {
                *self.done.ends.entry((unit, at)).or_default() += change;
            }
        }
        self.done.lots.insert(lot.number);
        self.load_lot(lot);
    }

    /// How much of what comes makes up for what is owed.
    pub(super) fn make_up(&mut self, account: i64, amount: i64) -> i64 {
        let owed = self.accounts.get(&account).map_or(0, |account| account.owed);
        let made_up = owed.min(amount);
        if made_up > 0 {
            self.change(account, |account| account.owed -= made_up);
        }
        made_up
    }

    fn take_part(&mut self, part: Part) {
        self.load_part(part);
        self.done.parts.push(part);
    }

    pub(super) fn draw(&mut self, transfer: i64, lot: i64, amount: i64) {
        if let Some(mut own) = self.lots.get(&lot).cloned() {
            own.remaining -= amount;
            self.put_lot(own);
        }
        self.take_part(Part { transfer, lot, amount });
    }

    /// Refuses what would go beyond what is counted with.
    pub(super) fn room(&self, accounts: &[i64], amount: i64) -> Result<()> {
        let full = |account: &Account| {
            let sums = [account.debits, account.credits, account.held, account.pending];
            sums.iter().any(|sum| *sum > SUM_MAX - amount)
        };
        match accounts.iter().filter_map(|number| self.accounts.get(number)).any(full) {
            true => Err(Error::new(Code::TooLarge, "an account cannot count so much")),
            false => Ok(()),
        }
    }

    fn credit(
        &mut self,
        intent: &Intent,
        from: House,
        (expires_at, pending): (Option<Time>, Option<Until>),
    ) -> Result<()> {
        let to = intent.labels.first().copied().ok_or_else(nobody)?;
        let debit = self.of(intent.unit, Owner::House(from));
        let account = self.of(intent.unit, Owner::Customer(to));
        let amount = intent.amount;
        self.room(&[debit, account], amount)?;
        let sides = Sides { debit, credit: account, account };
        match pending {
            None => {
                let own = self.enter(intent, (Kind::Posted, None), sides, (amount, expires_at));
                self.deposit(own, account, (amount, expires_at));
            }
            Some(until) => {
                let own = self.enter(intent, (Kind::Pending, None), sides, (amount, expires_at));
                self.change(account, |account| account.pending += amount);
                self.open.insert(own);
                self.done.opened.push((own, account, until));
            }
        }
        Ok(())
    }

    /// The transfers of a cause, all of the unit and the customer that an intent is about.
    pub(super) fn of_cause(&self, cause: &str, intent: &Intent) -> Result<Vec<Transfer>> {
        let known = self.causes.get(cause).into_iter().flatten();
        let known: Vec<Transfer> =
            known.filter_map(|number| self.transfers.get(number)).cloned().collect();
        let unit = |own: &Transfer| self.accounts.get(&own.account).map(|account| account.unit);
        let own = !known.is_empty()
            && self.are_of(known.iter(), intent)
            && known.iter().all(|own| unit(own) == Some(intent.unit));
        match own {
            true => Ok(known),
            false => Err(Error::missing("nothing was booked under this id").field("of")),
        }
    }

    /// Closes what is open under a cause: posts it, or voids it and keeps what has run out
    /// meanwhile until a time.
    fn close(&mut self, intent: &Intent, of: &str, void: Option<Option<Time>>) -> Result<()> {
        let pending = self.of_cause(of, intent)?;
        if !pending.iter().all(|own| self.open.contains(&own.number)) {
            return Err(Error::conflict("this is not open any more").field("of"));
        }
        let kind = if void.is_none() { Kind::Post } else { Kind::Void };
        for transfer in pending {
            let Transfer { number, debit, credit, account, amount, expires_at, .. } = transfer;
            let sides = Sides { debit, credit, account };
            let own = self.enter(intent, (kind, Some(number)), sides, (amount, expires_at));
            self.open.remove(&number);
            self.done.closed.push(number);
            if account == credit {
                self.change(account, |account| account.pending -= amount);
                if void.is_none() {
                    self.deposit(own, account, (amount, expires_at));
                }
                continue;
            }
            self.change(account, |account| account.held -= amount);
            if let Some(until) = void {
                let parts = self.parts.get(&number).cloned().unwrap_or_default();
                let lots = parts.iter().map(|part| (part.lot, part.amount)).collect();
                self.put_back(own, account, (amount, lots), until);
            }
        }
        Ok(())
    }
}
