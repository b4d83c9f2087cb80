//! What a file is by its first bytes, and a clear word for what is no table.

use base::{Code, Error, Result};

use super::COLUMNS_MAX;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Workbook,
    Parquet,
}

/// First bytes of what people send by mistake, what it is, and what to do.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (b"\xD0\xCF\x11\xE0", "an old Excel file (.xls)", "save it as .xlsx or CSV"),
    (b"%PDF", "a PDF", "export the table as CSV or XLSX"),
    (b"\x89PNG", "a picture", "export the table as CSV or XLSX"),
    (b"\xFF\xD8\xFF", "a picture", "export the table as CSV or XLSX"),
    (b"GIF8", "a picture", "export the table as CSV or XLSX"),
    (b"BM", "a picture", "export the table as CSV or XLSX"),
    (b"RIFF", "a picture or sound", "export the table as CSV or XLSX"),
    (b"7z\xBC\xAF", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"BZh", "a bzip2 file", "unpack it first, or pack it with gzip or zstd"),
    (b"\xFD7zXZ", "an xz file", "unpack it first, or pack it with gzip or zstd"),
    (b"\x1F\x8B", "a gzip file within another", "unpack it once first"),
    (b"\x28\xB5\x2F\xFD", "a Zstandard file within another", "unpack it once first"),
    (b"SQLite format 3", "a SQLite database", "export its table as CSV"),
    (b"\x7FELF", "a program", "name the export itself"),
    (b"MZ", "a program", "name the export itself"),
    (b"ARROW1", "an Arrow file", "save it as Parquet or CSV"),
    (b"\x00\x00\xFE\xFF", "text in UTF-32", "save it as UTF-8"),
    (b"\xFF\xFE\x00\x00", "text in UTF-32", "save it as UTF-8"),
];

/// How many of a file's first bytes are looked at for control characters.
const SAMPLE_BYTES: usize = 64 * 1024;

fn refused(what: &str, hint: &str) -> Error {
    Error::new(Code::Unsupported, format!("is {what}, not a table")).hint(hint)
}

/// What a file is by its first bytes.
pub(super) fn looks_like(head: &[u8]) -> Result<Shape> {
    if head.is_empty() {
        return Err(Error::new(Code::Unsupported, "the file is empty").hint("export it again"));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Shape::Workbook);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Shape::Parquet);
    }
    // "BM" and "MZ" may begin a header; a picture or program has zeros soon after.
    let sample = head.get(..head.len().min(SAMPLE_BYTES)).unwrap_or(head);
    let zeros = sample.iter().filter(|byte| **byte == 0).count();
    for (magic, what, hint) in OTHERS {
        if head.starts_with(magic) && (magic.len() > 2 || zeros > 0) {
            return Err(refused(what, hint));
        }
    }
    if Encoded::of(head) == Encoded::Narrow {
        check_narrow(sample, zeros)?;
    }
    Ok(Shape::Text)
}

#[derive(PartialEq, Eq)]
enum Encoded {
    Wide,
    Narrow,
}

impl Encoded {
    /// UTF-16 is full of zeros without being binary.
    fn of(head: &[u8]) -> Self {
        if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
            return Self::Wide;
        }
        if super::encoding::utf16(head).is_some() { Self::Wide } else { Self::Narrow }
    }
}

fn check_narrow(sample: &[u8], zeros: usize) -> Result<()> {
    let control = |byte: &&u8| matches!(**byte, 1..=8 | 11 | 12 | 14..=26 | 28..=31);
    let controls = sample.iter().filter(control).count();
    if zeros * 100 > sample.len() || controls * 50 > sample.len() {
        return Err(refused("binary data", "export the table as CSV or XLSX"));
    }
    let start = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample).trim_ascii_start();
    let lower = start.get(..start.len().min(64)).unwrap_or(start).to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| lower.starts_with(word.as_bytes()));
    if begins(&["<!doctype html", "<html", "<table", "<head", "<meta", "<body"]) {
        return Err(refused(
            "a web page (HTML), even if its name ends in .xls",
            "open it in a spreadsheet program and save it as XLSX or CSV",
        ));
    }
    if begins(&["<?xml", "<workbook", "<!doctype"]) {
        return Err(refused("XML", "open it in a spreadsheet program and save it as XLSX or CSV"));
    }
    if begins(&["{\\rtf"]) {
        return Err(refused("an RTF document", "export the table as CSV or XLSX"));
    }
    if is_json(start) {
        return Err(refused("JSON", "send it to the HTTP interface, or export it as CSV"));
    }
    Ok(())
}

fn is_json(start: &[u8]) -> bool {
    let [first, rest @ ..] = start else { return false };
    matches!(
        (first, rest.trim_ascii_start().first()),
        (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{' | b'[' | b'"' | b']'))
    )
}

/// Refuses a header that cannot be one.
pub(super) fn check_header(header: &[String]) -> Result<()> {
    if header.len() > COLUMNS_MAX {
        return Err(Error::new(
            Code::TooLarge,
            format!("has {} columns, {COLUMNS_MAX} are the most", header.len()),
        ));
    }
    let mut names: Vec<&str> =
        header.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let named = names.len();
    if named == 0 {
        return Err(refused("a file without a header", "give each column a name in the first row"));
    }
    let data = |name: &&str| {
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        name.contains('@') && name.contains('.') || digits >= 7 && digits * 2 > name.len()
    };
    // Neither an address nor a long number is a name, and a message must not show them.
    if names.iter().any(data) {
        return Err(refused(
            "a file whose first row is data, not names of columns",
            "give each column a name in the first row",
        ));
    }
    names.sort_unstable();
    names.dedup();
    if named > 1 && names.len() == 1 {
        return Err(refused(
            "a file whose columns all have one name",
            "give each column a name of its own in the first row",
        ));
    }
    Ok(())
}
