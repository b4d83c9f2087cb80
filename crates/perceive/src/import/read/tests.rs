//! Files as people have them, and as attackers make them.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;

struct File(tempfile::TempDir);

impl File {
    fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), bytes).unwrap();
        Self(folder)
    }

    fn open(&self) -> Result<Table> {
        open(&self.0.path().join("file"), &ReadOptions::default())
    }
}

fn rows(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>> {
    let mut table = File::new(bytes).open()?;
    let mut rows = vec![(1, table.header().to_vec())];
    let mut row = RawRow::new();
    while table.read(&mut row)? {
        rows.push((row.line, row.iter().map(str::to_owned).collect()));
    }
    Ok(rows)
}

fn fields(rows: &[(u64, Vec<String>)]) -> Vec<Vec<&str>> {
    rows.iter().map(|(_, row)| row.iter().map(String::as_str).collect()).collect()
}

fn refused(bytes: &[u8]) -> String {
    let error = rows(bytes).expect_err("must be refused");
    assert!(error.hint.is_some(), "says what to do: {error}");
    error.to_string()
}

#[test]
fn lines_are_those_of_the_file() {
    let text = "a,b\r\n1,\"x\r\ny\"\r\n\r\n2,z\r\n\n3,\"\"\"q\"\"\"";
    let rows = rows(text.as_bytes()).unwrap();
    let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 5, 7]);
    assert_eq!(fields(&rows)[1..], [vec!["1", "x\r\ny"], vec!["2", "z"], vec!["3", "\"q\""]]);
}

#[test]
fn delimiters_encodings_and_compression_are_recognised() {
    let text = "姓名,金额,城市\n张三,\"1,5\",广州\n李四,2,北京\n";
    let expected =
        [vec!["姓名", "金额", "城市"], vec!["张三", "1,5", "广州"], vec!["李四", "2", "北京"]];
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("plain", text.into(), "utf-8"),
        ("bom", format!("\u{FEFF}{text}").into(), "utf-8"),
        ("le bom", [b"\xFF\xFE".to_vec(), utf16(u16::to_le_bytes)].concat(), "utf-16le"),
        ("be bom", [b"\xFE\xFF".to_vec(), utf16(u16::to_be_bytes)].concat(), "utf-16be"),
        ("le", utf16(u16::to_le_bytes), "utf-16le"),
        ("be", utf16(u16::to_be_bytes), "utf-16be"),
        ("gbk", encoding_rs::GB18030.encode(text).0.into_owned(), "gb18030"),
        ("gz", gzip.finish().unwrap(), "utf-8"),
        ("zst", zstd::encode_all(text.as_bytes(), 1).unwrap(), "utf-8"),
    ];
    for (name, bytes, encoding) in cases {
        assert_eq!(fields(&rows(&bytes).unwrap()), expected, "{name}");
        assert_eq!(File::new(&bytes).open().unwrap().encoding(), encoding, "{name}");
    }
    for delimiter in ['\t', ';', '|'] {
        let text = format!("a{delimiter}b,c\n1{delimiter}2,3\n4{delimiter}5,6\n");
        let table = File::new(text.as_bytes()).open().unwrap();
        assert_eq!(table.header().len(), 2, "{delimiter:?}");
    }
}

#[test]
fn bytes_of_another_encoding_mark_their_row_only() {
    let file = File::new(b"a,b\n1,ok\n2,\xFF\xFE\n3,ok\n");
    let options = ReadOptions { encoding: Some("utf-8".to_owned()), ..ReadOptions::default() };
    let mut table = open(&file.0.path().join("file"), &options).unwrap();
    let mut row = RawRow::new();
    let mut broken = Vec::new();
    while table.read(&mut row).unwrap() {
        broken.push(row.broken);
    }
    assert_eq!(broken, [false, true, false]);
}

#[test]
fn what_is_no_table_is_refused_with_advice() {
    for (bytes, word) in [
        (&b""[..], "empty"),
        (b"\n\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Excel"),
        (b"<html><table><tr><td>a</td></tr></table>", "web page"),
        (b"  <!DOCTYPE html>", "web page"),
        (b"<?xml version=\"1.0\"?><Workbook/>", "XML"),
        (b"[{\"a\": 1}]", "JSON"),
        (b"{\"a\": 1}", "JSON"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"x,x,x\n1,2,3\n", "one name"),
        (b",,\n1,2,3\n", "header"),
        (b"abc\0\0\0\0\0\0\0\x01\x02\x03", "binary"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "zip"),
    ] {
        let said = refused(bytes);
        assert!(said.contains(word), "{said:?} should speak of {word:?}");
    }
}

#[test]
fn limits_hold_for_text() {
    let quote = format!("a,b\n1,\"{}", "x".repeat(RECORD_BYTES_MAX + 10));
    assert!(refused(quote.as_bytes()).contains("line 2"));
    let wide = format!("{}\n", "a,".repeat(COLUMNS_MAX + 1));
    assert!(refused(wide.as_bytes()).contains("columns"));
    let nuls = rows(
        b"a,b\n1,x\0y and a long enough text that is not taken for binary data at all \
        because it has only one zero byte in more than a hundred bytes\n",
    );
    assert_eq!(nuls.unwrap().len(), 2);
}

#[test]
fn compressed_files_that_are_cut_or_damaged_are_an_error() {
    let text =
        (0..50_000).fold("a,b\n".to_owned(), |text, n| text + &format!("{n},{}\n", n * 7919));
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    assert!(refused(&zst[..zst.len() / 2]).contains("cut short"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    assert!(refused(&gzip[..gzip.len() / 2]).contains("cut short"));
    // Only a checksum tells changed bytes from others.
    let mut checked = zstd::Encoder::new(Vec::new(), 1).unwrap();
    checked.include_checksum(true).unwrap();
    checked.write_all(text.as_bytes()).unwrap();
    let mut damaged = checked.finish().unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0x55);
    assert!(rows(&damaged).is_err());
}

fn workbook(sheet: &str, strings: Option<&str>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut add = |name: &str, text: &str| {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    add(
        "[Content_Types].xml",
        r#"<?xml version="1.0"?>
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels"
        ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/>
        <Override PartName="/xl/workbook.xml"
        ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
        </Types>"#,
    );
    add(
        "_rels/.rels",
        r#"<?xml version="1.0"?>
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
        Target="xl/workbook.xml"/></Relationships>"#,
    );
    add(
        "xl/workbook.xml",
        r#"<?xml version="1.0"?>
        <workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
        <sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    );
    add(
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?>
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        Target="worksheets/sheet1.xml"/></Relationships>"#,
    );
    add(
        "xl/styles.xml",
        r#"<?xml version="1.0"?>
        <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
        <cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#,
    );
    if let Some(strings) = strings {
        add("xl/sharedStrings.xml", strings);
    }
    add(
        "xl/worksheets/sheet1.xml",
        &format!(
            r#"<?xml version="1.0"?>
        <worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
        <sheetData>{sheet}</sheetData></worksheet>"#
        ),
    );
    zip.finish().unwrap().into_inner()
}

const SHEET: &str = r#"
<row r="2"><c r="A2" t="inlineStr"><is><t>id</t></is></c>
<c r="B2" t="inlineStr"><is><t>when </t></is></c>
<c r="C2" t="inlineStr"><is><t>n</t></is></c></row>
<row r="3"><c r="A3"><v>17850.0</v></c><c r="B3" s="1"><v>45658.5</v></c>
<c r="C3"><f>1+1</f><v>0.30000000000000004</v></c></row>
<row r="5"><c r="A5"><v>2100000000000001853</v></c></row>"#;

#[test]
fn workbooks_are_read_with_dates_and_gaps() {
    for bytes in [workbook(SHEET, None), zstd::encode_all(&workbook(SHEET, None)[..], 1).unwrap()] {
        let rows = rows(&bytes).unwrap();
        assert_eq!(
            fields(&rows),
            [
                vec!["id", "when", "n"],
                vec!["17850", "2025-01-01 12:00:00", "0.3"],
                vec!["2.1000000000000018E+18", "", ""],
            ]
        );
        assert_eq!((rows[1].0, rows[2].0), (3, 5));
    }
}

#[test]
fn hostile_workbooks_are_refused() {
    let bomb = format!(
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{}</t></is></c></row>",
        "0".repeat(8 << 20)
    );
    assert!(refused(&workbook(&bomb, None)).contains("zip bomb"));
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>
        <sst><si><t>&b;</t></si></sst>"#;
    assert!(refused(&workbook(SHEET, Some(laughs))).contains("entities"));
    let many =
        r#"<?xml version="1.0"?><sst count="1" uniqueCount="99999999999"><si><t>a</t></si></sst>"#;
    assert!(refused(&workbook(SHEET, Some(many))).contains("shared strings"));
    let far = r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>"#;
    assert!(refused(&workbook(far, None)).contains("columns"));
    assert!(refused(&workbook("", None)).contains("empty"));
    let mut declared = workbook(SHEET, None);
    // The last entry of the directory claims a gigabyte (its size at offset 24 of the record).
    let directory = declared.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    declared[directory + 24..directory + 28].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    assert!(rows(&declared).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = rows(&bytes);
        let packed: [&[u8]; 3] = [b"PK\x03\x04", b"\x1F\x8B\x08\0", b"\x28\xB5\x2F\xFD"];
        for magic in packed.into_iter().chain([&b"\xFF\xFE"[..], b"a,b\n"]) {
            let _ = rows(&[magic, &bytes].concat());
        }
    }

    #[test]
    fn damaged_workbooks_never_panic(place in 0.0..1.0_f64, byte: u8, cut in 0.5..1.0_f64) {
        let mut bytes = workbook(SHEET, Some("<sst uniqueCount=\"1\"><si><t>a</t></si></sst>"));
        let place = (place * (bytes.len() - 1) as f64) as usize;
        bytes[place] ^= byte;
        let _ = rows(&bytes);
        let _ = rows(&bytes[..(cut * bytes.len() as f64) as usize]);
    }

    #[test]
    fn what_is_written_is_read(cells in proptest::collection::vec(
        proptest::collection::vec("[a-z,\"\r\n张 ;]{0,6}", 3), 1..20,
    )) {
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = "a,b,c\n".to_owned();
        let mut lines = vec![1];
        for row in &cells {
            lines.push(1 + text.matches('\n').count() as u64);
            text += &row.iter().map(quote).collect::<Vec<_>>().join(",");
            text += "\r\n";
        }
        let read = rows(text.as_bytes()).unwrap();
        prop_assert_eq!(read.iter().skip(1).map(|(_, r)| r.clone()).collect::<Vec<_>>(), cells);
        prop_assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), lines);
    }
}
