//! Words of a closed set: truth, gender, age band, status, speaker, rating.

use base::Date;

use super::{Reason, number, text};
use crate::record::Status;

/// The speaker who is the shop.
pub const AGENT: &str = "agent";
/// Age bands that an age falls into: first age of each, and its name.
const BANDS: [(i64, &str); 7] = [
    (0, "0-17"),
    (18, "18-24"),
    (25, "25-34"),
    (35, "35-44"),
    (45, "45-54"),
    (55, "55-64"),
    (65, "65+"),
];

/// Ages that a person can have, in years.
const AGE_MAX: i64 = 130;

/// Words for an order's status in shop systems, after [`text::key`].
const STATUS: &[(&str, Status)] = &[
    ("等待买家付款", Status::Placed),
    ("待付款", Status::Placed),
    ("未付款", Status::Placed),
    ("已下单", Status::Placed),
    ("placed", Status::Placed),
    ("pending", Status::Placed),
    ("pendingpayment", Status::Placed),
    ("created", Status::Placed),
    ("unpaid", Status::Placed),
    ("onhold", Status::Placed),
    ("买家已付款等待卖家发货", Status::Paid),
    ("已付款", Status::Paid),
    ("已支付", Status::Paid),
    ("待发货", Status::Paid),
    ("等待发货", Status::Paid),
    ("paid", Status::Paid),
    ("approved", Status::Paid),
    ("processing", Status::Paid),
    ("confirmed", Status::Paid),
    ("invoiced", Status::Paid),
    ("卖家已发货等待买家确认", Status::Shipped),
    ("卖家部分发货", Status::Shipped),
    ("已发货", Status::Shipped),
    ("待收货", Status::Shipped),
    ("待自提", Status::Shipped),
    ("shipped", Status::Shipped),
    ("fulfilled", Status::Shipped),
    ("intransit", Status::Shipped),
    ("交易成功", Status::Received),
    ("交易完成", Status::Received),
    ("已完成", Status::Received),
    ("已签收", Status::Received),
    ("已收货", Status::Received),
    ("确认收货", Status::Received),
    ("待评价", Status::Received),
    ("received", Status::Received),
    ("delivered", Status::Received),
    ("completed", Status::Received),
    ("complete", Status::Received),
    ("交易关闭", Status::Closed),
    ("已关闭", Status::Closed),
    ("已取消", Status::Closed),
    ("closed", Status::Closed),
    ("cancelled", Status::Closed),
    ("canceled", Status::Closed),
    ("voided", Status::Closed),
    ("expired", Status::Closed),
    ("退款成功", Status::Closed),
    ("已退款", Status::Closed),
    ("已退货", Status::Closed),
    ("refunded", Status::Closed),
    ("returned", Status::Closed),
    ("退款中", Status::Paid),
    ("部分退款", Status::Paid),
    ("partiallyrefunded", Status::Paid),
    ("failed", Status::Closed),
];

/// Yes or no.
///
/// # Errors
/// A reason when it is neither.
pub fn truth(raw: &str) -> Result<bool, Reason> {
    match text::narrow(raw).trim().to_lowercase().as_str() {
        "是" | "有" | "真" | "对" | "√" | "✓" | "true" | "t" | "yes" | "y" | "1" | "1.0" => {
            Ok(true)
        }
        "否" | "没有" | "假" | "×" | "✗" | "false" | "f" | "no" | "n" | "0" | "0.0" => {
            Ok(false)
        }
        _ => Err("is neither yes nor no".into()),
    }
}

/// `female`, `male` or `other`; `None` where the source says that it does not know.
///
/// # Errors
/// A reason when the word is none of these.
pub fn gender(raw: &str) -> Result<Option<&'static str>, Reason> {
    match text::key(raw).as_str() {
        "女" | "女性" | "女士" | "小姐" | "f" | "female" | "woman" | "w" => {
            Ok(Some("female"))
        }
        "男" | "男性" | "男士" | "先生" | "m" | "male" | "man" => Ok(Some("male")),
        "其他" | "其它" | "other" | "x" | "nonbinary" | "diverse" => Ok(Some("other")),
        "" | "未知" | "保密" | "不详" | "u" | "unknown" | "unspecified" | "secret" => {
            Ok(None)
        }
        _ => Err("is not a gender this mapping knows".into()),
    }
}

/// A status of an order.
///
/// # Errors
/// A reason when the word is none that shop systems use.
pub fn status(raw: &str) -> Result<Status, Reason> {
    let key = text::key(raw);
    let known = STATUS.iter().find(|(word, _)| *word == key);
    known
        .map(|(_, status)| *status)
        .ok_or(Reason::from("is not a status this mapping knows: add it to its `values`"))
}

/// An age band: the source's own (`25-34`, `65+`, `18岁以下`), or that of an age.
///
/// # Errors
/// A reason when it is neither.
pub fn age_band(raw: &str) -> Result<String, Reason> {
    let narrow = text::narrow(raw);
    let numbers: Vec<i64> = narrow
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty() && part.len() <= 3)
        .filter_map(|part| part.parse().ok())
        .filter(|age| *age <= AGE_MAX)
        .collect();
    let lower = narrow.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match *numbers.as_slice() {
        [from, to] if from < to => Ok(format!("{from}-{to}")),
        [age] if says(&["+", "以上", "及以上", "over", "above", "older", ">"]) => {
            Ok(format!("{age}+"))
        }
        [age] if age > 0 && says(&["以下", "under", "below", "younger", "<"]) => {
            Ok(format!("0-{}", age - 1))
        }
        [age] if number::whole(raw.trim_end_matches('岁'), false) == Ok(age) => {
            Ok(band(age).to_owned())
        }
        _ => Err("is not an age or a band of ages".into()),
    }
}

/// The age band on the day `as_of` of a person born on `birthday` (`1990-05-17`); none without a
/// year, or for somebody not yet born.
#[must_use]
pub fn age_band_of(birthday: &str, as_of: Date) -> Option<&'static str> {
    let born = birthday.parse::<Date>().ok()?.civil();
    let today = as_of.civil();
    let before = (today.month(), today.day()) < (born.month(), born.day());
    let age = i64::from(today.year()) - i64::from(born.year()) - i64::from(before);
    (0..=AGE_MAX).contains(&age).then(|| band(age))
}

fn band(age: i64) -> &'static str {
    let found = BANDS.iter().rev().find(|(from, _)| *from <= age);
    found.map_or("0-17", |(_, name)| name)
}

/// Who speaks in a chat: `buyer` or `agent`.
///
/// # Errors
/// A reason when the word is neither.
pub fn speaker(raw: &str) -> Result<&'static str, Reason> {
    match text::key(raw).as_str() {
        "买家" | "客户" | "顾客" | "用户" | "会员" | "buyer" | "customer" | "user" | "client"
        | "visitor" | "in" | "inbound" => Ok("buyer"),
        "客服" | "卖家" | "商家" | "店铺" | "agent" | "seller" | "staff" | "operator" | "bot"
        | "机器人" | "support" | "out" | "outbound" => Ok(AGENT),
        _ => Err("is neither the buyer nor the shop's agent".into()),
    }
}

/// A rating of 1 to 5: a number, stars, or 好评/中评/差评.
///
/// # Errors
/// A reason when it is none.
pub fn rating(raw: &str) -> Result<i64, Reason> {
    let narrow = text::narrow(raw);
    let bare = narrow.trim().trim_end_matches(['星', '分']).trim();
    let bare = bare.strip_suffix("stars").or_else(|| bare.strip_suffix("star")).unwrap_or(bare);
    let bare = bare.strip_suffix("/5").unwrap_or(bare).trim();
    let stars = bare.chars().filter(|c| *c == '★').count();
    let value = match bare {
        "好评" | "good" => 5,
        "中评" | "neutral" => 3,
        "差评" | "bad" => 1,
        _ if stars > 0 && bare.chars().all(|c| matches!(c, '★' | '☆')) => {
            i64::try_from(stars).unwrap_or(0)
        }
        _ => number::whole(bare, false).map_err(|_| Reason::from("is not a rating of 1 to 5"))?,
    };
    if (1..=5).contains(&value) { Ok(value) } else { Err("is not a rating of 1 to 5".into()) }
}
