//! `shuke query`

use base::{Error, Result};
use lake::{Answer, Limits};
use perceive::session::SESSIONS;
use perceive::{relay, table};
use std::sync::Arc;
use stratify::mirror::{Customers, Mirror};
use stratify::rfm;

use crate::cli::Query;
use crate::console::Console;
use crate::http::{QueryAnswer, QueryColumn};
use crate::place::{Place, QUERY_BYTES_MAX};
use crate::text;

/// Asks and prints the answer.
pub(crate) async fn run(place: Place, query: Query, console: Console) -> Result<()> {
    let answer = ask(&place, &query).await?;
    let mut out = Vec::new();
    if query.columns {
        out = columns(&answer)?;
    } else if query.json {
        answer.write_json(&mut out)?;
    } else if query.csv {
        answer.write_csv(&mut out)?;
    } else {
        answer.write_table(&mut out)?;
        out.extend(text::rows(console.lang(), answer.rows()).into_bytes());
    }
    let out =
        String::from_utf8(out).map_err(|cause| Error::internal("an answer is not text", cause))?;
    console.answer(out).await;
    Ok(())
}

async fn ask(place: &Place, query: &Query) -> Result<Answer> {
    let (cx, shop) = place.shop(&query.of.shop).await?;
    let mirror = Mirror::open(&cx, &place.mirrors()).await?;
    let scores = rfm::scores(&cx, &mirror, &shop.zone).await?;
    let limits = Limits { rows: query.rows, seconds: query.seconds, memory_bytes: QUERY_BYTES_MAX };
    let customers = Arc::new(Customers::new(mirror, scores));
    let answer = relay::pinned(&cx, |moment| {
        let mut sources = table::sources(&cx, &moment.lines.redirect, &moment.events.hidden);
        sources.push(customers.clone());
        let (shop, sql, views) = (cx.shop, query.sql.as_str(), &[SESSIONS]);
        place.lake.query(lake::Query { shop, sql, limits, sources, views, moment })
    });
    answer.await
}

/// Columns and rows as one JSON object.
fn columns(answer: &Answer) -> Result<Vec<u8>> {
    let column = |(name, kind): (&str, &str)| QueryColumn { name: name.into(), kind: kind.into() };
    let columns = answer.columns().map(column).collect();
    let mut rows = Vec::with_capacity(answer.rows());
    answer.each_row(|row| {
        rows.push(row.to_vec());
        Ok(())
    })?;
    serde_json::to_vec(&QueryAnswer { columns, rows })
        .map_err(|cause| Error::internal("an answer could not be written", cause))
}
