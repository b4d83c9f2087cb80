//! What customers bring in beyond what the goods cost.

use std::collections::HashMap;

use base::Result;
use lake::{ORDER_LINES, Slices};
use perceive::relay;
use roaring::RoaringBitmap;

use crate::carts;
use crate::expr::whole::Shop;
use crate::rfm::rule::ratio;
use crate::sales::{Sale, Sales};

/// The margins of customers.
#[derive(Default)]
pub(super) struct Margins {
    /// By number, minor units; nobody's where no cost is known.
    of: HashMap<u32, i64>,
    /// What was sold, and the part of it whose cost is known.
    sold: i64,
    costed: i64,
}

impl Margins {
    /// Of the lines of paid orders: amount − cost × pieces, where the cost is known.
    pub(super) async fn of(shop: &Shop<'_>) -> Result<Self> {
        let products = carts::products(shop.cx).await?.into_iter();
        let costs: HashMap<i64, i64> =
            products.filter_map(|one| Some((one.number, one.row.cost_minor?))).collect();
        let columns = ["order_no", "product_no", "quantity", "amount_minor"];
        let (number, lake) = (shop.cx.shop, shop.lake);
        let scan = relay::pinned(shop.cx, |moment| async move {
            lake.scan(&ORDER_LINES, number, &columns, moment.lines).await
        });
        let parts = scan.await?.run(shop.threads, Self::default, |margins, rows| {
            margins.add(rows, (&costs, shop.sales));
            Ok(())
        })?;
        Ok(parts.into_iter().fold(Self::default(), Self::and))
    }

    fn add(&mut self, rows: &Slices<'_>, (costs, sales): (&HashMap<i64, i64>, &Sales)) {
        let known = rows.validity(1);
        let columns = rows.i64(0).iter().zip(rows.i64(1)).zip(rows.i64(2)).zip(rows.i64(3));
        for (row, (((order, product), pieces), amount)) in columns.enumerate() {
            let Some(sale) = sales.at(*order).filter(Sale::is_paid) else { continue };
            self.sold = self.sold.saturating_add(*amount);
            let cost = costs.get(product).filter(|_| known.is_valid(row));
            let Some(cost) = cost.map(|cost| cost.saturating_mul(*pieces)) else { continue };
            self.costed = self.costed.saturating_add(*amount);
            let own = self.of.entry(sale.person).or_default();
            *own = own.saturating_add(amount.saturating_sub(cost));
        }
    }

    fn and(mut self, other: Self) -> Self {
        for (person, margin) in other.of {
            let own = self.of.entry(person).or_default();
            *own = own.saturating_add(margin);
        }
        self.sold = self.sold.saturating_add(other.sold);
        self.costed = self.costed.saturating_add(other.costed);
        self
    }

    /// The share of what was sold whose cost is known.
    pub(super) fn cost_share(&self) -> Option<f64> {
        (self.sold > 0).then(|| ratio(i128::from(self.costed), i128::from(self.sold)))
    }

    /// The margin of some people; none where no cost is known.
    pub(super) fn of_people(&self, people: &RoaringBitmap) -> Option<i64> {
        let margins = people.iter().filter_map(|number| self.of.get(&number));
        (!self.of.is_empty()).then(|| margins.sum())
    }
}
