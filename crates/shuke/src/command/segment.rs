//! `shuke segment`

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use base::{Code, Error, Result};
use benefit::ledger;
use perceive::profile;
use serde_json::{Value, json};
use stratify::audience::{self, Question};
use stratify::carts::Carts;
use stratify::expr::whole::Shop;
use stratify::expr::{self, Expr, Needs, person};
use stratify::mirror::Mirror;
use stratify::sales::Sales;
use stratify::{lifecycle, phrase, rfm, segment};

use crate::cli::{Segment, SegmentAction};
use crate::console::Console;
use crate::lang::Lang;
use crate::place::Place;
use crate::text::segment as text;

/// Bytes of conditions.
const EXPR_BYTES_MAX: u64 = 8 << 20;
/// Customers that are listed at the most.
const LIST_MAX: usize = 100_000;

/// Counts, lists or explains the customers that conditions mean.
pub(crate) async fn run(place: Place, asked: Segment, console: Console) -> Result<()> {
    let conditions = said(&asked)?;
    let expr = expr::read(&conditions)?;
    let (cx, shop) = place.shop(&asked.of.shop).await?;
    let mirror = Mirror::open(&cx, &place.mirrors()).await?;
    let scores = rfm::scores(&cx, &mirror, &shop.zone).await?;
    let mut sales = Sales::default();
    sales.refresh(&cx).await?;
    let wish = lifecycle::setting(&cx).await?;
    let stages = lifecycle::stages(&mirror, &sales, (&shop.zone, shop.zone.date(cx.now)), &wish);
    segment::check_names(&cx, &expr, None).await?;
    let needs = Needs::of(&expr);
    let mut sets = segment::sets(&cx, &needs).await?;
    sets.gauges = ledger::gauges(&cx, &needs.gauges).await?;
    let carts = if needs.carts { Carts::load(&cx).await? } else { Carts::default() };
    let private = sets.are_private(&expr);
    if private && asked.action != SegmentAction::Count {
        return Err(segment::hidden().field("--expr"));
    }
    let whole = Shop {
        cx: &cx,
        zone: &shop.zone,
        lake: &place.lake,
        mirror: &mirror,
        scores: &scores,
        stages: &stages,
        sets: &sets,
        sales: &sales,
        carts: &carts,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let lang = console.lang();
    let said = match asked.action {
        SegmentAction::Count if private => {
            let key = audience::key(&conditions);
            let count = async {
                let members = &whole.members(&expr).await?;
                audience::size(&whole, &Question { key: &key, expr: &expr, members }).await
            };
            let (count, elapsed_ms) = timed(count).await?;
            let answer = json!({"count": count, "elapsed_ms": elapsed_ms, "private": true});
            if asked.json { line(&answer) } else { text::private(lang, count) }
        }
        SegmentAction::Count => {
            let (count, elapsed_ms) = timed(whole.count(&expr)).await?;
            let answer = json!({"count": count, "elapsed_ms": elapsed_ms});
            if asked.json { line(&answer) } else { text::count(lang, count) }
        }
        SegmentAction::List => listed(&whole, &expr, (&asked, lang)).await?,
        SegmentAction::Explain => {
            let number = asked.customer.unwrap_or_default();
            let reason = person::explain(&whole, &expr, number).await?;
            if asked.json {
                let reason = serde_json::to_value(&reason);
                line(&reason.map_err(|cause| Error::internal("a reason is no JSON", cause))?)
            } else {
                text::reason(lang, &reason, &conditions)
            }
        }
    };
    console.answer(said).await;
    Ok(())
}

/// The first of the customers that conditions mean.
async fn listed(whole: &Shop<'_>, expr: &Expr, (asked, lang): (&Segment, Lang)) -> Result<String> {
    let members = whole.members(expr).await?;
    let some = members.iter().take(asked.limit.min(LIST_MAX)).map(i64::from);
    let some: Vec<i64> = some.collect();
    let rows = profile::of_numbers(&mut whole.cx.read().await?, &some).await?;
    let named = rows.into_iter().map(|row| (row.customer_no, row.external_id));
    let named: Vec<(i64, Option<String>)> = named.collect();
    if !asked.json {
        return Ok(text::list(lang, members.len(), &named));
    }
    let customers = named.iter().map(
        |(number, external)| json!({"customer_id": number.to_string(), "external_id": external}),
    );
    let customers: Vec<Value> = customers.collect();
    Ok(line(&json!({"count": members.len(), "customers": customers})))
}

/// The command with its conditions in it, to be run here or by the process that writes; and
/// whether it counts a private audience, which is remembered.
pub(crate) async fn prepared(mut asked: Segment) -> Result<(Segment, bool)> {
    let conditions = match (&asked.say, &asked.expr) {
        (Some(words), _) => understood(&asked, words).await?,
        (None, Some(path)) => conditions(path)?,
        (None, None) => return Err(Error::bad("is missing").field("--expr")),
    };
    asked.text = Some(conditions.to_string());
    if asked.action != SegmentAction::Count {
        return Ok((asked, false));
    }
    let expr = expr::read(&conditions)?;
    let place = Place::read(&asked.of.data).await?;
    let (cx, _) = place.shop(&asked.of.shop).await?;
    let sets = segment::sets(&cx, &Needs::of(&expr)).await?;
    let private = sets.are_private(&expr);
    place.close().await;
    Ok((asked, private))
}

/// The conditions that words say, all of which must be understood.
async fn understood(asked: &Segment, words: &str) -> Result<Value> {
    let place = Place::read(&asked.of.data).await?;
    let (cx, shop) = place.shop(&asked.of.shop).await?;
    let mirror = Mirror::open(&cx, &place.mirrors()).await?;
    let of = (&shop.zone, shop.currency.exponent());
    let reading = phrase::understood(&cx, &mirror, of, words).await;
    place.close().await;
    let reading = reading.map_err(|error| error.field("--say"))?;
    let lost: Vec<&str> = reading.unknown.iter().map(|one| one.text.as_str()).collect();
    if !lost.is_empty() || reading.understood.is_empty() {
        let text = format!("these words are not understood: {}", lost.join(" | "));
        return Err(Error::bad(text)
            .field("--say")
            .hint("say it otherwise, or write the conditions as JSON with --expr"));
    }
    Ok(reading.expr)
}

fn said(asked: &Segment) -> Result<Value> {
    let text = asked.text.as_deref().unwrap_or_default();
    serde_json::from_str(text)
        .map_err(|cause| Error::internal("conditions were not handed over", cause))
}

/// An answer, and how many milliseconds it took.
#[expect(clippy::disallowed_methods, reason = "how long it took is part of the answer")]
async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<(T, u64)> {
    let started = Instant::now();
    let answer = work.await?;
    Ok((answer, u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)))
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

/// The conditions in a file, or on standard input.
fn conditions(path: &Path) -> Result<Value> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(EXPR_BYTES_MAX + 1).read_to_string(&mut text)
    } else {
        let file = std::fs::File::open(path).map_err(|cause| {
            Error::bad(format!("{} cannot be read", path.display())).field("--expr").because(cause)
        })?;
        file.take(EXPR_BYTES_MAX + 1).read_to_string(&mut text)
    };
    let read = read
        .map_err(|cause| Error::bad("the conditions are no text").field("--expr").because(cause))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > EXPR_BYTES_MAX {
        let text = format!("conditions have at most {} MB", EXPR_BYTES_MAX >> 20);
        return Err(Error::new(Code::TooLarge, text).field("--expr"));
    }
    serde_json::from_str(&text).map_err(|cause| {
        let place = format!("line {}, column {}", cause.line(), cause.column());
        Error::bad(format!("the conditions are no JSON: {place}")).field("--expr").because(cause)
    })
}
