//! What an expression asks for that is kept elsewhere: sets of customers by number, and when its
//! answer can change.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hasher;
use std::sync::Arc;

use lake::mask::{Bits, RowTest, compares_as};
use perceive::privacy::Privacy;
use roaring::RoaringBitmap;
use siphasher::sip::SipHasher13;

use super::behaviour::Steps;
use super::field::{LIFECYCLE, random_name};
use super::veil::reads_private;
use super::{Check, Collection, Expr, Measure, Rule, Spell, When};
use crate::gauge::{self, Gauges};
use crate::roster::{self, Kind as Roster, Rosters};

/// Sets of customers that expressions may name.
#[derive(Debug, Clone, Default)]
pub struct Sets {
    /// The members of segments, by their number.
    pub segments: HashMap<i64, Arc<RoaringBitmap>>,
    /// Who has tags and levels or takes part in activities.
    pub rosters: Rosters,
    /// What the shop keeps to itself.
    pub privacy: Privacy,
    /// Which of the segments are private.
    pub private: BTreeSet<i64>,
    /// What customers have of points and the like.
    pub gauges: Gauges,
}

impl Sets {
    /// Whether conditions read what the shop keeps to itself, also through a segment.
    #[must_use]
    pub fn are_private(&self, expr: &Expr) -> bool {
        let named = Needs::of(expr).segments;
        reads_private(expr, &self.privacy) || named.iter().any(|own| self.private.contains(own))
    }

    /// Everybody who is in one of some sets, by place.
    pub(super) fn together(&self, field: &str, numbers: &[i64]) -> Bits {
        let set = |number: &i64| match Roster::named(field)? {
            Roster::Segment => self.segments.get(number),
            kind => self.rosters.get(&(kind, *number)),
        };
        let sets = numbers.iter().filter_map(set);
        let members = sets.flat_map(|set| set.iter());
        members.filter_map(|number| usize::try_from(number).ok()?.checked_sub(1)).collect()
    }
}

/// Being in a set or not.
#[derive(Debug)]
pub(super) struct Within {
    pub(super) bits: Bits,
    pub(super) not: bool,
}

impl RowTest for Within {
    fn holds(&self, row: usize) -> bool {
        self.bits.contains(row) != self.not
    }
}

/// What somebody has of a gauge, and how it compares: for nothing, and whoever differs from that.
#[derive(Debug)]
pub(super) struct Gauged {
    pub(super) of_none: bool,
    pub(super) differs: Bits,
}

impl RowTest for Gauged {
    fn holds(&self, row: usize) -> bool {
        self.of_none != self.differs.contains(row)
    }
}

/// A number from 0 to 1 that chance gave a customer, the same each time it is asked for; under each
/// name another one.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "53 bits of a hash are a fraction exactly")]
pub fn share(name: &str, number: i64) -> f64 {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    hasher.write_i64(number);
    (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
}

/// How a share that is drawn by chance compares.
#[derive(Debug)]
pub(super) struct Chance {
    name: String,
    check: Check,
    not: bool,
}

impl Chance {
    pub(super) fn new(rule: &Rule, not: bool) -> Option<Self> {
        let name = random_name(&rule.field.name)?.to_owned();
        Some(Self { name, check: rule.check.clone(), not })
    }
}

impl RowTest for Chance {
    fn holds(&self, row: usize) -> bool {
        let number = i64::try_from(row).unwrap_or_default() + 1;
        let held = match &self.check {
            Check::Fraction(ways, wanted) => compares_as(share(&self.name, number), *wanted, *ways),
            Check::Missing(missing) => !missing,
            _ => return false,
        };
        held != self.not
    }
}

/// What the answer to an expression depends on beside the customer's own row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// What time it is.
    pub now: bool,
    /// What customers did.
    pub history: bool,
    /// What lies in their carts.
    pub carts: bool,
    /// RFM scores, or the stage of the lifecycle.
    pub scores: bool,
    /// All other customers.
    pub others: bool,
    /// The members of these segments.
    pub segments: BTreeSet<i64>,
    /// Who has these tags and levels or takes part in these activities.
    pub rosters: BTreeSet<roster::Key>,
    /// What customers have of these.
    pub gauges: BTreeSet<&'static str>,
}

impl Needs {
    /// Those of what people did, beside others of their stratum.
    #[must_use]
    pub fn of_deeds() -> Self {
        Self { history: true, scores: true, ..Self::default() }
    }

    /// Adds what something else depends on.
    pub fn join(&mut self, other: Self) {
        self.now |= other.now;
        self.history |= other.history;
        self.carts |= other.carts;
        self.scores |= other.scores;
        self.others |= other.others;
        self.segments.extend(other.segments);
        self.rosters.extend(other.rosters);
        self.gauges.extend(other.gauges);
    }

    /// Those of an expression.
    #[must_use]
    pub fn of(expr: &Expr) -> Self {
        let mut needs = Self::default();
        expr.each_leaf(&mut |leaf| needs.leaf(leaf));
        needs
    }

    fn leaf(&mut self, leaf: &Expr) {
        match leaf {
            Expr::Rule(rule) => self.rule(rule),
            Expr::Did(behaviour) => {
                self.history = true;
                // What counts less with every day counts less now.
                self.now |= matches!(behaviour.measure, Measure::Recent(_));
                self.steps(&behaviour.steps);
                behaviour.is.each_leaf(&mut |leaf| self.leaf(leaf));
            }
            _ => {}
        }
    }

    fn rule(&mut self, rule: &Rule) {
        match &rule.check {
            Check::Time(spell) => self.now |= moves(spell),
            Check::Top(_) => self.others = true,
            Check::Member(numbers) => match Roster::named(&rule.field.name) {
                None | Some(Roster::Segment) => self.segments.extend(numbers.iter()),
                Some(kind) => self.rosters.extend(numbers.iter().map(|number| (kind, *number))),
            },
            _ => {}
        }
        self.gauges.extend(gauge::named(&rule.field.name));
        match rule.field.name.as_ref() {
            "r" | "f" | "m" | "stratum" => self.scores = true,
            // A stage passes with time.
            LIFECYCLE => (self.scores, self.now) = (true, true),
            // Who has a phone is in the row; whose it is, is not.
            "name" | "phone" | "email" => self.others = true,
            _ => {}
        }
    }

    fn steps(&mut self, steps: &Steps) {
        self.carts |= steps.of == Collection::Cart;
        steps.rows.each_leaf(&mut |leaf| self.leaf(leaf));
        if let Some(then) = &steps.then {
            // What must not follow has not until its time is over.
            self.now |= !then.follows && then.within.is_some();
            self.steps(&then.steps);
        }
    }
}

/// Whether what is meant by a time moves on with the clock.
fn moves(spell: &Spell) -> bool {
    match spell {
        Spell::Before(when)
        | Spell::Until(when)
        | Spell::After(when)
        | Spell::From(when)
        | Spell::At(when) => when.moves(),
        Spell::Among(all) => all.iter().any(When::moves),
        Spell::Within(window) | Spell::Anniversary(window, _) => window.moves(),
    }
}
