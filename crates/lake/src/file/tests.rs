use std::io::Write;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float32Array, Float64Array, Int8Array, Int64Array, ListArray, StringArray,
    TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::*;

fn file(columns: Vec<(&str, ArrayRef)>) -> NamedTempFile {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = NamedTempFile::new().unwrap();
    let options = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(options)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn rows(path: &Path, limits: FileLimits) -> Result<Vec<Vec<Option<String>>>> {
    let mut reader = FileReader::open(path, limits)?;
    let mut rows = Vec::new();
    let columns = reader.names().len();
    while let Some(batch) = reader.next_batch()? {
        let cells = batch.cells()?;
        for row in 0..batch.rows() {
            let mut values = Vec::new();
            for column in 0..columns {
                let mut text = String::new();
                let there = cells.text(row, column, &mut text)?;
                values.push(there.then_some(text));
            }
            rows.push(values);
        }
    }
    Ok(rows)
}

fn array(array: impl arrow::array::Array + 'static) -> ArrayRef {
    Arc::new(array)
}

/// A column and the text of its values.
type Case = (&'static str, ArrayRef, [Option<&'static str>; 3]);

fn numbers() -> Vec<Case> {
    let prices = Decimal128Array::from(vec![Some(-1_234_500), None, Some(5)]);
    vec![
        (
            "i8",
            array(Int8Array::from(vec![Some(-128), None, Some(7)])),
            [Some("-128"), None, Some("7")],
        ),
        (
            "i64",
            array(Int64Array::from(vec![i64::MIN, 0, i64::MAX])),
            [Some("-9223372036854775808"), Some("0"), Some("9223372036854775807")],
        ),
        (
            "u64",
            array(UInt64Array::from(vec![u64::MAX, 0, 1])),
            [Some("18446744073709551615"), Some("0"), Some("1")],
        ),
        (
            "f64",
            array(Float64Array::from(vec![14646.0, 0.1, 1e-7])),
            [Some("14646"), Some("0.1"), Some("0.0000001")],
        ),
        (
            "f32",
            array(Float32Array::from(vec![0.1, 2.5, -3.25])),
            [Some("0.1"), Some("2.5"), Some("-3.25")],
        ),
        (
            "price",
            array(prices.with_precision_and_scale(20, 4).unwrap()),
            [Some("-123.4500"), None, Some("0.0005")],
        ),
    ]
}

fn texts() -> Vec<Case> {
    let words: DictionaryArray<Int32Type> =
        vec![Some("红"), None, Some("红")].into_iter().collect();
    vec![
        (
            "bool",
            array(BooleanArray::from(vec![Some(true), None, Some(false)])),
            [Some("true"), None, Some("false")],
        ),
        (
            "text",
            array(StringArray::from(vec![Some("a,\"b\"\n"), None, Some("")])),
            [Some("a,\"b\"\n"), None, Some("")],
        ),
        ("words", array(words), [Some("红"), None, Some("红")]),
        (
            "bytes",
            array(BinaryArray::from(vec![b"abc".as_ref(), b"", b"x"])),
            [Some("abc"), Some(""), Some("x")],
        ),
    ]
}

fn times() -> Vec<Case> {
    let day = 1_322_737_560_123;
    let millis = || TimestampMillisecondArray::from(vec![0, day, -1]);
    let nanos = TimestampNanosecondArray::from(vec![1, 0, 1_000_000_000]);
    vec![
        (
            "date",
            array(Date32Array::from(vec![0, 15309, -1])),
            [Some("1970-01-01"), Some("2011-12-01"), Some("1969-12-31")],
        ),
        (
            "instant",
            array(millis().with_timezone("+08:00")),
            [
                Some("1970-01-01T00:00:00Z"),
                Some("2011-12-01T11:06:00.123Z"),
                Some("1969-12-31T23:59:59.999Z"),
            ],
        ),
        (
            "local",
            array(millis()),
            [
                Some("1970-01-01T00:00:00"),
                Some("2011-12-01T11:06:00.123"),
                Some("1969-12-31T23:59:59.999"),
            ],
        ),
        (
            "nanos",
            array(nanos.with_timezone("UTC")),
            [
                Some("1970-01-01T00:00:00.000000001Z"),
                Some("1970-01-01T00:00:00Z"),
                Some("1970-01-01T00:00:01Z"),
            ],
        ),
    ]
}

#[test]
fn every_plain_type_is_exact_text() {
    let columns: Vec<Case> = [numbers(), texts(), times()].into_iter().flatten().collect();
    let file = file(columns.iter().map(|(name, array, _)| (*name, Arc::clone(array))).collect());
    for batch_rows in [1, 2, 100] {
        let limits = FileLimits { batch_rows, ..FileLimits::default() };
        let found = rows(file.path(), limits).unwrap();
        assert_eq!(found.len(), 3);
        for (column, (name, _, expected)) in columns.iter().enumerate() {
            let found: Vec<Option<&str>> = found.iter().map(|row| row[column].as_deref()).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn what_no_table_holds_is_refused_by_name() {
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(vec![Some(vec![Some(1)]), None]);
    let file = file(vec![("tags", array(lists))]);
    let error = FileReader::open(file.path(), FileLimits::default()).unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::Unsupported, Some("tags")));
}

#[test]
fn limits_hold() {
    let text = "x".repeat(5_000);
    let file = file(vec![("a", array(StringArray::from(vec![text.as_str(); 10])))]);
    let limits = FileLimits::default();
    assert_eq!(rows(file.path(), limits).unwrap().len(), 10);
    for limits in [
        FileLimits { columns: 0, ..limits },
        FileLimits { rows: 9, ..limits },
        FileLimits { chunk_bytes: 100, ..limits },
    ] {
        assert_eq!(rows(file.path(), limits).unwrap_err().code, Code::TooLarge, "{limits:?}");
    }
    let error = rows(file.path(), FileLimits { cell_bytes: 4_999, ..limits }).unwrap_err();
    assert_eq!(error.code, Code::BadInput);
    // A long word that is repeated is kept once, not once for each row.
    let long = "y".repeat(90_000);
    let file = self::file(vec![("a", array(StringArray::from(vec![long.as_str(); 500])))]);
    assert_eq!(rows_without_text(file.path()), 500);
}

fn rows_without_text(path: &Path) -> usize {
    let mut reader =
        FileReader::open(path, FileLimits { chunk_bytes: 4 << 30, ..FileLimits::default() })
            .unwrap();
    let mut rows = 0;
    while let Some(batch) = reader.next_batch().unwrap() {
        assert!(batch.batch.get_array_memory_size() < 4 << 20);
        rows += batch.rows();
    }
    rows
}

#[test]
fn what_is_no_parquet_file_is_said_so() {
    for bytes in
        [&b""[..], b"PAR1", b"PAR1PAR1", b"a,b\n1,2\n3,4\n5,6\n", b"PAR1\xff\xff\xff\x7fPAR1"]
    {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let error = FileReader::open(file.path(), FileLimits::default()).unwrap_err();
        assert_eq!(error.code, Code::BadInput, "{bytes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever bytes are changed, the file reads or is refused; it never brings us down.
    #[test]
    fn a_damaged_file_is_an_error_at_worst(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let whole = file(vec![
            ("a", array(Int64Array::from_iter((0..200).map(|n| (n % 3 > 0).then_some(n))))),
            ("b", array(StringArray::from_iter((0..200).map(|n| Some(format!("v{}", n % 9)))))),
        ]);
        let mut bytes = std::fs::read(whole.path()).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut damaged = NamedTempFile::new().unwrap();
        damaged.write_all(&bytes).unwrap();
        if let Err(error) = rows(damaged.path(), FileLimits::default()) {
            prop_assert!(matches!(
                error.code,
                Code::BadInput | Code::TooLarge | Code::Unsupported
            ), "{error:?}");
        }
    }
}
