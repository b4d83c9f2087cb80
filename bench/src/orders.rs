//! A shop's export of orders, one line each, as the mapping `orders` reads it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use base::Result;
use base::time::DAY_MICROS;

use crate::{DAYS, START, scatter};

const HEADER: &str = "Order ID,Customer ID,Order Date,SKU,Quantity,Unit Price,Province";
const PROVINCES: [&str; 5] = ["广东省", "浙江省", "江苏省", "四川省", "北京"];

/// Every customer bought once, every second a second time; without customers only a header and
/// one order of nobody, since a file without rows is refused.
pub(crate) fn write(file: &Path, customers: u64) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "{HEADER}")?;
    let orders = (customers + customers / 2).max(1);
    for order in 1..=orders {
        let customer = (order - 1) % customers.max(1) + 1;
        let buyer = if customers == 0 { String::new() } else { format!("C{customer}") };
        let seconds = scatter(order, 1) % (DAYS * DAY_MICROS.unsigned_abs() / 1_000_000);
        let placed = START.plus(i64::try_from(seconds).unwrap_or(0) * 1_000_000);
        let product = scatter(order, 2) % 2_000;
        let (quantity, price) = (scatter(order, 3) % 3 + 1, 5 + scatter(product, 4) % 200);
        let place = usize::try_from(customer).unwrap_or(0) % PROVINCES.len();
        let province = PROVINCES.get(place).copied().unwrap_or_default();
        writeln!(out, "O{order},{buyer},{placed},P{product},{quantity},{price}.00,{province}")?;
    }
    Ok(out.flush()?)
}
