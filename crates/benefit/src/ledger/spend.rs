//! Taking: what can be spent and in which order, what is given back, what runs out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use base::{Error, Result, Time};

use super::books::{Books, Sides};
use super::rule::{Kind, Lot, Transfer, nobody};
use super::{Act, House, Intent, Matter, Owner, Short, Until};

impl Books {
    /// What can be spent of lots, in the order in which it is, and what is owed beside it.
    fn spendable(&self, intent: &Intent, first: Option<&str>) -> (Vec<(i64, i64, i64)>, i64) {
        let accounts = self.accounts_of(intent);
        let known = first.and_then(|cause| self.causes.get(cause)).cloned().unwrap_or_default();
        let preferred: HashSet<i64> = known
            .iter()
            .flat_map(|own| self.after.get(own).into_iter().flatten())
            .copied()
            .chain(known.iter().copied())
            .collect();
        let mut lots: Vec<&Lot> = accounts
            .iter()
            .flat_map(|own| self.lots_in(*own))
            .filter(|lot| lot.alive(self.now))
            .collect();
        lots.sort_by_key(|lot| {
            let (never, at) = (lot.expires_at.is_none(), lot.expires_at);
            (!preferred.contains(&lot.number), never, at, lot.number)
        });
        let owed =
            accounts.iter().filter_map(|own| self.accounts.get(own)).map(|own| own.owed).sum();
        (lots.iter().map(|lot| (lot.account, lot.number, lot.remaining)).collect(), owed)
    }

    fn lots_in(&self, account: i64) -> impl Iterator<Item = &Lot> {
        let numbers = self.lots_of.get(&account).into_iter().flatten();
        numbers.filter_map(|number| self.lots.get(number))
    }

    pub(super) fn debit(
        &mut self,
        intent: &Intent,
        to: House,
        (short, first, hold): (Short, Option<&str>, Option<Until>),
    ) -> Result<()> {
        let label = intent.labels.first().copied().ok_or_else(nobody)?;
        let (lots, owed) = self.spendable(intent, first);
        let there: i64 = lots.iter().map(|(.., remaining)| remaining).sum();
        let usable = if short == Short::Owe { there } else { (there - owed).max(0) };
        let taken = usable.min(intent.amount);
        if taken < intent.amount && short == Short::Refuse {
            let text = format!("only {usable} of {} are there", intent.amount);
            return Err(Error::conflict(text).field("amount"));
        }
        let house = self.of(intent.unit, Owner::House(to));
        self.room(&[house], intent.amount)?;
        let mut picks: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
        let mut left = taken;
        for (account, lot, remaining) in lots {
            let amount = remaining.min(left);
            if amount > 0 {
                picks.entry(account).or_default().push((lot, amount));
                left -= amount;
            }
        }
        let owe = if short == Short::Owe { intent.amount - taken } else { 0 };
        if owe > 0 {
            let own = self.of(intent.unit, Owner::Customer(label));
            picks.entry(own).or_default();
            self.change(own, |account| account.owed += owe);
            self.take_from(
                (intent, house, hold),
                own,
                (picks.remove(&own).unwrap_or_default(), owe),
            );
        }
        for (account, picks) in picks {
            self.take_from((intent, house, hold), account, (picks, 0));
        }
        let forgiven = intent.amount - taken - owe;
        if forgiven > 0 {
            let debit = self.of(intent.unit, Owner::House(House::Forgiven));
            let sides = Sides { debit, credit: house, account: debit };
            self.enter(intent, (Kind::Posted, None), sides, (forgiven, None));
        }
        Ok(())
    }

    /// Takes from one account what was picked of its lots, and what is owed beyond it.
    fn take_from(
        &mut self,
        (intent, house, hold): (&Intent, i64, Option<Until>),
        account: i64,
        (picks, owe): (Vec<(i64, i64)>, i64),
    ) {
        let amount = picks.iter().map(|(_, amount)| amount).sum::<i64>() + owe;
        let sides = Sides { debit: account, credit: house, account };
        let kind = if hold.is_some() { Kind::Pending } else { Kind::Posted };
        let own = self.enter(intent, (kind, None), sides, (amount, None));
        if let Some(until) = hold {
            self.change(account, |account| account.held += amount);
            self.open.insert(own);
            self.done.opened.push((own, account, until));
        }
        for (lot, amount) in picks {
            self.draw(own, lot, amount);
        }
    }

    /// How much of a debit has not been given back, and of which lots; nothing of one that never
    /// happened.
    fn outstanding(&self, debit: &Transfer) -> (i64, BTreeMap<i64, i64>) {
        let after: Vec<&Transfer> = self
            .after
            .get(&debit.number)
            .into_iter()
            .flatten()
            .filter_map(|number| self.transfers.get(number))
            .collect();
        let posted = debit.kind == Kind::Posted || after.iter().any(|own| own.kind == Kind::Post);
        if !posted || debit.account != debit.debit {
            return (0, BTreeMap::new());
        }
        let mut lots: BTreeMap<i64, i64> = BTreeMap::new();
        let backs: Vec<i64> =
            after.iter().filter(|own| own.kind == Kind::Back).map(|own| own.number).collect();
        for number in backs.iter().chain([&debit.number]) {
            for part in self.parts.get(number).into_iter().flatten() {
                *lots.entry(part.lot).or_default() += part.amount;
            }
        }
        let back: i64 =
            after.iter().filter(|own| own.kind == Kind::Back).map(|own| own.amount).sum();
        lots.retain(|_, amount| *amount > 0);
        (debit.amount - back, lots)
    }

    pub(super) fn back(&mut self, intent: &Intent, of: &str, until: Option<Time>) -> Result<()> {
        let debits = self.of_cause(of, intent)?;
        let mut left = intent.amount;
        let mut plan = Vec::new();
        for debit in debits.iter().rev() {
            let (amount, lots) = self.outstanding(debit);
            let amount = amount.min(left);
            if amount > 0 {
                left -= amount;
                plan.push((debit, amount, lots));
            }
        }
        if left > 0 {
            let text = format!("only {} can be given back", intent.amount - left);
            return Err(Error::conflict(text).field("amount"));
        }
        for (debit, amount, lots) in plan {
            let sides = Sides { debit: debit.credit, credit: debit.debit, account: debit.account };
            let own = self.enter(intent, (Kind::Back, Some(debit.number)), sides, (amount, until));
            // What the shop let go of lay in nobody's lot.
            let account = self.account(debit.account).map(|own| own.owner);
            if matches!(account, Some(Owner::Customer(_))) {
                self.put_back(own, debit.account, (amount, lots), until);
            }
        }
        Ok(())
    }

    /// Puts back into lots what was taken of them, those that last longest first; what has run out
    /// meanwhile, and what came of no lot, into a new one.
    pub(super) fn put_back(
        &mut self,
        transfer: i64,
        account: i64,
        (amount, lots): (i64, BTreeMap<i64, i64>),
        until: Option<Time>,
    ) {
        let mut left = amount - self.make_up(account, amount);
        let mut taken: Vec<(Lot, i64)> = lots
            .iter()
            .filter_map(|(lot, own)| Some((self.lots.get(lot)?.clone(), *own)))
            .collect();
        taken.sort_by_key(|(lot, _)| {
            std::cmp::Reverse((lot.expires_at.is_none(), lot.expires_at, lot.number))
        });
        for (lot, own) in taken {
            let amount = own.min(left);
            if !lot.over(self.now) && amount > 0 {
                self.draw(transfer, lot.number, -amount);
                left -= amount;
            }
        }
        if left > 0 {
            let lot =
                Lot { number: transfer, account, amount: left, remaining: left, expires_at: until };
            self.put_lot(lot);
        }
    }

    /// Takes what remains of an account's lots that have run out; how much that is.
    pub fn lapse(&mut self, account: i64, day: i64) -> i64 {
        let ran_out = |lot: &&Lot| lot.remaining > 0 && lot.over(self.now);
        let lots: Vec<(i64, i64)> =
            self.lots_in(account).filter(ran_out).map(|lot| (lot.number, lot.remaining)).collect();
        let amount: i64 = lots.iter().map(|(_, remaining)| remaining).sum();
        let unit = self.account(account).map(|own| own.unit);
        if let Some(unit) = unit.filter(|_| amount > 0) {
            let intent = Intent {
                unit,
                labels: Vec::new(),
                amount,
                act: Act::Post(String::new()),
                cause: format!("expiry/{}", self.next.1),
                source: (Matter::Expiry, day),
                reason: String::new(),
                at: self.now,
                renews: None,
            };
            let house = self.of(unit, Owner::House(House::Expired));
            self.take_from((&intent, house, None), account, (lots, 0));
        }
        amount
    }

    /// Has what a customer has of a unit last until a time at least; the lots as they were before.
    pub(super) fn renew(&mut self, intent: &Intent, until: Time) -> Vec<Lot> {
        let short = |lot: &&Lot| lot.alive(self.now) && lot.expires_at.is_some_and(|at| at < until);
        let accounts = self.accounts_of(intent);
        let lots = accounts.iter().flat_map(|own| self.lots_in(*own)).filter(short);
        let lots: Vec<Lot> = lots.cloned().collect();
        for lot in &lots {
            self.put_lot(Lot { expires_at: Some(until), ..lot.clone() });
        }
        lots
    }

    fn accounts_of(&self, intent: &Intent) -> BTreeSet<i64> {
        let own = |label: &i64| self.owned.get(&(intent.unit, Owner::Customer(*label))).copied();
        intent.labels.iter().filter_map(own).collect()
    }
}
