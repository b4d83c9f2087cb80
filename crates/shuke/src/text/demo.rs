//! What `shuke demo` prints.

use std::path::Path;

use demo::{Plan, SHOP};
use perceive::import::Progress;

use crate::lang::Lang;

/// How fast messages go in, beside their bar.
pub(crate) fn progress(lang: Lang, progress: &Progress, per_second: u64) -> String {
    let messages = base::money::thousands(progress.rows);
    let rate = base::money::thousands(per_second);
    lang.pick(
        format!("{messages} 条消息  每秒 {rate} 条"),
        format!("{messages} messages  {rate} a second"),
    )
}

/// Which shop is being made.
pub(crate) fn begin(lang: Lang, plan: &Plan) -> String {
    let customers = base::money::thousands(u64::from(plan.customers));
    let Plan { seed, until, .. } = plan;
    lang.pick(
        format!("正在生成{SHOP}：{customers} 位客户，种子 {seed}，截至 {until} 的两年\n"),
        format!("making {SHOP}: {customers} customers, seed {seed}, two years until {until}\n"),
    )
}

/// What is in it.
pub(crate) fn done(lang: Lang, (messages, millis): (u64, i64), truths: &Path, new: bool) -> String {
    let messages = base::money::thousands(messages);
    let truths = truths.display();
    let millis = base::money::thousands(millis.unsigned_abs());
    let head = match new {
        true => lang.pick(
            format!("{SHOP}已就绪：{messages} 条消息，用时 {millis} 毫秒\n"),
            format!("{SHOP} is ready: {messages} messages in {millis} ms\n"),
        ),
        false => lang.pick(
            format!("{SHOP}已就绪：{messages} 条消息，之前已生成\n"),
            format!("{SHOP} is ready: {messages} messages, made before\n"),
        ),
    };
    head + &lang.pick(
        format!("  每位买家的真实参数：{truths}\n"),
        format!("  what is true of each buyer: {truths}\n"),
    )
}
