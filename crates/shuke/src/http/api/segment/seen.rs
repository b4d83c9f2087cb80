//! What a shop's rows say, for whoever writes conditions on them: kinds of events, their
//! properties, channels, categories and brands.

use std::collections::BTreeMap;

use base::Result;
use lake::EVENTS;
use lake::recent::Wanted;
use perceive::{catalog, plan, relay};
use serde_json::Value;
use stratify::expr::{Collection, Kind};

use crate::http::App;
use crate::http::who::Access;

/// Events that are looked at, the newest first.
const EVENTS_MAX: usize = 1_000;
/// Properties that are told at the most.
const PROPERTIES_MAX: usize = 200;
/// Texts of one field that are told at the most.
const TEXTS_MAX: usize = 200;
/// Characters of a text that is told.
const CHARS_MAX: usize = 100;
/// Columns of events whose texts are told.
const COLUMNS: [&str; 6] =
    ["event", "channel", "utm_source", "utm_medium", "utm_campaign", "referrer"];
/// 订单状态 in the order in which they come.
const STATUS: [&str; 5] = ["placed", "paid", "shipped", "received", "closed"];

/// What was seen.
#[derive(Debug, Default)]
pub(in crate::http) struct Seen {
    /// How often each text was seen, by column.
    texts: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// What the values of each property are, and how often it was seen.
    properties: BTreeMap<String, (Kind, u64)>,
    categories: Vec<String>,
    brands: Vec<String>,
}

impl Seen {
    /// The properties of events with what their values are, the most frequent first.
    pub(super) fn properties(&self) -> Vec<(&str, Kind)> {
        let mut all: Vec<_> = self.properties.iter().collect();
        all.sort_by_key(|(_, (_, times))| std::cmp::Reverse(*times));
        let shown = all.into_iter().take(PROPERTIES_MAX);
        shown.map(|(name, (kind, _))| (name.as_str(), *kind)).collect()
    }

    /// The texts of a field, the most frequent first.
    pub(super) fn texts(&self, of: Collection, name: &str) -> Vec<String> {
        match (of, name) {
            (_, "category") => self.categories.clone(),
            (_, "brand") => self.brands.clone(),
            (Collection::Orders | Collection::Refunds, "status") => {
                STATUS.map(str::to_owned).to_vec()
            }
            (Collection::Events, name) => {
                let mut all: Vec<_> = self.texts.get(name).into_iter().flatten().collect();
                all.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
                all.into_iter().take(TEXTS_MAX).map(|(text, _)| text.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn take(&mut self, row: &[Option<String>]) {
        let text = |name: &str| {
            let place = EVENTS.shown().position(|(shown, _)| shown == name)?;
            row.get(place)?.as_deref()
        };
        for name in COLUMNS {
            if let Some(text) = text(name).filter(|text| text.chars().count() <= CHARS_MAX) {
                *self.texts.entry(name).or_default().entry(text.to_owned()).or_default() += 1;
            }
        }
        let properties = text("properties").and_then(|text| serde_json::from_str(text).ok());
        let Some(Value::Object(properties)) = properties else { return };
        for (name, value) in properties {
            let kind = match value {
                Value::Number(_) => Kind::Fraction,
                Value::Bool(_) => Kind::Truth,
                Value::String(_) => Kind::Text,
                _ => continue,
            };
            self.properties.entry(name).or_insert((kind, 0)).1 += 1;
        }
    }

    /// Takes the properties that a JSON Schema of the tracking plan names.
    fn plan(&mut self, event: &str, schema: &str) {
        self.texts.entry("event").or_default().entry(event.to_owned()).or_default();
        let Ok(schema) = serde_json::from_str::<Value>(schema) else { return };
        let named = schema.get("properties").and_then(Value::as_object);
        for (name, own) in named.into_iter().flatten() {
            let kind = match own.get("type").and_then(Value::as_str) {
                Some("number" | "integer") => Kind::Fraction,
                Some("boolean") => Kind::Truth,
                Some("string") if own.get("format").is_some_and(is_time) => Kind::Time,
                Some("string") => Kind::Text,
                _ => continue,
            };
            self.properties.entry(name.clone()).or_insert((kind, 0));
        }
    }
}

fn is_time(format: &Value) -> bool {
    matches!(format.as_str(), Some("date" | "date-time"))
}

/// Looks at what a shop's rows say; private kinds of events are not among them.
pub(in crate::http) async fn look(app: &App, access: &Access) -> Result<Seen> {
    let cx = &access.cx;
    let _turn = app.scans.take(cx.shop).await?;
    let wanted = &Wanted::default();
    let answer = relay::pinned(cx, |moment| {
        app.place.lake.recent((cx.shop, &EVENTS), moment.events, (wanted, EVENTS_MAX))
    });
    let mut seen = Seen::default();
    answer.await?.each_row(|row| {
        seen.take(row);
        Ok(())
    })?;
    for rule in plan::list(cx).await? {
        seen.plan(&rule.event, &rule.schema);
    }
    let mut tx = cx.read().await?;
    (seen.categories, seen.brands) = catalog::kinds(&mut tx, TEXTS_MAX).await?;
    let hidden = perceive::privacy::get(&mut tx).await?;
    // The kind itself is no secret: whoever names it makes a private segment.
    let events = seen.texts.entry("event").or_default();
    events.extend(hidden.events.into_iter().map(|kind| (kind, 0)));
    Ok(seen)
}
