//! Evaluating a tree over the rows of a batch.

use std::cell::Cell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Int32Type};

use super::{Node, Rows, Test, i64s};

/// With fewer than one candidate in so many rows, conditions are tried row by row, which takes
/// several times as long for each.
const SPARSE: usize = 8;
/// Rows whose bits are looked at together.
const WORD_ROWS: usize = 64;
/// Rows whose numbers are gathered together.
const FEW_ROWS: usize = 256;
/// A list of numbers up to this length is compared one by one.
const FEW_NUMBERS: usize = 6;
/// Words up to this many are looked up by a byte.
const FEW_WORDS: usize = 256;

/// Evaluates a tree, batch after batch, with the memory of the batch before.
#[derive(Debug)]
pub struct Masker<'a> {
    node: &'a Node,
    spare: Vec<Vec<u8>>,
    rows: Vec<usize>,
    words: Vec<Words>,
}

/// Which words of a dictionary pass a test, remembered while the dictionary is the same.
#[derive(Debug)]
struct Words {
    /// Where the test is, which tells it from others of the tree.
    test: usize,
    dictionary: ArrayRef,
    pass: Vec<u8>,
}

impl<'a> Masker<'a> {
    /// An evaluator of a tree.
    #[must_use]
    pub fn new(node: &'a Node) -> Self {
        Self { node, spare: Vec::new(), rows: Vec::new(), words: Vec::new() }
    }

    /// Takes the rows for which the tree does not hold out of `mask`, which has a byte a row: 1
    /// for a candidate, 0 for none. How many are left.
    pub fn narrow(&mut self, rows: &Rows<'_>, mask: &mut [u8]) -> usize {
        self.node(self.node, rows, mask);
        ones(mask)
    }

    fn node(&mut self, node: &Node, rows: &Rows<'_>, mask: &mut [u8]) {
        match node {
            Node::All(nodes) => self.all(nodes, rows, mask),
            Node::Any(nodes) => self.any(nodes, rows, mask),
            Node::Column(column, test) => self.column((*column, test), rows, mask),
            Node::Compare(left, right, ways) => compare(rows, (*left, *right), *ways, mask),
            Node::Discount(places, test) => {
                let candidates = mask.iter_mut().enumerate().filter(|(_, slot)| **slot == 1);
                for (row, slot) in candidates {
                    *slot = u8::from(rows.discount_passes(*places, row, test));
                }
            }
            Node::Row(test) => test.narrow(rows.first, mask),
        }
    }

    fn all(&mut self, nodes: &[Node], rows: &Rows<'_>, mask: &mut [u8]) {
        for (done, node) in nodes.iter().enumerate() {
            let left = ones(mask);
            if left == 0 {
                return;
            }
            if left * SPARSE < mask.len() {
                self.sparse(nodes.get(done..).unwrap_or_default(), rows, mask);
                return;
            }
            self.node(node, rows, mask);
        }
    }

    /// The same row by row, for a few candidates.
    fn sparse(&mut self, nodes: &[Node], rows: &Rows<'_>, mask: &mut [u8]) {
        let mut few = std::mem::take(&mut self.rows);
        candidates(mask, &mut few);
        for node in nodes {
            match node {
                Node::Column(column, test) => self.few((*column, test), rows, &mut few),
                node => few.retain(|row| node.holds(rows, *row)),
            }
        }
        mask.fill(0);
        for row in &few {
            if let Some(slot) = mask.get_mut(*row) {
                *slot = 1;
            }
        }
        self.rows = few;
    }

    /// Leaves those of a few rows whose value passes.
    fn few(&mut self, (column, test): (usize, &Test), rows: &Rows<'_>, few: &mut Vec<usize>) {
        let array = rows.array(column);
        let nulls = array.and_then(|array| array.nulls());
        let there = |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
        let words = array.and_then(|array| array.as_dictionary_opt::<Int32Type>());
        match (test, array.and_then(i64s), words) {
            (Test::Range { .. } | Test::Among { .. }, Some(values), _) => keep(few, |row| {
                there(row) & values.get(row).is_some_and(|value| test.number(*value))
            }),
            (Test::Text { .. }, _, Some(words)) => {
                let pass = self.words(test, words.values());
                let codes = words.keys().values();
                keep(few, |row| {
                    there(row) & codes.get(row).is_some_and(|code| passes(pass, *code) == 1)
                });
            }
            (Test::Truth(wanted), ..) => {
                let truths = array.and_then(|array| array.as_boolean_opt());
                let truths = truths.map(BooleanArray::values);
                keep(few, |row| {
                    let truth = truths.filter(|truths| row < truths.len());
                    there(row) & truth.is_some_and(|truths| truths.value(row) == *wanted)
                });
            }
            _ => few.retain(|row| rows.value_passes(column, *row, test)),
        }
    }

    fn any(&mut self, nodes: &[Node], rows: &Rows<'_>, mask: &mut [u8]) {
        let mut left = self.buffer(mask);
        let mut tried = self.buffer(mask);
        mask.fill(0);
        for node in nodes {
            if ones(&left) == 0 {
                break;
            }
            tried.copy_from_slice(&left);
            self.node(node, rows, &mut tried);
            for ((slot, left), passed) in mask.iter_mut().zip(&mut left).zip(&tried) {
                *slot |= passed;
                *left &= passed ^ 1;
            }
        }
        self.spare.extend([left, tried]);
    }

    fn buffer(&mut self, mask: &[u8]) -> Vec<u8> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(mask);
        buffer
    }

    fn column(&mut self, (column, test): (usize, &Test), rows: &Rows<'_>, mask: &mut [u8]) {
        let Some(array) = rows.array(column) else {
            if !test.of_nothing() {
                mask.fill(0);
            }
            return;
        };
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        match test {
            Test::There(wanted) => return there(nulls, *wanted, mask),
            Test::Truth(wanted) => truths(array, *wanted, mask),
            Test::Range { least, most, outside } => {
                range(i64s(array).unwrap_or_default(), (*least, *most, *outside), mask);
            }
            Test::Among { values, outside } => {
                among(i64s(array).unwrap_or_default(), (values, *outside), mask);
            }
            Test::Ranges { .. } | Test::Bits { .. } => {
                each(i64s(array).unwrap_or_default(), mask, |value| test.number(value));
            }
            Test::Text { .. } | Test::Property { .. } => {
                self.texts((column, test), array, rows, mask);
            }
        }
        if let Some(nulls) = nulls
            && !test.of_nothing()
        {
            there(Some(nulls), true, mask);
        }
    }

    fn texts(
        &mut self,
        (column, test): (usize, &Test),
        array: &dyn Array,
        rows: &Rows<'_>,
        mask: &mut [u8],
    ) {
        if !matches!(array.data_type(), DataType::Dictionary(..)) {
            let candidates = mask.iter_mut().enumerate().filter(|(_, slot)| **slot == 1);
            for (row, slot) in candidates {
                let text = rows.text(column, row);
                *slot = u8::from(text.map_or(test.of_nothing(), |text| test.text(text)));
            }
            return;
        }
        let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() else {
            mask.fill(0);
            return;
        };
        let pass = self.words(test, dictionary.values());
        let codes = mask.iter_mut().zip(dictionary.keys().values());
        match <&[u8; FEW_WORDS]>::try_from(pass) {
            Ok(pass) => codes.for_each(|(slot, code)| *slot &= of_few(pass, *code)),
            Err(_) => codes.for_each(|(slot, code)| *slot &= passes(pass, *code)),
        }
    }

    /// Which words of a dictionary pass.
    fn words(&mut self, test: &Test, dictionary: &ArrayRef) -> &[u8] {
        let own = std::ptr::from_ref(test).addr();
        let known = |words: &Words| words.test == own && Arc::ptr_eq(&words.dictionary, dictionary);
        let place = self.words.iter().position(known).unwrap_or_else(|| {
            let texts = dictionary.as_string_opt::<i32>();
            let texts = texts.into_iter().flatten();
            let pass = texts.map(|text| u8::from(text.is_some_and(|text| test.text(text))));
            let fresh =
                Words { test: own, dictionary: Arc::clone(dictionary), pass: pass.collect() };
            // One dictionary a test: of a file's, each is met once.
            match self.words.iter_mut().position(|words| words.test == own) {
                Some(place) => {
                    if let Some(slot) = self.words.get_mut(place) {
                        *slot = fresh;
                    }
                    place
                }
                None => {
                    self.words.push(fresh);
                    self.words.len() - 1
                }
            }
        });
        self.words.get(place).map(|words| words.pass.as_slice()).unwrap_or_default()
    }
}

/// The rows that a mask has, without a branch for each: which way it went could not be foretold.
fn candidates(mask: &[u8], rows: &mut Vec<usize>) {
    rows.clear();
    let mut own = [0; FEW_ROWS];
    for (part, slots) in mask.chunks(FEW_ROWS).enumerate() {
        let mut found = 0;
        for (row, slot) in (part * FEW_ROWS..).zip(slots) {
            if let Some(place) = own.get_mut(found) {
                *place = row;
            }
            found += usize::from(*slot);
        }
        rows.extend_from_slice(own.get(..found).unwrap_or_default());
    }
}

/// Leaves the rows that pass, likewise.
fn keep(rows: &mut Vec<usize>, passes: impl Fn(usize) -> bool) {
    let mut kept = 0;
    let cells = Cell::from_mut(rows.as_mut_slice()).as_slice_of_cells();
    for row in cells.iter().map(Cell::get) {
        if let Some(place) = cells.get(kept) {
            place.set(row);
        }
        kept += usize::from(passes(row));
    }
    rows.truncate(kept);
}

/// Whether the word of a code passes: 1 or 0.
fn passes(pass: &[u8], code: i32) -> u8 {
    usize::try_from(code).ok().and_then(|code| pass.get(code)).copied().unwrap_or(0)
}

/// The same of a few words. A code below zero or beyond them is of a row without a value, which is
/// taken out anyway.
#[expect(clippy::cast_possible_truncation, reason = "a byte's worth of it is meant")]
#[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
fn of_few(pass: &[u8; FEW_WORDS], code: i32) -> u8 {
    pass[usize::from(code as u8)]
}

/// How many rows a mask has left.
fn ones(mask: &[u8]) -> usize {
    // Sums of up to 255 in a byte each, which the processor adds many at a time.
    mask.chunks(255).map(|part| usize::from(part.iter().sum::<u8>())).sum()
}

fn range(values: &[i64], (least, most, outside): (i64, i64, bool), mask: &mut [u8]) {
    if values.len() < mask.len() {
        mask.fill(0);
    }
    let turned = u8::from(outside);
    if least > most {
        mask.iter_mut().for_each(|slot| *slot &= turned);
        return;
    }
    let span = most.wrapping_sub(least).cast_unsigned();
    for (slot, value) in mask.iter_mut().zip(values) {
        let inside = value.wrapping_sub(least).cast_unsigned() <= span;
        *slot &= u8::from(inside) ^ turned;
    }
}

fn among(values: &[i64], (wanted, outside): (&[i64], bool), mask: &mut [u8]) {
    match wanted.len() {
        0..=FEW_NUMBERS => each(values, mask, |value| wanted.contains(&value) != outside),
        _ => each(values, mask, |value| wanted.binary_search(&value).is_ok() != outside),
    }
}

fn each(values: &[i64], mask: &mut [u8], passes: impl Fn(i64) -> bool) {
    if values.len() < mask.len() {
        mask.fill(0);
    }
    let candidates = mask.iter_mut().zip(values).filter(|(slot, _)| **slot == 1);
    candidates.for_each(|(slot, value)| *slot = u8::from(passes(*value)));
}

fn truths(array: &dyn Array, wanted: bool, mask: &mut [u8]) {
    let Some(truths) = array.as_boolean_opt() else {
        mask.fill(0);
        return;
    };
    bits(truths.values(), wanted, mask);
}

/// Leaves the rows that have a value, or those that have none.
fn there(nulls: Option<&NullBuffer>, wanted: bool, mask: &mut [u8]) {
    let Some(nulls) = nulls else {
        if !wanted {
            mask.fill(0);
        }
        return;
    };
    bits(nulls.inner(), wanted, mask);
}

/// Leaves the rows whose bit is set, or those whose bit is not.
pub(super) fn bits(bits: &BooleanBuffer, wanted: bool, mask: &mut [u8]) {
    let words = bits.bit_chunks();
    let turned = if wanted { 0 } else { u64::MAX };
    for (rows, word) in mask.chunks_mut(WORD_ROWS).zip(words.iter_padded()) {
        let word = word ^ turned;
        if word == u64::MAX {
            continue;
        }
        for (eight, byte) in rows.chunks_mut(8).zip(word.to_le_bytes()) {
            for (slot, bit) in eight.iter_mut().zip(spread(byte)) {
                *slot &= bit;
            }
        }
    }
}

/// A byte's bits as bytes of 0 or 1, the lowest first.
fn spread(byte: u8) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Every byte of the product is the byte itself; the mask leaves the bit of its place, and the
    // sum carries it into the highest.
    let own = (u64::from(byte) * EACH) & 0x8040_2010_0804_0201;
    (((own + 0x7f7f_7f7f_7f7f_7f7f) >> 7) & EACH).to_le_bytes()
}

fn compare(rows: &Rows<'_>, (left, right): (usize, usize), ways: [bool; 3], mask: &mut [u8]) {
    let candidates = mask.iter_mut().enumerate().filter(|(_, slot)| **slot == 1);
    for (row, slot) in candidates {
        let both = rows.number(left, row).zip(rows.number(right, row));
        *slot = u8::from(both.is_some_and(|(left, right)| super::compares_as(left, right, ways)));
    }
}
