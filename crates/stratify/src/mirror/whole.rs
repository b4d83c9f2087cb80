//! Conditions over all of a shop's customers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use lake::mask::{Masker, Node, Rows, true_rows};
use roaring::RoaringBitmap;

use super::{BLOCK_ROWS, Mirror, column};

/// Blocks that are looked at to find out which conditions decide most.
const SAMPLES: usize = 3;
/// Columns that a mirror may have.
const COLUMNS_MAX: usize = 64;

/// A column's place is the same in a condition and in a block.
static PLACES: [usize; COLUMNS_MAX] = {
    let mut places = [0; COLUMNS_MAX];
    let mut place = 0;
    while place < COLUMNS_MAX {
        #[expect(clippy::indexing_slicing, reason = "the loop ends before the array does")]
        {
            places[place] = place;
        }
        place += 1;
    }
    places
};

/// A block's rows as conditions see them; the first of them is customer number `first` + 1.
pub(super) fn rows(block: &RecordBatch, first: usize) -> Rows<'_> {
    Rows { batch: block, places: &PLACES, first }
}

/// The rows of a block that somebody goes by.
pub(super) fn known(block: &RecordBatch) -> Vec<u8> {
    let known = column::place("known").map(|place| true_rows(block, place));
    known.unwrap_or_else(|| vec![0; block.num_rows()])
}

impl Mirror {
    /// Bytes of memory that the columns take; texts that blocks share count once.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let column = |column: &ArrayRef| match column.as_dictionary_opt::<Int32Type>() {
            Some(words) => words.keys().get_buffer_memory_size(),
            None => column.get_buffer_memory_size(),
        };
        let blocks = self.blocks.iter().flat_map(RecordBatch::columns).map(column);
        blocks.sum::<usize>() + self.words.bytes()
    }

    /// How many customers a condition holds for, found by so many threads.
    #[must_use]
    pub fn count(&self, node: &Node, threads: usize) -> u64 {
        let counts = self.over_blocks(node, threads, |count: &mut u64, _, _, left| {
            *count += u64::try_from(left).unwrap_or(u64::MAX);
        });
        counts.iter().sum()
    }

    /// The numbers of the customers that a condition holds for.
    #[must_use]
    pub fn members(&self, node: &Node, threads: usize) -> RoaringBitmap {
        let sets = self.over_blocks(node, threads, |set: &mut RoaringBitmap, first, mask, left| {
            if left > 0 {
                let places = mask.iter().enumerate().filter(|(_, slot)| **slot == 1);
                let number = |(row, _): (usize, &u8)| u32::try_from(first + row + 1).ok();
                add_ascending(set, places.filter_map(number));
            }
        });
        sets.into_iter().fold(RoaringBitmap::new(), |all, set| all | set)
    }

    /// The same among some customers only.
    #[must_use]
    pub fn members_among(&self, node: &Node, among: &RoaringBitmap) -> RoaringBitmap {
        let node = self.tuned(node);
        let mut all = RoaringBitmap::new();
        let mut masker = Masker::new(&node);
        let mut next = among.min();
        while let Some(number) = next {
            let index = (number as usize - 1) / BLOCK_ROWS;
            let Some(block) = self.blocks.get(index) else { break };
            let first = index * BLOCK_ROWS;
            let end = u32::try_from(first + BLOCK_ROWS).unwrap_or(u32::MAX);
            let known = known(block);
            let mut mask = vec![0; block.num_rows()];
            let place = |number: u32| (number as usize).checked_sub(first + 1);
            for row in among.range(number..=end).filter_map(place) {
                if let (Some(slot), Some(known)) = (mask.get_mut(row), known.get(row)) {
                    *slot = *known;
                }
            }
            if masker.narrow(&rows(block, first), &mut mask) > 0 {
                let rows = mask.iter().enumerate().filter(|(_, slot)| **slot == 1);
                let number = |(row, _)| u32::try_from(first + row + 1).ok();
                add_ascending(&mut all, rows.filter_map(number));
            }
            next = end.checked_add(1).and_then(|after| among.range(after..).next());
        }
        all
    }

    /// The numbers of the customers whose row is another than it was, and whether anything may have
    /// happened beside that: a visit, say, that was not the last.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> (RoaringBitmap, bool) {
        let (mut changed, mut touched) = (RoaringBitmap::new(), false);
        for (index, block) in self.blocks.iter().enumerate() {
            let mut row_differs = vec![false; block.num_rows()];
            match before.blocks.get(index) {
                None => {
                    touched = true;
                    known(block).iter().zip(&mut row_differs).for_each(|(k, d)| *d = *k == 1);
                }
                Some(old) => {
                    for (now, then) in block.columns().iter().zip(old.columns()) {
                        if !Arc::ptr_eq(now, then) {
                            touched = true;
                            column::differ(now, then, &mut row_differs);
                        }
                    }
                }
            }
            let rows = row_differs.iter().enumerate().filter(|(_, differs)| **differs);
            let number = |(row, _)| u32::try_from(index * BLOCK_ROWS + row + 1).ok();
            add_ascending(&mut changed, rows.filter_map(number));
        }
        (changed, touched)
    }

    /// Whether a condition holds for the customer of a number; nobody goes by a number that there
    /// is not.
    #[must_use]
    pub fn holds(&self, node: &Node, number: i64) -> bool {
        self.row(number).is_some_and(|(rows, row)| node.holds(&rows, row))
    }

    /// The block and the row of a customer.
    pub(crate) fn row(&self, number: i64) -> Option<(Rows<'_>, usize)> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let block = self.blocks.get(place / BLOCK_ROWS)?;
        let rows = rows(block, place - place % BLOCK_ROWS);
        let known = column::place("known")?;
        (rows.truth(known, place % BLOCK_ROWS) == Some(true)).then_some((rows, place % BLOCK_ROWS))
    }

    /// A condition whose parts are in the order in which they decide most.
    fn tuned(&self, node: &Node) -> Node {
        let step = (self.blocks.len() / SAMPLES).max(1);
        let samples = self.blocks.iter().enumerate().step_by(step).take(SAMPLES);
        let samples: Vec<Rows<'_>> =
            samples.map(|(index, block)| rows(block, index * BLOCK_ROWS)).collect();
        node.tuned(&samples)
    }

    /// Gives `take` the mask of every block, its first row's place and how many rows are left.
    fn over_blocks<S: Send + Default>(
        &self,
        node: &Node,
        threads: usize,
        take: impl Fn(&mut S, usize, &[u8], usize) + Sync,
    ) -> Vec<S> {
        let node = self.tuned(node);
        let next = AtomicUsize::new(0);
        let thread = || {
            let (mut state, mut masker) = (S::default(), Masker::new(&node));
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(block) = self.blocks.get(index) else { return state };
                let (first, mut mask) = (index * BLOCK_ROWS, known(block));
                let left = masker.narrow(&rows(block, first), &mut mask);
                take(&mut state, first, &mask, left);
            }
        };
        if threads <= 1 || self.blocks.len() <= 1 {
            return vec![thread()];
        }
        std::thread::scope(|scope| {
            let running: Vec<_> = (1..threads).map(|_| scope.spawn(thread)).collect();
            let mut states = vec![thread()];
            states.extend(running.into_iter().filter_map(|thread| thread.join().ok()));
            states
        })
    }
}

/// Adds numbers that ascend and are above all that are there: no place is looked for then.
pub(super) fn add_ascending(set: &mut RoaringBitmap, numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        if set.try_push(number).is_err() {
            set.insert(number);
        }
    }
}
