//! What visitors did in two years, written straight to the lake as the relay writes it.

use base::time::DAY_MICROS;
use base::{Result, ShopId, Time};
use lake::{Cursor, EVENTS, Lake};
use perceive::history::Events;

use crate::{DAYS, scatter};

/// Events of one append.
const APPEND_EVENTS: u64 = 2_000_000;
/// Products of the shop.
const ARTICLES: u64 = 5_000;
/// Categories of its products.
pub(crate) const CATEGORIES: [&str; 8] =
    ["女装", "男装", "鞋靴", "箱包", "面膜", "口红", "防晒", "零食"];
const BRANDS: [&str; 6] = ["云", "南屿", "织白", "清和", "木作", "听雨"];
/// How long after it happened an event came in, in microseconds.
const LATE: i64 = 300_000;

/// Writes so many events of so many customers, in the order in which they happened, until `last`.
pub(crate) async fn write(
    lake: &Lake,
    shop: ShopId,
    (customers, events): (u64, u64),
    last: Time,
) -> Result<()> {
    let span = u128::from(DAYS) * u128::from(DAY_MICROS.unsigned_abs());
    let first = last.plus(-i64::try_from(span).unwrap_or(i64::MAX));
    let (mut made, mut version) = (0, 0);
    while made < events {
        let until = events.min(made + APPEND_EVENTS);
        let mut rows = Events::default();
        for number in made..until {
            let passed = u128::from(number) * span / u128::from(events);
            let at = first.plus(i64::try_from(passed).unwrap_or(i64::MAX));
            push(&mut rows, (number, scatter(number, 31) % customers.max(1) + 1), at);
        }
        made = until;
        version += 1;
        let cursor = Cursor { app: "history", version };
        lake.append(&EVENTS, rows.into_columns(shop.0)?, cursor).await?;
    }
    Ok(())
}

fn of<'a>(words: &[&'a str], number: u64) -> Option<&'a str> {
    let place = number % u64::try_from(words.len()).unwrap_or(1);
    usize::try_from(place).ok().and_then(|place| words.get(place)).copied()
}

fn push(rows: &mut Events, (number, customer): (u64, u64), at: Time) {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let article = scatter(number, 32) % ARTICLES + 1;
    let (event, quantity) = match scatter(number, 33) % 100 {
        0..72 => ("Product Viewed", None),
        72..90 => ("Page Viewed", None),
        90..97 => ("Product Added", Some(1)),
        _ => ("Order Completed", Some(1)),
    };
    let about = event != "Page Viewed";
    rows.customer_no.push(Some(signed(customer)));
    rows.source_no.push(1);
    rows.event.push(event);
    rows.event_time.push(at.micros());
    rows.received_time.push(at.micros() + LATE);
    rows.message_id.push(&format!("h{number:x}"));
    rows.product_no.push(about.then(|| signed(article)));
    rows.category.push_option(of(&CATEGORIES, article).filter(|_| about));
    rows.brand.push_option(of(&BRANDS, scatter(article, 34)).filter(|_| about));
    rows.quantity.push(quantity);
    rows.value_minor.push(about.then(|| signed(scatter(article, 35) % 90_000 + 900)));
    rows.order_no.push(None);
    rows.channel.push("web");
    rows.utm_source.push_option(scatter(number, 36).is_multiple_of(20).then_some("wechat"));
    rows.utm_medium.push_option(None);
    rows.utm_campaign.push_option(None);
    rows.referrer.push_option(None);
    rows.properties.push_null();
}
