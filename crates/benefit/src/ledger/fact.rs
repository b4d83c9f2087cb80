//! What the log is told of bookings.

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use store::log::{self, Fact, topic};
use store::{Cx, Tx};

use super::Owner;
use super::books::Books;

/// The kind of facts that say what was booked for customers.
const BOOKED_FACT: &str = "ledger.booked";
/// Bookings that one fact tells at the most.
const TOLD_MAX: usize = 1_000;

/// A transfer of a customer's.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    transfer: i64,
    customer: i64,
    unit: i64,
    kind: i64,
    /// How much it moves or is about; below nothing for what goes from the customer.
    amount: i64,
    source: (i64, i64),
}

/// Tells the log what was booked for customers, in the transaction in which it was.
pub(super) async fn tell(tx: &mut Tx, cx: &Cx, books: &Books) -> Result<()> {
    let told = books.done().transfers.iter().filter_map(|own| {
        let account = books.account(own.account)?;
        let Owner::Customer(customer) = account.owner else { return None };
        let comes = own.credit == own.account;
        Some(Told {
            transfer: own.number,
            customer,
            unit: account.unit.code(),
            kind: own.kind.code(),
            amount: if comes { own.amount } else { -own.amount },
            source: (own.source.0.code(), own.source.1),
        })
    });
    let told: Vec<Told> = told.collect();
    let fact = |part: &[Told]| {
        let failed = |cause| Error::internal("a fact could not be written", cause);
        let body = postcard::to_stdvec(part).map_err(failed)?;
        Ok(Fact { kind: BOOKED_FACT.to_owned(), at: cx.now, body })
    };
    let facts = told.chunks(TOLD_MAX).map(fact).collect::<Result<Vec<_>>>()?;
    log::append(tx, cx, topic::DOMAIN, &facts).await
}
