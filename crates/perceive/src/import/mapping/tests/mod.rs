//! Mappings against real files, made-up rows and hostile ones.

mod known;
mod rules;

use std::path::PathBuf;

use super::*;
use crate::import::read::{RawRow, Table};
use crate::record::{OrderRow, Record};

/// The folder of shared data; `None`, and a word about it, where it is missing.
fn data(file: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tests find shared data through SHUKE_DATA")]
    let folder = std::env::var_os("SHUKE_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if !path.exists() {
        println!("skipped: {} is not there; set SHUKE_DATA", path.display());
        return None;
    }
    Some(path)
}

/// Reads a file row by row, and returns the rejects by line.
fn each(mapping: &str, mut table: Table, mut see: impl FnMut(Record)) -> Vec<(u64, Reject)> {
    let mapping = builtin(mapping).unwrap();
    let bound = mapping.bind(table.header(), &Setting::default()).unwrap();
    let mut rejects = Vec::new();
    let (mut row, mut scratch) = (RawRow::new(), Scratch::default());
    while table.read(&mut row).unwrap() {
        let read = bound.record(&row, &mut scratch);
        if !bound.first_row_head && row.line.is_multiple_of(8) {
            // What is remembered from row to row saves work and changes nothing.
            assert_eq!(read, bound.record(&row, &mut Scratch::default()), "line {}", row.line);
        }
        match read {
            Ok(record) => record.into_iter().for_each(&mut see),
            Err(reject) => rejects.push((row.line, reject)),
        }
    }
    rejects
}

/// All that a file says: records, and rejects by line.
fn import(mapping: &str, table: Table) -> (Vec<Record>, Vec<(u64, Reject)>) {
    let mut records = Vec::new();
    let rejects = each(mapping, table, |record| records.push(record));
    (records, rejects)
}

fn orders(records: Vec<Record>) -> Vec<OrderRow> {
    let order = |record| match record {
        Record::Order(order) => Some(*order),
        _ => None,
    };
    records.into_iter().filter_map(order).collect()
}

/// A row of fields.
fn raw(fields: &[&str]) -> RawRow {
    let mut row = RawRow::new();
    fields.iter().for_each(|field| row.push(field));
    row.line = 2;
    row
}

fn names(header: &[&str]) -> Vec<String> {
    header.iter().map(|name| (*name).to_owned()).collect()
}
