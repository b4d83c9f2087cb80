//! SQL for the tables `import` and `import_file`.

use std::collections::HashMap;

use base::{Error, Result, Time};
use store::{Tx, binds, list as numbers_list};

use super::mapping::Mapping;
use super::{Counted, Import, Report, State};
use crate::order::Figures;

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FileRow {
    /// Its number as a source.
    pub source_no: i64,
    /// The import it belongs to.
    pub import_no: i64,
    /// Its name without folders.
    pub name: String,
    /// Which of the mapping's files it is.
    pub role: String,
    /// SHA-256 of its bytes.
    pub fingerprint: Vec<u8>,
    /// Rows that are in the log.
    pub rows_done: i64,
    /// Batches that are in the log.
    pub parts: i64,
    /// Bytes of the rejects file that belong to those rows.
    pub rejects_bytes: i64,
    /// Whether all of it is in the log.
    pub complete: bool,
}

#[derive(sqlx::FromRow)]
struct Stored {
    import_no: i64,
    mapping: String,
    mapping_version: i64,
    mapping_print: Option<Vec<u8>>,
    state: String,
    actor: String,
    started_at: i64,
    ended_at: Option<i64>,
    rows_read: i64,
    rows_accepted: i64,
    rows_rejected: i64,
    rows_duplicate: i64,
    report: Option<String>,
}

impl Stored {
    fn open(self, files: Vec<FileRow>) -> Result<Import> {
        let report = self.report.as_deref().map(serde_json::from_str::<Report>).transpose();
        Ok(Import {
            number: self.import_no,
            mapping: self.mapping,
            mapping_version: self.mapping_version,
            mapping_print: self.mapping_print,
            state: State::parse(&self.state)?,
            actor: self.actor,
            started_at: Time::from_micros(self.started_at),
            ended_at: self.ended_at.map(Time::from_micros),
            rows_read: self.rows_read,
            rows_accepted: self.rows_accepted,
            rows_rejected: self.rows_rejected,
            rows_duplicate: self.rows_duplicate,
            report: report.map_err(|cause| Error::damaged("an import's report").because(cause))?,
            files,
        })
    }
}

pub(super) async fn list(tx: &mut Tx, number: Option<i64>) -> Result<Vec<Import>> {
    let sql = "select import_no, mapping, mapping_version, mapping_print, state, actor, started_at,
            ended_at, rows_read, rows_accepted, rows_rejected, rows_duplicate, report
        from import where shop_id = $1 and ($2 is null or import_no = $2)
        order by import_no desc";
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop(), number]).await?;
    let sql = "select source_no, import_no, name, role, fingerprint, rows_done, parts,
            rejects_bytes, complete
        from import_file where shop_id = $1 and ($2 is null or import_no = $2)
        order by source_no";
    let mut files: HashMap<i64, Vec<FileRow>> = HashMap::new();
    for file in tx.all::<FileRow>(sql, binds![tx.shop(), number]).await? {
        files.entry(file.import_no).or_default().push(file);
    }
    rows.into_iter()
        .map(|row| {
            let files = files.remove(&row.import_no).unwrap_or_default();
            row.open(files)
        })
        .collect()
}

pub(super) async fn insert(
    tx: &mut Tx,
    number: i64,
    mapping: &Mapping,
    (actor, now): (&str, Time),
    files: &[FileRow],
) -> Result<()> {
    let shop = tx.shop();
    let sql =
        "insert into import (shop_id, import_no, mapping, mapping_version, mapping_print, state,
            actor, started_at, rows_read, rows_accepted, rows_rejected, rows_duplicate, orders,
            cancellations, gross_minor, refunded_minor, adjusted_minor)
        values ($1, $2, $3, $4, $5, 'running', $6, $7, 0, 0, 0, 0, 0, 0, 0, 0, 0)";
    let (name, version, print) = (&mapping.name, mapping.version, mapping.own.clone());
    tx.exec(sql, binds![shop, number, name, version, print, actor, now]).await?;
    let rows = files.iter().map(|file| {
        binds![
            shop,
            file.source_no,
            number,
            &file.name,
            &file.role,
            file.fingerprint.clone(),
            0_i64,
            0_i64,
            0_i64,
            false,
            false
        ]
    });
    let head = "insert into import_file (shop_id, source_no, import_no, name, role, fingerprint,
        rows_done, parts, rejects_bytes, complete, forgotten)";
    tx.insert(head, rows.collect(), "");
    Ok(())
}

/// Writes down that a batch of a file is in the log.
pub(super) async fn advance(tx: &mut Tx, file: &FileRow, read: i64, rejected: i64) -> Result<()> {
    let shop = tx.shop();
    let sql = "update import_file set rows_done = $1, parts = $2, rejects_bytes = $3,
            complete = $4 where shop_id = $5 and source_no = $6";
    let values =
        binds![file.rows_done, file.parts, file.rejects_bytes, file.complete, shop, file.source_no];
    tx.exec(sql, values).await?;
    let sql = "update import set rows_read = rows_read + $1, rows_rejected = rows_rejected + $2
        where shop_id = $3 and import_no = $4";
    tx.exec(sql, binds![read, rejected, shop, file.import_no]).await.map(drop)
}

/// The sources of an import that is under way or done.
pub(super) async fn sources(tx: &mut Tx, number: i64) -> Result<Vec<i64>> {
    let sql = "select source_no from import_file join import using (shop_id, import_no)
        where shop_id = $1 and import_no = $2 and state in ($3, $4)";
    let (running, done) = (State::Running.name(), State::Done.name());
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), number, running, done]).await?;
    Ok(rows.into_iter().map(|(source,)| source).collect())
}

pub(super) async fn count(tx: &mut Tx, number: i64, counted: &Counted) -> Result<()> {
    let Counted { accepted, duplicate, figures } = counted;
    let sql = "update import set rows_accepted = rows_accepted + $1,
            rows_duplicate = rows_duplicate + $2, orders = orders + $3,
            cancellations = cancellations + $4, gross_minor = gross_minor + $5,
            refunded_minor = refunded_minor + $6, adjusted_minor = adjusted_minor + $7
        where shop_id = $8 and import_no = $9";
    let values = binds![
        *accepted,
        *duplicate,
        figures.orders,
        figures.cancellations,
        figures.gross_minor,
        figures.refunded_minor,
        figures.adjusted_minor,
        tx.shop(),
        number
    ];
    tx.exec(sql, values).await.map(drop)
}

/// What the orders and the money of an import come to.
pub(super) async fn figures(tx: &mut Tx, number: i64) -> Result<Figures> {
    let sql = "select orders, cancellations, gross_minor, refunded_minor, adjusted_minor
        from import where shop_id = $1 and import_no = $2";
    let (orders, cancellations, gross_minor, refunded_minor, adjusted_minor) =
        tx.one(sql, binds![tx.shop(), number]).await?;
    Ok(Figures { orders, cancellations, gross_minor, refunded_minor, adjusted_minor })
}

pub(super) async fn set_state(
    tx: &mut Tx,
    number: i64,
    state: State,
    ended: Option<Time>,
) -> Result<()> {
    let sql = "update import set state = $1, ended_at = $2
        where shop_id = $3 and import_no = $4";
    tx.exec(sql, binds![state.name(), ended, tx.shop(), number]).await.map(drop)
}

/// Writes down that nothing of what a file says counts any more.
pub(super) async fn forget(tx: &mut Tx, source: i64) -> Result<()> {
    let sql = "update import_file set forgotten = $1 where shop_id = $2 and source_no = $3";
    tx.exec(sql, binds![true, tx.shop(), source]).await.map(drop)
}

pub(super) async fn forgotten(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select source_no from import_file where shop_id = $1 and forgotten = $2
        order by source_no";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), true]).await?;
    Ok(rows.into_iter().map(|(source,)| source).collect())
}

pub(super) async fn finish(tx: &mut Tx, report: &Report, now: Time) -> Result<()> {
    let text = serde_json::to_string(report)
        .map_err(|cause| Error::internal("a report could not be written", cause))?;
    let sql = "update import set state = 'done', ended_at = $1, report = $2
        where shop_id = $3 and import_no = $4";
    tx.exec(sql, binds![now, text, tx.shop(), report.import]).await.map(drop)
}

/// Labels of people that these sources speak of.
pub(super) async fn labels(tx: &mut Tx, sources: &[i64]) -> Result<Vec<i64>> {
    let sql = "select customer_no from order_part where shop_id = $1 and customer_no is not null
            and source_no in list($2)
        union select customer_no from customer_part where shop_id = $1
            and source_no in list($2)
        union select customer_no from interaction where shop_id = $1 and customer_no is not null
            and source_no in list($2)";
    let rows: Vec<(i64,)> =
        tx.all(sql, binds![tx.shop(), numbers_list(sources.iter().copied())]).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}

/// What files of these numbers are called.
pub(super) async fn file_names(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<(i64, String)>> {
    let sql = "select source_no, name from import_file where shop_id = $1
        and source_no in list($2)";
    tx.all(sql, binds![tx.shop(), numbers_list(numbers.iter().copied())]).await
}
