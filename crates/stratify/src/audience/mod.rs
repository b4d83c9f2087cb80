//! 私密人群: what is shown of people whom conditions mean by something that the shop keeps to
//! itself.
//!
//! Nobody sees who they are. How many they are is shown rounded down to ten, and only where that
//! tells of enough people: of those who are in and of those who are left out, beside what anybody
//! knows without it, and beside every segment and every figure that was shown before. What was
//! shown is remembered for that, with whom it was of.

pub mod rule;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::Hasher;

use base::Result;
use base::time::DAY_MICROS;
use perceive::privacy::{self, Privacy};
use roaring::RoaringBitmap;
use serde::Serialize;
use serde_json::Value;
use siphasher::sip128::{Hasher128, SipHasher13};
use store::audit::{self, Deed};
use store::{Cx, counter};

use crate::expr::Expr;
use crate::expr::whole::Shop;
use crate::segment;
use rule::{Said, Shown};

/// By which fields an audience is broken down.
pub const FIELDS: [&str; 3] = ["gender", "age_band", "province"];
/// Cells of a field at the most.
const CELLS_MAX: usize = 100;
/// How long it is remembered what was shown, in microseconds: 90 days.
const KEEP_MICROS: i64 = 90 * DAY_MICROS;
/// Figures of a shop that are remembered at the most; beyond it no new one is shown.
const SHOWN_MAX: i64 = 1_000;
/// What people have who have no value.
const NO_VALUE: &str = "";

/// A question about an audience: whom conditions mean.
pub struct Question<'a> {
    /// What tells it from others: [`key`].
    pub key: &'a str,
    /// The conditions.
    pub expr: &'a Expr,
    /// Whom they mean.
    pub members: &'a RoaringBitmap,
}

/// People who have the same value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The value; empty for those who have none.
    pub value: String,
    /// How many they are.
    pub customers: i64,
}

/// A field with the people of each of its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// The field.
    pub field: &'static str,
    /// The cells, by value; none where they may not be told.
    pub cells: Option<Vec<Cell>>,
}

/// What tells conditions from others, however they are laid out.
#[must_use]
pub fn key(conditions: &Value) -> String {
    let mut text = String::new();
    write(conditions, &mut text);
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    format!("{:032x}", hasher.finish128().as_u128())
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => {
            // Names that react-querybuilder gives to parts mean nothing.
            let own = object.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "path"));
            for (name, value) in own.collect::<BTreeMap<_, _>>() {
                let _ = write!(text, "{{{name:?}:");
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                write(value, text);
                text.push(',');
            }
            text.push(']');
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

/// How many an audience are, as it may be shown.
///
/// # Errors
/// What the store or the lake reports.
pub async fn size(shop: &Shop<'_>, question: &Question<'_>) -> Result<Option<i64>> {
    let Question { key, expr, members } = question;
    let before = Before::of(shop.cx, &shop.sets.privacy, (key, members)).await?;
    match before.say(key, members) {
        Said::Again(figure) => return Ok(Some(figure)),
        Said::Nothing => return Ok(None),
        Said::New(_) => {}
    }
    let (must, may) = shop.bounds(expr).await?;
    let told = before.told(key, (members, &must, &may));
    keep(shop.cx, told.into_iter().collect()).await
}

/// An audience by each of [`FIELDS`]; a field is told when each of its cells may be.
///
/// # Errors
/// As [`size`].
pub async fn breakdown(shop: &Shop<'_>, question: &Question<'_>) -> Result<Vec<Breakdown>> {
    let Question { key, expr, members } = question;
    let (must, may) = shop.bounds(expr).await?;
    let mut all = Vec::with_capacity(FIELDS.len());
    for field in FIELDS {
        let groups = groups(shop, field, &may);
        let mut cells = Vec::with_capacity(groups.len());
        if groups.len() <= CELLS_MAX {
            for (value, may) in &groups {
                let (own, must) = (*members & may, &must & may);
                let key = format!("{key}/{field}={value}");
                let before = Before::of(shop.cx, &shop.sets.privacy, (&key, &own)).await?;
                let told = match before.say(&key, &own) {
                    Said::Again(figure) => Some(Shown { asked: key, members: own, figure }),
                    Said::Nothing => None,
                    Said::New(_) => before.told(&key, (&own, &must, may)),
                };
                cells.extend(told.map(|told| (value, told)));
            }
        }
        let whole = cells.len() == groups.len();
        let told = cells
            .iter()
            .map(|(value, told)| Cell { value: (*value).clone(), customers: told.figure });
        let told: Vec<Cell> = told.collect();
        let kept = match whole {
            true => keep(shop.cx, cells.into_iter().map(|(_, told)| told).collect()).await?,
            false => None,
        };
        all.push(Breakdown { field, cells: kept.map(|_| told) });
    }
    Ok(all)
}

/// The same of people who are no secret.
#[must_use]
pub fn open_breakdown(shop: &Shop<'_>, members: &RoaringBitmap) -> Vec<Breakdown> {
    let of = |field: &'static str| {
        let groups = groups(shop, field, members).into_iter();
        let count = |set: &RoaringBitmap| i64::try_from(set.len()).unwrap_or(i64::MAX);
        let cells = groups.map(|(value, set)| Cell { value, customers: count(&set) });
        Breakdown { field, cells: Some(cells.collect()) }
    };
    FIELDS.map(of).to_vec()
}

/// People by their value of a field.
fn groups(shop: &Shop<'_>, field: &str, people: &RoaringBitmap) -> BTreeMap<String, RoaringBitmap> {
    let mut groups: BTreeMap<String, RoaringBitmap> = BTreeMap::new();
    for number in people {
        let value = shop.text(field, i64::from(number)).unwrap_or(NO_VALUE);
        match groups.get_mut(value) {
            Some(group) => drop(group.insert(number)),
            None => drop(groups.insert(value.to_owned(), RoaringBitmap::from([number]))),
        }
    }
    groups
}

/// What was shown before, and which segments there are, of about a size.
struct Before {
    shown: Vec<Shown>,
    segments: Vec<RoaringBitmap>,
    least: u64,
}

impl Before {
    async fn of(
        cx: &Cx,
        privacy: &Privacy,
        (key, members): (&str, &RoaringBitmap),
    ) -> Result<Self> {
        let least = u64::from(privacy.threshold);
        let (size, reach) =
            (i64::try_from(members.len()).unwrap_or(i64::MAX), i64::from(privacy.threshold));
        let sizes = (size.saturating_sub(reach), size.saturating_add(reach));
        let shown = sql::near(&mut cx.read().await?, sizes).await?;
        let segments = segment::near(cx, key, sizes).await?;
        Ok(Self { shown, segments, least })
    }

    fn say(&self, asked: &str, members: &RoaringBitmap) -> Said {
        rule::beside((asked, members), &self.shown, &self.segments, self.least)
    }

    /// The figure of members between `must` and `may`, where it may be shown.
    fn told(
        &self,
        asked: &str,
        (members, must, may): (&RoaringBitmap, &RoaringBitmap, &RoaringBitmap),
    ) -> Option<Shown> {
        let Said::New(figure) = self.say(asked, members) else { return None };
        let enough = rule::tells_of_enough(members, (must, may), self.least);
        enough.then(|| Shown { asked: asked.to_owned(), members: members.clone(), figure })
    }
}

/// Remembers figures that are going to be shown; the first of them, or nothing when there are too
/// many already.
async fn keep(cx: &Cx, told: Vec<Shown>) -> Result<Option<i64>> {
    let Some(first) = told.first().map(|told| told.figure) else { return Ok(None) };
    let mut tx = cx.write().await?;
    sql::expire(&mut tx, cx.now.plus(-KEEP_MICROS)).await?;
    let room = SHOWN_MAX - sql::count(&mut tx).await?;
    if i64::try_from(told.len()).unwrap_or(i64::MAX) > room {
        return Ok(None);
    }
    for told in &told {
        let number = counter::take(&mut tx, "private_count", 1).await?;
        sql::insert(&mut tx, (number, cx.now), told).await?;
    }
    tx.commit().await?;
    Ok(Some(first))
}

/// What the shop keeps to itself.
///
/// # Errors
/// What the store reports.
pub async fn privacy(cx: &Cx) -> Result<Privacy> {
    privacy::get(&mut cx.read().await?).await
}

/// Changes what the shop keeps to itself. Segments that were private so far stay so when their
/// members are fixed.
///
/// # Errors
/// `bad_input` that says what will not do.
pub async fn set_privacy(cx: &Cx, wish: Privacy) -> Result<Privacy> {
    let wish = wish.checked()?;
    let mut tx = cx.write().await?;
    let before = privacy::get(&mut tx).await?;
    store::setting::set(&mut tx, privacy::SETTING, &wish).await?;
    segment::changed(&mut tx).await?;
    let text = |own: &Privacy| serde_json::to_string(own).ok();
    let (before, after) = (text(&before), text(&wish));
    audit::commit(tx, cx, Deed { action: "privacy.set", target: "", before, after }).await?;
    Ok(wish)
}
