//! Running an import: read, log, fold and relay at the same time.

use std::path::Path;

use base::{Code, Error, Result, Stop, Time};
use lake::Lake;
use store::log::{self, Fact, Packed, topic};
use store::{Cx, counter};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::batch::{Batch, KIND};
use super::pace::Steps;
use super::reader::{self, AHEAD_MAX, Chunk, Opened};
use super::reject::Rejects;
use super::{FILES_MAX, FileRow, Import, Progress, Report, Request, State, sql};
use crate::fold::Fold;
use crate::relay::{self, Relay};
use crate::{identity, profile, quota};

/// Rows that wait for the lake before it is given a batch while the import goes on.
const RELAY_ROWS: u64 = 300_000;

/// Imports the files of `request` into the context's shop and waits until every row has had its
/// effects. An import of the same files that was interrupted goes on where it was.
///
/// # Errors
/// `bad_input` when a file does not fit the mapping, `unsupported` when one is no table; then
/// nothing has changed. Later errors, such as a full disk, leave an import that goes on when the
/// same command is given again.
pub async fn run(
    cx: &Cx,
    lake: &Lake,
    request: &Request,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report> {
    let opened = open(request).await?;
    let total: u64 = opened.iter().map(|(table, ..)| table.progress().1).sum();
    super::resume_undo(cx, lake).await?;
    let prints: Vec<Known> = opened.iter().map(known).collect();
    let import = recorded(cx, request, &prints).await?;
    let mut files = Vec::with_capacity(opened.len());
    let paths = request.files.iter().cloned();
    for (((table, bound, _), path), row) in opened.into_iter().zip(paths).zip(&import.files) {
        if !row.complete {
            files.push(Opened {
                path,
                table,
                bound,
                import: import.number,
                source: row.source_no,
                skip: u64::try_from(row.rows_done).unwrap_or(0),
                part: row.parts,
            });
        }
    }
    let rejected = import.files.iter().map(|file| file.rejects_bytes).max().unwrap_or(0);
    let mut session = Session {
        cx,
        rejects: Rejects::open(&request.rejects, import.number, rejected)?,
        open: import.files.iter().filter(|file| !file.complete).cloned().collect(),
        done: import.files.iter().filter(|file| file.complete).count(),
        fold: Fold::default(),
        steps: Steps::new(request.pace),
        total,
        stop: request.stop.clone(),
    };
    session.go(lake, files, progress).await?;
    let report = finish(cx, lake, &import, session.rejects.path()).await?;
    replace(cx, lake, &import).await?;
    Ok(report)
}

/// What an import remembers of a file before it is read.
struct Known {
    role: String,
    print: Vec<u8>,
}

fn known((_, bound, print): &File) -> Known {
    Known { role: bound.mapping().2.to_owned(), print: print.clone() }
}

pub(super) type File = (super::read::Table, super::mapping::Bound, Vec<u8>);

pub(super) async fn open(request: &Request) -> Result<Vec<File>> {
    if request.files.is_empty() || request.files.len() > FILES_MAX {
        let text = format!("takes 1 to {FILES_MAX} files, not {}", request.files.len());
        return Err(Error::new(Code::WrongUse, text).field("import"));
    }
    let request = request.clone();
    blocking(move || {
        let mut files = Vec::with_capacity(request.files.len());
        for path in &request.files {
            let how = (&request.mapping, &request.setting);
            let (table, bound) = reader::open(path, how, &request.options)?;
            files.push((table, bound, reader::fingerprint(path)?));
        }
        Ok(files)
    })
    .await
}

/// Runs `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|cause| Err(Error::internal("a worker stopped", cause)))
}

/// The import of the files of `request`: the one to go on with, or a new one, of which nothing is
/// read yet.
///
/// # Errors
/// As [`run`].
pub async fn begin(cx: &Cx, request: &Request) -> Result<Import> {
    let known: Vec<Known> = open(request).await?.iter().map(known).collect();
    recorded(cx, request, &known).await
}

/// The import to go on with, or a new one.
async fn recorded(cx: &Cx, request: &Request, opened: &[Known]) -> Result<Import> {
    let prints: Vec<&Vec<u8>> = opened.iter().map(|known| &known.print).collect();
    let same = |import: &Import| {
        import.state == State::Running
            && import.mapping == request.mapping.name
            && import.mapping_version == i64::from(request.mapping.version)
            && import.files.iter().map(|file| &file.fingerprint).eq(prints.iter().copied())
    };
    let known = super::list(cx).await?;
    if let Some(other) = known.iter().find(|import| changed(import, request)) {
        let Import { mapping, mapping_version, number, .. } = other;
        let text = format!("{mapping} says something else than in import {number}");
        return Err(Error::conflict(text).field("mapping").hint(format!(
            "give it `version = {}`, so that files are read anew",
            mapping_version + 1
        )));
    }
    if let Some(import) = known.into_iter().find(same) {
        return Ok(import);
    }
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, "import", 1).await?;
    let count = i64::try_from(opened.len()).unwrap_or(1);
    let first = counter::take(&mut tx, "source", count).await?;
    let file = |((known, path), source): ((&Known, &std::path::PathBuf), i64)| FileRow {
        source_no: source,
        import_no: number,
        name: name(path),
        role: known.role.clone(),
        fingerprint: known.print.clone(),
        rows_done: 0,
        parts: 0,
        rejects_bytes: 0,
        complete: false,
    };
    let files: Vec<FileRow> = opened.iter().zip(&request.files).zip(first..).map(file).collect();
    sql::insert(&mut tx, number, &request.mapping, (&cx.actor.to_string(), cx.now), &files).await?;
    tx.commit().await?;
    super::get(cx, number).await
}

/// Whether a mapping of the shop's own was changed since an import without saying so.
fn changed(import: &Import, request: &Request) -> bool {
    let own = &request.mapping;
    let told = import.mapping == own.name && import.mapping_version == i64::from(own.version);
    let print = import.mapping_print.as_ref().zip(own.own.as_ref());
    told && import.state != State::Undone && print.is_some_and(|(then, now)| then != now)
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

struct Session<'a> {
    cx: &'a Cx,
    rejects: Rejects,
    /// Files that are not yet all in the log.
    open: Vec<FileRow>,
    done: usize,
    fold: Fold,
    steps: Steps,
    total: u64,
    stop: Stop,
}

impl Session<'_> {
    async fn go(
        &mut self,
        lake: &Lake,
        files: Vec<Opened>,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<()> {
        let cx = self.cx;
        let (sender, receiver) = mpsc::channel(AHEAD_MAX);
        let steps = self.steps.clone();
        let now = cx.now;
        let reading =
            blocking(move || reader::read_all(files, &steps, |batch| pack(&batch, now), &sender));
        let (folded, watched) = watch::channel(Some(0));
        let storing = async {
            let stored = self.store(receiver, progress, &folded).await;
            folded.send_replace(None);
            stored
        };
        let (own, runtime) = ((cx.clone(), lake.clone()), Handle::current());
        let beside = blocking(move || runtime.block_on(relay_beside(&own.0, &own.1, watched)));
        let (stored, moved, read) = tokio::join!(storing, beside, reading);
        stored?;
        moved?;
        read?;
        relay::flush(cx, lake).await.map(drop)
    }

    async fn store(
        &mut self,
        mut chunks: mpsc::Receiver<Chunk<Packed>>,
        progress: &mut (dyn FnMut(Progress) + Send),
        folded: &watch::Sender<Option<u64>>,
    ) -> Result<()> {
        let mut so_far = Progress { bytes_total: self.total, ..Progress::default() };
        let mut before = 0;
        let most = quota::get(self.cx).await?.customers;
        while let Some(chunk) = chunks.recv().await {
            if self.stop.asked() {
                let error = Error::conflict("the import was stopped");
                return Err(error.hint("it goes on when the same files are imported again"));
            }
            quota::admit(self.cx, most).await?;
            let (rows, bytes, last) = (chunk.rows, chunk.bytes_done, chunk.last);
            self.log(chunk).await?;
            let began = self.steps.now();
            self.fold().await?;
            self.steps.folded(rows, began);
            so_far.rows += rows;
            so_far.bytes_done = before + bytes;
            if last {
                before += bytes;
                self.done += 1;
            }
            progress(so_far);
            folded.send_replace(Some(so_far.rows));
        }
        // A file that was in the log already may still wait for its fold.
        self.fold().await
    }

    /// Folds everything that waits.
    async fn fold(&mut self) -> Result<()> {
        if self.fold.drain(self.cx).await? == 0 {
            return Ok(());
        }
        let text = "a part of the import could not be taken in and was set aside";
        Err(Error::new(Code::Internal, text)
            .hint("`shuke doctor` shows why, and puts it back with --replay"))
    }

    /// One chunk into the log, with how far its file is.
    async fn log(&mut self, chunk: Chunk<Packed>) -> Result<()> {
        let missing = || Error::new(Code::Internal, "a chunk of an unknown file");
        let file = self.open.get_mut(chunk.file).ok_or_else(missing)?;
        file.rejects_bytes = self.rejects.add(&file.name, &chunk.rejects)?;
        file.rows_done += i64::try_from(chunk.rows).unwrap_or(0);
        file.parts += 1;
        file.complete = chunk.last;
        let rejected = i64::try_from(chunk.rejects.len()).unwrap_or(0);
        let data = i64::try_from(chunk.rows).unwrap_or(0) - i64::from(chunk.blank);
        let mut tx = self.cx.write().await?;
        log::append_packed(&mut tx, self.cx, topic::IMPORT, &chunk.batch).await?;
        sql::advance(&mut tx, file, data, rejected).await?;
        tx.commit().await
    }
}

/// A batch as the log takes it, made where the file is read: the fold has enough to do.
fn pack(batch: &Batch, now: Time) -> Result<Packed> {
    let body = crate::codec::write(batch)?;
    log::pack(&[Fact { kind: KIND.to_owned(), at: now, body }])
}

/// Moves rows to the lake while more are folded; ends when `folded` says that all are.
async fn relay_beside(
    cx: &Cx,
    lake: &Lake,
    mut folded: watch::Receiver<Option<u64>>,
) -> Result<()> {
    let (mut relay, mut moved) = (Relay::default(), 0);
    loop {
        let Some(rows) = *folded.borrow_and_update() else { return Ok(()) };
        if rows >= moved + RELAY_ROWS {
            moved = rows;
            relay.step(cx, lake).await?;
        } else if folded.changed().await.is_err() {
            return Ok(());
        }
    }
}

async fn finish(cx: &Cx, lake: &Lake, import: &Import, rejects: Option<String>) -> Result<Report> {
    let sources: Vec<i64> = import.files.iter().map(|file| file.source_no).collect();
    let now = super::get(cx, import.number).await?;
    profile::refresh_habits(cx, lake).await?;
    let mut tx = cx.read().await?;
    let figures = sql::figures(&mut tx, import.number).await?;
    let labels = sql::labels(&mut tx, &sources).await?;
    let persons = identity::persons(&mut tx, &labels).await?;
    // Numbers below zero are visitors', who are no customers yet.
    let persons: std::collections::HashSet<i64> =
        persons.into_values().filter(|person| *person > 0).collect();
    let report = Report {
        import: import.number,
        rows_read: now.rows_read,
        rows_accepted: now.rows_accepted,
        rows_rejected: now.rows_rejected,
        rows_duplicate: now.rows_duplicate,
        customers: i64::try_from(persons.len()).unwrap_or(i64::MAX),
        figures,
        rejects_file: rejects,
    };
    drop(tx);
    let mut tx = cx.write().await?;
    sql::finish(&mut tx, &report, cx.now).await?;
    tx.commit().await?;
    Ok(report)
}

/// A new version of a mapping reads files anew and takes the place of their older readings.
async fn replace(cx: &Cx, lake: &Lake, import: &Import) -> Result<()> {
    let prints: Vec<&Vec<u8>> = import.files.iter().map(|file| &file.fingerprint).collect();
    let older = |other: &Import| {
        other.state == State::Done
            && other.mapping == import.mapping
            && other.mapping_version < import.mapping_version
    };
    for other in super::list(cx).await?.iter().filter(|other| older(other)) {
        let again = |file: &FileRow| prints.contains(&&file.fingerprint);
        super::undo::replace(cx, lake, other, again).await?;
    }
    Ok(())
}
