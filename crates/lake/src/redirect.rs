//! What readers outside of Shuke need beside the tables' files: whose a row is by now, and which
//! rows count no more. Shuke's own queries take the same from the store.

use std::path::PathBuf;

use base::{Result, ShopId};

use crate::checkpoint::{Checkpoint, write_checkpoint};
use crate::columns::{Column, Columns, Words};
use crate::fresh::{Fresh, Moment};
use crate::{EVENTS, Lake, ORDER_LINES};

/// Folder of the redirect tables, within the lake.
const FOLDER: &str = "redirect";
/// The version of their form.
const VERSION: u32 = 1;

/// What a row of a redirect table says of `number`, by its column `what`.
const CUSTOMER: &str = "customer";
const BUYER: &str = "buyer";

impl Lake {
    /// A shop's redirect table: a Parquet file.
    #[must_use]
    pub fn redirect(&self, shop: ShopId) -> PathBuf {
        self.tables().root().join(FOLDER).join(format!("{shop}.parquet"))
    }

    /// Replaces a shop's redirect table, with the columns `what`, `number` and `value`.
    ///
    /// | `what` | `number` | `value` |
    /// |---|---|---|
    /// | `customer` | a `customer_no` | the one that it goes by now |
    /// | `buyer` | the `order_no` of an event without a customer | the buyer |
    /// | `order_lines` | an `order_no` | the least `epoch` of its lines that counts |
    /// | `events` | a `source_no` | the least `epoch` of its events that counts |
    ///
    /// # Errors
    /// [`base::Code::DiskFull`] when there is no space; then the one before is still there.
    pub fn publish(&self, shop: ShopId, moment: &Moment) -> Result<()> {
        let Moment { lines, events, .. } = moment;
        let epochs = |fresh: &Fresh| {
            let mut epochs: Vec<(i64, i64)> =
                fresh.epochs().into_iter().map(|(key, epoch)| (key, i64::from(epoch))).collect();
            epochs.sort_unstable();
            epochs
        };
        let rows = [
            (CUSTOMER, lines.redirect.clone()),
            (BUYER, events.buyers.clone().into()),
            (ORDER_LINES.name, epochs(lines).into()),
            (EVENTS.name, epochs(events).into()),
        ];
        let (mut number, mut value) = (Vec::new(), Vec::new());
        let words =
            rows.iter().flat_map(|(what, rows)| std::iter::repeat_n(Some(*what), rows.len()));
        let what: Words = words.collect();
        for (from, to) in rows.iter().flat_map(|(_, rows)| rows.iter().copied()) {
            number.push(from);
            value.push(to);
        }
        let batch = Columns::new()
            .with("what", Column::Words(what))?
            .with("number", Column::I64(number))?
            .with("value", Column::I64(value))?
            .into_batch()?;
        let checkpoint = Checkpoint { version: VERSION, notes: Vec::new(), batches: vec![batch] };
        write_checkpoint(&self.redirect(shop), &checkpoint)
    }
}
