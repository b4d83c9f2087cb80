//! A shop's own names for its customers and its wares.

use base::{Result, Zone};
use perceive::catalog;
use store::Cx;

use super::{Reading, Vocabulary, Why, read};
use crate::mirror::Mirror;
use crate::{roster, segment, tag};

/// Names of a kind that are known at the most: categories, brands, cities.
const NAMES_MAX: usize = 20_000;
/// Products that one word may mean.
const PRODUCTS_MAX: i64 = 1_000;
/// Words that are looked for among the titles of products.
const THINGS_MAX: usize = 10;
/// Customers' texts that are names.
const TEXTS: [&str; 5] = ["province", "city", "age_band", "channel", "country_code"];

/// Reads `text` with the names of the context's shop; its amounts have `exponent` digits after the
/// point. A thing that is no category and no brand may be part of the titles of products.
///
/// # Errors
/// What the store reports; `bad_input` for a text that is too long.
pub async fn understood(
    cx: &Cx,
    mirror: &Mirror,
    (zone, exponent): (&Zone, u32),
    text: &str,
) -> Result<Reading> {
    let mut names = vocabulary(cx, mirror, exponent).await?;
    let today = zone.date(cx.now);
    let mut reading = read(text, &names, today)?;
    for _ in 0..THINGS_MAX {
        let of_thing = |why: Why| why == Why::NoThing;
        let unknown = reading.unknown.iter().filter(|one| of_thing(one.why));
        let things: Vec<String> = unknown.filter_map(|one| one.thing.clone()).collect();
        let mut found = false;
        for thing in things {
            let mut tx = cx.read().await?;
            let products = catalog::page(&mut tx, Some(&thing), (0, PRODUCTS_MAX)).await?;
            let numbers: Vec<i64> = products.iter().map(|product| product.number).collect();
            if !numbers.is_empty() {
                names.products(&thing, &numbers);
                found = true;
            }
        }
        if !found {
            break;
        }
        reading = read(text, &names, today)?;
    }
    Ok(reading)
}

async fn vocabulary(cx: &Cx, mirror: &Mirror, exponent: u32) -> Result<Vocabulary> {
    let mut names = Vocabulary::new(exponent);
    for field in TEXTS {
        for (value, _) in mirror.texts(field, NAMES_MAX)? {
            names.value(field, &value);
        }
    }
    let (categories, brands) = catalog::kinds(&mut cx.read().await?, NAMES_MAX).await?;
    categories.iter().for_each(|name| names.category(name));
    brands.iter().for_each(|name| names.brand(name));
    for segment in segment::list(cx).await? {
        if segment.state == segment::State::Active {
            names.set("segment", segment.number, &segment.name);
        }
    }
    for tag in tag::list(cx).await? {
        match tag.segment {
            // Whoever has it is in the segment.
            Some(segment) => names.set("segment", segment, &tag.name),
            None => names.set("tag", tag.number, &tag.name),
        }
    }
    for ((kind, number), name) in roster::names(&mut cx.read().await?).await? {
        names.set(kind.name(), number, &name);
    }
    Ok(names)
}
