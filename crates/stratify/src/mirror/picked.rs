//! The rows of some customers, side by side: what many conditions are asked of at once.

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use base::{Error, Result};
use lake::mask::{Masker, Node};
use roaring::RoaringBitmap;

use super::whole::{add_ascending, known, rows};
use super::{BLOCK_ROWS, Mirror};

/// Rows of one block.
struct Part {
    rows: RecordBatch,
    /// Whose they are, ascending.
    numbers: Vec<u32>,
    /// The rows that somebody goes by.
    known: Vec<u8>,
}

/// The rows of some customers.
#[derive(Default)]
pub struct Picked(Vec<Part>);

impl Mirror {
    /// The rows of these customers.
    ///
    /// # Errors
    /// `internal` when a block cannot be read.
    pub fn pick(&self, among: &RoaringBitmap) -> Result<Picked> {
        let failed = |cause| Error::internal("rows of the mirror cannot be picked", cause);
        let mut parts = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let first = index * BLOCK_ROWS;
            let bounds = (u32::try_from(first + 1), u32::try_from(first + block.num_rows()));
            let (Ok(least), Ok(most)) = bounds else { break };
            if least > most {
                continue;
            }
            let numbers: Vec<u32> = among.range(least..=most).collect();
            if numbers.is_empty() {
                continue;
            }
            let places = UInt32Array::from_iter_values(numbers.iter().map(|n| n - least));
            let rows = take_record_batch(block, &places).map_err(failed)?;
            let known = known(&rows);
            parts.push(Part { rows, numbers, known });
        }
        Ok(Picked(parts))
    }
}

impl Picked {
    /// The numbers of those for whom a condition holds that does not ask where a row stands.
    #[must_use]
    pub fn members(&self, node: &Node) -> RoaringBitmap {
        let mut masker = Masker::new(node);
        let mut all = RoaringBitmap::new();
        for part in &self.0 {
            let mut mask = part.known.clone();
            if masker.narrow(&rows(&part.rows, 0), &mut mask) > 0 {
                let held = part.numbers.iter().zip(&mask).filter(|(_, slot)| **slot == 1);
                add_ascending(&mut all, held.map(|(number, _)| *number));
            }
        }
        all
    }
}
