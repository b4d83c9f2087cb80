//! Undoing an import: taking away what its files say, a bounded piece a transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use base::Result;
use lake::Lake;
use store::log::{self, topic};
use store::{Cx, counter};

use super::{FileRow, Import, State, sql};
use crate::fold::{self, Fold};
use crate::identity::Resolved;
use crate::profile::{self, Touched};
use crate::{cart, catalog, history, identity, interaction, order, visit};

/// Orders that one transaction takes back.
const ORDERS_PER_STEP: i64 = 1_000;
/// Other things that one transaction takes back.
const ROWS_PER_STEP: i64 = 1_000;
/// Identifiers that one transaction looks at.
const IDENTIFIERS_PER_STEP: i64 = 5_000;

/// Undoes an import: afterwards the state is as if it had not been. Undoing it again does nothing.
///
/// # Errors
/// `not_found` when there is no such import. After any other error the undoing goes on with the
/// next command that writes.
pub async fn undo(cx: &Cx, lake: &Lake, number: i64) -> Result<Import> {
    let import = super::get(cx, number).await?;
    if import.state == State::Undone {
        return Ok(import);
    }
    // Rows of this import that wait in the log must not come after their undoing.
    Fold::default().drain(cx).await?;
    let mut tx = cx.write().await?;
    sql::set_state(&mut tx, number, State::Undoing, None).await?;
    tx.commit().await?;
    take_back(cx, lake, &import).await?;
    super::get(cx, number).await
}

/// Goes on with undoings that were interrupted.
///
/// # Errors
/// What the database reports.
pub async fn resume_undo(cx: &Cx, lake: &Lake) -> Result<()> {
    for import in super::list(cx).await?.iter().filter(|one| one.state == State::Undoing) {
        take_back(cx, lake, import).await?;
    }
    Ok(())
}

/// Takes back what some files of an import said because newer readings took their place; the import
/// counts as undone when it has no other files.
///
/// # Errors
/// What the database reports. What is left is taken back when the newer reading is made again.
pub(super) async fn replace(
    cx: &Cx,
    lake: &Lake,
    import: &Import,
    replaced: impl Fn(&FileRow) -> bool,
) -> Result<()> {
    let gone = super::forgotten(&mut cx.read().await?).await?;
    let still = |file: &&FileRow| !gone.contains(&file.source_no);
    let files = import.files.iter().filter(still).filter(|file| replaced(file));
    let files: Vec<&FileRow> = files.collect();
    if files.is_empty() {
        return Ok(());
    }
    if import.files.iter().filter(still).count() == files.len() {
        return undo(cx, lake, import.number).await.map(drop);
    }
    for file in files {
        take_back_file(cx, file.source_no).await?;
    }
    tidy_up(cx, lake).await
}

async fn take_back(cx: &Cx, lake: &Lake, import: &Import) -> Result<()> {
    for file in &import.files {
        take_back_file(cx, file.source_no).await?;
    }
    tidy_up(cx, lake).await?;
    let mut tx = cx.write().await?;
    sql::set_state(&mut tx, import.number, State::Undone, Some(cx.now)).await?;
    let told = serde_json::json!({ "import": import.number }).to_string();
    let kind = "import.undone".to_owned();
    let fact = log::Fact { kind, at: cx.now, body: told.into_bytes() };
    log::append(&mut tx, cx, topic::DOMAIN, &[fact]).await?;
    tx.commit().await
}

async fn take_back_file(cx: &Cx, source: i64) -> Result<()> {
    while orders(cx, source).await? {}
    let mut tx = cx.write().await?;
    sql::forget(&mut tx, source).await?;
    counter::take(&mut tx, "version", 1).await?;
    tx.commit().await?;
    while interactions(cx, source).await? {}
    while customers(cx, source).await? {}
    while links(cx, source).await? {}
    while products(cx, source).await? {}
    Ok(())
}

/// Takes back what a source says about some orders; whether there was anything.
async fn orders(cx: &Cx, source: i64) -> Result<bool> {
    let mut tx = cx.write().await?;
    let changes = order::forget(&mut tx, source, ORDERS_PER_STEP).await?;
    if changes.is_empty() {
        return Ok(false);
    }
    let (mut touched, mut history) = (Touched::default(), Vec::new());
    let resolved = (changes.as_slice(), Resolved::default());
    fold::settle(&mut tx, cx, resolved, &HashMap::new(), (&mut touched, &mut history)).await?;
    profile::apply(&mut tx, cx, touched).await?;
    log::append(&mut tx, cx, topic::HISTORY, &history).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes back some of what people said by a source; whether there was anything.
async fn interactions(cx: &Cx, source: i64) -> Result<bool> {
    let mut tx = cx.write().await?;
    let gone = interaction::forget(&mut tx, source, ROWS_PER_STEP).await?;
    let history: Vec<log::Fact> = history::events(&gone.told, cx.now)?.into_iter().collect();
    log::append(&mut tx, cx, topic::HISTORY, &history).await?;
    let labels: Vec<i64> = gone.labels.into_iter().collect();
    let persons = identity::persons(&mut tx, &labels).await?.into_values().collect();
    profile::rebuild(&mut tx, cx, &persons).await?;
    tx.commit().await?;
    Ok(gone.count > 0)
}

/// Takes back some rows of a source's customer lists; whether there were any.
async fn customers(cx: &Cx, source: i64) -> Result<bool> {
    let mut tx = cx.write().await?;
    let labels = profile::forget(&mut tx, source, ROWS_PER_STEP).await?;
    let labels: Vec<i64> = labels.into_iter().collect();
    let persons = identity::persons(&mut tx, &labels).await?.into_values().collect();
    profile::rebuild(&mut tx, cx, &persons).await?;
    tx.commit().await?;
    Ok(!labels.is_empty())
}

/// Takes back some of what a source says about who is who; whether there was anything.
async fn links(cx: &Cx, source: i64) -> Result<bool> {
    let mut tx = cx.write().await?;
    let persons = identity::forget(&mut tx, cx, source, ROWS_PER_STEP).await?;
    profile::rebuild(&mut tx, cx, persons.as_ref().unwrap_or(&BTreeSet::new())).await?;
    tx.commit().await?;
    Ok(persons.is_some())
}

/// Takes back some of what a source says about products; whether there was anything.
async fn products(cx: &Cx, source: i64) -> Result<bool> {
    let mut tx = cx.write().await?;
    let more = catalog::forget(&mut tx, source, ROWS_PER_STEP).await?;
    tx.commit().await?;
    Ok(more)
}

/// Removes identifiers that nothing speaks of any more, with their sealed values, and brings
/// habits up to date.
async fn tidy_up(cx: &Cx, lake: &Lake) -> Result<()> {
    let mut tx = cx.read().await?;
    let mut used: HashSet<i64> = order::labels(&mut tx).await?.into_iter().collect();
    used.extend(profile::labels(&mut tx).await?);
    used.extend(interaction::labels(&mut tx).await?);
    used.extend(visit::labels(&mut tx).await?);
    used.extend(cart::labels(&mut tx).await?);
    drop(tx);
    let mut after = None;
    loop {
        let mut tx = cx.write().await?;
        let limit = IDENTIFIERS_PER_STEP;
        let (next, persons) = identity::purge(&mut tx, after.as_ref(), limit, &used).await?;
        profile::rebuild(&mut tx, cx, &persons).await?;
        tx.commit().await?;
        if next.is_none() {
            return profile::refresh_habits(cx, lake).await.map(drop);
        }
        after = next;
    }
}
