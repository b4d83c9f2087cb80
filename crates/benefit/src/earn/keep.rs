//! Looking at what has changed, rule by rule: orders, events, days and segments.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Date, Result, Time, Zone};
use perceive::order::{self, Document};
use perceive::{catalog, identity};
use roaring::RoaringBitmap;
use serde_json::json;
use store::{Cx, Tx, counter};
use stratify::expr::whole::Shop as Whole;
use stratify::expr::{self, Needs};
use stratify::roster::{self, Kind};

use super::rule::{Circumstances, Line, Trigger, product};
use super::settle::{Wanted, of_order, settle};
use super::stays::{Stated, remaining};
use super::{CHANGES, Rule, deed, sql};
use crate::ledger::Unit;
use crate::tier;
use crate::tier::plan::{self, rule::Plan};

/// Orders that one transaction looks at.
const ORDERS_PER_STEP: i64 = 1_000;
/// Transactions of one rule in a turn at the most.
const STEPS_MAX: usize = 50;
/// How often days and segments are looked at, in microseconds.
const EVERY_MICROS: i64 = 30 * 1_000_000;
/// 订单状态 by number: received.
const RECEIVED: i64 = 3;

/// Keeps what a shop's customers earn up to date.
#[derive(Debug, Default)]
pub struct Keeper {
    changes: Option<i64>,
    rules: Vec<Rule>,
    looked_at: Option<Time>,
}

/// Who is whom, and who has which level.
pub(super) struct People {
    /// The number that each number leads to.
    to: HashMap<i64, i64>,
    /// The numbers that lead to each.
    from: HashMap<i64, Vec<i64>>,
    tiers: Vec<(i64, RoaringBitmap)>,
    plan: Plan,
}

impl People {
    pub(super) async fn load(tx: &mut Tx) -> Result<Self> {
        let redirect = identity::redirect(tx).await?;
        let (mut to, mut from) = (HashMap::new(), HashMap::<i64, Vec<i64>>::new());
        for (label, person) in redirect.iter() {
            to.insert(*label, *person);
            from.entry(*person).or_default().push(*label);
        }
        let mut tiers = Vec::new();
        for tier in tier::all(tx).await? {
            let members = roster::members(tx, (Kind::Tier, tier.number)).await?;
            tiers.push((tier.number, members));
        }
        Ok(Self { to, from, tiers, plan: plan::get(tx).await? })
    }

    /// The customer that a number leads to; none for a visitor whom nobody knows.
    pub(super) fn person(&self, label: i64) -> Option<i64> {
        let person = self.to.get(&label).copied().unwrap_or(label);
        Some(person).filter(|person| *person > 0)
    }

    /// All numbers of a customer, that one first under which something happened.
    pub(super) fn labels(&self, person: i64, first: i64) -> Vec<i64> {
        let others = self.from.get(&person).into_iter().flatten().copied();
        let mut all = vec![first];
        all.extend(std::iter::once(person).chain(others).filter(|own| *own != first));
        all
    }

    pub(super) fn tier(&self, person: i64) -> Option<i64> {
        let person = u32::try_from(person).ok()?;
        let own = self.tiers.iter().find(|(_, members)| members.contains(person));
        own.map(|(number, _)| *number)
    }

    /// By how much what somebody earns by a rule on a day is multiplied, in thousandths: by the
    /// rule, and points of an order by their level, too.
    pub(super) fn times(&self, rule: &Rule, day: Date, person: Option<i64>) -> u32 {
        let tier = person.and_then(|person| self.tier(person));
        let own = rule.terms.times(Circumstances { day, tier });
        match rule.unit == Unit::Points && rule.terms.trigger.of_order() {
            true => product([own, self.plan.benefits(tier).points_times].into_iter()),
            false => own,
        }
    }
}

/// Whom a rule means of those for whom something happened.
pub(super) struct Meant(Option<RoaringBitmap>);

impl Meant {
    pub(super) async fn by(shop: &Whole<'_>, rule: &Rule) -> Result<Self> {
        Ok(Self(match rule.condition()? {
            Some(condition) => Some(shop.members(&condition).await?),
            None => None,
        }))
    }

    pub(super) fn holds(&self, person: i64) -> bool {
        let of = |members: &RoaringBitmap| u32::try_from(person).is_ok_and(|n| members.contains(n));
        self.0.as_ref().is_none_or(of)
    }
}

impl Keeper {
    /// Reads the rules again where they have changed; what working them out depends on, and nothing
    /// where there is nothing to look at.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn refresh(&mut self, cx: &Cx) -> Result<Option<Needs>> {
        let mut tx = cx.read().await?;
        let changes = counter::last(&mut tx, CHANGES).await?;
        if self.changes != Some(changes) {
            let rules = sql::list(&mut tx).await?;
            // A rule that is off still takes back what refunds take back.
            self.rules = rules;
            self.changes = Some(changes);
        }
        let mut stale = false;
        for rule in &self.rules {
            if rule.terms.trigger.of_order() {
                stale |= !order::since(&mut tx, rule.orders_seen, 1).await?.is_empty();
            }
        }
        let timed = self.rules.iter().any(|rule| rule.active && !rule.terms.trigger.of_order());
        let again = self.looked_at.is_none_or(|at| at.plus(EVERY_MICROS) <= cx.now);
        if !(stale || timed && again) {
            return Ok(None);
        }
        let mut needs = Needs::default();
        for rule in self.rules.iter().filter(|rule| rule.active) {
            needs.join(rule.needs());
        }
        Ok(Some(needs))
    }

    /// Has everybody what they should have by the rules; how many things changed. A rule that
    /// cannot be followed holds up no other one.
    ///
    /// # Errors
    /// What the store or the lake reports, of the first rule that failed; what was booked stays.
    pub async fn turn(&mut self, shop: &Whole<'_>) -> Result<usize> {
        let again = self.looked_at.is_none_or(|at| at.plus(EVERY_MICROS) <= shop.cx.now);
        let (mut changed, mut failed) = (0, None);
        for rule in &mut self.rules {
            let done = if rule.terms.trigger.of_order() {
                orders(shop, rule).await
            } else if rule.active && again {
                deed::look(shop, rule).await
            } else {
                Ok(0)
            };
            match done {
                Ok(things) => changed += things,
                Err(error) => _ = failed.get_or_insert(error),
            }
        }
        if again {
            self.looked_at = Some(shop.cx.now);
        }
        failed.map_or(Ok(changed), Err)
    }
}

/// Looks at the orders that have changed since a rule looked at them.
async fn orders(shop: &Whole<'_>, rule: &mut Rule) -> Result<usize> {
    let mut meant: Option<Meant> = None;
    let mut changed = 0;
    for _ in 0..STEPS_MAX {
        let mut tx = shop.cx.read().await?;
        let page = order::since(&mut tx, rule.orders_seen, ORDERS_PER_STEP).await?;
        drop(tx);
        let Some(last) = page.last().map(|row| row.version) else { break };
        if rule.active && meant.is_none() {
            meant = Some(Meant::by(shop, rule).await?);
        }
        let mut tx = shop.cx.write().await?;
        let of = (shop.cx, shop.zone);
        let numbers: Vec<i64> = page.iter().map(|row| row.order_no).collect();
        let parents = order::parents(&mut tx, &numbers).await?;
        let numbers: BTreeSet<i64> = numbers.into_iter().chain(parents).collect();
        let known = known(&mut tx, rule, &numbers).await?;
        let documents = documents(&mut tx, (rule, shop.zone), (numbers, &known)).await?;
        let of_rule = (&*rule, meant.as_ref());
        let wanted = wanted(&mut tx, shop.zone, of_rule, (documents, &known)).await?;
        changed += settle(&mut tx, of, rule, wanted).await?;
        sql::seen(&mut tx, rule.number, (last, rule.events_seen)).await?;
        tx.commit().await?;
        rule.orders_seen = last;
    }
    Ok(changed)
}

/// When an order happened as a rule sees it; none before.
fn happened(trigger: &Trigger, row: &order::Row) -> Option<Time> {
    let at = match trigger {
        Trigger::OrderReceived => {
            row.received_at.or_else(|| row.paid_at.filter(|_| row.status == RECEIVED))
        }
        _ if row.paid_minor > 0 => row.paid_at.or(row.placed_at),
        _ => None,
    };
    at.map(Time::from_micros)
}

/// What was given by a rule for orders, by their number.
type Known = HashMap<i64, sql::Given>;

async fn known(tx: &mut Tx, rule: &Rule, numbers: &BTreeSet<i64>) -> Result<Known> {
    let names: Vec<String> = numbers.iter().map(|number| of_order(*number).0).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let given = sql::given(tx, rule.number, &names).await?.into_iter();
    Ok(given.filter_map(|own| Some((own.about.parse().ok()?, own))).collect())
}

/// The orders among some documents as far as a rule means them or has given something for them; of
/// any other, and of an order that is no more, the number alone.
async fn documents(
    tx: &mut Tx,
    (rule, zone): (&Rule, &Zone),
    (numbers, known): (BTreeSet<i64>, &Known),
) -> Result<Vec<(i64, Option<Document>)>> {
    let numbers: Vec<i64> = numbers.into_iter().collect();
    // Most orders of a long history are before a rule's first day.
    let rows = order::of_numbers(tx, &numbers).await?;
    let covered = rows.iter().filter(|row| row.kind == 0).filter(|row| {
        let at = happened(&rule.terms.trigger, row);
        known.contains_key(&row.order_no) || at.is_some_and(|at| rule.terms.covers(zone.date(at)))
    });
    let covered: Vec<i64> = covered.map(|row| row.order_no).collect();
    let mut found: BTreeMap<i64, Document> = order::documents(tx, &covered)
        .await?
        .into_iter()
        .map(|document| (document.row.order_no, document))
        .collect();
    Ok(numbers.into_iter().map(|number| (number, found.remove(&number))).collect())
}

async fn wanted(
    tx: &mut Tx,
    zone: &Zone,
    (rule, meant): (&Rule, Option<&Meant>),
    (documents, known): (Vec<(i64, Option<Document>)>, &Known),
) -> Result<Vec<Wanted>> {
    let versions = known.values().map(|own| own.version).collect();
    let terms = sql::terms(tx, rule.number, &versions).await?;
    let people = People::load(tx).await?;
    let kinds = kinds(tx, &documents).await?;
    let mut all = Vec::new();
    for (number, document) in documents {
        let (about, source) = of_order(number);
        let before = known.get(&number);
        let buyer = document.as_ref().and_then(|own| own.row.customer_no);
        let at = document.as_ref().and_then(|own| happened(&rule.terms.trigger, &own.row));
        let person = buyer.and_then(|label| people.person(label));
        let (Some(document), Some(label), Some(person), Some(at)) = (document, buyer, person, at)
        else {
            // It is no more, nobody's, or did not happen: what was given for it goes.
            all.extend(before.filter(|own| own.amount > 0).map(|own| gone(own, &people, source)));
            continue;
        };
        let day = zone.date(at);
        let times = match before {
            Some(before) => before.times,
            None if !rule.active => continue,
            None if meant.is_some_and(|meant| !meant.holds(person)) => 0,
            None => people.times(rule, day, Some(person)),
        };
        let version = before.map_or(rule.version, |before| before.version);
        let terms = terms.get(&version).unwrap_or(&rule.terms);
        let lines = lines(&document, &kinds);
        let first = before.map_or(if label > 0 { label } else { person }, |before| before.label);
        all.push(Wanted {
            about,
            source,
            labels: people.labels(person, first),
            amount: if times == 0 { 0 } else { terms.amount(&lines, times) },
            times,
            version,
            at,
            day,
            due_at: due(zone, day, terms.wait_days)?,
        });
    }
    Ok(all)
}

/// What takes back all that was given for something.
fn gone(own: &sql::Given, people: &People, source: crate::ledger::Source) -> Wanted {
    let person = people.person(own.label).unwrap_or(own.label);
    Wanted {
        about: own.about.clone(),
        source,
        labels: people.labels(person, own.label),
        amount: 0,
        times: own.times,
        version: own.version,
        at: own.due_at.unwrap_or(Time::from_micros(0)),
        day: own.day,
        due_at: None,
    }
}

/// From when on something is there that happened on a day: after the last of the days for which it
/// is expected.
pub(super) fn due(zone: &Zone, day: Date, wait_days: u16) -> Result<Option<Time>> {
    if wait_days == 0 {
        return Ok(None);
    }
    let last = Date(day.0.saturating_add(i32::from(wait_days)));
    Ok(Some(zone.end_of(last)?.plus(1)))
}

/// Category and brand of the products of some documents.
type Kinds = HashMap<i64, (Option<String>, Option<String>)>;

async fn kinds(tx: &mut Tx, documents: &[(i64, Option<Document>)]) -> Result<Kinds> {
    let lines = documents.iter().filter_map(|(_, own)| own.as_ref()).flat_map(|own| &own.lines);
    let products: BTreeSet<i64> = lines.map(|(line, _)| line.product).collect();
    let products: Vec<i64> = products.into_iter().collect();
    let found = catalog::of_numbers(tx, &products).await?.into_iter();
    Ok(found.map(|own| (own.number, (own.row.category, own.row.brand))).collect())
}

/// What stays of an order, line by line.
fn lines(document: &Document, kinds: &Kinds) -> Vec<Line> {
    let stated = |lines: &[(order::Line, u32)]| -> Vec<Stated> {
        let one = |(line, count): &(order::Line, u32)| {
            let count = i64::from(*count);
            (line.product, line.quantity * count, line.amount_minor * count)
        };
        lines.iter().map(one).collect()
    };
    let own = stated(&document.lines);
    let refunds: Vec<Stated> = document.refunds.iter().flat_map(|lines| stated(lines)).collect();
    // Postage earns nothing.
    let paid = document.row.paid_minor - document.shipping_minor;
    let stays = remaining(&own, (paid, document.given_back), &refunds);
    let line = |(product, pieces, money): Stated| {
        let (category, brand) = kinds.get(&product).cloned().unwrap_or_default();
        Line { product, category, brand, pieces, money }
    };
    stays.into_iter().map(line).collect()
}

/// The conditions that a birthday or a profile is.
pub(super) fn own_condition(trigger: &Trigger) -> Result<Option<expr::Expr>> {
    let rules = match trigger {
        Trigger::Birthday => json!([{
            "field": "birthday", "operator": "anniversary", "value": { "last": 1, "unit": "day" },
        }]),
        Trigger::Profile => json!([
            { "field": "has_phone", "operator": "=", "value": true },
            { "field": "birthday", "operator": "notNull" },
            { "field": "gender", "operator": "notNull" },
        ]),
        _ => return Ok(None),
    };
    expr::read(&json!({ "combinator": "and", "rules": rules })).map(Some)
}
