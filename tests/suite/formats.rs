//! Files of every kind, packed and not, in every encoding, come to the same.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use perceive::import::read::{RawRow, ReadOptions, open};
use shuke_tests::{Home, ask, file, import};

/// Order lines with an amount in minor units.
pub(crate) const MAPPING: &str = r#"
name = "lines"
version = 1

[[file]]
role = "lines"
record = "order_line"
required = ["order", "sku"]

[file.fields]
order = "order_no"
sku = "sku"
quantity = "quantity"
amount = "amount_minor"
line_at = "placed_at"

[[file.identifiers]]
namespace = "external"
column = "customer_no"
"#;

const ROWS: [[&str; 6]; 4] = [
    ["order_no", "customer_no", "sku", "quantity", "amount_minor", "placed_at"],
    ["1", "1", "真丝 连衣裙", "1", "300", "2025-03-01T02:00:00Z"],
    ["1", "1", "tea, \"green\"", "2", "50", "2025-03-01T02:00:00Z"],
    ["2", "2", "护手霜", "3", "60", "2025-03-02T02:00:00Z"],
];

/// The lines that came in, their amounts divided.
fn lines(by: i64) -> String {
    format!(
        "select c.external_id, l.sku, l.quantity, l.amount_minor / {by} as amount, l.placed_at
        from order_lines l join customers c on c.customer_id = l.customer_id order by 1, 4"
    )
}

/// What a file's bytes are packed in.
const PACKINGS: [&str; 3] = ["", ".gz", ".zst"];

/// The bytes in a packing that is named by the end of a file's name.
pub(crate) fn pack(bytes: &[u8], packing: &str) -> Vec<u8> {
    match packing {
        ".gz" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(bytes).unwrap();
            gzip.finish().unwrap()
        }
        ".zst" => zstd::encode_all(bytes, 1).unwrap(),
        _ => bytes.to_vec(),
    }
}

/// Rows as text, every cell in quotes.
fn text<R: AsRef<[&'static str]>>(rows: &[R], delimiter: char) -> String {
    let quote = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: &R| row.as_ref().iter().map(quote).collect::<Vec<_>>();
    rows.iter().map(|row| line(row).join(&delimiter.to_string()) + "\r\n").collect()
}

/// A workbook with one sheet of text cells.
pub(crate) fn workbook<R: AsRef<[&'static str]>>(rows: &[R]) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const SHEETS: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let escape = |cell: &str| cell.replace('&', "&amp;").replace('<', "&lt;");
    let mut sheet = String::new();
    for (row, number) in rows.iter().zip(1..) {
        sheet.push_str(&format!("<row r=\"{number}\">"));
        for (cell, letter) in row.as_ref().iter().zip('A'..='Z') {
            let text = escape(cell);
            sheet.push_str(&format!(
                "<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"
            ));
        }
        sheet.push_str("</row>");
    }
    let link = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
            Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override \
                PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-\
                officedocument.spreadsheetml.sheet.main+xml\"/></Types>"
            ),
        ),
        ("_rels/.rels", link("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{SHEETS}\" xmlns:r=\"{OFFICE}\"><sheets>\
                <sheet name=\"订单\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", link("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{SHEETS}\"><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(format!("<?xml version=\"1.0\"?>{text}").as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn write(home: &Home, name: &str, bytes: &[u8]) -> PathBuf {
    let path = home.dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The only Parquet file under a folder.
fn parquet(dir: &Path) -> Option<PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).find_map(|path| {
        let found = path.extension().is_some_and(|end| end == "parquet");
        if path.is_dir() { parquet(&path) } else { found.then_some(path) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_comes_to_the_same_packed_or_not() {
    let home = Home::sqlite().await;
    let mapping = file(&home, "lines.toml", MAPPING);
    let mapping = mapping.to_str().unwrap();
    let plain = write(&home, "seed.csv", text(&ROWS, ',').as_bytes());
    let (cx, ..) = import(&home, "seed", mapping, &[plain]).await.unwrap();
    let expected = ask(&cx, &home.lake, &lines(1)).await.unwrap();
    assert_eq!(expected.lines().count(), 4, "{expected}");
    // What the lake wrote is Parquet, with amounts in minor units.
    let lake = parquet(&home.dir.path().join("lake").join("order_lines")).unwrap();
    let formats = [
        ("csv", text(&ROWS, ',').into_bytes(), 1),
        ("tsv", text(&ROWS, '\t').into_bytes(), 1),
        ("xlsx", workbook(&ROWS), 1),
        ("parquet", std::fs::read(lake).unwrap(), 100),
    ];
    for (format, bytes, by) in formats {
        for packing in PACKINGS {
            let name = format!("{format}{packing}");
            let path = write(&home, &name, &pack(&bytes, packing));
            let (cx, _, report) = import(&home, &name, mapping, &[path]).await.unwrap();
            assert_eq!((report.rows_accepted, report.rows_rejected), (3, 0), "{name}");
            assert_eq!(ask(&cx, &home.lake, &lines(by)).await.unwrap(), expected, "{name}");
        }
    }
}

#[test]
fn every_encoding_is_detected_packed_or_not_and_can_be_named() {
    let dir = tempfile::tempdir().unwrap();
    let plain = text(&ROWS, ',');
    let wide = |bytes: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let encoded = |label: &str| {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        encoding.encode(&plain).0.into_owned()
    };
    let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    for (label, told, bytes) in [
        ("utf-8", None, plain.clone().into_bytes()),
        ("utf-8", None, format!("\u{FEFF}{plain}").into_bytes()),
        ("utf-16le", None, [b"\xFF\xFE".to_vec(), little.clone()].concat()),
        ("utf-16be", None, [b"\xFE\xFF".to_vec(), big.clone()].concat()),
        ("utf-16le", None, little.clone()),
        ("utf-16be", None, big),
        ("gb18030", None, encoded("gbk")),
        ("gb18030", None, encoded("gb18030")),
        ("gb18030", Some("gbk"), encoded("gbk")),
        ("utf-16le", Some("utf-16le"), little),
    ] {
        for packing in PACKINGS {
            let path = dir.path().join(format!("file{packing}"));
            std::fs::write(&path, pack(&bytes, packing)).unwrap();
            let options =
                ReadOptions { encoding: told.map(str::to_owned), ..ReadOptions::default() };
            let mut table = open(&path, &options).unwrap();
            assert_eq!(table.encoding(), label, "{told:?}{packing}");
            assert_eq!(table.header(), ROWS[0], "{label}{packing}");
            let mut row = RawRow::new();
            for expected in &ROWS[1..] {
                assert!(table.read(&mut row).unwrap(), "{label}{packing}");
                assert_eq!(row.iter().collect::<Vec<_>>(), expected, "{label}{packing}");
            }
            assert!(!table.read(&mut row).unwrap());
        }
    }
}
