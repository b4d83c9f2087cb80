//! Visits and carts over many batches, on both databases: what runs and blocks hold together is
//! what was done, whoever reads them whenever, and whoever forgets what was remembered of them.

use std::collections::{BTreeMap, HashMap};

use base::Time;
use perceive::fold::Fold;
use perceive::{identity, profile, source, visit};
use shuke_tests::{Home, NOW, rows, scatter, send};
use store::Cx;
use stratify::mirror::Mirror;

/// More than runs wait for their blocks, twice.
const BATCHES: u64 = 540;
/// Browsers, in several blocks.
const BROWSERS: u64 = 700;
const VISITS_PER_BATCH: u64 = 14;

/// Each browser's first and last visit, their number, and pieces in its cart, by its name.
type Done = BTreeMap<String, (i64, i64, i64, u64)>;

async fn visit_all(cx: &Cx, source: i64, batch: u64, done: &mut Done) {
    let mut messages = Vec::new();
    for place in 0..VISITS_PER_BATCH {
        let seed = batch * VISITS_PER_BATCH + place;
        let who = format!("u{:03}", scatter(seed, 1) % BROWSERS);
        let second = (scatter(seed, 2) % 1_000_000) as i64;
        let at = Time::from_micros(NOW.micros() - second * 1_000_000);
        let pieces = scatter(seed, 3) % 4;
        let own = done.entry(who.clone()).or_insert((i64::MAX, i64::MIN, 0, 0));
        *own = (own.0.min(at.micros()), own.1.max(at.micros()), own.2 + 1, own.3 + pieces);
        let deed = match pieces {
            0 => r#""type":"page""#.to_owned(),
            pieces => format!(
                r#""type":"track","event":"Product Added","properties":{{"product_id":"a{}",
                    "quantity":{pieces}}}"#,
                seed % 5
            ),
        };
        // Each touch says when it was.
        messages.push(format!(
            r#"{{{deed},"messageId":"m{seed}","userId":"{who}","timestamp":"{at}",
                "context":{{"campaign":{{"source":"{}"}}}}}}"#,
            at.micros()
        ));
    }
    send(cx, source, &messages).await;
}

/// The last visits of all, as the mirror has them, by number.
fn mirrored(mirror: &Mirror) -> Vec<(i64, i64)> {
    let last = mirror.last_visits();
    (1..).zip(last).filter_map(|(number, at)| Some((number, at?))).collect()
}

async fn check(cx: &Cx, home: &Home, done: &Done, mirrors: &mut [Mirror]) {
    let sql = "select c.external_id, v.first_at, v.last_at, v.events, v.first_utm_source,
        v.last_utm_source from visits v
        join customers c on c.customer_id = v.customer_id order by 1";
    let told = rows(cx, home, sql).await;
    let time = Time::from_micros;
    let row = |(who, (first, last, events, _)): (&String, &(i64, i64, i64, u64))| {
        format!("{who},{},{},{events},{first},{last}", time(*first), time(*last))
    };
    assert_eq!(told, done.iter().map(row).collect::<Vec<_>>(), "{}", home.kind);
    let sql = "select c.external_id, sum(l.quantity) from cart_lines l
        join customers c on c.customer_id = l.customer_id group by 1 order by 1";
    let told = rows(cx, home, sql).await;
    let row = |(who, (.., pieces)): (&String, &(i64, i64, i64, u64))| format!("{who},{pieces}");
    let carts = done.iter().filter(|(_, own)| own.3 > 0).map(row);
    assert_eq!(told, carts.collect::<Vec<_>>(), "{}", home.kind);

    let mut tx = cx.read().await.unwrap();
    let people = profile::page(&mut tx, 0, 10_000).await.unwrap();
    let last: Vec<_> = people.iter().map(|row| (row.customer_no, row.last_visit_at)).collect();
    let labels: Vec<i64> = people.iter().map(|row| row.customer_no).collect();
    let of: HashMap<&str, i64> = done.iter().map(|(who, own)| (who.as_str(), own.1)).collect();
    for row in &people {
        let own = row.external_id.as_deref().and_then(|who| of.get(who)).copied();
        assert_eq!(row.last_visit_at, own, "{}", home.kind);
    }
    let mut visited = visit::visited(&mut tx, &labels).await.unwrap();
    visited.sort_unstable();
    assert_eq!(visited, labels, "{}", home.kind);
    let mut all = visit::labels(&mut tx).await.unwrap();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, labels, "{}", home.kind);
    assert!(identity::redirect(&mut tx).await.unwrap().is_empty());
    drop(tx);
    let last: Vec<(i64, i64)> = last.into_iter().map(|(no, at)| (no, at.unwrap())).collect();
    for mirror in mirrors {
        mirror.refresh(cx).await.unwrap();
        assert_eq!(mirrored(mirror), last, "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_and_blocks_hold_together_what_was_done() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap().number;
        let (mut fold, mut done) = (Fold::default(), Done::new());
        // One that follows closely, and one that looks again when the runs after its last are gone.
        let (mut near, mut far) = (Mirror::empty(cx.shop), Mirror::empty(cx.shop));
        for batch in 0..BATCHES {
            visit_all(&cx, source, batch, &mut done).await;
            if batch % 40 == 17 {
                fold = Fold::default();
            }
            assert_eq!(fold.drain(&cx).await.unwrap(), 0, "{}", home.kind);
            near.refresh(&cx).await.unwrap();
            if batch == 3 {
                far.refresh(&cx).await.unwrap();
            }
            if batch % 90 == 3 || batch == 258 {
                check(&cx, &home, &done, std::slice::from_mut(&mut near)).await;
            }
        }
        let mut mirrors = [near, far, Mirror::empty(cx.shop)];
        check(&cx, &home, &done, &mut mirrors).await;
    }
}
