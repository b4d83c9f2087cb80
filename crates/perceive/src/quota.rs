//! 配额: how much a shop may have of what all shops share, so that one does not take everybody's.
//! How fast it may write is its [pace](crate::collect::pace).

use base::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Cx, Tx, setting};

/// The setting's name.
const NAME: &str = "quota";
/// Bytes of a megabyte.
pub const MB: u64 = 1 << 20;

/// How much a shop may have; none of a thing is as much as comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quota {
    /// Customers that it knows.
    pub customers: Option<u64>,
    /// Bytes of its files, and of what came in and is kept.
    pub storage: Option<u64>,
    /// Queries in SQL that are answered at once.
    pub queries: Option<u32>,
}

/// How much a shop has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Customers that it knows.
    pub customers: u64,
    /// Bytes of its files, and of what came in and is kept.
    pub storage: u64,
}

/// What a shop has as much of as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// So many customers.
    Customers(u64),
    /// So many bytes.
    Storage(u64),
}

impl Quota {
    /// What there is as much of as there may be; nothing more of it is taken in.
    #[must_use]
    pub fn over(&self, usage: &Usage) -> Option<Over> {
        let reached = |most: Option<u64>, is: u64| most.filter(|most| is >= *most);
        reached(self.customers, usage.customers)
            .map(Over::Customers)
            .or_else(|| reached(self.storage, usage.storage).map(Over::Storage))
    }
}

impl Over {
    /// What somebody is told who brings more.
    #[must_use]
    pub fn error(self) -> Error {
        let text = match self {
            Self::Customers(most) => format!("this shop knows {most} customers, as many as it may"),
            Self::Storage(most) => {
                format!("this shop keeps {} MB, as much as it may", most.div_ceil(MB))
            }
        };
        Error::new(Code::OverQuota, text)
            .hint("`shuke quota` shows and sets how much a shop may have")
    }
}

/// A shop's quota.
///
/// # Errors
/// What the database reports.
pub async fn get(cx: &Cx) -> Result<Quota> {
    setting::get(&mut cx.read().await?, NAME).await
}

/// Sets the quota of the transaction's shop.
///
/// # Errors
/// What the database reports.
pub async fn set(tx: &mut Tx, quota: &Quota) -> Result<()> {
    setting::set(tx, NAME, quota).await
}

/// Refuses to take more customers in than the shop may know.
///
/// # Errors
/// `over_quota` when it knows as many.
pub(crate) async fn admit(cx: &Cx, most: Option<u64>) -> Result<()> {
    let Some(most) = most else { return Ok(()) };
    let known = crate::profile::count(&mut cx.read().await?).await?;
    let usage = Usage { customers: u64::try_from(known).unwrap_or(0), storage: 0 };
    let quota = Quota { customers: Some(most), ..Quota::default() };
    quota.over(&usage).map_or(Ok(()), |over| Err(over.error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reached_takes_no_more() {
        let quota = Quota { customers: Some(10), storage: Some(5 * MB), queries: None };
        let has = |customers, storage| quota.over(&Usage { customers, storage });
        for (customers, storage, over) in [
            (9, 5 * MB - 1, None),
            (10, 0, Some(Over::Customers(10))),
            (0, 5 * MB, Some(Over::Storage(5 * MB))),
            (11, 6 * MB, Some(Over::Customers(10))),
        ] {
            assert_eq!(has(customers, storage), over, "{customers} {storage}");
        }
        let most = Usage { customers: u64::MAX, storage: u64::MAX };
        assert_eq!(Quota::default().over(&most), None, "nothing is set, so anything may come");
        assert_eq!(Over::Storage(5 * MB).error().code, Code::OverQuota);
    }
}
