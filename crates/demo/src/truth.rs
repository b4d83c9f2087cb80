//! The file of truths: what is planted in the shop, and by what its buyers live.

use std::io::Write;

use base::{Date, Error, Result};
use serde::Serialize;

use crate::catalogue::utc;
use crate::delivery::housemate;
use crate::facts::{self, LIKINGS, Liking};
use crate::message::anonymous_id;
use crate::person::{Person, user_id};
use crate::shop::{Fate, Shop};
use crate::wares::CATEGORIES;

/// The first line.
#[derive(Debug, Serialize)]
struct Facts {
    shop: &'static str,
    currency: &'static str,
    time_zone: &'static str,
    customers: u32,
    seed: u64,
    opened: String,
    until: String,
    double_eleven: DoubleEleven,
    regions: [Liking; 2],
    /// How much is bought compared with an ordinary day.
    seasons: Seasons,
    purchase_rate: Spread,
    dropout_rate: Spread,
    never_buy: f64,
    unpaid_orders: f64,
    abandoned_carts: f64,
    reviewed_orders: f64,
    asked_orders: f64,
    complained_orders: f64,
    returned_lines: Vec<Returned>,
    mobile: f64,
    arrivals_growth_per_month: f64,
    introduced: f64,
    gifted_orders: f64,
    hours: [u32; 24],
    weekdays: [u32; 7],
}

#[derive(Debug, Serialize)]
struct DoubleEleven {
    days: Vec<String>,
    within_30_days: f64,
    within_90_days: f64,
}

#[derive(Debug, Serialize)]
struct Seasons {
    day_of_618: f64,
    before_spring_festival: f64,
    spring_festival: f64,
}

/// A gamma distribution.
#[derive(Debug, Serialize)]
struct Spread {
    mean: f64,
    shape: f64,
}

#[derive(Debug, Serialize)]
struct Returned {
    category: &'static str,
    share: f64,
}

/// A buyer's line.
#[derive(Debug, Serialize)]
struct Buyer<'a> {
    user_id: String,
    anonymous_ids: Vec<String>,
    purchase_rate: f64,
    lifetime_days: f64,
    price_sensitivity: f64,
    message_response: f64,
    coupon_response: f64,
    province: &'a str,
    city: &'a str,
    gender: &'static str,
    birthday: String,
    taste: Vec<&'static str>,
    introduced_by: Option<String>,
    lives_with: Option<String>,
    first_seen: String,
    first_order: String,
    alive_until: String,
    paid_orders: usize,
}

/// Writes the truths of `shop` as JSON Lines.
pub(crate) fn write(shop: &Shop, out: &mut impl Write) -> Result<()> {
    line(out, &facts(shop))?;
    for index in 0..shop.plan.customers {
        let fate = shop.fate(index);
        if let Some(first) = fate.paid.first() {
            line(out, &buyer(shop, &fate, *first))?;
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec(value)
        .map_err(|cause| Error::internal("a truth cannot be written", cause))?;
    text.push(b'\n');
    Ok(out.write_all(&text)?)
}

fn facts(shop: &Shop) -> Facts {
    let calendar = &shop.calendar;
    let date = |day: i32| Date(day).to_string();
    let returned = CATEGORIES.iter().map(|category| Returned {
        category: category.name,
        share: f64::from(category.returned) / 1000.0,
    });
    Facts {
        shop: crate::SHOP,
        currency: crate::CURRENCY,
        time_zone: crate::TIME_ZONE,
        customers: shop.plan.customers,
        seed: shop.plan.seed,
        opened: date(calendar.opening),
        until: date(calendar.until),
        double_eleven: DoubleEleven {
            days: calendar.elevens.iter().map(|day| date(*day)).collect(),
            within_30_days: facts::ELEVEN_WITHIN_30_DAYS,
            within_90_days: facts::ELEVEN_WITHIN_90_DAYS,
        },
        regions: LIKINGS,
        seasons: Seasons {
            day_of_618: f64::from(facts::PULL_618) / 1000.0,
            before_spring_festival: f64::from(facts::PULL_BEFORE_FESTIVAL) / 1000.0,
            spring_festival: f64::from(facts::PULL_FESTIVAL) / 1000.0,
        },
        purchase_rate: Spread { mean: facts::RATE.0, shape: facts::RATE.1 },
        dropout_rate: Spread { mean: facts::DROPOUT.0, shape: facts::DROPOUT.1 },
        never_buy: facts::NEVER_BUY,
        unpaid_orders: facts::UNPAID,
        abandoned_carts: facts::ABANDONED,
        reviewed_orders: facts::REVIEWED,
        asked_orders: facts::ASKED,
        complained_orders: facts::COMPLAINED,
        returned_lines: returned.collect(),
        mobile: facts::MOBILE,
        arrivals_growth_per_month: facts::GROWTH_PERMILLE as f64 / 1000.0,
        introduced: facts::INTRODUCED,
        gifted_orders: facts::GIFTED,
        hours: facts::HOURS,
        weekdays: facts::WEEK,
    }
}

fn buyer<'a>(shop: &Shop, fate: &'a Fate, first: i64) -> Buyer<'a> {
    let Person { index, place, taste, woman, .. } = &fate.person;
    let person = &fate.person;
    let devices = 1 + u8::from(person.devices.1);
    let mut taste: Vec<&str> =
        taste.iter().filter_map(|at| CATEGORIES.get(*at)).map(|category| category.name).collect();
    taste.dedup();
    Buyer {
        user_id: user_id(*index),
        anonymous_ids: (0..devices).map(|at| anonymous_id(shop.plan.seed, *index, at)).collect(),
        purchase_rate: person.purchase_rate,
        lifetime_days: person.lifetime_days,
        price_sensitivity: person.price_sensitivity,
        message_response: person.message_response,
        coupon_response: person.coupon_response,
        province: place.0,
        city: place.1,
        gender: if *woman { "female" } else { "male" },
        birthday: person.birthday.to_string(),
        taste,
        introduced_by: fate.introduced_by.map(user_id),
        lives_with: housemate(shop, *index).map(user_id),
        first_seen: utc(person.first_seen).to_string(),
        first_order: utc(first).to_string(),
        alive_until: utc(person.gone(first)).to_string(),
        paid_orders: fate.paid.len(),
    }
}
