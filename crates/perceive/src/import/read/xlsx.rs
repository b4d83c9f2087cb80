//! Workbooks, bounded: the zip directory is checked, by what it declares and by what is in it,
//! before anything interprets the file.
//!
//! Formulas are read as the values that were stored with them. Nothing outside the file is ever
//! opened.

use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::AssertUnwindSafe;

use base::{Code, Error, Result};
use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};

use super::source::{self, Source};
use super::{COLUMNS_MAX, RawRow};

/// Rows that a sheet may have, header included.
const ROWS_MAX: u32 = 1_048_576;
/// Bytes that a workbook may have when unpacked, and that the text of its cells may have.
const UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// Files that a workbook may hold.
const ENTRIES_MAX: usize = 4_096;
/// Bytes that the table of shared strings may have.
const STRINGS_BYTES_MAX: u64 = 256 << 20;
/// How many times larger than its packed bytes a file of more than [`RATIO_FROM_BYTES`] may be.
const RATIO_MAX: u64 = 400;

/// Files below this size, in bytes, may be packed however well.
const RATIO_FROM_BYTES: u64 = 1 << 20;
/// Bytes of a workbook that itself came in a compressed file.
const PACKED_BYTES_MAX: u64 = 256 << 20;
/// Bytes that are looked at together when a part is checked.
const CHUNK_BYTES: usize = 64 * 1024;
/// Digits that a number in a spreadsheet keeps.
const DIGITS: usize = 15;

/// A sheet's cells.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) header: Vec<String>,
    text: String,
    /// Column and end in `text` of each cell that holds something.
    cells: Vec<(usize, usize)>,
    /// Row number, counted from 1, and end in `cells`.
    rows: Vec<(u32, usize)>,
    place: usize,
}

impl Sheet {
    pub(super) fn read(&mut self, row: &mut RawRow) -> bool {
        let Some((number, end)) = self.rows.get(self.place).copied() else { return false };
        let before = self.place.checked_sub(1).and_then(|place| self.rows.get(place));
        let start = before.map_or(0, |(_, end)| *end);
        row.clear();
        row.line = u64::from(number);
        for place in start..end {
            let (column, to) = self.cells.get(place).copied().unwrap_or_default();
            let from = place.checked_sub(1).and_then(|p| self.cells.get(p)).map_or(0, |c| c.1);
            while row.len() < column {
                row.push("");
            }
            row.push(self.text.get(from..to).unwrap_or_default());
        }
        // A sheet does not store the empty cells at the end of a row.
        while row.len() < self.header.len() {
            row.push("");
        }
        self.place += 1;
        true
    }

    fn add(&mut self, row: u32, column: usize, value: &DataRef<'_>) -> Result<()> {
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(too_large(format!(
                "the sheet goes beyond {ROWS_MAX} rows and {COLUMNS_MAX} columns"
            )));
        }
        let start = self.text.len();
        write(&mut self.text, value);
        if self.text.len() == start {
            return Ok(());
        }
        if self.text.len() as u64 > UNPACKED_BYTES_MAX {
            return Err(too_large("the sheet holds more than 512 MB of text".to_owned()));
        }
        let number = row + 1;
        let last = self.rows.last().copied();
        let last_column = self.cells.last().map_or(0, |cell| cell.0);
        let disorder = last
            .is_some_and(|(last, _)| number < last || (number == last && column <= last_column));
        if disorder {
            return Err(Error::bad("the cells of the sheet are not in order")
                .hint("open it in a spreadsheet program and save it again"));
        }
        self.cells.push((column, self.text.len()));
        let end = self.cells.len();
        match self.rows.last_mut().filter(|(last, _)| *last == number) {
            Some(row) => row.1 = end,
            None => self.rows.push((number, end)),
        }
        Ok(())
    }

    /// Makes the first row the header.
    fn split_header(mut self) -> Self {
        let mut row = RawRow::new();
        if self.read(&mut row) {
            self.header = row.iter().map(str::to_owned).collect();
        }
        self
    }
}

/// Reads the named sheet, or the first with rows.
pub(super) fn read(source: Source, name: Option<&str>) -> Result<Sheet> {
    if let Some(file) = source.plain {
        return load(BufReader::new(file), name);
    }
    let mut bytes = source.head;
    if !source.whole {
        source.rest.take(PACKED_BYTES_MAX).read_to_end(&mut bytes).map_err(source::broken)?;
    }
    if bytes.len() as u64 > PACKED_BYTES_MAX {
        return Err(too_large("the compressed file holds a workbook above 256 MB".to_owned()));
    }
    load(Cursor::new(bytes), name)
}

fn load<R: Read + Seek>(mut reader: R, name: Option<&str>) -> Result<Sheet> {
    reader.seek(SeekFrom::Start(0))?;
    check(&mut reader)?;
    reader.seek(SeekFrom::Start(0))?;
    // The reader of workbooks is another's code at work on a stranger's file.
    std::panic::catch_unwind(AssertUnwindSafe(|| sheet(reader, name)))
        .unwrap_or_else(|_| Err(Error::bad("the workbook is damaged").hint(SAVE_AGAIN)))
}

const SAVE_AGAIN: &str = "open it in a spreadsheet program and save it again as XLSX or CSV";

fn too_large(message: String) -> Error {
    Error::new(Code::TooLarge, message).hint("export it as CSV, which has no such limit")
}

fn hostile(message: &str) -> Error {
    Error::new(Code::TooLarge, format!("the workbook is refused: {message}")).hint(SAVE_AGAIN)
}

/// Checks everything about the zip file that could harm who opens it.
fn check<R: Read + Seek>(reader: &mut R) -> Result<()> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let damaged = |cause| Error::bad("the zip file is damaged").hint(SAVE_AGAIN).because(cause);
    let mut archive = zip::ZipArchive::new(reader).map_err(damaged)?;
    if archive.len() > ENTRIES_MAX {
        return Err(hostile("it holds too many files"));
    }
    let (mut packed, mut unpacked, mut workbook) = (0_u64, 0_u64, false);
    for place in 0..archive.len() {
        let entry = archive.by_index_raw(place).map_err(damaged)?;
        packed = packed.saturating_add(entry.compressed_size());
        unpacked = unpacked.saturating_add(entry.size());
        workbook |= entry.name().is_ok_and(|name| name.starts_with("xl/"));
        check_sizes(entry.compressed_size(), entry.size())?;
    }
    if packed > length {
        return Err(hostile("its files overlap"));
    }
    if unpacked > UNPACKED_BYTES_MAX {
        return Err(hostile("it declares more than 512 MB of contents"));
    }
    if !workbook {
        return Err(Error::new(Code::Unsupported, "is a zip file, not a workbook")
            .hint("unpack it and import the files in it"));
    }
    let mut left = UNPACKED_BYTES_MAX;
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(damaged)?;
        let packed = entry.compressed_size();
        let size = check_part(&mut entry, left)?;
        check_sizes(packed, size)?;
        left = left.saturating_sub(size);
    }
    Ok(())
}

fn check_sizes(packed: u64, size: u64) -> Result<()> {
    if size > RATIO_FROM_BYTES && size / packed.max(1) > RATIO_MAX {
        return Err(hostile("a file in it is packed absurdly well, as a zip bomb is"));
    }
    Ok(())
}

/// Unpacks a part without keeping it: its real size, and nothing in it that makes its reader
/// swell.
fn check_part(part: &mut impl Read, left: u64) -> Result<u64> {
    let (mut size, mut kept, mut strings) = (0_u64, 0_usize, 0_u64);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let target = chunk.get_mut(kept..).unwrap_or_default();
        let count = part.read(target).map_err(|cause| {
            Error::bad("the zip file is damaged").hint(SAVE_AGAIN).because(cause)
        })?;
        size += count as u64;
        if size > left {
            return Err(hostile("it unpacks to more than 512 MB"));
        }
        let filled = kept + count;
        let seen = chunk.get(..filled).unwrap_or_default();
        let wide = [b"\xFF\xFE", b"\xFE\xFF", b"<\0", b"\0<"];
        if size == count as u64 && wide.iter().any(|start| seen.starts_with(*start)) {
            return Err(hostile("a part of it is not in UTF-8"));
        }
        if find(seen, b"<!DOCTYPE").is_some() || find(seen, b"<!ENTITY").is_some() {
            return Err(hostile("it declares XML entities"));
        }
        if let Some(place) = find(seen, b"uniqueCount") {
            strings = strings.max(declared(seen.get(place..).unwrap_or_default()));
        }
        if count == 0 {
            break;
        }
        // What spans two chunks is seen by keeping the end of the first.
        kept = filled.min(64);
        chunk.copy_within(filled - kept..filled, 0);
    }
    // Each string takes at least `<si/>`; its reader makes room for as many as are declared.
    if strings > size || (strings > 0 && size > STRINGS_BYTES_MAX) {
        return Err(hostile("it declares more shared strings than it can hold"));
    }
    Ok(size)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

/// The number in `uniqueCount="123"`.
fn declared(text: &[u8]) -> u64 {
    let digits: Vec<u8> = text
        .iter()
        .copied()
        .skip_while(|byte| !byte.is_ascii_digit() && *byte != b'>')
        .take_while(u8::is_ascii_digit)
        .take(20)
        .collect();
    std::str::from_utf8(&digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(if digits.is_empty() { 0 } else { u64::MAX })
}

fn sheet<R: Read + Seek>(reader: R, name: Option<&str>) -> Result<Sheet> {
    let damaged = |cause: calamine::XlsxError| {
        Error::bad("the workbook cannot be read").hint(SAVE_AGAIN).because(cause)
    };
    let mut workbook = Xlsx::new(reader).map_err(damaged)?;
    let names = workbook.sheet_names();
    let wanted: Vec<String> = match name {
        Some(name) if !names.iter().any(|known| known == name) => {
            return Err(Error::missing(format!("the workbook has no sheet {name:?}"))
                .field("sheet")
                .hint(format!("it has: {}", names.join(", "))));
        }
        Some(name) => vec![name.to_owned()],
        None => names,
    };
    for name in &wanted {
        // A sheet of charts has no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(name) else { continue };
        let mut sheet = Sheet::default();
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            sheet.add(row, column as usize, cell.get_value())?;
        }
        if !sheet.rows.is_empty() {
            return Ok(sheet.split_header());
        }
    }
    Err(Error::new(Code::Unsupported, "the workbook is empty").hint("export it again"))
}

fn write(text: &mut String, value: &DataRef<'_>) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = match value {
        DataRef::Int(number) => write!(text, "{number}"),
        DataRef::Float(number) => {
            text.push_str(&float(*number));
            Ok(())
        }
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => {
            text.push_str(value);
            Ok(())
        }
        DataRef::SharedString(value) => {
            text.push_str(value);
            Ok(())
        }
        DataRef::Bool(value) => write!(text, "{value}"),
        DataRef::DateTime(value) => date(text, value),
        DataRef::Error(_) | DataRef::Empty => Ok(()),
    };
}

/// The number as a spreadsheet shows it: 15 digits, whole ones without a point. A whole number
/// of more digits has lost some, and stands in scientific notation so that nobody takes it for an
/// id.
fn float(number: f64) -> String {
    if number.abs() >= 1e15 {
        let text = format!("{number:e}");
        return text.replace('e', "E+");
    }
    let rounded = format!("{number:.*e}", DIGITS - 1).parse::<f64>().unwrap_or(number);
    format!("{rounded}")
}

fn date(text: &mut String, value: &ExcelDateTime) -> std::fmt::Result {
    use std::fmt::Write as _;
    if value.is_duration() || value.as_f64() < 1.0 {
        let seconds = (value.as_f64() * 86_400.0).round();
        return write!(text, "{}", float(seconds / 86_400.0));
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    write!(text, "{year:04}-{month:02}-{day:02}")?;
    if (hour, minute, second, milli) != (0, 0, 0, 0) {
        write!(text, " {hour:02}:{minute:02}:{second:02}")?;
    }
    Ok(())
}
