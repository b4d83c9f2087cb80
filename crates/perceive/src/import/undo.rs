//! Undoing an import: taking away what its files say, a bounded piece a transaction.

use std::collections::HashMap;

use base::Result;
use lake::Lake;
use store::log::{self, topic};
use store::{Cx, Tx, counter};

use super::{Import, State, sql};
use crate::fold::{self, Fold};
use crate::identity::Resolved;
use crate::profile::{self, Touched};
use crate::{catalog, history, identity, interaction, order};

/// Orders that one transaction takes back.
const ORDERS_PER_STEP: i64 = 1_000;

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

async fn take_back(cx: &Cx, lake: &Lake, import: &Import) -> Result<()> {
    for file in &import.files {
        while orders(cx, file.source_no).await? {}
        let mut tx = cx.write().await?;
        rest(&mut tx, cx, file.source_no).await?;
        tx.commit().await?;
    }
    profile::refresh_habits(cx, lake).await?;
    let mut tx = cx.write().await?;
    sql::set_state(&mut tx, import.number, State::Undone, Some(cx.now)).await?;
    let told = serde_json::json!({ "import": import.number }).to_string();
    let kind = "import.undone".to_owned();
    let fact = log::Fact { kind, at: cx.now, body: told.into_bytes() };
    log::append(&mut tx, cx, topic::DOMAIN, &[fact]).await?;
    tx.commit().await
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

/// Takes back what a source says about people, products and everything else.
async fn rest(tx: &mut Tx, cx: &Cx, source: i64) -> Result<()> {
    let mut labels = profile::forget(tx, source).await?;
    let (spoken_of, told) = interaction::forget(tx, source).await?;
    labels.extend(spoken_of);
    let history: Vec<log::Fact> = history::events(&told, cx.now)?.into_iter().collect();
    log::append(tx, cx, topic::HISTORY, &history).await?;
    sql::forget(tx, source).await?;
    counter::take(tx, "version", 1).await?;
    catalog::forget(tx, source).await?;
    let mut persons = identity::forget(tx, cx, source).await?;
    let labels: Vec<i64> = labels.into_iter().collect();
    persons.extend(identity::persons(tx, &labels).await?.into_values());
    profile::rebuild(tx, cx, &persons).await
}
