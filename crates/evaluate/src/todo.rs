//! 今天值得做的事: groups of people with whom something can be done now, by fixed rules.

use base::{Date, Result, Time, Zone};
use serde::Serialize;
use stratify::mirror::Mirror;
use stratify::mirror::find::{self, Node, Order};
use stratify::rfm::rule::{Scored, Stratum};

use stratify::sales::Sales;
use stratify::sales::find::{By, Order as Sorted, Wish};

/// 重要挽留客户 are worth a word when they have not bought for so many days.
const QUIET_DAYS: i32 = 90;
/// Who bought once is asked back between so many days after that.
const ONCE_DAYS: (i32, i32) = (30, 90);
/// Orders without payment are worth a word for so many days.
const UNPAID_DAYS: i32 = 3;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// Something that can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// Which rule found it: `rescue`, `once` or `unpaid`.
    pub kind: &'static str,
    /// People, or orders where it is about orders.
    pub count: i64,
    /// What these people have brought so far, minor units.
    pub net_minor: Option<i64>,
    /// The days that the rule speaks of.
    pub days: i32,
}

/// What can be done at `now`; what concerns nobody is left out. `scores` are by place in the
/// mirror. Days are those of the shop, so that lists that are bounded by days show the same people.
///
/// # Errors
/// `internal` when the mirror lacks a column.
pub fn list(
    (now, zone): (Time, &Zone),
    (mirror, scores): (&Mirror, &[Option<Scored>]),
    sales: &Sales,
) -> Result<Vec<Todo>> {
    let ago = |days: i32| Date(zone.date(now).0 - days);
    let begins = |days: i32| Ok::<_, base::Error>(zone.start_of(ago(days))?.micros());
    let ends = |days: i32| Ok::<_, base::Error>(zone.end_of(ago(days))?.micros());
    let order = Order { column: "net_minor", descending: true };
    let quiet = find::within("last_paid_order_at", None, Some(ends(QUIET_DAYS)?))?;
    let rescue = |place: usize| {
        let scored = scores.get(place).copied().flatten();
        scored.is_some_and(|scored| scored.stratum == Stratum::KeyRescue)
    };
    let rescue = mirror.find((&quiet, Some(&rescue)), order, (None, 0))?;
    let (from, to) = (Some(begins(ONCE_DAYS.1)?), Some(ends(ONCE_DAYS.0)?));
    let once = Node::All(vec![
        find::within("paid_orders", Some(1), Some(1))?,
        find::within("last_paid_order_at", from, to)?,
    ]);
    let once = mirror.find((&once, None), order, (None, 0))?;
    let from = u32::try_from(begins(UNPAID_DAYS)?.max(0) / SECOND).unwrap_or(u32::MAX);
    let unpaid =
        Wish { kind: Some(0), status: Some(0), placed_from: Some(from), ..Wish::default() };
    let newest = Sorted { by: By::Placed, descending: true };
    let (_, unpaid) = sales.find(&unpaid, newest, (None, 0));
    let people = |kind, found: &stratify::mirror::find::Found, days| Todo {
        kind,
        count: found.total,
        net_minor: Some(found.net_minor),
        days,
    };
    let mut all = vec![
        people("rescue", &rescue, QUIET_DAYS),
        people("once", &once, ONCE_DAYS.0),
        Todo { kind: "unpaid", count: unpaid, net_minor: None, days: UNPAID_DAYS },
    ];
    all.retain(|todo| todo.count > 0);
    Ok(all)
}
