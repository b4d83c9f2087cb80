//! SQL for the tables `labelled_block`, `labelled_run` and `labelled_merge`.

use base::Result;
use store::{Tx, binds, list};

/// Numbers that one statement looks up.
const LOOKUP_MAX: usize = 5_000;

/// A block as it is stored: its number, the last run that it holds, and its body.
pub(super) type Block = (i64, i64, Vec<u8>);

/// A run as it is stored: its version and its body.
pub(super) type Run = (i64, Vec<u8>);

/// How far blocks have taken runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Merge {
    /// The last run that every block holds.
    pub(super) held: i64,
    /// The last run that blocks are taking in; `held` when none is.
    pub(super) target: i64,
    /// The last block that holds it.
    pub(super) reached: i64,
}

impl Merge {
    pub(super) const NONE: Self = Self { held: 0, target: 0, reached: i64::MIN };
}

pub(super) async fn blocks(tx: &mut Tx, series: &str, numbers: &[i64]) -> Result<Vec<Block>> {
    let mut found = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let sql = "select block_no, version, body from labelled_block where shop_id = $1
            and series = $2 and block_no in list($3)";
        let values = binds![tx.shop(), series, list(chunk.iter().copied())];
        found.extend(tx.all::<Block>(sql, values).await?);
    }
    Ok(found)
}

/// Blocks after the first number up to the second, in their order.
pub(super) async fn blocks_between(
    tx: &mut Tx,
    series: &str,
    (after, end): (i64, i64),
    limit: i64,
) -> Result<Vec<Block>> {
    let sql = "select block_no, version, body from labelled_block where shop_id = $1
        and series = $2 and block_no > $3 and block_no <= $4 order by block_no limit $5";
    tx.all(sql, binds![tx.shop(), series, after, end, limit]).await
}

pub(super) fn store_blocks(tx: &mut Tx, series: &str, blocks: Vec<Block>) {
    let shop = tx.shop();
    let row = |(number, version, body)| binds![shop, series, number, version, body];
    let head = "insert into labelled_block (shop_id, series, block_no, version, body)";
    let tail = " on conflict (shop_id, series, block_no) do update set
        version = excluded.version, body = excluded.body";
    tx.insert(head, blocks.into_iter().map(row).collect(), tail);
}

pub(super) async fn forget_blocks(tx: &mut Tx, series: &str, numbers: &[i64]) -> Result<()> {
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let sql = "delete from labelled_block where shop_id = $1 and series = $2
            and block_no in list($3)";
        let values = binds![tx.shop(), series, list(chunk.iter().copied())];
        tx.exec(sql, values).await?;
    }
    Ok(())
}

/// How many runs there are after `version`, and how many entries they have.
pub(super) async fn waiting(tx: &mut Tx, series: &str, version: i64) -> Result<(i64, i64)> {
    let sql = "select count(*), cast(coalesce(sum(entries), 0) as bigint) from labelled_run
        where shop_id = $1 and series = $2 and version > $3";
    tx.one(sql, binds![tx.shop(), series, version]).await
}

/// Runs after the first version up to the second, in their order.
pub(super) async fn runs(
    tx: &mut Tx,
    series: &str,
    (after, until): (i64, i64),
) -> Result<Vec<Run>> {
    let sql = "select version, body from labelled_run where shop_id = $1 and series = $2
        and version > $3 and version <= $4 order by version";
    tx.all(sql, binds![tx.shop(), series, after, until]).await
}

/// Runs by their versions, in their order.
pub(super) async fn some_runs(tx: &mut Tx, series: &str, versions: &[i64]) -> Result<Vec<Run>> {
    let sql = "select version, body from labelled_run where shop_id = $1 and series = $2
        and version in list($3) order by version";
    tx.all(sql, binds![tx.shop(), series, list(versions.iter().copied())]).await
}

/// Stores a run: its version, how many entries it has, and its body.
pub(super) fn store_run(tx: &mut Tx, series: &str, (version, entries, body): (i64, i64, Vec<u8>)) {
    let row = binds![tx.shop(), series, version, entries, body];
    let head = "insert into labelled_run (shop_id, series, version, entries, body)";
    tx.insert(head, vec![row], "");
}

/// Forgets runs up to `version`.
pub(super) async fn forget_runs(tx: &mut Tx, series: &str, version: i64) -> Result<u64> {
    let sql = "delete from labelled_run where shop_id = $1 and series = $2 and version <= $3";
    tx.exec(sql, binds![tx.shop(), series, version]).await
}

/// How far blocks have taken runs in.
pub(super) async fn merge(tx: &mut Tx, series: &str) -> Result<Merge> {
    let sql = "select held, target, reached from labelled_merge where shop_id = $1 and series = $2";
    Ok(tx.opt(sql, binds![tx.shop(), series]).await?.unwrap_or(Merge::NONE))
}

/// As [`merge`]; nobody else changes blocks until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, series: &str) -> Result<Merge> {
    let Merge { held, target, reached } = Merge::NONE;
    let sql = "insert into labelled_merge (shop_id, series, held, target, reached)
        values ($1, $2, $3, $4, $5)
        on conflict (shop_id, series) do update set held = labelled_merge.held
        returning held, target, reached";
    tx.one(sql, binds![tx.shop(), series, held, target, reached]).await
}

pub(super) fn store_merge(tx: &mut Tx, series: &str, merge: Merge) {
    let row = binds![tx.shop(), series, merge.held, merge.target, merge.reached];
    let head = "insert into labelled_merge (shop_id, series, held, target, reached)";
    let tail = " on conflict (shop_id, series) do update set held = excluded.held,
        target = excluded.target, reached = excluded.reached";
    tx.insert(head, vec![row], tail);
}
