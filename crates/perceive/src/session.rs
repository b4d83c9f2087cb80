//! 会话: spells in which somebody was there, worked out of the history of events.
//!
//! A session is a longest run of one person's events of which no two neighbours are further apart
//! than [`GAP_MICROS`]. It is a function of the set of events: late ones join what they belong to,
//! and a visitor who signs in has one session, not two.

use lake::plan::{
    DataFrame, DataType, Expr, ExprFunctionExt, Planned, WindowFrame, cast, count, first_value,
    ident, lag, lit, max, min, sum_over, when,
};
use lake::{EVENTS, Kind, View};

use crate::collect::NO_VISITS;

/// How long nothing may happen within a session, in microseconds: 30 minutes.
pub const GAP_MICROS: i64 = 30 * 60 * 1_000_000;

/// The SQL table `sessions`.
pub const SESSIONS: View = View {
    name: "sessions",
    fields: &[
        ("visitor_id", Kind::I64),
        ("customer_id", Kind::I64),
        ("started_at", Kind::Time),
        ("ended_at", Kind::Time),
        ("events", Kind::I64),
        ("utm_source", Kind::Text),
        ("utm_medium", Kind::Text),
        ("utm_campaign", Kind::Text),
        ("referrer", Kind::Text),
    ],
    of: &EVENTS,
    plan,
};

/// Where a session came from: what its first event says that says it at all.
const TOUCH: [&str; 4] = ["utm_source", "utm_medium", "utm_campaign", "referrer"];

fn plan(events: DataFrame) -> Planned<DataFrame> {
    let nobody = NO_VISITS.iter().map(|event| lit(*event)).collect();
    // What interactions tell has no channel.
    let there = ident("visitor_id")
        .is_not_null()
        .and(ident("channel").is_not_null())
        .and(ident("event").in_list(nobody, true));
    let micros = |time: Expr| cast(time, DataType::Int64);
    let before = lag(micros(ident("event_time")), Some(1), None)
        .partition_by(vec![ident("visitor_id")])
        .order_by(vec![ident("event_time").sort(true, false)])
        .build()?;
    let gap = micros(ident("event_time")) - ident("before");
    let starts = when(gap.lt_eq(lit(GAP_MICROS)), lit(0_i64)).otherwise(lit(1_i64))?;
    let number = sum_over(ident("starts"))
        .partition_by(vec![ident("visitor_id")])
        .order_by(vec![ident("event_time").sort(true, false)])
        .window_frame(WindowFrame::new(Some(true)))
        .build()?;
    let mut figures = vec![
        max(ident("customer_id")).alias("customer_id"),
        min(ident("event_time")).alias("started_at"),
        max(ident("event_time")).alias("ended_at"),
        count(lit(1_i64)).alias("events"),
    ];
    for name in TOUCH {
        let by = vec![ident("event_time").sort(true, false), ident(name).sort(true, false)];
        let first = first_value(ident(name), by).filter(ident(name).is_not_null()).build()?;
        figures.push(first.alias(name));
    }
    let shown: Vec<Expr> = SESSIONS.fields.iter().map(|(name, _)| ident(*name)).collect();
    let mut columns: Vec<Expr> = vec![ident("visitor_id"), ident("customer_id")];
    columns.push(ident("event_time"));
    columns.extend(TOUCH.map(ident));
    events
        .filter(there)?
        .select(columns)?
        .with_column("before", before)?
        .with_column("starts", starts)?
        .with_column("session", number)?
        .aggregate(vec![ident("visitor_id"), ident("session")], figures)?
        .select(shown)
}
