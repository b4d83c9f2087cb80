//! SQL for the table `tier_term`.

use base::{Date, Error, Result, Time};
use roaring::RoaringBitmap;
use store::{Tx, binds};
use stratify::roster::rule::{bytes, numbers};

use super::rule::Until;

/// As long as it is met, as the number of a day.
const MET: i64 = 100_000_000;
/// For ever, as the number of a day.
const EVER: i64 = MET + 1;

fn code(until: Until) -> i64 {
    match until {
        Until::Day(day) => i64::from(day.0),
        Until::Met => MET,
        Until::Ever => EVER,
    }
}

fn coded(code: i64) -> Result<Until> {
    match code {
        MET => Ok(Until::Met),
        EVER => Ok(Until::Ever),
        day => match i32::try_from(day) {
            Ok(day) => Ok(Until::Day(Date(day))),
            Err(cause) => Err(Error::damaged("a level's last day is none").because(cause)),
        },
    }
}

/// Who reached a level, by the numbers under which they did, and until when they have it.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Term {
    /// The level's number.
    pub(in super::super) tier: i64,
    /// Until when.
    pub(in super::super) until: Until,
    /// The moment after the days of grace; none where there is no last day.
    pub(in super::super) ends_at: Option<Time>,
    /// They.
    pub(in super::super) people: RoaringBitmap,
}

impl Term {
    pub(in super::super) fn holds(&self, now: Time) -> bool {
        self.ends_at.is_none_or(|ends| now < ends)
    }
}

pub(in super::super) async fn list(tx: &mut Tx) -> Result<Vec<Term>> {
    let sql = "select tier_no, until_day, ends_at, people from tier_term where shop_id = $1
        order by tier_no, until_day";
    let rows: Vec<(i64, i64, Option<i64>, Vec<u8>)> = tx.all(sql, binds![tx.shop()]).await?;
    let term = |(tier, until, ends, people): (i64, i64, Option<i64>, Vec<u8>)| {
        let (until, people) = (coded(until)?, numbers(&people)?);
        Ok(Term { tier, until, ends_at: ends.map(Time::from_micros), people })
    };
    rows.into_iter().map(term).collect()
}

pub(super) async fn put(tx: &mut Tx, term: &Term) -> Result<()> {
    let sql = "insert into tier_term (shop_id, tier_no, until_day, ends_at, people)
        values ($1, $2, $3, $4, $5) on conflict (shop_id, tier_no, until_day)
        do update set ends_at = excluded.ends_at, people = excluded.people";
    let people = bytes(&term.people)?;
    let values = binds![tx.shop(), term.tier, code(term.until), term.ends_at, people];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, (tier, until): (i64, Until)) -> Result<()> {
    let sql = "delete from tier_term where shop_id = $1 and tier_no = $2 and until_day = $3";
    tx.exec(sql, binds![tx.shop(), tier, code(until)]).await.map(drop)
}

/// Removes all of a level that is no more.
pub(in super::super) async fn forget(tx: &mut Tx, tier: i64) -> Result<()> {
    let sql = "delete from tier_term where shop_id = $1 and tier_no = $2";
    tx.exec(sql, binds![tx.shop(), tier]).await.map(drop)
}

/// When the next of them ends that still hold.
pub(in super::super) async fn next_end(tx: &mut Tx, now: Time) -> Result<Option<Time>> {
    let sql = "select min(ends_at) from tier_term where shop_id = $1 and ends_at > $2";
    let (at,): (Option<i64>,) = tx.one(sql, binds![tx.shop(), now]).await?;
    Ok(at.map(Time::from_micros))
}
