//! Parquet files, through the lake, which alone knows the format.

use std::io::{Read, Write};
use std::path::Path;

use base::{Code, Error, Result};
use lake::{FileLimits, FileReader};

use super::source::{self, Source};
use super::{Batch, COLUMNS_MAX, Cells, Columns};

/// Bytes of a Parquet file that itself came in a compressed file.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// The file as columns of text.
pub(super) fn read(path: &Path, opened: Source) -> Result<Columns> {
    let limits = FileLimits { columns: COLUMNS_MAX, ..FileLimits::default() };
    let reader = match &opened.plain {
        Some(_) => FileReader::open(path, limits)?,
        // The footer stands at the end, so the whole of it is needed. The file that it is
        // unpacked to is gone from the folder as soon as it is open.
        None => FileReader::open(unpack(opened)?.path(), limits)?,
    };
    let (header, rows) = (reader.names().to_vec(), reader.rows());
    Ok(Columns::new(header, rows, Batches { reader }))
}

fn unpack(opened: Source) -> Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&opened.head)?;
    let mut rest = opened.rest.take(UNPACKED_BYTES_MAX);
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let count = rest.read(&mut chunk).map_err(source::broken)?;
        if count == 0 {
            break;
        }
        file.write_all(chunk.get(..count).unwrap_or_default())?;
    }
    if rest.limit() == 0 {
        return Err(Error::new(Code::TooLarge, "the compressed file holds more than 4 GB")
            .hint("unpack it first: Parquet is compressed already"));
    }
    file.flush()?;
    Ok(file)
}

struct Batches {
    reader: FileReader,
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let columns = self.reader.names().len();
        let batch = self.reader.next_batch().transpose()?;
        Some(batch.and_then(|batch| {
            let cells = batch.cells()?;
            (0..columns)
                .map(|column| {
                    let mut texts = Cells::default();
                    for row in 0..batch.rows() {
                        texts.write(|out| cells.text(row, column, out).map(|_| ()))?;
                    }
                    Ok(texts)
                })
                .collect()
        }))
    }
}
