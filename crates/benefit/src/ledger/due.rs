//! What happens by itself: lots run out, what is expected comes, what is held is let go.

use std::collections::BTreeSet;

use base::{Result, Zone};
use store::{Cx, Tx};

use super::books::Books;
use super::{Act, Intent, begin, finish, open, policy, sql};

/// Lots that one transaction lets run out at the most.
pub const LAPSE_LOTS: i64 = 5_000;
/// Transactions of one turn at the most.
const CHUNKS_MAX: usize = 20;
/// What is open that one transaction closes at the most.
const CLOSE_MAX: i64 = 2_000;

/// Lets happen what is due; how much that was.
///
/// # Errors
/// What the store reports.
pub async fn settle_due(cx: &Cx, zone: &Zone) -> Result<usize> {
    let mut all = 0;
    for _ in 0..CHUNKS_MAX {
        let done = close_due(cx, zone).await? + lapse(cx, zone).await?;
        all += done;
        if done == 0 {
            break;
        }
    }
    Ok(all)
}

async fn close_due(cx: &Cx, zone: &Zone) -> Result<usize> {
    // To look first takes no lock, and mostly there is nothing.
    if sql::due(&mut cx.read().await?, cx.now, 1).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = cx.write().await?;
    begin(&mut tx).await?;
    let due = sql::due(&mut tx, cx.now, CLOSE_MAX).await?;
    let mut seen = BTreeSet::new();
    let mut intents = Vec::new();
    for sql::Over { number, cause: of, unit, expected, source } in due {
        if !seen.insert(of.clone()) {
            continue;
        }
        let until = policy(&mut tx, unit).await?.returned_until(zone, cx.now)?;
        let act = if expected { Act::Post(of) } else { Act::Void { of, until } };
        intents.push(Intent {
            unit,
            labels: Vec::new(),
            amount: 0,
            act,
            cause: format!("due/{number}"),
            source,
            reason: String::new(),
            at: cx.now,
            renews: None,
        });
    }
    let count = intents.len();
    let mut books = open(&mut tx, cx, &intents).await?;
    for intent in &intents {
        books.book(intent)?;
    }
    finish(&mut tx, cx, books).await?;
    tx.commit().await?;
    Ok(count)
}

/// Lets lots run out whose time has come, at most [`LAPSE_LOTS`]; how many.
///
/// # Errors
/// What the store reports.
pub async fn lapse(cx: &Cx, zone: &Zone) -> Result<usize> {
    if sql::lapsed(&mut cx.read().await?, cx.now, 1).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = cx.write().await?;
    let count = lapse_some(&mut tx, cx, zone).await?;
    tx.commit().await?;
    Ok(count)
}

async fn lapse_some(tx: &mut Tx, cx: &Cx, zone: &Zone) -> Result<usize> {
    let first = begin(tx).await?;
    let lots = sql::lapsed(tx, cx.now, LAPSE_LOTS).await?;
    let count = lots.len();
    let mut books = Books::new(cx.now, first);
    let accounts: BTreeSet<i64> = lots.iter().map(|lot| lot.account).collect();
    let accounts: Vec<i64> = accounts.into_iter().collect();
    let mut known = sql::by_number(tx, &accounts).await?;
    known.extend(sql::of_house(tx).await?);
    known.into_iter().for_each(|account| books.load_account(account));
    for lot in lots {
        books.load_lot(lot);
    }
    let day = i64::from(zone.date(cx.now).0);
    for account in accounts {
        books.lapse(account, day);
    }
    finish(tx, cx, books).await?;
    Ok(count)
}
