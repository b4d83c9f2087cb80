//! How much of promotions is taken, and how much is left for somebody.

use std::collections::BTreeMap;

use base::{Error, Result};
use perceive::identity;
use store::Tx;

use super::rule::{Left, left_of};
use super::{Promotion, sql};

/// How much is left of promotions for a buyer: of each that limits it.
///
/// # Errors
/// What the store reports.
pub(crate) async fn left(
    tx: &mut Tx,
    all: &[Promotion],
    person: Option<i64>,
) -> Result<BTreeMap<i64, Left>> {
    let counts = all.iter().any(|own| own.limits.each.limit().is_some());
    let had = match person.filter(|_| counts) {
        Some(person) => had(tx, person).await?,
        None => BTreeMap::new(),
    };
    let left = |own: &Promotion| {
        let had = person.map(|_| had.get(&own.number).copied().unwrap_or(0));
        (own.number, left_of(own.limits, own.taken, had))
    };
    Ok(all.iter().map(left).collect())
}

async fn had(tx: &mut Tx, person: i64) -> Result<BTreeMap<i64, i64>> {
    let labels = identity::labels(tx, person).await?;
    let mut had = BTreeMap::new();
    for (number, taken) in sql::had(tx, &labels).await? {
        *had.entry(number).or_default() += taken;
    }
    Ok(had)
}

/// Has a buyer take so much of promotions, or give it back where it is negative. Whoever calls this
/// sees to it that nobody else does meanwhile.
///
/// # Errors
/// `conflict` for a promotion that has not so much left.
pub(crate) async fn change(tx: &mut Tx, person: Option<i64>, uses: &[(i64, i64)]) -> Result<()> {
    let gone = || {
        Error::conflict("a promotion has not so much left any more")
            .field("cart")
            .hint("ask for a quote again")
    };
    for &(number, count) in uses {
        let taken = sql::take(tx, number, count).await?;
        if count < 0 && !taken {
            // There is no such promotion any more: nothing can be given back to it.
            continue;
        }
        if !taken {
            return Err(gone());
        }
        let Some(person) = person else { continue };
        if count > 0
            && let Some(most) = sql::each(tx, number).await?
        {
            let had = had(tx, person).await?.get(&number).copied().unwrap_or(0);
            if had + count > most {
                return Err(gone());
            }
        }
        sql::put_had(tx, number, (person, count)).await?;
    }
    Ok(())
}
