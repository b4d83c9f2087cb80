//! How much a shop has, and how much it may have.

use perceive::quota::{MB, Quota, Usage};

use crate::lang::Lang;

/// A line a thing.
pub(crate) fn quota(lang: Lang, (usage, quota): (&Usage, &Quota), pace: Option<u32>) -> String {
    let most = |most: Option<u64>| match most {
        Some(most) => lang.pick(format!("，最多 {most}"), format!(", at most {most}")),
        None => lang.pick("，不限".to_owned(), ", no limit".to_owned()),
    };
    let (customers, storage) = (usage.customers, usage.storage.div_ceil(MB));
    let (customers_most, storage_most) =
        (most(quota.customers), most(quota.storage.map(|bytes| bytes / MB)));
    let pace = pace.map_or_else(
        || lang.pick("不限".to_owned(), "no limit".to_owned()),
        |pace| pace.to_string(),
    );
    let queries = quota.queries.unwrap_or(1);
    lang.pick(
        format!(
            "客户：{customers}{customers_most}\n存储（MB）：{storage}{storage_most}\n\
             每秒事件：{pace}\n同时查询：{queries}\n"
        ),
        format!(
            "customers: {customers}{customers_most}\nstorage in MB: {storage}{storage_most}\n\
             events a second: {pace}\nqueries at once: {queries}\n"
        ),
    )
}
