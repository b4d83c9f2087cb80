//! Order lines: few customers buy often and many seldom, an order has one to five lines.

use base::time::DAY_MICROS;
use base::{Result, Time};
use lake::{Column, Columns, Cursor, Lake, Nullable, ORDER_LINES, Words};

use crate::ground::present;
use crate::{DAYS, SHOP, START, scatter};

/// Rows of one append, as a large import would hand them over.
const APPEND_ROWS: u64 = 1_000_000;
/// Products of the shop.
const PRODUCTS: u64 = 5_000;
/// Lines of one order.
const LINES_MAX: u64 = 5;

/// Writes `rows` lines of about `buyers` customers in the order in which they were placed, then
/// compacts.
pub(crate) async fn write(lake: &Lake, rows: u64, buyers: u64) -> Result<()> {
    let mut maker = Maker { rows, buyers: buyers.max(1), ..Maker::default() };
    let mut version = 0;
    while maker.made < rows {
        version += 1;
        let cursor = Cursor { app: "bench", version };
        lake.append(&ORDER_LINES, maker.batch(APPEND_ROWS)?, cursor).await?;
    }
    let now = present();
    lake.compact(&ORDER_LINES, &[], now).await?;
    // The peers read whatever lies in the folder.
    lake.vacuum(&ORDER_LINES, 0, now.plus(DAY_MICROS)).await?;
    Ok(())
}

#[derive(Default)]
struct Maker {
    rows: u64,
    buyers: u64,
    made: u64,
    orders: u64,
}

#[derive(Default)]
struct Batch {
    shop: Vec<i64>,
    customer: Nullable<i64>,
    order: Vec<i64>,
    small: [Vec<i32>; 3],
    product: Nullable<i64>,
    sku: Words,
    quantity: Vec<i64>,
    price: Vec<i64>,
    amount: Vec<i64>,
    placed: Vec<i64>,
}

impl Maker {
    fn batch(&mut self, most: u64) -> Result<Columns> {
        let (mut batch, until) = (Batch::default(), (self.made + most).min(self.rows));
        while self.made < until {
            self.orders += 1;
            let order = self.orders;
            // Every customer buys once; after that the cube makes a tenth buy half of all.
            let customer = if order <= self.buyers {
                order
            } else {
                let share = scatter(order, 1) >> 43;
                let cube = u128::from(share) * u128::from(share) * u128::from(share);
                u64::try_from((cube * u128::from(self.buyers)) >> 63).unwrap_or(0) + 1
            };
            let lines = scatter(order, 2) % LINES_MAX + 1;
            let placed = self.placed(order);
            for line in 0..lines.min(until - self.made) {
                batch.push((customer, order, line), placed);
                self.made += 1;
            }
        }
        batch.columns()
    }

    /// Orders come evenly over the days, each at some time near its turn.
    fn placed(&self, order: u64) -> Time {
        let span = u128::from(DAYS) * u128::from(DAY_MICROS.unsigned_abs());
        let orders = u128::from(self.rows) * 2 / (u128::from(LINES_MAX) + 1);
        // The first orders, one of each customer, would otherwise all be the oldest.
        let turn = u128::from(scatter(order, 3)) % orders.max(1);
        START.plus(i64::try_from(turn * span / orders.max(1)).unwrap_or(0))
    }
}

impl Batch {
    fn push(&mut self, (customer, order, line): (u64, u64, u64), placed: Time) {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let product = scatter(order * LINES_MAX + line, 4) % PRODUCTS + 1;
        let price = 500 + whole(scatter(product, 5) % 20_000);
        let quantity = whole(scatter(order + line, 6) % 4) + 1;
        self.shop.push(SHOP.0);
        self.customer.push(Some(whole(customer)));
        self.order.push(whole(order));
        let [epoch, number, kind] = &mut self.small;
        epoch.push(0);
        number.push(i32::try_from(line).unwrap_or(0));
        kind.push(0);
        self.product.push(Some(whole(product)));
        self.sku.push(&format!("SKU-{product:05}"));
        self.quantity.push(quantity);
        self.price.push(price);
        self.amount.push(quantity * price);
        self.placed.push(placed.micros());
    }

    fn columns(self) -> Result<Columns> {
        let [epoch, line, kind] = self.small;
        Columns::new()
            .with("shop_id", Column::I64(self.shop))?
            .with("customer_no", Column::OptI64(self.customer))?
            .with("order_no", Column::I64(self.order))?
            .with("epoch", Column::I32(epoch))?
            .with("line_no", Column::I32(line))?
            .with("kind", Column::I32(kind))?
            .with("product_no", Column::OptI64(self.product))?
            .with("sku", Column::Words(self.sku))?
            .with("quantity", Column::I64(self.quantity))?
            .with("unit_price_minor", Column::I64(self.price))?
            .with("amount_minor", Column::I64(self.amount))?
            .with("placed_at", Column::Time(self.placed))
    }
}
