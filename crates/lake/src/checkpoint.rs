//! Checkpoints of the mirror: a shop's columns as one Parquet file, replaced in one step.
//!
//! A checkpoint can always be made again from the store, so a damaged one is only a slow start.

use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::Path;

use arrow::array::RecordBatch;
use base::{Code, Error, Result};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::disk;
use crate::error::Context;

/// The file's own note of its version.
const VERSION: &str = "shuke.checkpoint_version";
/// What the names of the caller's notes begin with.
const NOTE: &str = "shuke.note.";
/// Rows of a row group, which is what one thread reads.
const GROUP_ROWS: usize = 1 << 17;

/// What a checkpoint holds.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The version of the form in which it was written.
    pub version: u32,
    /// What the writer noted beside the rows, such as up to where they reach.
    pub notes: Vec<(String, String)>,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

/// Writes a checkpoint: under a temporary name, synced, then renamed over the one before.
///
/// # Errors
/// [`Code::DiskFull`] when there is no space; then the one before is still there.
pub fn write_checkpoint(path: &Path, checkpoint: &Checkpoint) -> Result<()> {
    let Some(first) = checkpoint.batches.first() else {
        return Err(Error::new(Code::Internal, "a checkpoint needs at least one batch"));
    };
    let pair = |name: String, value: &str| KeyValue::new(name, Some(value.to_owned()));
    let mut notes = vec![pair(VERSION.to_owned(), &checkpoint.version.to_string())];
    for (name, value) in &checkpoint.notes {
        notes.push(pair(format!("{NOTE}{name}"), value));
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_key_value_metadata(Some(notes))
        .build();
    disk::replace(path, |file: &mut File| {
        let doing = "the checkpoint cannot be written";
        let buffer = BufWriter::new(file);
        let writer = ArrowWriter::try_new(buffer, first.schema(), Some(properties));
        let mut writer = writer.context(doing)?;
        for batch in &checkpoint.batches {
            writer.write(batch).context(doing)?;
        }
        let buffer = writer.into_inner().context(doing)?;
        buffer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(())
    })
}

/// Reads a checkpoint; none when there is no file. `newest` is the newest version that the caller
/// reads, `rows` how many rows a batch has where there are so many; row groups end batches.
///
/// # Errors
/// [`Code::Unsupported`] when it is newer, [`Code::Damaged`] when it cannot be read.
pub fn read_checkpoint(path: &Path, newest: u32, rows: usize) -> Result<Option<Checkpoint>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let footer = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(damaged)?;
    let metadata = footer.metadata().file_metadata().key_value_metadata();
    let mut version = None;
    let mut notes = Vec::new();
    for pair in metadata.into_iter().flatten() {
        let value = pair.value.clone().unwrap_or_default();
        if pair.key == VERSION {
            version = value.parse::<u32>().ok();
        } else if let Some(name) = pair.key.strip_prefix(NOTE) {
            notes.push((name.to_owned(), value));
        }
    }
    let version = version.ok_or_else(|| damaged("it does not say its version"))?;
    if version > newest {
        let message =
            format!("the checkpoint is of version {version}, this program reads {newest}");
        return Err(Error::new(Code::Unsupported, message)
            .hint("use the release of Shuke that wrote it, or a newer one"));
    }
    Ok(Some(Checkpoint { version, notes, batches: read_groups(path, &footer, rows)? }))
}

/// The row groups one after the other, read by as many threads as the machine has cores.
fn read_groups(path: &Path, footer: &ArrowReaderMetadata, rows: usize) -> Result<Vec<RecordBatch>> {
    let groups = footer.metadata().num_row_groups();
    let read = |group: usize| -> Result<Vec<RecordBatch>> {
        let file = File::open(path)?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer.clone());
        let reader = reader.with_row_groups(vec![group]).with_batch_size(rows);
        let reader = reader.build().map_err(damaged)?;
        reader.collect::<Result<Vec<_>, _>>().map_err(damaged)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(groups.max(1));
    let share = |thread: usize| move || (thread..groups).step_by(threads).map(read).collect();
    let mut shares = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(share(thread))).collect();
        let died = |_| Error::new(Code::Internal, "a reader of a checkpoint died");
        let shares = running.into_iter().map(|thread| thread.join().map_err(died)?);
        shares.collect::<Result<Vec<Vec<Vec<RecordBatch>>>>>()
    })?
    .into_iter()
    .map(Vec::into_iter)
    .collect::<Vec<_>>();
    let mut batches = Vec::new();
    for group in 0..groups {
        let next = shares.get_mut(group % threads).and_then(Iterator::next);
        batches.extend(next.unwrap_or_default());
    }
    Ok(batches)
}

fn damaged(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::damaged("the checkpoint cannot be read").because(cause)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{Column, Columns, Words};

    #[test]
    fn a_checkpoint_comes_back_or_says_why_not() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("mirror/7.parquet");
        assert!(read_checkpoint(&path, 3, 8).unwrap().is_none());
        let words: Words = [Some("GB"), None, Some("GB")].into_iter().collect();
        let batch = Columns::new()
            .with("orders", Column::I64(vec![1, 2, 3]))
            .and_then(|columns| columns.with("country", Column::Words(words)))
            .and_then(Columns::into_batch)
            .unwrap();
        let notes = vec![("upto".to_owned(), "42".to_owned())];
        let written = Checkpoint { version: 3, notes, batches: vec![batch] };
        for _ in 0..2 {
            write_checkpoint(&path, &written).unwrap();
            let read = read_checkpoint(&path, 3, 8).unwrap().unwrap();
            assert_eq!(read.version, 3);
            assert_eq!(read.notes, written.notes);
            assert_eq!(read.batches, written.batches);
        }
        // A full disk leaves the one before as it was.
        std::os::unix::fs::symlink("/dev/full", path.with_file_name("7.parquet.tmp")).unwrap();
        assert_eq!(write_checkpoint(&path, &written).unwrap_err().code, Code::DiskFull);
        assert_eq!(read_checkpoint(&path, 3, 8).unwrap().unwrap().batches, written.batches);
        let error = read_checkpoint(&path, 2, 8).unwrap_err();
        assert_eq!(error.code, Code::Unsupported);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        assert_eq!(read_checkpoint(&path, 3, 8).unwrap_err().code, Code::Damaged);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
