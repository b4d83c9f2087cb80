//! What a plan says, and who is to have which level by it until when. Pure.

use std::collections::BTreeMap;

use base::{Date, Error, Result};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::super::NAME_CHARS_MAX;
use crate::earn::rule::{ONCE, TIMES_MAX};
use crate::ledger::AMOUNT_MAX;

/// Ways to one level at the most.
pub const NEEDS_MAX: usize = 10;
/// Other benefits of a level that are told in words at the most.
pub const OTHERS_MAX: usize = 20;
/// Days of a period, of a term and of grace at the most: ten years.
pub const DAYS_MAX: u16 = 3_660;
/// Hours by which a level may buy earlier than others at the most: ninety days.
pub const EARLY_HOURS_MAX: u16 = 90 * 24;
/// A whole, in ten-thousandths.
pub const WHOLE: u16 = 10_000;

/// Over which time what somebody bought counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    /// All that they ever bought.
    Ever,
    /// The last so many local days, today included.
    Days {
        /// How many.
        days: u16,
    },
    /// This calendar year.
    Year,
}

/// How long a level stays that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Keep {
    /// As long as what it takes is there.
    Met,
    /// So many local days from the one on which it was reached; then it is looked at again.
    Days {
        /// How many.
        days: u16,
    },
    /// Until the end of the calendar year in which it was reached, or of the one after it.
    Year {
        /// Whether of the one after it.
        next: bool,
    },
}

/// Something that a level takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Need {
    /// 消费: money paid less money given back, minor units.
    Spend {
        /// How much.
        at_least: i64,
    },
    /// 订单: paid orders of which something is left.
    Orders {
        /// How many.
        at_least: i64,
    },
    /// 成长值: what they have of it now; it runs out by rules of its own.
    Growth {
        /// How much.
        at_least: i64,
    },
    /// To be in a segment.
    Segment {
        /// Its number.
        segment: i64,
    },
}

/// What having a level brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Benefits {
    /// 积分倍率: by how much the points of an order are multiplied, in thousandths.
    pub points_times: u32,
    /// 会员折扣: the share of the price that is taken off, in ten-thousandths.
    pub discount: u16,
    /// 包邮: whether postage is free.
    pub free_shipping: bool,
    /// 新品优先购: by how many hours they may buy earlier than others.
    pub early_hours: u16,
    /// Others, in the shop's own words.
    pub others: Vec<String>,
}

impl Default for Benefits {
    fn default() -> Self {
        Self {
            points_times: ONCE,
            discount: 0,
            free_shipping: false,
            early_hours: 0,
            others: Vec::new(),
        }
    }
}

/// What a level takes and brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The level's number.
    pub tier: i64,
    /// What it takes; nobody reaches a level that takes nothing, it is given by hand.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Whether all of them are needed; otherwise one is enough.
    #[serde(default)]
    pub all: bool,
    /// 终身保级: whoever has reached it, or a higher one, never falls below it.
    #[serde(default)]
    pub lifetime: bool,
    /// What it brings.
    #[serde(default)]
    pub benefits: Benefits,
}

/// How customers come to levels by what they do, and what levels bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Whether levels are reached by it.
    pub active: bool,
    /// Over which time what they bought counts.
    pub window: Window,
    /// Days that an order has to lie back before it counts: while goods can still come back.
    #[serde(default)]
    pub wait_days: u16,
    /// How long a level stays.
    pub keep: Keep,
    /// 宽限期: days for which a level stays after its time is over.
    #[serde(default)]
    pub grace_days: u16,
    /// Whether whoever loses a level falls to the next lower one, for as long again.
    #[serde(default)]
    pub one_step: bool,
    /// What levels take and bring.
    #[serde(default)]
    pub levels: Vec<Level>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            active: false,
            window: Window::Days { days: 365 },
            wait_days: 0,
            keep: Keep::Days { days: 365 },
            grace_days: 0,
            one_step: false,
            levels: Vec::new(),
        }
    }
}

fn days(count: u16, least: u16, field: &str) -> Result<()> {
    match (least..=DAYS_MAX).contains(&count) {
        true => Ok(()),
        false => Err(Error::bad(format!("is {least} to {DAYS_MAX}")).field(field)),
    }
}

impl Plan {
    /// Refuses what will not do for a shop's levels, the lowest first.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self, tiers: &[i64]) -> Result<()> {
        if let Window::Days { days: count } = self.window {
            days(count, 1, "window.days")?;
        }
        if let Keep::Days { days: count } = self.keep {
            days(count, 1, "keep.days")?;
        }
        days(self.wait_days, 0, "wait_days")?;
        days(self.grace_days, 0, "grace_days")?;
        if self.one_step && self.keep == Keep::Met {
            let error = Error::bad("goes with levels that stay for a time").field("one_step");
            return Err(error.hint("without one there is no time for which the lower one stays"));
        }
        let mut last: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
        let mut places = Vec::with_capacity(self.levels.len());
        for (at, level) in self.levels.iter().enumerate() {
            let field = |part: &str| format!("levels[{at}].{part}");
            let place = tiers.iter().position(|own| *own == level.tier);
            let none = || Error::bad("there is no such level").field(field("tier"));
            let place = place.ok_or_else(none)?;
            if places.last().is_some_and(|before| *before >= place) {
                let text = "levels come in the order of the plan, each once";
                return Err(Error::bad(text).field(field("tier")));
            }
            places.push(place);
            level.check().map_err(|error| {
                let part = error.field.clone().unwrap_or_default();
                error.field(field(&part))
            })?;
            for (which, need) in level.needs.iter().enumerate() {
                let Some((kind, amount)) = need.amount() else { continue };
                if last.get(kind).is_some_and(|(before, level)| *level < at && *before >= amount) {
                    let text = "is not more than a lower level takes";
                    return Err(Error::bad(text).field(field(&format!("needs[{which}].at_least"))));
                }
                last.insert(kind, (amount, at));
            }
        }
        Ok(())
    }

    /// What a level takes and brings.
    #[must_use]
    pub fn level(&self, tier: i64) -> Option<&Level> {
        self.levels.iter().find(|level| level.tier == tier)
    }

    /// What having a level brings; nothing while the plan is off.
    #[must_use]
    pub fn benefits(&self, tier: Option<i64>) -> Benefits {
        let own = tier.filter(|_| self.active).and_then(|tier| self.level(tier));
        own.map(|level| level.benefits.clone()).unwrap_or_default()
    }

    /// Whether any level takes something of a kind.
    #[must_use]
    pub fn takes(&self, is: impl Fn(&Need) -> bool) -> bool {
        self.levels.iter().any(|level| level.needs.iter().any(&is))
    }

    /// The last day of a level that is reached on a day; none where it stays as long as it is met.
    #[must_use]
    pub fn until(&self, today: Date) -> Option<Date> {
        match self.keep {
            Keep::Met => None,
            Keep::Days { days } => Some(Date(today.0.saturating_add(i32::from(days) - 1))),
            Keep::Year { next } => {
                let year = today.civil().year().saturating_add(i16::from(next));
                Some(jiff::civil::Date::new(year, 12, 31).map_or(today, Date::of))
            }
        }
    }

    /// The first and last local day of which what was bought counts; no first one for ever.
    #[must_use]
    pub fn span(&self, today: Date) -> (Option<Date>, Date) {
        let last = Date(today.0.saturating_sub(i32::from(self.wait_days)));
        let first = match self.window {
            Window::Ever => None,
            Window::Days { days } => Some(Date(last.0.saturating_sub(i32::from(days) - 1))),
            // What lies back long enough to count may have been bought in the year before.
            Window::Year => Some(Date::of(last.civil().first_of_year())),
        };
        (first, last)
    }
}

impl Need {
    /// What is counted, and how much it takes; none for a segment.
    #[must_use]
    pub fn amount(&self) -> Option<(&'static str, i64)> {
        match self {
            Self::Spend { at_least } => Some(("spend", *at_least)),
            Self::Orders { at_least } => Some(("orders", *at_least)),
            Self::Growth { at_least } => Some(("growth", *at_least)),
            Self::Segment { .. } => None,
        }
    }
}

impl Level {
    fn check(&self) -> Result<()> {
        if self.needs.len() > NEEDS_MAX {
            return Err(Error::bad(format!("has at most {NEEDS_MAX}")).field("needs"));
        }
        for (at, need) in self.needs.iter().enumerate() {
            if need.amount().is_some_and(|(_, amount)| !(1..=AMOUNT_MAX).contains(&amount)) {
                let field = format!("needs[{at}].at_least");
                return Err(Error::bad(format!("is 1 to {AMOUNT_MAX}")).field(field));
            }
        }
        let Benefits { points_times, discount, early_hours, others, .. } = &self.benefits;
        let within = |holds: bool, part: &str, text: String| match holds {
            true => Ok(()),
            false => Err(Error::bad(text).field(format!("benefits.{part}"))),
        };
        let times = format!("is {ONCE} to {TIMES_MAX} thousandths");
        within((ONCE..=TIMES_MAX).contains(points_times), "points_times", times)?;
        // Prices are worked out in thousandths.
        let share = format!("is 0 to {} ten-thousandths, in steps of 10", WHOLE - 10);
        within(*discount < WHOLE && discount % 10 == 0, "discount", share)?;
        let hours = format!("is at most {EARLY_HOURS_MAX}");
        within(*early_hours <= EARLY_HOURS_MAX, "early_hours", hours)?;
        within(others.len() <= OTHERS_MAX, "others", format!("has at most {OTHERS_MAX}"))?;
        let short = |text: &String| (1..=NAME_CHARS_MAX).contains(&text.trim().chars().count());
        let text = format!("needs 1 to {NAME_CHARS_MAX} characters");
        within(others.iter().all(short), "others", text)
    }
}

/// Until when somebody has a level that they reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Until {
    /// Until the end of a local day, and the days of grace after it.
    Day(Date),
    /// As long as what it takes is there.
    Met,
    /// For ever.
    Ever,
}

/// Who has which level by the plan: by the level's place, the lowest first, and until when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms(pub BTreeMap<(usize, Until), RoaringBitmap>);

impl Terms {
    /// Whoever has this level, or a higher one, until this time or longer.
    #[must_use]
    pub fn holders(&self, place: usize, until: Until) -> RoaringBitmap {
        let own = self.0.iter().filter(|((own, to), _)| *own >= place && *to >= until);
        own.fold(RoaringBitmap::new(), |all, (_, people)| all | people)
    }

    /// Adds people to a level, in place of what they had of the same for a shorter time.
    fn add(&mut self, (place, until): (usize, Until), people: RoaringBitmap) {
        if people.is_empty() {
            return;
        }
        for ((own, to), set) in &mut self.0 {
            // What is reached for a time stays beside what stays as long as it is met.
            if *own == place && *to < until && until != Until::Met {
                *set -= &people;
            }
        }
        *self.0.entry((place, until)).or_default() |= people;
    }

    /// The same a day or a change later: `met` says who has what each level takes now, by place,
    /// none where that is not known. Levels by place of the plan that `levels` tells.
    ///
    /// What was reached stays for its time, whatever happens meanwhile; whoever has what a level
    /// takes when its time is over has it again.
    #[must_use]
    pub fn next(
        mut self,
        (plan, today): (&Plan, Date),
        levels: &[Option<&Level>],
        met: &[Option<RoaringBitmap>],
    ) -> Self {
        let known = |place: usize| met.get(place).and_then(Option::as_ref);
        let level = |place: usize| levels.get(place).copied().flatten();
        let ends = |until: &Until| match until {
            Until::Day(day) => day.0.saturating_add(i32::from(plan.grace_days)) < today.0,
            Until::Met | Until::Ever => false,
        };
        let reached = plan.until(today).map_or(Until::Met, Until::Day);
        self.end_what_is_no_longer_so((plan, today), level, known);
        let (over, alive) = self.0.into_iter().partition(|((_, until), _)| ends(until));
        self = Self(alive);
        let mut higher = RoaringBitmap::new();
        for place in (0..levels.len()).rev() {
            let Some(now) = known(place) else { continue };
            let best = now - &higher;
            higher |= now;
            // Whoever has it for a year need not have it anew for every day of it.
            let enough = match plan.keep {
                Keep::Days { .. } => Until::Day(today),
                Keep::Met | Keep::Year { .. } => reached,
            };
            let new = best - self.holders(place, enough);
            self.add((place, reached), new);
        }
        if plan.one_step {
            self.step_down(over, (reached, today));
        }
        for place in 0..levels.len() {
            if level(place).is_some_and(|level| level.lifetime) {
                let all = self.holders(place, Until::Day(today));
                self.add((place, Until::Ever), all);
            }
        }
        self.0.retain(|_, people| !people.is_empty());
        self
    }

    /// What was kept for as long as it is met, or for ever, and is not any more, has its time.
    fn end_what_is_no_longer_so<'a>(
        &mut self,
        (plan, today): (&Plan, Date),
        level: impl Fn(usize) -> Option<&'a Level>,
        known: impl Fn(usize) -> Option<&'a RoaringBitmap>,
    ) {
        let yesterday = Until::Day(Date(today.0.saturating_sub(1)));
        let open: Vec<(usize, Until)> =
            self.0.keys().filter(|(_, until)| !matches!(until, Until::Day(_))).copied().collect();
        for (place, until) in open {
            let people = self.0.get(&(place, until)).cloned().unwrap_or_default();
            let (gone, to) = match (level(place), until) {
                (None, _) => (people, yesterday),
                (Some(_), Until::Met) => match plan.until(today) {
                    Some(day) => (people, Until::Day(day)),
                    None => match known(place) {
                        Some(now) => (&people - now, yesterday),
                        None => continue,
                    },
                },
                (Some(level), _) if level.lifetime => continue,
                (Some(_), _) => (people, plan.until(today).map_or(yesterday, Until::Day)),
            };
            if let Some(set) = self.0.get_mut(&(place, until)) {
                *set -= &gone;
            }
            self.add((place, to), gone);
        }
    }

    /// Whoever lost a level has the one below it.
    fn step_down(
        &mut self,
        over: BTreeMap<(usize, Until), RoaringBitmap>,
        (reached, today): (Until, Date),
    ) {
        for ((place, _), people) in over {
            let Some(below) = place.checked_sub(1) else { continue };
            let fallen = people - self.holders(below, Until::Day(today));
            self.add((below, reached), fallen);
        }
    }
}
