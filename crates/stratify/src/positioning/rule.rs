//! Shares, indexes and prizes of groups of people.

use serde::Serialize;

use super::Attribute;
use crate::rfm::rule::ratio;

/// What a group of people comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Customers.
    pub customers: u64,
    /// Those who paid for something.
    pub buyers: u64,
    /// Their net money, minor units.
    pub net_minor: i64,
    /// Their margin, minor units; none where the shop knows no costs.
    pub margin_minor: Option<i64>,
}

/// Which share of something is inside, 0 to 1; none of nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    /// Of buyers.
    pub buyers: Option<f64>,
    /// Of net money.
    pub net: Option<f64>,
    /// Of margin.
    pub margin: Option<f64>,
}

/// People who have another value of one attribute, and a meant one of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The attribute.
    pub attribute: Attribute,
    /// Its value.
    pub value: String,
    /// What they come to.
    pub group: Measured,
}

/// A group beside those that the shop is made for, and what there is to win.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adjacent {
    /// The attribute in which they differ.
    pub attribute: Attribute,
    /// Its value.
    pub value: String,
    /// What they come to.
    #[serde(flatten)]
    pub group: Measured,
    /// What more they would come to if each of them came to what somebody inside does, minor
    /// units.
    pub prize_minor: i64,
}

fn part(some: i64, all: i64) -> Option<f64> {
    (all > 0).then(|| ratio(i128::from(some), i128::from(all)))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Which share of the known is inside.
#[must_use]
pub fn share(inside: &Measured, known: &Measured) -> Share {
    Share {
        buyers: part(whole(inside.buyers), whole(known.buyers)),
        net: part(inside.net_minor, known.net_minor),
        margin: inside.margin_minor.zip(known.margin_minor).and_then(|(own, all)| part(own, all)),
    }
}

/// The index of buyers, 100 × (buyers inside ÷ buyers) ÷ (customers inside ÷ customers), and that
/// of value, 100 × (net by buyer inside) ÷ (net by buyer).
#[must_use]
pub fn indexes(inside: &Measured, known: &Measured) -> [Option<f64>; 2] {
    let quotient = |up: [i64; 2], down: [i64; 2]| {
        let product = |[one, other]: [i64; 2]| i128::from(one) * i128::from(other);
        (product(down) > 0).then(|| 100.0 * ratio(product(up), product(down)))
    };
    let [own, all] = [inside, known].map(|of| [whole(of.buyers), whole(of.customers)]);
    let buyers = quotient([own[0], all[1]], [all[0], own[1]]);
    let value = quotient([inside.net_minor, all[0]], [known.net_minor, own[0]]);
    [buyers, value]
}

/// A group beside those inside; none where there is nothing to win.
#[must_use]
pub fn adjacent(group: Group, inside: &Measured) -> Option<Adjacent> {
    let Group { attribute, value, group } = group;
    let per = i128::from(inside.net_minor) * i128::from(group.customers);
    // Rounded down: it is an estimate, and no promise.
    let reachable = per.checked_div(i128::from(inside.customers))?;
    let prize = reachable - i128::from(group.net_minor);
    let prize_minor = i64::try_from(prize).ok().filter(|prize| *prize > 0)?;
    Some(Adjacent { attribute, value, group, prize_minor })
}

/// The groups with the largest prizes, these first.
pub fn largest(groups: &mut Vec<Adjacent>, count: usize) {
    groups.sort_by(|a, b| {
        let place = |of: &Adjacent| (of.attribute, of.value.clone());
        b.prize_minor.cmp(&a.prize_minor).then_with(|| place(a).cmp(&place(b)))
    });
    groups.truncate(count);
}
