//! The lake's tables: their columns, order and partitions.
//!
//! A row belongs to the partition of its shop's bucket and its month in UTC. Within a file rows
//! are ordered by shop and customer, so one shop's rows lie together.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use base::time::DAY_MICROS;
use base::{Code, Error, Result, ShopId};

use crate::error::Context;

/// Buckets that shops are spread over.
pub const BUCKETS: i64 = 64;
/// The newest version of the tables' form that this program reads and writes.
pub const LAKE_VERSION: u32 = 1;
/// The table property that says in which version a table was written.
pub const VERSION_PROPERTY: &str = "shuke.lake_version";
/// The partition columns, which stand in a file's path and not in the file.
pub const PARTITIONS: [&str; 2] = ["bucket", "month"];

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 64-bit whole number.
    I64,
    /// 32-bit whole number.
    I32,
    /// 64-bit fraction.
    F64,
    /// Yes or no.
    Bool,
    /// Microseconds since 1970 in UTC.
    Time,
    /// Days since 1970.
    Date,
    /// UTF-8.
    Text,
}

impl Kind {
    /// The Arrow type in files and batches.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::I64 => DataType::Int64,
            Self::I32 => DataType::Int32,
            Self::F64 => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
            Self::Date => DataType::Date32,
            Self::Text => DataType::Utf8,
        }
    }

    /// The kind as it is called towards people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::I64 | Self::I32 => "integer",
            Self::F64 => "number",
            Self::Bool => "boolean",
            Self::Time => "timestamp",
            Self::Date => "date",
            Self::Text => "text",
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in files.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether values may be missing.
    pub nullable: bool,
    /// Whether few different values occur, which are written as a dictionary.
    pub few: bool,
    /// The name under which queries see it; none when they do not.
    pub shown: Option<&'static str>,
}

/// A table of the lake: [`ORDER_LINES`], [`EVENTS`] or [`BOT_EVENTS`].
#[derive(Debug)]
pub struct Table {
    /// Its name and folder.
    pub name: &'static str,
    /// The columns of its files.
    pub fields: &'static [Field],
    /// The column whose month partitions it.
    pub time: &'static str,
    /// The columns that order the rows of a file, the first two being shop and customer.
    pub order: &'static [&'static str],
    /// The column that `Fresh::superseded` is about, an order or a source, and the column of a
    /// row's epoch of it; none when rows are never superseded.
    pub epoch: Option<(&'static str, &'static str)>,
    /// The name under which queries see who a row is of when visitors count as somebody: as
    /// `customer_id`, with numbers below zero for those who are known to nobody.
    pub visitor: Option<&'static str>,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: false, few: false, shown: None }
}

impl Field {
    const fn null(self) -> Self {
        Self { nullable: true, ..self }
    }
    const fn few(self) -> Self {
        Self { few: true, ..self }
    }
    const fn shown(self) -> Self {
        Self { shown: Some(self.name), ..self }
    }
    const fn shown_as(self, name: &'static str) -> Self {
        Self { shown: Some(name), ..self }
    }

    fn arrow(&self) -> ArrowField {
        ArrowField::new(self.name, self.kind.arrow(), self.nullable)
    }
}

/// One row for each line of an order, refund or correction.
pub static ORDER_LINES: Table = Table {
    name: "order_lines",
    fields: &[
        field("shop_id", Kind::I64).few(),
        field("customer_no", Kind::I64).null().few().shown_as("customer_id"),
        field("order_no", Kind::I64).shown_as("order_id"),
        field("epoch", Kind::I32).few(),
        field("line_no", Kind::I32).few(),
        field("kind", Kind::I32).few(),
        field("product_no", Kind::I64).null().shown_as("product_id"),
        field("sku", Kind::Text).few().shown(),
        field("quantity", Kind::I64).shown(),
        field("unit_price_minor", Kind::I64).shown(),
        field("amount_minor", Kind::I64).shown(),
        field("placed_at", Kind::Time).shown(),
    ],
    time: "placed_at",
    order: &["shop_id", "customer_no", "order_no", "line_no"],
    epoch: Some(("order_no", "epoch")),
    visitor: None,
};

const EVENT_COLUMNS: Table = Table {
    name: "events",
    fields: &[
        field("shop_id", Kind::I64).few(),
        field("customer_no", Kind::I64).null().few().shown_as("customer_id"),
        field("source_no", Kind::I64).few(),
        field("epoch", Kind::I32).few(),
        field("event", Kind::Text).few().shown(),
        field("event_time", Kind::Time).shown(),
        field("received_time", Kind::Time).shown(),
        field("message_id", Kind::Text).shown(),
        field("product_no", Kind::I64).null().shown_as("product_id"),
        field("category", Kind::Text).null().few().shown(),
        field("brand", Kind::Text).null().few().shown(),
        field("quantity", Kind::I64).null().shown(),
        field("value_minor", Kind::I64).null().shown(),
        field("order_no", Kind::I64).null().shown_as("order_id"),
        field("channel", Kind::Text).null().few().shown(),
        field("utm_source", Kind::Text).null().few().shown(),
        field("utm_medium", Kind::Text).null().few().shown(),
        field("utm_campaign", Kind::Text).null().few().shown(),
        field("referrer", Kind::Text).null().few().shown(),
        field("properties", Kind::Text).null().shown(),
    ],
    time: "event_time",
    order: &["shop_id", "customer_no", "event_time"],
    epoch: Some(("source_no", "epoch")),
    visitor: Some("visitor_id"),
};

/// One row for each event.
pub static EVENTS: Table = EVENT_COLUMNS;

/// One row for each event of a program that pretends to be nobody: a crawler, a preview.
pub static BOT_EVENTS: Table = Table { name: "bot_events", visitor: None, ..EVENT_COLUMNS };

/// Every table, in the order in which they are listed.
pub static TABLES: [&Table; 3] = [&ORDER_LINES, &EVENTS, &BOT_EVENTS];

impl Table {
    /// The columns of its files as an Arrow schema.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.schemas().map_or_else(|| Arc::new(Schema::empty()), |own| Arc::clone(&own.0))
    }

    /// The same with text as views, which queries handle without copying.
    #[must_use]
    pub fn query_schema(&self) -> SchemaRef {
        self.schemas().map_or_else(|| Arc::new(Schema::empty()), |own| Arc::clone(&own.1))
    }

    fn schemas(&self) -> Option<&'static (SchemaRef, SchemaRef)> {
        type Known = (&'static str, (SchemaRef, SchemaRef));
        static SCHEMAS: LazyLock<Vec<Known>> = LazyLock::new(|| {
            let schema = |table: &Table| {
                let fields: Vec<ArrowField> = table.fields.iter().map(Field::arrow).collect();
                let views = fields.iter().map(|field| match field.data_type() {
                    DataType::Utf8 => field.clone().with_data_type(DataType::Utf8View),
                    _ => field.clone(),
                });
                let views = Arc::new(Schema::new(views.collect::<Vec<_>>()));
                (Arc::new(Schema::new(fields)), views)
            };
            TABLES.iter().map(|table| (table.name, schema(table))).collect()
        });
        SCHEMAS.iter().find(|(name, _)| *name == self.name).map(|(_, own)| own)
    }

    /// The columns that queries see: name and kind, in their order.
    pub fn shown(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        let fields: &'static [Field] = self.fields;
        let mut shown: Vec<_> =
            fields.iter().filter_map(|field| Some((field.shown?, field.kind))).collect();
        // An order's line names its order before its customer.
        if let Some(order) = shown.iter().position(|(name, _)| *name == "order_id")
            && self.epoch.is_some_and(|(key, _)| key == "order_no")
        {
            let order = shown.remove(order);
            shown.insert(0, order);
        }
        if let Some(visitor) = self.visitor {
            shown.insert(1, (visitor, Kind::I64));
        }
        shown.into_iter()
    }

    /// The file column that queries see under `shown`.
    #[must_use]
    pub fn field_shown_as(&self, shown: &str) -> Option<&'static Field> {
        let fields: &'static [Field] = self.fields;
        fields.iter().find(|field| field.shown == Some(shown))
    }

    /// The column of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        let fields: &'static [Field] = self.fields;
        fields.iter().find(|field| field.name == name)
    }

    /// Puts a batch's columns into the table's order and checks their types.
    ///
    /// # Errors
    /// [`Code::Internal`] when a column is missing, of another type, or lacks values it must have.
    pub fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.fields.len());
        let mut fields = Vec::with_capacity(self.fields.len());
        for field in self.fields {
            let wrong = |message: String| Error::new(Code::Internal, message).field(field.name);
            let array = batch
                .column_by_name(field.name)
                .ok_or_else(|| wrong(format!("{} lacks the column", self.name)))?;
            if !same_kind(array.data_type(), field.kind) {
                return Err(wrong(format!("{} has another type of column", self.name)));
            }
            if !field.nullable && array.logical_null_count() > 0 {
                return Err(wrong(format!("{} misses a value", self.name)));
            }
            fields.push(ArrowField::new(field.name, array.data_type().clone(), field.nullable));
            arrays.push(Arc::clone(array));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).context("the columns differ")
    }
}

fn same_kind(found: &DataType, kind: Kind) -> bool {
    match found {
        DataType::Dictionary(_, values) => kind == Kind::Text && **values == DataType::Utf8,
        other => *other == kind.arrow(),
    }
}

/// The bucket of a shop.
#[must_use]
pub fn bucket(shop: ShopId) -> i64 {
    shop.0.rem_euclid(BUCKETS)
}

/// The month of an instant in UTC, counted from January of the year 0.
#[must_use]
pub fn month(micros: i64) -> i64 {
    // Days to civil date in the proleptic Gregorian calendar, in eras of 400 years that begin
    // with March: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let days = micros.div_euclid(DAY_MICROS) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    (era * 400 + year) * 12 + month + 2
}

/// A month as it stands in a path: `2011-11`.
#[must_use]
pub fn month_name(month: i64) -> String {
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

#[cfg(test)]
mod tests {
    use base::Time;

    use super::*;

    #[test]
    fn months_are_those_of_utc() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", "1970-01"),
            ("1969-12-31T23:59:59Z", "1969-12"),
            ("2000-02-29T23:59:59Z", "2000-02"),
            ("2011-11-30T23:59:59.999999Z", "2011-11"),
            ("2011-12-01T00:00:00Z", "2011-12"),
            ("1600-03-01T00:00:00Z", "1600-03"),
        ] {
            let time: Time = text.parse().unwrap();
            assert_eq!(month_name(month(time.micros())), expected, "{text}");
        }
        for day in (-200_000..200_000).step_by(37) {
            let expected = base::Date(day).civil().strftime("%Y-%m").to_string();
            assert_eq!(month_name(month(i64::from(day) * DAY_MICROS)), expected);
        }
    }

    #[test]
    fn queries_see_the_columns_of_the_contract() {
        let names =
            |table: &Table| table.shown().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        assert_eq!(
            names(&ORDER_LINES),
            "order_id, customer_id, product_id, sku, quantity, unit_price_minor, amount_minor, \
             placed_at"
        );
        assert_eq!(
            names(&EVENTS),
            "customer_id, visitor_id, event, event_time, received_time, message_id, product_id, \
             category, brand, quantity, value_minor, order_id, channel, utm_source, utm_medium, \
             utm_campaign, referrer, properties"
        );
    }
}
