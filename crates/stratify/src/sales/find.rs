//! Finding orders: by kind, status, buyer, time and money, in the order of time or money.

use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::{Sale, Sales};

/// What an order must be; what is left out may be anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Code of the kind.
    pub kind: Option<u8>,
    /// Code of the status.
    pub status: Option<u8>,
    /// The buyer.
    pub person: Option<u32>,
    /// 拍下 from this second on.
    pub placed_from: Option<u32>,
    /// 拍下 before this second.
    pub placed_before: Option<u32>,
    /// Net money at the least, minor units.
    pub net_min: Option<i64>,
    /// Net money at the most, minor units.
    pub net_max: Option<i64>,
}

/// In which order; by number where that is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: By,
    /// The largest first.
    pub descending: bool,
}

/// What orders are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Their number.
    Number,
    /// 拍下 time.
    Placed,
    /// Net money.
    Net,
}

/// Where an order stands: the value and the number as they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stand(i64, i64);

impl Stand {
    /// The order's number.
    #[must_use]
    pub fn number(self) -> i64 {
        // Numbers are above zero, their complements below.
        if self.1 < 0 { !self.1 } else { self.1 }
    }
}

impl Sales {
    /// Orders that are as wished: the first `limit` after `after`, and how many there are.
    #[must_use]
    pub fn find(
        &self,
        wish: &Wish,
        order: Order,
        (after, limit): (Option<Stand>, usize),
    ) -> (Vec<Stand>, i64) {
        if order.by == By::Number && *wish == Wish::default() {
            // Rows lie in this order, and how many there are is known.
            let after = after.map(Stand::number);
            let page = self.numbers_after(after, order.descending).take(limit);
            let turn = |value: i64| if order.descending { !value } else { value };
            let page = page.map(|number| Stand(turn(number), turn(number)));
            return (page.collect(), self.there);
        }
        let (mut total, mut best) = (0, BinaryHeap::with_capacity(limit + 1));
        for (number, sale) in self.numbered() {
            if !wish.fits(&sale) {
                continue;
            }
            total += 1;
            let value = match order.by {
                By::Number => number,
                By::Placed => i64::from(sale.placed),
                By::Net => sale.net_minor(),
            };
            // The complement turns the order of numbers round without overflow.
            let turn = |value: i64| if order.descending { !value } else { value };
            let stand = Stand(turn(value), turn(number));
            if after.is_none_or(|after| stand > after) {
                if best.len() < limit {
                    best.push(stand);
                } else if let Some(mut worst) = best.peek_mut()
                    && stand < *worst
                {
                    *worst = stand;
                }
            }
        }
        (best.into_sorted_vec(), total)
    }
}

impl Wish {
    fn fits(&self, sale: &Sale) -> bool {
        let within = |value: i64, least: Option<i64>, most: Option<i64>| {
            least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most)
        };
        self.kind.is_none_or(|kind| kind == sale.kind)
            && self.status.is_none_or(|status| status == sale.status)
            && self.person.is_none_or(|person| person == sale.person)
            && self.placed_from.is_none_or(|from| sale.placed >= from)
            && self.placed_before.is_none_or(|before| sale.placed < before)
            && within(sale.net_minor(), self.net_min, self.net_max)
    }
}
