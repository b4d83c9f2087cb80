//! Coupons as tills use them: many clients each lock a code and redeem it, through the way into the
//! tables that the server has, beside a loop over the same database engine that does nothing but
//! commit one small row. And how long it takes to hand codes out to a whole shop.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{Error, Result, Zone};
use benefit::coupon::call::{Call, Deed, Named, Spend};
use benefit::coupon::issue::{self, State, To};
use benefit::coupon::till::{Till, till};
use benefit::coupon::{self, How, Origin};
use serde_json::json;
use store::Cx;
use tokio::task::JoinSet;

use crate::ground::{Ground, present};
use crate::{answer, now, percentile};

/// Rounds of each, by turns; the median counts.
const ROUNDS: usize = 3;
/// Microseconds for which a code is locked.
const LOCK_MICROS: i64 = 60_000_000;

/// Commits one small row again and again, as durably as the store does; how many a second.
const COMMITS: &str = "
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute('pragma journal_mode = wal')
base.execute('pragma synchronous = full')
base.execute('create table if not exists row (a integer primary key, b text)')
count, began = 0, time.perf_counter()
while time.perf_counter() - began < float(sys.argv[2]):
    base.execute('begin immediate')
    base.execute('insert into row (b) values (?)', ('small',))
    base.execute('commit')
    count += 1
print(count / (time.perf_counter() - began))
";

/// How much of it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Size {
    /// Clients that redeem at once
    #[arg(long, default_value_t = 64)]
    clients: u64,
    /// Codes that each of them locks and redeems in a round
    #[arg(long, default_value_t = 300)]
    codes: u64,
    /// Seconds for which the bare loop commits in a round
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// People to whom a coupon is handed out
    #[arg(long, default_value_t = 1_000_000)]
    people: u32,
}

/// Measures on a folder, or on PostgreSQL, where the bare loop is left out.
pub(crate) async fn measure(dir: &Path, database: Option<&str>, size: &Size) -> Result<()> {
    let ground = Ground::open(dir, database).await?;
    let cx = ground.cx();
    let zone = Zone::named("Asia/Shanghai")?;
    let (line, end) = till();
    let kept = cx.clone();
    tokio::spawn(end.run(move || kept.at(present())));
    let terms = json!({
        "offer": {
            "effect": { "kind": "amount_off", "steps":
                [{ "from": { "kind": "money", "minor": 10_000 }, "gives": { "minor": 1_000 } }] },
            "scope": { "goods": { "kind": "all" } },
        },
        "validity": { "kind": "days", "days": 30 },
        "limits": { "stock": 100_000_000, "budget": 1_000_000_000_000_i64, "each": "unlimited" },
        "uses_per_code": 1,
    });
    let terms = serde_json::from_value(terms)
        .map_err(|cause| Error::internal("the terms cannot be read", cause))?;
    let name = format!("bench {}", present().micros());
    let made = coupon::make(&cx, coupon::Wish { name, note: String::new(), terms }).await?;
    let (mut bare, mut rates, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        if database.is_none() {
            bare.push(commits(dir, size.seconds)?);
        }
        let count = size.clients * size.codes;
        let to = To::Codes(i64::try_from(count).unwrap_or(i64::MAX));
        let batch = hand_out(&cx, &zone, (made.number, &format!("codes {round}")), to).await?.0;
        let codes = codes(&cx, &batch, count).await?;
        let (rate, mut own) = redeem((&line, &cx, &zone), codes, size).await?;
        rates.push(rate);
        waits.append(&mut own);
    }
    let (rate, p99) = (percentile(&mut rates, 50), percentile(&mut waits, 99));
    let bare = (!bare.is_empty()).then(|| percentile(&mut bare, 50));
    let check = json!({ "rounds": rates, "bare_commits": bare });
    answer("redeem", ("redeemed a second", rate, "1/s"), &check)?;
    answer("redeem", ("p99 of lock and redeem", p99, "ms"), &check)?;
    if let Some(bare) = bare {
        answer("redeem", ("redeemed over bare commits", rate / bare, "×"), &check)?;
    }
    let how = How::Segment;
    let people = (1..=size.people).collect();
    let to = To::People { people, how, private: false, segment: None };
    let (_, took) = hand_out(&cx, &zone, (made.number, "people"), to).await?;
    let check = json!({ "people": size.people });
    answer("issue", ("elapsed", took.as_secs_f64() * 1e3, "ms"), &check)
}

/// What a loop commits a second that does nothing else.
fn commits(dir: &Path, seconds: u64) -> Result<f64> {
    let file = dir.join("bare.db");
    let mut command = Command::new("python3");
    command.arg("-c").arg(COMMITS).arg(file).arg(seconds.to_string());
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|cause| Error::internal("the bare loop failed", cause))
}

/// Hands codes out, and how long it took.
async fn hand_out(
    cx: &Cx,
    zone: &Zone,
    (coupon, cause): (i64, &str),
    to: To,
) -> Result<(issue::Batch, Duration)> {
    let began = now();
    let (origin, cause) = (Origin::SHOP, format!("{cause} {coupon}"));
    let wish = issue::Wish { coupon, to, origin, reason: String::new(), cause };
    let mut batch = issue::begin(cx, zone, wish).await?;
    while batch.state == State::Running {
        batch = issue::step(cx, zone, batch.number, &[]).await?;
    }
    Ok((batch, began.elapsed()))
}

async fn codes(cx: &Cx, batch: &issue::Batch, count: u64) -> Result<Vec<String>> {
    let cipher = coupon::cipher(&mut cx.read().await?, cx).await?;
    let last = batch.first + i64::try_from(count).unwrap_or(0);
    Ok((batch.first..last).map(|number| cipher.code(number)).collect())
}

/// Each client locks and redeems its share of codes; how many a second, and how long each took in
/// milliseconds.
async fn redeem(
    (line, cx, zone): (&Till, &Cx, &Zone),
    codes: Vec<String>,
    size: &Size,
) -> Result<(f64, Vec<f64>)> {
    let codes = Arc::new(codes);
    let began = now();
    let mut tasks = JoinSet::new();
    for client in 0..size.clients {
        let (line, cx, zone) = (line.clone(), cx.clone(), zone.clone());
        let (codes, share) = (Arc::clone(&codes), size.codes);
        tasks.spawn(async move {
            let own = codes.iter().skip(usize::try_from(client * share).unwrap_or(usize::MAX));
            let mut waits = Vec::new();
            for code in own.take(usize::try_from(share).unwrap_or(0)) {
                let at: Instant = now();
                let spend = Spend {
                    code: Named::new(code),
                    amount: None,
                    lines: Vec::new(),
                    order: code.clone(),
                };
                let of = format!("l{code}");
                let lock = Deed::Lock(spend.clone(), LOCK_MICROS);
                let lock = Call::new((of.clone(), "till".to_owned()), None, lock)?;
                line.ask(&cx, &zone, lock).await?;
                let used = Deed::Redeem(spend, Some(of));
                let used = Call::new((format!("r{code}"), "till".to_owned()), None, used)?;
                line.ask(&cx, &zone, used).await?;
                waits.push(at.elapsed().as_secs_f64() * 1e3);
            }
            Ok::<_, Error>(waits)
        });
    }
    let mut waits = Vec::new();
    while let Some(done) = tasks.join_next().await {
        waits.extend(done.map_err(|cause| Error::internal("a client stopped", cause))??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let count = u32::try_from(waits.len()).unwrap_or(u32::MAX);
    Ok((f64::from(count) / seconds, waits))
}
