//! SQL for the tables `earn_rule`, `earn_terms`, `earn_given` and `earn_streak`.

use std::collections::{BTreeMap, BTreeSet};

use base::{Date, Error, Result, Time};
use roaring::RoaringBitmap;
use store::{Tx, binds, list as numbers_list, words};

use super::Rule;
use super::rule::Terms;
use crate::ledger::Unit;

/// Rows that one statement looks up.
const LOOKUP_MAX: usize = 2_000;

fn damaged() -> Error {
    Error::damaged("a rule by which customers earn cannot be read")
}

#[derive(sqlx::FromRow)]
struct Row {
    rule_no: i64,
    name: String,
    note: String,
    unit: i64,
    active: bool,
    version: i64,
    terms: String,
    orders_seen: i64,
    events_seen: i64,
    owner: String,
    created_at: i64,
    edited_at: i64,
}

fn read(terms: &str) -> Result<Terms> {
    serde_json::from_str(terms).map_err(|cause| damaged().because(cause))
}

fn written(terms: &Terms) -> Result<String> {
    serde_json::to_string(terms)
        .map_err(|cause| Error::internal("a rule could not be written", cause))
}

impl TryFrom<Row> for Rule {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let terms = read(&row.terms)?;
        Ok(Self {
            number: row.rule_no,
            name: row.name,
            note: row.note,
            unit: Unit::coded(row.unit).ok_or_else(damaged)?,
            active: row.active,
            version: row.version,
            terms,
            orders_seen: row.orders_seen,
            events_seen: row.events_seen,
            owner: row.owner,
            created_at: Time::from_micros(row.created_at),
            edited_at: Time::from_micros(row.edited_at),
        })
    }
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Rule>> {
    let sql = "select rule_no, name, note, unit, active, version, terms, orders_seen, events_seen,
        owner, created_at, edited_at from earn_rule where shop_id = $1 order by rule_no";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop()]).await?;
    rows.into_iter().map(Rule::try_from).collect()
}

/// Writes a rule, and its terms as those of its version.
pub(super) async fn put(tx: &mut Tx, rule: &Rule) -> Result<()> {
    let terms = written(&rule.terms)?;
    let sql = "insert into earn_rule (shop_id, rule_no, name, note, unit, active, version, terms,
        orders_seen, events_seen, owner, created_at, edited_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict (shop_id, rule_no) do update set name = excluded.name, note = excluded.note,
        active = excluded.active, version = excluded.version, terms = excluded.terms,
        edited_at = excluded.edited_at";
    let values = binds![
        tx.shop(),
        rule.number,
        &rule.name,
        &rule.note,
        rule.unit.code(),
        rule.active,
        rule.version,
        &terms,
        rule.orders_seen,
        rule.events_seen,
        &rule.owner,
        rule.created_at,
        rule.edited_at,
    ];
    tx.exec(sql, values).await?;
    let sql = "insert into earn_terms (shop_id, rule_no, version, terms) values ($1, $2, $3, $4)
        on conflict (shop_id, rule_no, version) do nothing";
    tx.exec(sql, binds![tx.shop(), rule.number, rule.version, terms]).await.map(drop)
}

/// What a rule said at some of its versions.
pub(super) async fn terms(
    tx: &mut Tx,
    rule: i64,
    versions: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Terms>> {
    let sql = "select version, terms from earn_terms where shop_id = $1 and rule_no = $2
        and version in list($3)";
    let values = binds![tx.shop(), rule, numbers_list(versions.iter().copied())];
    let rows: Vec<(i64, String)> = tx.all(sql, values).await?;
    rows.into_iter().map(|(version, terms)| Ok((version, read(&terms)?))).collect()
}

/// Writes down how far a rule has looked at orders and events.
pub(super) async fn seen(tx: &mut Tx, rule: i64, (orders, events): (i64, i64)) -> Result<()> {
    let sql = "update earn_rule set orders_seen = $3, events_seen = $4
        where shop_id = $1 and rule_no = $2";
    tx.exec(sql, binds![tx.shop(), rule, orders, events]).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, rule: i64) -> Result<()> {
    let sql = "delete from earn_terms where shop_id = $1 and rule_no = $2";
    tx.exec(sql, binds![tx.shop(), rule]).await?;
    let sql = "delete from earn_rule where shop_id = $1 and rule_no = $2";
    tx.exec(sql, binds![tx.shop(), rule]).await.map(drop)
}

/// What somebody got by a rule for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// For what: an order's number, an event's id, a year, or their own number.
    pub(super) about: String,
    /// To whom, by the number under which it was booked.
    pub(super) label: i64,
    /// How much, as it is booked now.
    pub(super) amount: i64,
    /// By how much it was multiplied, in thousandths; 0 where they were not meant.
    pub(super) times: u32,
    /// The local day.
    pub(super) day: Date,
    /// Until when it is expected; none where it was there at once.
    pub(super) due_at: Option<Time>,
    /// How often it was booked.
    pub(super) step: i64,
    /// How much the last credit was.
    pub(super) credited: i64,
    /// The version of the rule's terms by which it is.
    pub(super) version: i64,
    /// The cause of the last credit.
    pub(super) cause: String,
}

#[derive(sqlx::FromRow)]
struct GivenRow {
    about: String,
    customer_no: i64,
    amount: i64,
    times: i64,
    day: i64,
    due_at: Option<i64>,
    step: i64,
    credited: i64,
    version: i64,
    cause: String,
}

impl From<GivenRow> for Given {
    fn from(row: GivenRow) -> Self {
        Self {
            about: row.about,
            label: row.customer_no,
            amount: row.amount,
            times: u32::try_from(row.times).unwrap_or(0),
            day: Date(i32::try_from(row.day).unwrap_or_default()),
            due_at: row.due_at.map(Time::from_micros),
            step: row.step,
            credited: row.credited,
            version: row.version,
            cause: row.cause,
        }
    }
}

/// What was given by a rule for some things.
pub(super) async fn given(tx: &mut Tx, rule: i64, about: &[&str]) -> Result<Vec<Given>> {
    let mut found = Vec::new();
    for chunk in about.chunks(LOOKUP_MAX) {
        let sql = "select about, customer_no, amount, times, day, due_at, step, credited,
            version, cause from earn_given
            where shop_id = $1 and rule_no = $2 and about in list($3)";
        let values = binds![tx.shop(), rule, words(chunk.iter().copied())];
        let rows: Vec<GivenRow> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(Given::from));
    }
    Ok(found)
}

pub(super) fn put_given(tx: &mut Tx, rule: i64, given: &[Given]) {
    let shop = tx.shop();
    let rows = given.iter().map(|own| {
        binds![
            shop,
            rule,
            &own.about,
            own.label,
            own.amount,
            i64::from(own.times),
            i64::from(own.day.0),
            own.due_at,
            own.step,
            own.credited,
            own.version,
            &own.cause,
        ]
    });
    let head = "insert into earn_given (shop_id, rule_no, about, customer_no, amount, times, day,
        due_at, step, credited, version, cause)";
    let tail = " on conflict (shop_id, rule_no, about) do update set amount = excluded.amount,
        customer_no = excluded.customer_no, times = excluded.times, day = excluded.day,
        due_at = excluded.due_at, step = excluded.step, credited = excluded.credited,
        cause = excluded.cause";
    tx.insert(head, rows.collect(), tail);
}

/// Amounts by label and day that customers got by a rule from a day to another.
pub(super) async fn sums(
    tx: &mut Tx,
    rule: i64,
    (labels, days): (&[i64], (Date, Date)),
) -> Result<Vec<(i64, i64, i64)>> {
    let mut found = Vec::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, day, cast(sum(amount) as bigint) from earn_given
            where shop_id = $1 and rule_no = $2 and customer_no in list($3) and day >= $4
            and day <= $5 group by customer_no, day";
        let list = numbers_list(chunk.iter().copied());
        let values = binds![tx.shop(), rule, list, days.0.0, days.1.0];
        found.extend(tx.all::<(i64, i64, i64)>(sql, values).await?);
    }
    Ok(found)
}

/// Who got anything by a rule, by label.
pub(super) async fn receivers(tx: &mut Tx, rule: i64) -> Result<RoaringBitmap> {
    let sql = "select distinct customer_no from earn_given where shop_id = $1 and rule_no = $2";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), rule]).await?;
    Ok(rows.into_iter().filter_map(|(label,)| u32::try_from(label).ok()).collect())
}

/// How much was given by each rule, and to how many things.
pub(super) async fn totals(tx: &mut Tx) -> Result<Vec<(i64, i64, i64)>> {
    let sql = "select rule_no, cast(sum(amount) as bigint), count(*) from earn_given
        where shop_id = $1 and amount > 0 group by rule_no";
    tx.all(sql, binds![tx.shop()]).await
}

/// The streaks of some people: label, last day and days.
pub(super) async fn streaks(
    tx: &mut Tx,
    rule: i64,
    labels: &[i64],
) -> Result<Vec<(i64, i64, i64)>> {
    let mut found = Vec::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, last_day, days from earn_streak where shop_id = $1
            and rule_no = $2 and customer_no in list($3)";
        let values = binds![tx.shop(), rule, numbers_list(chunk.iter().copied())];
        found.extend(tx.all::<(i64, i64, i64)>(sql, values).await?);
    }
    Ok(found)
}

pub(super) fn put_streaks(tx: &mut Tx, rule: i64, streaks: &[(i64, i64, i64)]) {
    let shop = tx.shop();
    let rows = streaks.iter().map(|(label, day, days)| binds![shop, rule, *label, *day, *days]);
    let head = "insert into earn_streak (shop_id, rule_no, customer_no, last_day, days)";
    let tail = " on conflict (shop_id, rule_no, customer_no) do update
        set last_day = excluded.last_day, days = excluded.days";
    tx.insert(head, rows.collect(), tail);
}
