//! 时间线: everything that is known to have happened to and by one customer, the latest first: what
//! they did, what they bought, who they turned out to be, what the shop wrote down.

pub mod rule;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use base::Result;
use lake::{EVENTS, Lake};
use serde::{Deserialize, Serialize};
use store::{Cx, Tx};

use crate::{catalog, identity, note, order, relay};
use rule::{Kind, Wanted};

/// Something on a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub mark: Mark,
    /// What it is: an event's name, or a step such as `order.paid`.
    pub event: String,
    /// Money of it, minor units.
    pub amount_minor: Option<i64>,
    /// The order that it is about: number, and number at its source.
    pub order: Option<(i64, String)>,
    /// The product that it is about.
    pub product: Option<i64>,
    /// What that is called.
    pub title: Option<String>,
    /// Where it happened.
    pub channel: Option<String>,
    /// What else there is to say: a note's text, the other number of a merge, an event's
    /// properties.
    pub detail: Option<String>,
    /// Who did it, where that is not the customer.
    pub actor: Option<String>,
}

/// Where something stands on a timeline. Of the same moment, events come first, in the order in
/// which the lake lists them; then the rest, by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When, microseconds.
    pub at: i64,
    /// What it is.
    pub kind: Kind,
    /// What tells it apart.
    pub id: String,
    /// When an event was received, microseconds; 0 of everything else.
    pub received: i64,
}

impl Mark {
    /// Where an event stands in the list of the lake.
    fn of_event(&self) -> Option<lake::recent::Mark> {
        let (at, received) = (self.at, self.received);
        let message = self.id.clone();
        self.kind.is_event().then_some(lake::recent::Mark { at, message, received })
    }
}

impl Ord for Mark {
    fn cmp(&self, other: &Self) -> Ordering {
        let moment = |mark: &Self| (mark.at, !mark.kind.is_event());
        let same_moment = || match self.kind.is_event() {
            true => (&self.id, self.received).cmp(&(&other.id, other.received)),
            false => (self.kind, &self.id).cmp(&(other.kind, &other.id)),
        };
        moment(self).cmp(&moment(other)).then_with(same_moment)
    }
}

impl PartialOrd for Mark {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What is wanted of a timeline.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Of which kinds.
    pub kinds: Vec<Kind>,
    /// After this one in its order.
    pub after: Option<Mark>,
    /// How many.
    pub limit: usize,
}

/// Up to `limit` entries of a customer's timeline.
///
/// # Errors
/// What the store and the lake report.
pub async fn page(cx: &Cx, lake: &Lake, person: i64, asked: &Asked) -> Result<Vec<Entry>> {
    let mut tx = cx.read().await?;
    let mut entries = Vec::new();
    if asked.wants(&[Kind::Order, Kind::Payment, Kind::Refund]) {
        entries.extend(orders(&mut tx, person).await?);
    }
    if asked.wants(&[Kind::Note]) {
        entries.extend(notes(&mut tx, cx, person).await?);
    }
    drop(tx);
    if asked.wants(&[Kind::Identity]) {
        entries.extend(merges(cx, person).await?);
    }
    entries.extend(events(cx, lake, person, asked).await?);
    entries.retain(|entry| asked.fits(&entry.mark));
    entries.sort_by(|a, b| b.mark.cmp(&a.mark));
    entries.truncate(asked.limit);
    titles(cx, &mut entries).await?;
    Ok(entries)
}

impl Asked {
    fn wants(&self, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.kinds.contains(kind))
    }

    fn fits(&self, mark: &Mark) -> bool {
        self.kinds.contains(&mark.kind) && self.after.as_ref().is_none_or(|after| mark < after)
    }
}

fn entry(kind: Kind, at: i64, id: String, event: &str) -> Entry {
    Entry {
        mark: Mark { at, kind, id, received: 0 },
        event: event.to_owned(),
        amount_minor: None,
        order: None,
        product: None,
        title: None,
        channel: None,
        detail: None,
        actor: None,
    }
}

async fn orders(tx: &mut Tx, person: i64) -> Result<Vec<Entry>> {
    let labels = identity::labels(tx, person).await?;
    let mut entries = Vec::new();
    for row in order::of_labels(tx, &labels).await?.into_iter().filter(|row| !row.test) {
        for (kind, name, at, amount_minor) in rule::steps(&row) {
            let order = Some((row.order_no, row.external_id.clone()));
            let id = format!("{name}:{}", row.order_no);
            let channel = row.channel.clone();
            entries.push(Entry { amount_minor, order, channel, ..entry(kind, at, id, name) });
        }
    }
    Ok(entries)
}

async fn notes(tx: &mut Tx, cx: &Cx, person: i64) -> Result<Vec<Entry>> {
    let notes = note::list(tx, cx, person).await?.into_iter();
    let told = notes.map(|note| Entry {
        detail: note.text,
        actor: Some(note.author),
        ..entry(Kind::Note, note.at.micros(), note.number.to_string(), "note.added")
    });
    Ok(told.collect())
}

async fn merges(cx: &Cx, person: i64) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for merge in identity::merges(cx, Some(person)).await? {
        let other = if merge.from == person { merge.into } else { merge.from };
        let (detail, actor) = (Some(other.to_string()), Some(merge.actor));
        let id = merge.number.to_string();
        let told = entry(Kind::Identity, merge.at.micros(), id.clone(), "identity.merged");
        entries.push(Entry { detail: detail.clone(), actor: actor.clone(), ..told });
        if let Some(at) = merge.undone_at {
            let told = entry(Kind::Identity, at.micros(), id, "identity.parted");
            entries.push(Entry { detail, actor, ..told });
        }
    }
    Ok(entries)
}

async fn events(cx: &Cx, lake: &Lake, person: i64, asked: &Asked) -> Result<Vec<Entry>> {
    let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let (among, except) = match rule::wanted(&asked.kinds) {
        Wanted::Only(none) if none.is_empty() => return Ok(Vec::new()),
        Wanted::Only(only) => (Some(names(only)), Vec::new()),
        Wanted::AllBut(left_out) => (None, names(left_out)),
    };
    let wanted = lake::recent::Wanted {
        customer: Some(person),
        among,
        except,
        until: asked.after.as_ref().map(|after| after.at.saturating_add(1)),
        after: asked.after.as_ref().and_then(Mark::of_event),
        ..lake::recent::Wanted::default()
    };
    let wanted = &wanted;
    let look = |moment: lake::Moment| {
        lake.recent((cx.shop, &EVENTS), moment.events, (wanted, asked.limit))
    };
    let answer = relay::pinned(cx, look).await?;
    let names: Vec<String> = answer.columns().map(|(name, _)| name.to_owned()).collect();
    let mut entries = Vec::new();
    answer.each_row(|row| {
        let row: BTreeMap<&str, &str> = names
            .iter()
            .zip(row)
            .filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)))
            .collect();
        entries.extend(event(&row)?);
        Ok(())
    })?;
    Ok(entries)
}

fn event(row: &BTreeMap<&str, &str>) -> Result<Option<Entry>> {
    let (Some(name), Some(at)) = (row.get("event"), row.get("event_time")) else { return Ok(None) };
    let at = at.parse::<base::Time>()?.micros();
    let received = row.get("received_time").map(|text| text.parse::<base::Time>()).transpose()?;
    let id = row.get("message_id").copied().unwrap_or_default().to_owned();
    let number = |name: &str| row.get(name).and_then(|text| text.parse::<i64>().ok());
    let text = |name: &str| row.get(name).map(|text| (*text).to_owned());
    let told = entry(Kind::of(name), at, id, name);
    let received = received.map_or(0, base::Time::micros);
    Ok(Some(Entry {
        mark: Mark { received, ..told.mark },
        amount_minor: number("value_minor"),
        product: number("product_id"),
        channel: text("channel"),
        detail: text("properties"),
        ..told
    }))
}

async fn titles(cx: &Cx, entries: &mut [Entry]) -> Result<()> {
    let products: BTreeSet<i64> = entries.iter().filter_map(|entry| entry.product).collect();
    let products: Vec<i64> = products.into_iter().collect();
    let titles = catalog::titles(&mut cx.read().await?, &products).await?;
    let titles: BTreeMap<i64, String> = titles.into_iter().collect();
    for entry in entries {
        entry.title = entry.product.and_then(|product| titles.get(&product).cloned());
    }
    Ok(())
}
