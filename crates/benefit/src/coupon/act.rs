//! What calls do to codes in a register, whole or not at all.

use base::{Error, Result};

use super::How;
use super::Origin;
use super::call::{
    Back, Call, Kind, Move, Named, Spend, part_of, plain, take_lines, total, within_most,
};
use super::code::{Code, Stage, Use};
use super::register::{Claimed, Register, spent_up, unknown};

impl Register {
    /// Begins a use of a code.
    fn begin(&mut self, call: &Call, spend: &Spend, stage: Stage) -> Result<Use> {
        let amount = self.check(spend, call.customer)?;
        if !spend.lines.is_empty() && total(&spend.lines)? != amount {
            return Err(Error::bad("do not add up to the amount").field("lines"));
        }
        let code = self.find(&spend.code)?.clone();
        let own = Use {
            number: self.next.uses,
            code: code.number,
            coupon: code.coupon,
            customer: call.customer.or(code.holder),
            takes: code.takes(),
            day: self.zone.date(self.now).0,
            stage,
            amount,
            back: 0,
            lines: spend.lines.iter().map(|line| (line.clone(), 0)).collect(),
            order: spend.order.clone(),
            at: self.now,
            until: None,
        };
        self.next.uses += 1;
        self.change(own.coupon, |count| {
            count.taken += i64::from(own.takes);
            count.spent += amount;
        });
        if own.takes {
            self.count_for((own.coupon, own.customer), own.day, 1);
        }
        Ok(own)
    }

    pub(super) fn lock(&mut self, call: &Call, spend: &Spend, ttl: i64) -> Result<Move> {
        let mut own = self.begin(call, spend, Stage::Locked)?;
        own.until = Some(self.now.plus(ttl));
        self.put_code(own.code, |code| code.open += 1);
        self.change(own.coupon, |count| count.open += 1);
        let moved = self.enter(call, Kind::Lock, &own);
        self.put_use(own);
        Ok(moved)
    }

    pub(super) fn redeem(&mut self, call: &Call, spend: &Spend) -> Result<Move> {
        let own = self.begin(call, spend, Stage::Redeemed)?;
        self.put_code(own.code, |code| code.used += 1);
        self.change(own.coupon, |count| count.used += 1);
        let moved = self.enter(call, Kind::Redeem, &own);
        self.put_use(own);
        Ok(moved)
    }

    /// The use that began under an id, of the code that a call names.
    fn begun(&self, named: &Named, of: &str) -> Result<Use> {
        let code = self.find(named)?;
        let own = self.moves.get(of).and_then(|own| self.uses.get(&own.usage?));
        let missing =
            || Error::missing("nothing was done with this code under this id").field("of");
        own.filter(|own| own.code == code.number).cloned().ok_or_else(missing)
    }

    /// A lock becomes a use: it was valid when it was locked, and so it is now.
    pub(super) fn settle(&mut self, call: &Call, spend: &Spend, of: &str) -> Result<Move> {
        let mut own = self.begun(&spend.code, of)?;
        match own.stage {
            Stage::Locked => {}
            Stage::Redeemed => return Err(Error::conflict("this was redeemed before").field("of")),
            Stage::Back | Stage::Free => {
                return Err(Error::conflict("this lock is over").field("of").hint("lock it again"));
            }
        }
        let code = self.find(&spend.code)?.clone();
        let held = own.amount;
        let given = match spend.amount {
            Some(amount) => amount,
            None if spend.lines.is_empty() => held,
            None => total(&spend.lines)?,
        };
        if given != held {
            let terms = self.by_terms(&code)?;
            let more = Spend { amount: Some(given), ..spend.clone() };
            if let Some(stand) = self.coupons.get(&own.coupon) {
                // Beside all others' money, not beside its own.
                let budget = self.in_force(stand).ok().map(|terms| terms.limits.budget);
                let rest = stand.count.spent - held;
                if budget.is_some_and(|budget| !budget.allows(rest.saturating_add(given))) {
                    return Err(spent_up());
                }
            }
            within_most(terms, more.amount)?;
        }
        let lines = if spend.lines.is_empty() { plain(&own.lines) } else { spend.lines.clone() };
        if !lines.is_empty() && total(&lines)? != given {
            return Err(Error::bad("do not add up to the amount").field("lines"));
        }
        own.stage = Stage::Redeemed;
        own.amount = given;
        own.lines = lines.into_iter().map(|line| (line, 0)).collect();
        own.until = None;
        if !spend.order.is_empty() {
            own.order.clone_from(&spend.order);
        }
        self.put_code(own.code, |code| {
            code.open -= 1;
            code.used += 1;
        });
        self.change(own.coupon, |count| {
            count.open -= 1;
            count.used += 1;
            count.spent += given - held;
        });
        let moved = self.enter(call, Kind::Redeem, &own);
        self.put_use(own);
        Ok(moved)
    }

    pub(super) fn back(&mut self, call: &Call, back: &Back) -> Result<Move> {
        let mut own = self.begun(&back.code, &back.of)?;
        match own.stage {
            Stage::Locked => {
                if back.amount.is_some() || !back.lines.is_empty() {
                    let wrong = Error::bad("is not told of a lock").field("amount_minor");
                    return Err(wrong.hint("a lock is let go of as a whole"));
                }
                self.free(&mut own);
            }
            Stage::Redeemed => {
                let part = part_of(&own, back)?;
                take_lines(&mut own, back)?;
                own.back += part;
                self.change(own.coupon, |count| count.spent -= part);
                if own.back == own.amount {
                    self.undo(&mut own)?;
                }
            }
            Stage::Back | Stage::Free => {
                return Err(Error::conflict("all of it was rolled back before").field("of"));
            }
        }
        let moved = self.enter(call, Kind::Back, &own);
        self.put_use(own);
        Ok(moved)
    }

    /// What is left of a use that was rolled back as a whole.
    fn undo(&mut self, own: &mut Use) -> Result<()> {
        own.stage = Stage::Back;
        self.change(own.coupon, |count| count.used -= 1);
        let code = self.codes.get(&own.code).cloned().ok_or_else(unknown)?;
        if !self.by_terms(&code)?.again {
            return Ok(());
        }
        self.put_code(own.code, |code| code.used -= 1);
        if own.takes {
            self.change(own.coupon, |count| count.taken -= 1);
            self.count_for((own.coupon, own.customer), own.day, -1);
        }
        Ok(())
    }

    /// Lets go of a lock.
    fn free(&mut self, own: &mut Use) {
        own.stage = Stage::Free;
        own.until = None;
        let amount = own.amount;
        own.back = amount;
        self.put_code(own.code, |code| code.open -= 1);
        self.change(own.coupon, |count| {
            count.open -= 1;
            count.spent -= amount;
            count.taken -= i64::from(own.takes);
        });
        if own.takes {
            self.count_for((own.coupon, own.customer), own.day, -1);
        }
    }

    /// Lets go of all loaded locks whose time is over; how many.
    pub fn lapse(&mut self) -> usize {
        let over = |own: &&Use| {
            own.stage == Stage::Locked && own.until.is_some_and(|until| until <= self.now)
        };
        let due: Vec<Use> = self.uses.values().filter(over).cloned().collect();
        let count = due.len();
        for mut own in due {
            self.free(&mut own);
            self.put_use(own);
        }
        count
    }

    pub(super) fn claim(
        &mut self,
        call: &Call,
        coupon: i64,
        origin: Origin,
        by_buyer: bool,
    ) -> Result<Move> {
        let person = call.customer.ok_or_else(|| Error::bad("is missing").field("customer"))?;
        self.room(coupon, Some(self.person(person)))?;
        let stand = self.stand(coupon)?;
        let (version, terms) = (stand.in_force, self.in_force(stand)?);
        if by_buyer && !terms.claimable {
            return Err(Error::conflict("this coupon is not for claiming").field("coupon_id"));
        }
        let (from, until) = terms.validity.of(&self.zone, self.now)?;
        let code = Code {
            number: self.next.codes,
            coupon,
            version,
            batch: self.next.batches,
            how: How::Claim,
            holder: Some(person),
            day: self.zone.date(self.now).0,
            from,
            until,
            uses_max: Some(1),
            used: 0,
            open: 0,
            void: false,
        };
        self.next.codes += 1;
        self.next.batches += 1;
        self.change(coupon, |count| count.taken += 1);
        self.count_for((coupon, Some(person)), code.day, 1);
        self.done.codes.insert(code.number);
        let (batch, actor) = (code.batch, call.actor.clone());
        self.done.claimed.push(Claimed { batch, code: code.number, origin, actor });
        let moved = Move {
            cause: call.cause.clone(),
            kind: Kind::Claim,
            code: code.number,
            coupon,
            usage: None,
            amount: 0,
            rest: 0,
            until: Some(until),
            order: String::new(),
            print: call.print,
            actor: call.actor.clone(),
            at: self.now,
        };
        self.load_code(code);
        self.know(moved.clone());
        Ok(moved)
    }

    fn enter(&mut self, call: &Call, kind: Kind, own: &Use) -> Move {
        let moved = Move {
            cause: call.cause.clone(),
            kind,
            code: own.code,
            coupon: own.coupon,
            usage: Some(own.number),
            amount: own.amount,
            rest: own.amount - own.back,
            until: own.until,
            order: own.order.clone(),
            print: call.print,
            actor: call.actor.clone(),
            at: self.now,
        };
        self.know(moved.clone());
        moved
    }

    fn know(&mut self, moved: Move) {
        self.done.moves.push(moved.clone());
        self.load_move(moved);
    }
}
