//! Tables that come as columns of text: the seam to Parquet, which only the lake reads.

use base::Result;

use super::RawRow;

/// A column's cells in one text, with the end of each.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// Adds a cell; an empty text is "nothing here".
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// Adds a cell that `write` appends to the text.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut String) -> Result<()>) -> Result<()> {
        write(&mut self.text)?;
        self.ends.push(self.text.len());
        Ok(())
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn get(&self, place: usize) -> &str {
        let end = self.ends.get(place).copied().unwrap_or(0);
        let start = place.checked_sub(1).and_then(|p| self.ends.get(p)).copied().unwrap_or(0);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Some rows as columns of equal length.
pub type Batch = Vec<Cells>;

/// A table of columns.
pub struct Columns {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows in all, for progress.
    pub rows: u64,
    batches: Box<dyn Iterator<Item = Result<Batch>> + Send>,
    batch: Batch,
    place: usize,
    read: u64,
}

impl Columns {
    /// A table from its header, its number of rows and its batches.
    pub fn new(
        header: Vec<String>,
        rows: u64,
        batches: impl Iterator<Item = Result<Batch>> + Send + 'static,
    ) -> Self {
        Self { header, rows, batches: Box::new(batches), batch: Vec::new(), place: 0, read: 0 }
    }

    pub(super) fn read_rows(&self) -> u64 {
        self.read
    }

    pub(super) fn read(&mut self, row: &mut RawRow) -> Result<bool> {
        while self.place >= self.batch.first().map_or(0, Cells::len) {
            match self.batches.next() {
                Some(batch) => self.batch = batch?,
                None => return Ok(false),
            }
            self.place = 0;
        }
        row.clear();
        for column in &self.batch {
            row.push(column.get(self.place));
        }
        self.place += 1;
        self.read += 1;
        // Row 1 is the header, as a spreadsheet would count.
        row.line = self.read + 1;
        Ok(true)
    }
}
