//! What a cart would earn, without anything being booked.

use base::{Error, Result, Time};
use perceive::catalog;
use stratify::expr::whole::Shop as Whole;

use super::keep::{Meant, People, due};
use super::rule::{Line, Trigger};
use super::stays::remaining;
use super::{Rule, sql};
use crate::ledger::Unit;

/// Lines of a cart at the most.
pub(super) const ITEMS_MAX: usize = 500;

/// A line of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The article number.
    pub sku: String,
    /// Pieces.
    pub quantity: i64,
    /// Money of the line, minor units.
    pub amount_minor: i64,
}

/// What somebody is about to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// Its lines.
    pub items: Vec<Item>,
    /// What is to be paid for them in all, after discounts and without postage.
    pub paid_minor: i64,
}

/// What a rule would give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Would {
    /// The rule.
    pub rule: i64,
    /// Its name.
    pub name: String,
    /// What it gives.
    pub unit: Unit,
    /// How much.
    pub amount: i64,
    /// By how much it is multiplied for this customer and day, in thousandths.
    pub times: u32,
    /// Whether the customer is meant.
    pub meant: bool,
    /// When it would be there if the order were paid, or received, now; none for at once.
    pub due_at: Option<Time>,
}

/// What the active rules on orders would give for a cart, to a customer or to anybody; what others
/// have had does not count.
///
/// # Errors
/// `bad_input` for a cart that will not do; what the store reports.
pub async fn would(shop: &Whole<'_>, cart: &Cart, person: Option<i64>) -> Result<Vec<Would>> {
    if cart.items.is_empty() || cart.items.len() > ITEMS_MAX {
        return Err(Error::bad(format!("needs 1 to {ITEMS_MAX} lines")).field("items"));
    }
    if cart.paid_minor < 0 {
        return Err(Error::bad("is not below 0").field("paid_minor"));
    }
    if let Some(at) = cart.items.iter().position(|own| own.quantity < 1 || own.amount_minor < 0) {
        let text = "needs 1 piece or more, and no money below 0";
        return Err(Error::bad(text).field(format!("items[{at}]")));
    }
    let mut tx = shop.cx.read().await?;
    let rules = sql::list(&mut tx).await?;
    let lines = lines(&mut tx, cart).await?;
    let people = People::load(&mut tx).await?;
    drop(tx);
    let day = shop.zone.date(shop.cx.now);
    let counts = |rule: &&Rule| {
        let order = matches!(rule.terms.trigger, Trigger::OrderPaid | Trigger::OrderReceived);
        rule.active && order && rule.terms.covers(day)
    };
    let mut all = Vec::new();
    for rule in rules.iter().filter(counts) {
        let meant = match (person, &rule.terms.condition) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(person), Some(_)) => Meant::by(shop, rule).await?.holds(person),
        };
        let times = people.times(rule, day, person);
        let amount = if meant { rule.terms.amount(&lines, times) } else { 0 };
        all.push(Would {
            rule: rule.number,
            name: rule.name.clone(),
            unit: rule.unit,
            amount,
            times,
            meant,
            due_at: due(shop.zone, day, rule.terms.wait_days)?,
        });
    }
    Ok(all)
}

async fn lines(tx: &mut store::Tx, cart: &Cart) -> Result<Vec<Line>> {
    let skus: Vec<&str> = cart.items.iter().map(|own| own.sku.as_str()).collect();
    let numbers = catalog::numbers(tx, &skus).await?;
    let number = |sku: &str| {
        let own = numbers.iter().find(|(known, _)| known == sku);
        own.map_or(0, |(_, number)| *number)
    };
    let stated: Vec<_> =
        cart.items.iter().map(|own| (number(&own.sku), own.quantity, own.amount_minor)).collect();
    let stays = remaining(&stated, (cart.paid_minor, 0), &[]);
    let products: Vec<i64> = numbers.iter().map(|(_, number)| *number).collect();
    let known = catalog::of_numbers(tx, &products).await?;
    Ok(stays
        .into_iter()
        .map(|(product, pieces, money)| {
            let row = known.iter().find(|own| own.number == product).map(|own| own.row.clone());
            let row = row.unwrap_or_default();
            Line { product, category: row.category, brand: row.brand, pieces, money }
        })
        .collect())
}
