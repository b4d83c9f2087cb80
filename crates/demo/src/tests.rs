//! What the messages are, and what is found in them of what is planted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::stream::Stream;

mod planted;
mod shape;

/// A day on which the tests' shops end.
const UNTIL: &str = "2026-11-22";

fn plan(customers: u32, seed: u64) -> Plan {
    Plan::new(customers, seed, UNTIL.parse().unwrap()).unwrap()
}

fn parsed(message: &Message) -> Value {
    serde_json::from_str(&message.json).unwrap()
}

/// The name of an event, or the type of what has none.
fn name(message: &Value) -> &str {
    message["event"].as_str().or(message["type"].as_str()).unwrap()
}

/// Fen of an amount in yuan with at most two decimals.
fn fen(amount: &Value) -> i64 {
    let text = amount.to_string();
    let (yuan, rest) = text.split_once('.').unwrap_or((&text, ""));
    assert!(rest.len() <= 2, "{text} has more than two decimals");
    format!("{yuan}{rest:0<2}").parse().unwrap()
}

/// The shop's day and second of a timestamp.
fn local(message: &Value) -> (i32, i64) {
    let at: Time = message["timestamp"].as_str().unwrap().parse().unwrap();
    let seconds = at.micros().div_euclid(1_000_000) + 8 * 3600;
    (seconds.div_euclid(86_400) as i32, seconds)
}
