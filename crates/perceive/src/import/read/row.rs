//! A record before anybody understands it.

/// The fields of one record. The buffers are kept from record to record.
#[derive(Debug, Clone, Default)]
pub struct RawRow {
    /// Physical line on which the record starts, counted from 1; the row of a sheet or of a
    /// Parquet file with the header as row 1.
    pub line: u64,
    /// Whether bytes were not of the file's encoding; they stand as U+FFFD.
    pub broken: bool,
    text: String,
    ends: Vec<usize>,
}

impl RawRow {
    /// An empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of text of all fields.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The field at a place, as the source has it.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = match place.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.get(place).unwrap_or_default())
    }

    /// Forgets the fields.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.broken = false;
    }

    /// Adds a field.
    pub fn push(&mut self, field: &str) {
        self.text.push_str(field);
        self.ends.push(self.text.len());
    }

    /// Takes a whole record over: the text of all fields, and where each ends.
    pub(super) fn set(&mut self, text: &str, ends: &[usize]) {
        self.text.clear();
        self.text.push_str(text);
        self.ends.clear();
        self.ends.extend_from_slice(ends);
    }
}
