//! Who the customer numbers of history and of orders are now.

use std::collections::HashMap;

/// Nobody: a visitor whom the shop does not know.
const NOBODY: u32 = u32::MAX;

/// Customer numbers as they are stored, each with the place of the person who goes by it now.
#[derive(Debug, Default, Clone)]
pub(crate) struct People {
    /// Of numbers above zero, by number less one; those beyond lead to themselves.
    customers: Vec<u32>,
    /// Of numbers below zero, by their distance from it less one; those beyond lead to nobody.
    visitors: Vec<u32>,
    /// Who is meant by an order where a row names nobody.
    buyers: HashMap<i64, i64>,
}

fn place(number: i64) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

impl People {
    /// From numbers with those that they lead to, which are final, and orders with whom they mean.
    pub(crate) fn new(redirect: &[(i64, i64)], buyers: &[(i64, i64)]) -> Self {
        let mut people = Self { buyers: buyers.iter().copied().collect(), ..Self::default() };
        for (from, to) in redirect {
            let to = place(*to).and_then(|place| u32::try_from(place).ok()).unwrap_or(NOBODY);
            let (list, at, own) = match *from > 0 {
                true => (&mut people.customers, place(*from), true),
                false => (&mut people.visitors, place(from.saturating_neg()), false),
            };
            let Some(at) = at else { continue };
            while list.len() <= at {
                let own = own.then(|| u32::try_from(list.len()).ok()).flatten();
                list.push(own.unwrap_or(NOBODY));
            }
            if let Some(slot) = list.get_mut(at) {
                *slot = to;
            }
        }
        people
    }

    /// The place, number less one, of the person that a row is of.
    pub(crate) fn place(
        &self,
        customer: Option<i64>,
        order: impl FnOnce() -> Option<i64>,
    ) -> Option<usize> {
        let number = match customer {
            Some(number) => number,
            None if self.buyers.is_empty() => return None,
            // Buyers are final already.
            None => return place(*self.buyers.get(&order()?)?),
        };
        let (list, at) = match number > 0 {
            true => (&self.customers, place(number)?),
            false => (&self.visitors, place(number.saturating_neg())?),
        };
        match list.get(at) {
            Some(&NOBODY) => None,
            Some(to) => usize::try_from(*to).ok(),
            None if number > 0 => Some(at),
            None => None,
        }
    }
}
