//! A condition on what people did, over all that they did: how long it takes to count whom it
//! means.

use std::io::BufRead;
use std::path::Path;

use base::{Error, Result, Time, Zone};
use serde_json::{Value, json};
use stratify::carts::Carts;
use stratify::expr::whole::Shop;
use stratify::expr::{self, Sets};
use stratify::mirror::Mirror;
use stratify::sales::Sales;

use crate::ground::Ground;
use crate::segment::rule;
use crate::{answer, history, now, ready, segment, threads};

/// The end of what people did: 2026-01-01 in UTC.
const LAST: Time = Time::from_micros(1_767_225_600_000_000);

/// Those who did something with products of a category so often.
pub(crate) fn condition(category: &str, times: u64, days: Option<u64>) -> Value {
    let mut rows =
        vec![rule("event", "=", &json!("Product Viewed")), rule("category", "=", &json!(category))];
    let window = days.map(|days| json!({ "last": days, "unit": "day" }));
    rows.extend(window.map(|window| rule("event_time", "within", &window)));
    let of = json!({ "mode": "atLeast", "threshold": times });
    let rows = json!({ "combinator": "and", "rules": rows });
    json!({ "field": "events", "match": of, "value": rows })
}

/// What a question about a whole shop is asked of, where nothing but profiles and events counts.
pub(crate) struct Whole {
    pub(crate) zone: Zone,
    pub(crate) sets: Sets,
    pub(crate) sales: Sales,
    pub(crate) carts: Carts,
}

impl Whole {
    pub(crate) fn new() -> Self {
        let (sets, sales, carts) = (Sets::default(), Sales::default(), Carts::default());
        Self { zone: Zone::utc(), sets, sales, carts }
    }

    /// The shop with these customers.
    pub(crate) fn shop<'a>(
        &'a self,
        (cx, ground): (&'a store::Cx, &'a Ground),
        mirror: &'a Mirror,
    ) -> Shop<'a> {
        Shop {
            cx,
            zone: &self.zone,
            lake: &ground.lake,
            mirror,
            scores: &[],
            stages: &[],
            sets: &self.sets,
            sales: &self.sales,
            carts: &self.carts,
            threads: threads(),
        }
    }
}

/// Makes customers and events, and counts once for each line of input.
pub(crate) async fn count(dir: &Path, customers: u64, events: u64) -> Result<()> {
    let ground = Ground::open(dir, None).await?;
    let shop = ground.cx.shop;
    let mirror = segment::mirror(shop, i64::try_from(customers).unwrap_or(i64::MAX))?;
    history::write(&ground.lake, shop, (customers, events), LAST).await?;
    ready()?;
    let (whole, cx) = (Whole::new(), ground.cx.at(LAST));
    let group = json!({ "combinator": "and", "rules": [condition("面膜", 9, None)] });
    let expr = expr::read(&group)?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let started = now();
        let shop = whole.shop((&cx, &ground), &mirror);
        let count = shop.count(&expr).await?;
        let elapsed = started.elapsed().as_secs_f64() * 1e3;
        if count == 0 {
            return Err(Error::bad("the condition means nobody"));
        }
        answer("behaviour", ("elapsed", elapsed, "ms"), &json!(count))?;
    }
    Ok(())
}
