//! 店铺定位: the people a shop is made for, how much of its business they are, and who stands next
//! to them.
//!
//! The shop declares some attributes with the values that it means. Whoever has a meant value of
//! each of them is **inside**; whom of them all is known is asked only. Occupation and style are
//! told by tags, since no source states them: somebody is known to have one who has any tag of the
//! family that a declared one is of.

mod margin;
pub mod rule;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base::{Error, Result};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Cx;

use crate::expr::{self, Needs, whole::Shop};
use crate::roster;
use crate::tag::{self, Tag};
use margin::Margins;
use rule::{Adjacent, Group, Measured, Share};

/// The setting's name.
pub const SETTING: &str = "positioning";
/// Values of an attribute that are declared, or looked at beside the declared, at the most.
const VALUES_MAX: usize = 50;
/// Characters of a value at the most.
const VALUE_CHARS_MAX: usize = 64;
/// Groups beside the declared one that are told.
const ADJACENT_MAX: usize = 3;
/// Customers that a group has at the least to be told: fewer are chance.
const GROUP_MIN: u64 = 20;

/// Something that people are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// 性别.
    Gender,
    /// 年龄段.
    Age,
    /// 职业, by tags.
    Occupation,
    /// 地区: provinces.
    Region,
    /// 风格, by tags.
    Style,
    /// 价格带, 1 to 5.
    PriceBand,
}

impl Attribute {
    /// The field of conditions that tells it.
    fn field(self) -> &'static str {
        match self {
            Self::Gender => "gender",
            Self::Age => "age_band",
            Self::Region => "province",
            Self::PriceBand => "price_band",
            Self::Occupation | Self::Style => "tag",
        }
    }

    fn is_tagged(self) -> bool {
        matches!(self, Self::Occupation | Self::Style)
    }
}

/// An attribute and the values that the shop means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The attribute.
    pub attribute: Attribute,
    /// Its values; numbers of tags for occupation and style.
    pub values: Vec<String>,
}

/// The people a shop is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Positioning {
    /// By what they are told apart, each attribute once.
    pub attributes: Vec<Declared>,
}

impl Positioning {
    /// What the context's shop declared.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn load(cx: &Cx) -> Result<Self> {
        store::setting::get(&mut cx.read().await?, SETTING).await
    }

    /// What a report of it needs.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn needs(&self, cx: &Cx) -> Result<Needs> {
        let mut needs = Needs { history: true, ..Needs::default() };
        if self.attributes.iter().any(|declared| declared.attribute.is_tagged()) {
            let tags = tag::list(cx).await?.into_iter();
            needs.rosters = tags.map(|tag| (roster::Kind::Tag, tag.number)).collect();
        }
        Ok(needs)
    }

    /// The same with its values once each, where it can be kept.
    ///
    /// # Errors
    /// `bad_input` for an attribute that is named twice, for too few or too many values, and for
    /// values that there are not.
    pub async fn checked(mut self, cx: &Cx) -> Result<Self> {
        let tags = tag::list(cx).await?;
        let mut seen = BTreeSet::new();
        for (at, declared) in self.attributes.iter_mut().enumerate() {
            let wrong = |text: String| Error::bad(text).field(format!("attributes[{at}].values"));
            if !seen.insert(declared.attribute) {
                let field = format!("attributes[{at}].attribute");
                return Err(Error::bad("is declared already").field(field));
            }
            let mut own = BTreeSet::new();
            declared.values.iter_mut().for_each(|value| *value = value.trim().to_owned());
            declared.values.retain(|value| own.insert(value.clone()));
            if !(1..=VALUES_MAX).contains(&declared.values.len()) {
                return Err(wrong(format!("has 1 to {VALUES_MAX} values")));
            }
            for value in &declared.values {
                if !(1..=VALUE_CHARS_MAX).contains(&value.chars().count()) {
                    return Err(wrong(format!("a value has 1 to {VALUE_CHARS_MAX} characters")));
                }
                let known = match declared.attribute {
                    Attribute::Gender => ["female", "male", "other"].contains(&value.as_str()),
                    Attribute::PriceBand => value.parse().is_ok_and(|band| (1..=5).contains(&band)),
                    // Without others of its family nobody is known to be something else.
                    Attribute::Occupation | Attribute::Style => tags
                        .iter()
                        .any(|tag| tag.number.to_string() == *value && !tag.family.is_empty()),
                    Attribute::Age | Attribute::Region => true,
                };
                if !known {
                    return Err(wrong(format!("there is no value {value:?}")));
                }
            }
        }
        Ok(self)
    }
}

/// How a shop's business lies to what it is made for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Those of whom every declared attribute is known.
    pub known: Measured,
    /// Those of them who are inside.
    pub inside: Measured,
    /// All customers of the shop.
    pub customers: u64,
    /// The share inside of the known ones' buyers, net money and margin.
    pub share: Share,
    /// The share of what was sold whose cost is known; margins are of that only.
    pub cost_share: Option<f64>,
    /// Each declared attribute by itself.
    pub attributes: Vec<Each>,
    /// Groups that differ in one attribute, the largest prize first.
    pub adjacent: Vec<Adjacent>,
}

/// A declared attribute by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Each {
    /// The attribute.
    pub attribute: Attribute,
    /// Those of whom it is known.
    pub known: Measured,
    /// Those of them who have a meant value.
    pub inside: Measured,
    /// 100 times the share of buyers with a meant value, by that of customers.
    pub buyers_index: Option<f64>,
    /// 100 times the net money of a buyer with a meant value, by that of any buyer.
    pub value_index: Option<f64>,
}

/// Everybody with a value of an attribute, or of whom it is known.
async fn people(shop: &Shop<'_>, rule: Value) -> Result<RoaringBitmap> {
    let expr = expr::read(&json!({ "combinator": "and", "rules": [rule] }))?;
    shop.members(&expr).await
}

/// A declared attribute with its people.
struct Split {
    attribute: Attribute,
    known: RoaringBitmap,
    inside: RoaringBitmap,
    /// Other values with their people.
    others: Vec<(String, RoaringBitmap)>,
}

impl Split {
    async fn of(shop: &Shop<'_>, declared: &Declared, tags: &[Tag]) -> Result<Self> {
        let (attribute, field) = (declared.attribute, declared.attribute.field());
        let rule = |operator: &str, value: Value| -> Value {
            json!({ "field": field, "operator": operator, "value": value })
        };
        let inside = people(shop, rule("in", json!(declared.values))).await?;
        let others = match attribute.is_tagged() {
            true => {
                let is_meant = |tag: &&Tag| declared.values.contains(&tag.number.to_string());
                let families: BTreeSet<&str> =
                    tags.iter().filter(is_meant).map(|tag| tag.family.as_str()).collect();
                let others = tags.iter().filter(|tag| !is_meant(tag));
                let others = others.filter(|tag| families.contains(tag.family.as_str()));
                others.map(|tag| tag.number.to_string()).collect()
            }
            false => values(shop, attribute)?,
        };
        let mut split = Self { attribute, known: inside.clone(), inside, others: Vec::new() };
        if !attribute.is_tagged() {
            split.known |= &people(shop, rule("notNull", Value::Null)).await?;
        }
        for value in others.into_iter().filter(|value| !declared.values.contains(value)) {
            let mut own = people(shop, rule("=", json!(value))).await?;
            split.known |= &own;
            // Who has a meant tag beside another is inside.
            own -= &split.inside;
            split.others.push((value, own));
        }
        Ok(split)
    }
}

/// The values of an attribute that customers have, the most frequent ones.
fn values(shop: &Shop<'_>, attribute: Attribute) -> Result<Vec<String>> {
    if attribute == Attribute::PriceBand {
        return Ok((1..=5).map(|band| band.to_string()).collect());
    }
    let values = shop.mirror.texts(attribute.field(), VALUES_MAX)?;
    Ok(values.into_iter().map(|(value, _)| value).collect())
}

/// How a shop's business lies to what it is made for. Blocks on threads of a scan; call it where
/// that may be.
///
/// # Errors
/// What the store or the lake reports.
pub async fn report(shop: &Shop<'_>, wish: &Positioning) -> Result<Report> {
    let tags = tag::list(shop.cx).await?;
    let mut splits = Vec::with_capacity(wish.attributes.len());
    for declared in &wish.attributes {
        splits.push(Split::of(shop, declared, &tags).await?);
    }
    let all = shop.members(&expr::Expr::All(Vec::new())).await?;
    let buyers =
        people(shop, json!({ "field": "paid_orders", "operator": ">", "value": 0 })).await?;
    let margins = Margins::of(shop).await?;
    let measure = |people: &RoaringBitmap| {
        let bought = people & &buyers;
        let net = bought.iter().filter_map(|number| shop.number("net_minor", i64::from(number)));
        Measured {
            customers: people.len(),
            buyers: bought.len(),
            net_minor: net.sum(),
            margin_minor: margins.of_people(&bought),
        }
    };
    let both = |one: RoaringBitmap, other: &RoaringBitmap| one & other;
    let known = splits.iter().map(|split| &split.known).fold(all.clone(), both);
    let inside = splits.iter().map(|split| &split.inside).fold(known.clone(), both);
    let (of_known, of_inside) = (measure(&known), measure(&inside));
    let each = splits.iter().map(|split| {
        let (known, inside) = (measure(&split.known), measure(&split.inside));
        let [buyers_index, value_index] = rule::indexes(&inside, &known);
        Each { attribute: split.attribute, known, inside, buyers_index, value_index }
    });
    let attributes = each.collect();
    let mut adjacent = Vec::new();
    for (at, split) in splits.iter().enumerate() {
        let rest = splits.iter().enumerate().filter(|(place, _)| *place != at);
        let rest = rest.map(|(_, split)| &split.inside).fold(known.clone(), both);
        for (value, people) in &split.others {
            let group = measure(&(&rest & people));
            if group.customers >= GROUP_MIN {
                let group = Group { attribute: split.attribute, value: value.clone(), group };
                adjacent.extend(rule::adjacent(group, &of_inside));
            }
        }
    }
    rule::largest(&mut adjacent, ADJACENT_MAX);
    Ok(Report {
        share: rule::share(&of_inside, &of_known),
        known: of_known,
        inside: of_inside,
        customers: all.len(),
        cost_share: margins.cost_share(),
        attributes,
        adjacent,
    })
}
