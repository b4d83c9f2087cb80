//! A shop's events for people and programs that look at a few of them: the newest ones, and how
//! many there are. The plans are fixed, so what they take is known beforehand.

use std::sync::Arc;

use arrow::array::RecordBatch;
use base::{Result, ShopId};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::prelude::{Expr, ident, lit};

use crate::error::Context;
use crate::{Answer, EVENTS, Fresh, Lake, Table};

/// Bytes of memory that a look at events takes at the most.
const MEMORY_BYTES_MAX: usize = 256 << 20;
/// What orders events, each descending.
const ORDER: [&str; 3] = ["event_time", "message_id", "received_time"];

/// Which events are wanted. The default is: all of them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this customer.
    pub customer: Option<i64>,
    /// Of this name.
    pub event: Option<String>,
    /// Of one of these names.
    pub among: Option<Vec<String>>,
    /// Of none of these names.
    pub except: Vec<String>,
    /// Received after this time, in microseconds.
    pub since: Option<i64>,
    /// From this time on, in microseconds.
    pub from: Option<i64>,
    /// Before this time, in microseconds.
    pub until: Option<i64>,
    /// After this one in the order of the list.
    pub after: Option<Mark>,
}

/// Where an event stands in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When it happened, in microseconds.
    pub at: i64,
    /// Its sender's id of it.
    pub message: String,
    /// When it was received, in microseconds.
    pub received: i64,
}

fn time(micros: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

impl Wanted {
    fn conditions(&self) -> Vec<Expr> {
        let mut all = Vec::new();
        all.extend(self.event.as_ref().map(|name| ident("event").eq(lit(name.as_str()))));
        let names = |names: &[String]| names.iter().map(|name| lit(name.as_str())).collect();
        let among = self.among.as_deref().map(names);
        all.extend(among.map(|names| ident("event").in_list(names, false)));
        if !self.except.is_empty() {
            all.push(ident("event").in_list(names(&self.except), true));
        }
        all.extend(self.since.map(|since| ident("received_time").gt(time(since))));
        all.extend(self.from.map(|from| ident("event_time").gt_eq(time(from))));
        all.extend(self.until.map(|until| ident("event_time").lt(time(until))));
        all.extend(self.after.as_ref().map(Mark::before));
        all
    }
}

impl Mark {
    /// Whether an event comes after this one in the order of the list.
    fn before(&self) -> Expr {
        let message = || lit(self.message.as_str());
        let received = ident("received_time").lt(time(self.received));
        let same_message = ident("message_id").eq(message()).and(received);
        let same_time = ident("message_id").lt(message()).or(same_message);
        // The first condition lets the scan skip files; the second would not.
        ident("event_time")
            .lt_eq(time(self.at))
            .and(ident("event_time").lt(time(self.at)).or(same_time))
    }
}

impl Lake {
    /// Up to `limit` of a shop's events, the newest first, with the columns that queries see; the
    /// table is that of people's events or that of bots'.
    ///
    /// The times are read first, alone: of the other columns only what is new enough is read. One
    /// customer's are few, and read at once.
    ///
    /// # Errors
    /// When the table cannot be read; one that [`is_stale`](crate::is_stale) when `fresh` is too
    /// old.
    pub async fn recent(
        &self,
        (shop, table): (ShopId, &'static Table),
        fresh: Fresh,
        (wanted, limit): (&Wanted, usize),
    ) -> Result<Answer> {
        const BROKEN: &str = "the events cannot be planned";
        let context = self.session(MEMORY_BYTES_MAX)?;
        let mut rows = match wanted.customer {
            Some(person) => self.scoped_to(&context, (shop, table), fresh, person).await?,
            None => self.scoped(&context, shop, table, fresh).await?,
        };
        for condition in wanted.conditions() {
            rows = rows.filter(condition).context(BROKEN)?;
        }
        let newest = |rows: DataFrame, columns: &[&str]| {
            let order = columns.iter().map(|name| ident(*name).sort(false, false)).collect();
            rows.sort(order).and_then(|rows| rows.limit(0, Some(limit))).context(BROKEN)
        };
        if wanted.customer.is_some() {
            return whole(newest(rows, &ORDER)?).await;
        }
        let times = rows.clone().select_columns(&["event_time"]).context(BROKEN)?;
        let oldest = newest(times, &["event_time"])?
            .aggregate(vec![], vec![min(ident("event_time")), count(lit(1_i64))])
            .context(BROKEN)?;
        if let Some(oldest) = whole(oldest).await?.first_time()? {
            rows = rows.filter(ident("event_time").gt_eq(time(oldest))).context(BROKEN)?;
        }
        whole(newest(rows, &ORDER)?).await
    }

    /// The rows of one customer, with the columns that queries see: those that nobody sees
    /// included, so what is answered from them must not show them.
    ///
    /// # Errors
    /// As [`Lake::recent`].
    pub async fn rows_of(
        &self,
        of: (ShopId, &'static Table),
        fresh: Fresh,
        person: i64,
    ) -> Result<Vec<RecordBatch>> {
        self.seen_of(of, Fresh { hidden: Arc::default(), ..fresh }, person).await
    }

    /// As [`Lake::rows_of`], without those that nobody sees.
    ///
    /// # Errors
    /// As [`Lake::recent`].
    pub async fn seen_of(
        &self,
        (shop, table): (ShopId, &'static Table),
        fresh: Fresh,
        person: i64,
    ) -> Result<Vec<RecordBatch>> {
        let context = self.session(MEMORY_BYTES_MAX)?;
        let rows = self.scoped_to(&context, (shop, table), fresh, person).await?;
        rows.collect().await.context("the rows of a customer cannot be read")
    }

    /// How many events a shop has, and the time of the last in microseconds.
    ///
    /// # Errors
    /// As [`Lake::recent`].
    pub async fn event_count(&self, shop: ShopId, fresh: Fresh) -> Result<(i64, Option<i64>)> {
        let context = self.session(MEMORY_BYTES_MAX)?;
        let rows = self.scoped(&context, shop, &EVENTS, fresh).await?;
        let figures = vec![max(ident("event_time")), count(lit(1_i64))];
        let rows = rows.aggregate(vec![], figures).context("the events cannot be planned")?;
        let answer = whole(rows).await?;
        let mut events = 0;
        answer.each_row(|row| {
            let count = row.get(1).and_then(|text| text.as_ref()?.parse().ok());
            events = count.unwrap_or_default();
            Ok(())
        })?;
        Ok((events, answer.first_time()?))
    }
}

impl Answer {
    /// The time in the first column of the first row, in microseconds.
    fn first_time(&self) -> Result<Option<i64>> {
        let mut found = None;
        self.each_row(|row| {
            if let Some(Some(text)) = row.first() {
                found = found.or(Some(text.parse::<base::Time>()?.micros()));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

async fn whole(rows: DataFrame) -> Result<Answer> {
    let schema = rows.schema().inner().clone();
    let mut answer = Answer::new(schema);
    for batch in rows.collect().await.context("the events cannot be read")? {
        answer.push(batch);
    }
    Ok(answer)
}
