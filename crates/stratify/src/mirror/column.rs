//! The mirror's columns: which there are, and how a block of them is built.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayAccessor, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray,
    BooleanBufferBuilder, DictionaryArray, Int32Array, Int64Array, PrimitiveArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::concat_batches;
use arrow::compute::kernels::cmp::distinct;
use arrow::datatypes::{
    DataType, Field, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType,
};
use base::{Error, Result};
use perceive::consent::Channel;
use perceive::profile::Row;

use super::words::Dictionary;

/// Where a column stands in a block.
pub(crate) type Place = usize;

/// How a column reads a row.
#[derive(Clone, Copy)]
enum Read {
    /// A whole number.
    Number(fn(&Row) -> Option<i64>),
    /// An instant in microseconds.
    Time(fn(&Row) -> Option<i64>),
    /// A text that mostly differs.
    Text(fn(&Row) -> Option<&str>),
    /// A text of few different values.
    Word(fn(&Row) -> Option<&str>),
    /// A truth value.
    Truth(fn(&Row) -> Option<bool>),
    /// An instant that no row tells, in microseconds.
    Apart,
}

/// The columns in their order: name in SQL, and how a row gives it.
const COLUMNS: &[(&str, Read)] = &[
    ("customer_id", Read::Number(|row| Some(row.customer_no))),
    ("known", Read::Truth(|row| Some(row.known))),
    ("external_id", Read::Text(|row| row.external_id.as_deref())),
    ("country", Read::Word(|row| row.country.as_deref())),
    ("country_code", Read::Word(|row| row.country_code.as_deref())),
    ("province", Read::Word(|row| row.province.as_deref())),
    ("city", Read::Word(|row| row.city.as_deref())),
    ("gender", Read::Word(|row| row.gender.as_deref())),
    ("age_band", Read::Word(|row| row.age_band.as_deref())),
    ("registered_at", Read::Time(|row| row.registered_at)),
    ("orders", Read::Number(|row| Some(row.orders))),
    ("paid_orders", Read::Number(|row| Some(row.paid_orders))),
    ("paid_minor", Read::Number(|row| Some(row.paid_minor))),
    ("refunded_minor", Read::Number(|row| Some(row.refunded_minor))),
    ("adjusted_minor", Read::Number(|row| Some(row.adjusted_minor))),
    ("net_minor", Read::Number(net)),
    ("items", Read::Number(|row| Some(row.items))),
    ("order_value_minor", Read::Number(order_value)),
    ("days_between_orders", Read::Number(days_between)),
    ("first_order_at", Read::Time(|row| row.first_order_at)),
    ("last_order_at", Read::Time(|row| row.last_order_at)),
    ("first_paid_at", Read::Time(|row| row.first_paid_at)),
    ("last_paid_at", Read::Time(|row| row.last_paid_at)),
    ("last_paid_order_at", Read::Time(|row| row.last_paid_order_at)),
    ("last_visit_at", Read::Apart),
    ("favourite_category", Read::Word(|row| row.favourite_category.as_deref())),
    ("favourite_brand", Read::Word(|row| row.favourite_brand.as_deref())),
    ("price_band", Read::Number(|row| row.price_band)),
    ("channel", Read::Word(|row| row.channel.as_deref())),
    ("has_phone", Read::Truth(|row| Some(row.has_phone))),
    ("has_email", Read::Truth(|row| Some(row.has_email))),
    ("has_wechat", Read::Truth(|row| Some(row.has_wechat.unwrap_or(false)))),
    ("consent_sms", Read::Truth(|row| Channel::Sms.of_bits(row.consents))),
    ("consent_email", Read::Truth(|row| Channel::Email.of_bits(row.consents))),
    ("consent_wechat", Read::Truth(|row| Channel::Wechat.of_bits(row.consents))),
    ("introduced", Read::Truth(|row| Some(row.introduced))),
    ("gift_receivers", Read::Number(|row| Some(row.gift_receivers.unwrap_or(0)))),
    (BIRTHDAY, Read::Word(|row| row.birthday_index.as_deref())),
];

/// Month and day of birth, by the index under which they are found: the day itself is sealed.
pub(crate) const BIRTHDAY: &str = "birthday";
/// Columns that are not shown as they are.
const HIDDEN: [&str; 2] = ["known", BIRTHDAY];

/// Whether people see a column as it is.
pub(super) fn is_shown(name: &str) -> bool {
    !HIDDEN.contains(&name)
}

/// 净额 of one customer.
#[must_use]
pub fn net(row: &Row) -> Option<i64> {
    Some(row.paid_minor - row.refunded_minor + row.adjusted_minor)
}

/// 笔单价 of one customer: paid money by paid order, rounded half away from zero.
#[must_use]
pub fn order_value(row: &Row) -> Option<i64> {
    (row.paid_orders > 0).then(|| (row.paid_minor + row.paid_orders / 2) / row.paid_orders)
}

/// Whole days between orders on average, from the first to the last.
#[must_use]
pub fn days_between(row: &Row) -> Option<i64> {
    let span = row.last_order_at? - row.first_order_at?;
    (row.orders > 1).then(|| span / (row.orders - 1) / base::time::DAY_MICROS)
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |(name, read): &(&str, Read)| {
        let kind = match read {
            Read::Number(_) => DataType::Int64,
            Read::Time(_) | Read::Apart => {
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
            }
            Read::Text(_) => DataType::Utf8,
            Read::Word(_) => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            Read::Truth(_) => DataType::Boolean,
        };
        Field::new(*name, kind, true)
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
});

/// The schema of every block.
pub(super) fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// The columns that people see: name and kind, in their order.
pub(crate) fn columns() -> impl Iterator<Item = (&'static str, lake::Kind)> {
    let shown = COLUMNS.iter().filter(|(name, _)| is_shown(name));
    shown.map(|(name, read)| {
        let kind = match read {
            Read::Number(_) => lake::Kind::I64,
            Read::Time(_) | Read::Apart => lake::Kind::Time,
            Read::Text(_) | Read::Word(_) => lake::Kind::Text,
            Read::Truth(_) => lake::Kind::Bool,
        };
        (*name, kind)
    })
}

/// Where the column `name` stands.
pub(crate) fn place(name: &str) -> Option<Place> {
    COLUMNS.iter().position(|(known, _)| *known == name)
}

/// Customers of a block.
pub(super) fn people(block: &RecordBatch) -> i64 {
    let known = place("known").and_then(|place| block.columns().get(place));
    let count = known.map_or(0, |known| known.as_boolean().true_count());
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn built(columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(schema(), columns)
        .map_err(|cause| Error::internal("a block of the mirror cannot be built", cause))
}

/// A block of `rows` numbers after `first` that nobody goes by.
pub(super) fn empty(first: usize, rows: usize, words: &Dictionary) -> Result<RecordBatch> {
    let columns = COLUMNS.iter().enumerate().map(|(place, (name, read))| -> ArrayRef {
        let numbers = (first + 1..=first + rows).map(|n| i64::try_from(n).unwrap_or_default());
        match read {
            Read::Number(_) if *name == "customer_id" => {
                Arc::new(Int64Array::from_iter_values(numbers))
            }
            Read::Number(_) => Arc::new(Int64Array::new_null(rows)),
            Read::Time(_) | Read::Apart => {
                Arc::new(TimestampMicrosecondArray::new_null(rows).with_timezone("UTC"))
            }
            Read::Text(_) => Arc::new(StringArray::new_null(rows)),
            Read::Word(_) => coded(Int32Array::new_null(rows), words, place),
            Read::Truth(_) => Arc::new(BooleanArray::from(vec![false; rows])),
        }
    });
    built(columns.collect())
}

/// The block with some of its rows replaced; of rows at the same place the last counts. Columns in
/// which nothing changes are shared with the old block.
pub(super) fn rebuild(
    old: &RecordBatch,
    rows: &[(usize, Row)],
    words: &mut Dictionary,
) -> Result<RecordBatch> {
    let columns = COLUMNS.iter().zip(old.columns()).enumerate();
    let columns = columns.map(|(place, ((_, read), old))| -> ArrayRef {
        let replaced = match read {
            Read::Number(get) => {
                let old = old.as_primitive::<Int64Type>();
                replace(rows, *get, value(old)).map(|fresh| Arc::new(numbers(old, &fresh)) as _)
            }
            Read::Time(get) => {
                let old = old.as_primitive::<TimestampMicrosecondType>();
                replace(rows, *get, value(old)).map(|fresh| Arc::new(numbers(old, &fresh)) as _)
            }
            Read::Word(get) => {
                words.learn(place, rows.iter().filter_map(|(_, row)| get(row)));
                let code = |row: &Row| get(row).and_then(|text| words.code(place, text));
                let old = old.as_dictionary::<Int32Type>().keys();
                let fresh = replace(rows, code, value(old));
                fresh.map(|fresh| coded(numbers(old, &fresh), words, place))
            }
            Read::Apart => None,
            Read::Text(get) => {
                let old = old.as_string::<i32>();
                replace(rows, *get, value(old)).map(|fresh| {
                    let kept = old.iter().enumerate();
                    let texts =
                        kept.map(|(place, kept)| fresh.get(&place).map_or(kept, |new| *new));
                    Arc::new(StringArray::from_iter(texts)) as ArrayRef
                })
            }
            Read::Truth(get) => {
                let old = old.as_boolean();
                replace(rows, *get, value(old)).map(|fresh| {
                    let kept = old.iter().enumerate();
                    let truths =
                        kept.map(|(place, kept)| fresh.get(&place).map_or(kept, |new| *new));
                    Arc::new(BooleanArray::from_iter(truths)) as ArrayRef
                })
            }
        };
        replaced.unwrap_or_else(|| Arc::clone(old))
    });
    built(columns.collect())
}

/// A column's values by place.
fn value<A: ArrayAccessor + Copy>(column: A) -> impl Fn(usize) -> Option<A::Item> {
    move |place| column.is_valid(place).then(|| column.value(place))
}

/// What `rows` say of a column, by place; `None` when that is what it holds already.
fn replace<'a, T: PartialEq>(
    rows: &'a [(usize, Row)],
    get: impl Fn(&'a Row) -> Option<T>,
    old: impl Fn(usize) -> Option<T>,
) -> Option<HashMap<usize, Option<T>>> {
    let differs = rows.iter().any(|(place, row)| get(row) != old(*place));
    differs.then(|| rows.iter().map(|(place, row)| (*place, get(row))).collect())
}

/// A column of numbers with some of them replaced.
fn numbers<T: ArrowPrimitiveType>(
    old: &PrimitiveArray<T>,
    fresh: &HashMap<usize, Option<T::Native>>,
) -> PrimitiveArray<T> {
    let mut values = old.values().to_vec();
    let mut valid = BooleanBufferBuilder::new(old.len());
    match old.nulls() {
        Some(nulls) => valid.append_buffer(nulls.inner()),
        None => valid.append_n(old.len(), true),
    }
    for (place, value) in fresh {
        if let Some(slot) = values.get_mut(*place) {
            *slot = value.unwrap_or_default();
            valid.set_bit(*place, value.is_some());
        }
    }
    let nulls = NullBuffer::new(valid.finish());
    let column = PrimitiveArray::<T>::new(values.into(), Some(nulls));
    column.with_data_type(old.data_type().clone())
}

/// A column of words from their codes.
fn coded(codes: Int32Array, words: &Dictionary, place: Place) -> ArrayRef {
    Arc::new(DictionaryArray::new(codes, words.texts(place)))
}

/// The block with other instants in one of its columns.
pub(super) fn with_times(
    block: &RecordBatch,
    name: &str,
    times: Vec<Option<i64>>,
) -> Result<RecordBatch> {
    let mut columns = block.columns().to_vec();
    if let Some(column) = place(name).and_then(|place| columns.get_mut(place)) {
        *column = Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC"));
    }
    built(columns)
}

/// The blocks with the codes of one dictionary, which learns their words.
pub(super) fn unified(blocks: &[RecordBatch], words: &mut Dictionary) -> Result<Vec<RecordBatch>> {
    let places =
        || COLUMNS.iter().enumerate().filter(|(_, (_, read))| matches!(read, Read::Word(_)));
    let column = |block: &RecordBatch, place: Place| {
        block.column(place).as_dictionary::<Int32Type>().clone()
    };
    for (place, _) in places() {
        for block in blocks {
            let own = column(block, place);
            words.learn(place, own.values().as_string::<i32>().iter().flatten());
        }
    }
    let unify = |block: &RecordBatch| {
        let mut columns = block.columns().to_vec();
        for (place, _) in places() {
            let own = column(block, place);
            let texts = own.values().as_string::<i32>().iter();
            let codes: Vec<Option<i32>> =
                texts.map(|text| text.and_then(|text| words.code(place, text))).collect();
            let shared = own.keys().iter().map(|key| {
                let key = key.and_then(|key| usize::try_from(key).ok())?;
                codes.get(key).copied().flatten()
            });
            if let Some(slot) = columns.get_mut(place) {
                *slot = coded(shared.collect(), words, place);
            }
        }
        built(columns)
    };
    blocks.iter().map(unify).collect()
}

/// Blocks of exactly `rows` rows from batches of any size.
pub(super) fn reblock(batches: Vec<RecordBatch>, rows: usize) -> Result<Vec<RecordBatch>> {
    let wrong = |cause| Error::damaged("a checkpoint has other columns").because(cause);
    if batches.iter().any(|batch| batch.schema().fields() != schema().fields()) {
        return Err(Error::damaged("a checkpoint has other columns"));
    }
    let mut blocks = Vec::new();
    let (mut open, mut held): (Vec<RecordBatch>, usize) = (Vec::new(), 0);
    for batch in batches {
        if held == 0 && batch.num_rows() == rows {
            blocks.push(batch);
            continue;
        }
        let mut first = 0;
        while first < batch.num_rows() {
            let take = (rows - held).min(batch.num_rows() - first);
            open.push(batch.slice(first, take));
            held += take;
            first += take;
            if held == rows {
                // A copy of its own, so that replacing a block gives its memory back.
                blocks.push(concat_batches(&schema(), &open).map_err(wrong)?);
                open.clear();
                held = 0;
            }
        }
    }
    if held > 0 {
        return Err(Error::damaged("a checkpoint ends within a block"));
    }
    Ok(blocks)
}

/// A column of whole numbers or instants, and which of them are there.
pub(super) fn i64s<'a>(
    block: &'a RecordBatch,
    name: &str,
) -> Option<(&'a [i64], Option<&'a NullBuffer>)> {
    let column = block.columns().get(place(name)?)?;
    let values = match column.data_type() {
        DataType::Timestamp(..) => column.as_primitive::<TimestampMicrosecondType>().values(),
        DataType::Int64 => column.as_primitive::<Int64Type>().values(),
        _ => return None,
    };
    Some((values, column.nulls()))
}

/// The same, row by row.
pub(super) fn each_i64(block: &RecordBatch, name: &str, mut each: impl FnMut(usize, Option<i64>)) {
    let Some((values, nulls)) = i64s(block, name) else { return };
    for (row, value) in values.iter().enumerate() {
        let there = nulls.is_none_or(|nulls| nulls.is_valid(row));
        each(row, there.then_some(*value));
    }
}

/// Marks the rows whose value is another in two columns of one kind.
pub(super) fn differ(now: &ArrayRef, then: &ArrayRef, rows: &mut [bool]) {
    // A word's code stays, whatever is learned later.
    let plain = |column: &ArrayRef| match column.as_dictionary_opt::<Int32Type>() {
        Some(words) => Arc::new(words.keys().clone()) as ArrayRef,
        None => Arc::clone(column),
    };
    match distinct(&plain(now), &plain(then)) {
        Ok(differs) => {
            let places = differs.values().set_indices();
            places.for_each(|row| rows.get_mut(row).into_iter().for_each(|slot| *slot = true));
        }
        Err(_) => rows.fill(true),
    }
}
