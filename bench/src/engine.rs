//! The engines: the same RFM from the files and from the mirror, and sums over all of its answer
//! that every engine must agree on.

use std::io::BufRead;
use std::time::Instant;

use base::time::DAY_MICROS;
use base::{Result, Zone};
use lake::{Fresh, Lake};
use perceive::profile;
use serde_json::{Value, json};
use stratify::mirror::Mirror;
use stratify::rfm::lines::{self, Assortment};
use stratify::rfm::rule::{self, High, Measures, Outcome};
use stratify::rfm::{self, Recency};

use crate::{SHOP, answer, now, threads};

/// Rows that the mirror takes at once.
const PUT_ROWS: usize = 50_000;

/// RFM from the files, once for each line of input.
pub(crate) async fn files(lake: &Lake) -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        line?;
        let started = now();
        let measures = from_files(lake).await?;
        let outcome = rule::run(&measures, None, High::Score);
        told(started, &measures, &outcome)?;
    }
    Ok(())
}

/// RFM from a mirror of the customers whose lines the files hold.
pub(crate) async fn mirror(lake: &Lake) -> Result<()> {
    let mirror = mirrored(&from_files(lake).await?)?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let started = now();
        let measures = rfm::now(&mirror, &Zone::utc(), Recency::Order);
        let outcome = rule::run(&measures, None, High::Score);
        told(started, &measures, &outcome)?;
    }
    Ok(())
}

async fn from_files(lake: &Lake) -> Result<Measures> {
    let shop = (SHOP, &Zone::utc());
    lines::of(lake, shop, Fresh::default(), &Assortment::Whole, threads()).await
}

fn mirrored(measures: &Measures) -> Result<Mirror> {
    let mut mirror = Mirror::empty(SHOP);
    let columns = measures.customer.iter().zip(&measures.recency);
    let columns = columns.zip(&measures.frequency).zip(&measures.money);
    let rows = columns.map(|(((&customer_no, &day), &orders), &money)| profile::Row {
        customer_no,
        known: true,
        orders,
        paid_orders: orders,
        paid_minor: money,
        last_paid_order_at: Some(day * DAY_MICROS),
        ..profile::Row::default()
    });
    let rows: Vec<profile::Row> = rows.collect();
    for rows in rows.chunks(PUT_ROWS) {
        mirror.put(rows.to_vec())?;
    }
    Ok(mirror)
}

fn told(started: Instant, measures: &Measures, outcome: &Outcome) -> Result<()> {
    let elapsed = started.elapsed().as_secs_f64() * 1e3;
    answer("rfm", ("elapsed", elapsed, "ms"), &check(measures, outcome))
}

fn check(measures: &Measures, outcome: &Outcome) -> Value {
    let cells = || outcome.matrix.iter();
    let weight =
        |cell: &rule::Cell| i64::from(cell.r) * 25 + i64::from(cell.f) * 5 + i64::from(cell.m);
    json!({
        "customers": measures.len(),
        "recency": measures.recency.iter().sum::<i64>(),
        "frequency": measures.frequency.iter().sum::<i64>(),
        "money": measures.money.iter().sum::<i64>(),
        "cuts": [outcome.cuts.r, outcome.cuts.f, outcome.cuts.m],
        "cells": outcome.matrix.len(),
        "cube": cells().map(|cell| weight(cell) * cell.customers).sum::<i64>(),
        "cube_money": cells().map(|cell| weight(cell) * cell.net_minor).sum::<i64>(),
    })
}
