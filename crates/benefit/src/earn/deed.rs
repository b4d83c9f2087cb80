//! What is no order: events, days in a row, birthdays, profiles, and being in a segment.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Code, Date, Result, Time};
use lake::recent::{Mark, Wanted as Looked};
use lake::{Answer, EVENTS};
use perceive::relay;
use roaring::RoaringBitmap;
use store::Tx;
use stratify::expr::whole::Shop as Whole;
use stratify::{roster, segment};

use super::keep::{Meant, People, due, own_condition};
use super::rule::Trigger;
use super::settle::{Wanted, settle};
use super::{Rule, sql};
use crate::ledger::Matter;

/// Events that are read at once.
const EVENTS_PER_PAGE: usize = 2_000;
/// Events of one rule in a turn at the most; the oldest of them wait for the next.
const EVENTS_MAX: usize = 100_000;
/// How long after an event came it may still become visible, in microseconds: what was looked at
/// is looked at again so far back, and nothing is given twice.
const OVERLAP_MICROS: i64 = 120 * 1_000_000;
/// People that one transaction gives something to.
const PEOPLE_PER_STEP: usize = 2_000;

/// Looks at what a rule is about; how many things changed.
pub(super) async fn look(shop: &Whole<'_>, rule: &mut Rule) -> Result<usize> {
    if rule.terms.trigger.event().is_some() {
        return events(shop, rule).await;
    }
    let today = shop.zone.date(shop.cx.now);
    if !rule.terms.covers(today) {
        return Ok(0);
    }
    let members = match rule.terms.trigger {
        Trigger::Segment { segment } => match segment::members(shop.cx, segment).await {
            Ok(members) => members,
            // It is not counted yet, has become private, or is no more.
            Err(error)
                if matches!(error.code, Code::Conflict | Code::Forbidden | Code::NotFound) =>
            {
                return Ok(0);
            }
            Err(error) => return Err(error),
        },
        _ => match own_condition(&rule.terms.trigger)? {
            Some(condition) => shop.members(&condition).await?,
            None => return Ok(0),
        },
    };
    once(shop, rule, (members, today)).await
}

/// Gives everybody what they are to have once: in a year for a birthday, and for ever otherwise.
async fn once(
    shop: &Whole<'_>,
    rule: &Rule,
    (members, today): (RoaringBitmap, Date),
) -> Result<usize> {
    let yearly = rule.terms.trigger == Trigger::Birthday;
    let mut tx = shop.cx.read().await?;
    let had = match yearly {
        true => RoaringBitmap::new(),
        false => {
            let receivers = sql::receivers(&mut tx, rule.number).await?;
            roster::as_now(&mut tx, receivers).await?
        }
    };
    drop(tx);
    let meant = Meant::by(shop, rule).await?;
    let new: Vec<i64> =
        (members - had).iter().map(i64::from).filter(|person| meant.holds(*person)).collect();
    let mut changed = 0;
    for some in new.chunks(PEOPLE_PER_STEP) {
        let mut tx = shop.cx.write().await?;
        let people = People::load(&mut tx).await?;
        let year = today.civil().year();
        let about = |person: i64| match yearly {
            true => format!("{year}/{person}"),
            false => person.to_string(),
        };
        let wanted = some.iter().map(|person| {
            let of = (about(*person), (Matter::Call, *person));
            fixed(shop, (rule, &people), of, (*person, shop.cx.now))
        });
        let wanted = unknown(&mut tx, rule, wanted.collect::<Result<_>>()?).await?;
        changed += settle(&mut tx, (shop.cx, shop.zone), rule, wanted).await?;
        tx.commit().await?;
    }
    Ok(changed)
}

/// Those of what is wanted for which nothing was given yet: what is no order is never taken back.
async fn unknown(tx: &mut Tx, rule: &Rule, wanted: Vec<Wanted>) -> Result<Vec<Wanted>> {
    let about: Vec<&str> = wanted.iter().map(|own| own.about.as_str()).collect();
    let known = sql::given(tx, rule.number, &about).await?;
    let known: BTreeSet<&str> = known.iter().map(|own| own.about.as_str()).collect();
    let new = wanted.iter().filter(|own| !known.contains(own.about.as_str()));
    Ok(new.cloned().collect())
}

fn fixed(
    shop: &Whole<'_>,
    (rule, people): (&Rule, &People),
    (about, source): (String, crate::ledger::Source),
    (person, at): (i64, Time),
) -> Result<Wanted> {
    let day = shop.zone.date(at);
    let times = people.times(rule, day, Some(person));
    Ok(Wanted {
        about,
        source,
        labels: people.labels(person, person),
        amount: rule.terms.fixed(times),
        times,
        version: rule.version,
        at,
        day,
        due_at: due(shop.zone, day, rule.terms.wait_days)?,
    })
}

/// An event of somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Happened {
    at: i64,
    message: String,
    received: i64,
    person: Option<i64>,
}

fn read(answer: &Answer) -> Result<Vec<Happened>> {
    let place = |name: &str| EVENTS.shown().position(|(shown, _)| shown == name);
    let names = ["event_time", "message_id", "received_time", "customer_id"].map(place);
    let mut all = Vec::new();
    answer.each_row(|row| {
        let text = |place: Option<usize>| row.get(place?).cloned().flatten();
        let micros = |place| text(place)?.parse::<Time>().ok().map(Time::micros);
        let [at, message, received, person] = names;
        if let (Some(at), Some(message), Some(received)) =
            (micros(at), text(message), micros(received))
        {
            let person = text(person).and_then(|text| text.parse().ok());
            all.push(Happened { at, message, received, person });
        }
        Ok(())
    })?;
    Ok(all)
}

/// The events of a rule that came since it looked, the oldest first.
async fn came(shop: &Whole<'_>, rule: &Rule, event: &str) -> Result<Vec<Happened>> {
    let from = shop.zone.start_of(rule.terms.from)?.micros();
    let since = rule.events_seen.saturating_sub(OVERLAP_MICROS).max(0);
    let mut wanted = Looked {
        event: Some(event.to_owned()),
        since: Some(since),
        from: Some(from),
        ..Looked::default()
    };
    let mut all: Vec<Happened> = Vec::new();
    while all.len() < EVENTS_MAX {
        let asked = &wanted;
        let answer = relay::pinned(shop.cx, |moment| {
            shop.lake.recent((shop.cx.shop, &EVENTS), moment.events, (asked, EVENTS_PER_PAGE))
        });
        let page = read(&answer.await?)?;
        let whole = page.len() < EVENTS_PER_PAGE;
        let last = page.last().map(|own| Mark {
            at: own.at,
            message: own.message.clone(),
            received: own.received,
        });
        all.extend(page);
        if whole {
            break;
        }
        wanted.after = last;
    }
    all.sort_unstable();
    Ok(all)
}

async fn events(shop: &Whole<'_>, rule: &mut Rule) -> Result<usize> {
    let Some(event) = rule.terms.trigger.event().map(str::to_owned) else { return Ok(0) };
    let all = came(shop, rule, &event).await?;
    let Some(seen) = all.iter().map(|own| own.received).max() else { return Ok(0) };
    let meant = Meant::by(shop, rule).await?;
    let mut changed = 0;
    for some in all.chunks(PEOPLE_PER_STEP) {
        let mut tx = shop.cx.write().await?;
        let people = People::load(&mut tx).await?;
        let mut wanted = BTreeMap::new();
        for own in some {
            let at = Time::from_micros(own.at);
            let person = own.person.and_then(|label| people.person(label));
            let Some(person) = person.filter(|person| meant.holds(*person)) else { continue };
            if rule.terms.covers(shop.zone.date(at)) {
                let of = (own.message.clone(), (Matter::Event, person));
                let own = fixed(shop, (rule, &people), of, (person, at))?;
                wanted.insert(own.about.clone(), own);
            }
        }
        let mut new: Vec<Wanted> = wanted.into_values().collect();
        new.sort_by_key(|own| own.at);
        let new = match rule.terms.trigger {
            Trigger::Streak { days, .. } => streaks(&mut tx, rule, (new, days)).await?,
            _ => new,
        };
        let new = unknown(&mut tx, rule, new).await?;
        changed += settle(&mut tx, (shop.cx, shop.zone), rule, new).await?;
        tx.commit().await?;
    }
    let mut tx = shop.cx.write().await?;
    sql::seen(&mut tx, rule.number, (rule.orders_seen, seen.max(rule.events_seen))).await?;
    tx.commit().await?;
    rule.events_seen = seen.max(rule.events_seen);
    Ok(changed)
}

/// Of things that happened, in their order, those with which so many days in a row are full. A day
/// that is not after the last one counts for nothing.
async fn streaks(tx: &mut Tx, rule: &Rule, (all, days): (Vec<Wanted>, u16)) -> Result<Vec<Wanted>> {
    let labels: Vec<i64> = all.iter().flat_map(|own| own.labels.clone()).collect();
    let known = sql::streaks(tx, rule.number, &labels).await?;
    let mut known: HashMap<i64, (i64, i64)> =
        known.into_iter().map(|(label, day, count)| (label, (day, count))).collect();
    let mut full = Vec::new();
    let mut changed: BTreeSet<i64> = BTreeSet::new();
    for own in all {
        let Some(first) = own.labels.first().copied() else { continue };
        let before = own.labels.iter().filter_map(|label| known.get(label)).max().copied();
        let day = i64::from(own.day.0);
        let (last, count) = before.unwrap_or((i64::MIN, 0));
        if day <= last {
            continue;
        }
        let count = if last.checked_add(1) == Some(day) { count + 1 } else { 1 };
        known.insert(first, (day, count));
        changed.insert(first);
        if count % i64::from(days) == 0 {
            full.push(own);
        }
    }
    let rows: Vec<(i64, i64, i64)> = changed
        .into_iter()
        .filter_map(|label| known.get(&label).map(|(day, count)| (label, *day, *count)))
        .collect();
    sql::put_streaks(tx, rule.number, &rows);
    Ok(full)
}
