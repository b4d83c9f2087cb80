//! A shop's days in any order, twice, and cut into batches of any size, end in the same state.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shuke_tests::{Home, file, import, import_by, state};

/// Shops that are tried on SQLite; each takes about a second.
const CASES: u32 = 12;
/// Shops that are tried on PostgreSQL, where the rules are the same and statements take longer.
const POSTGRES_CASES: u32 = 4;
/// Rows of a batch of the shop that is disordered.
const TWISTED_ROWS: usize = 3;

#[derive(Debug, Clone)]
struct Line {
    order: u8,
    /// A customer, or a browser only.
    buyer: Option<u8>,
    visitor: Option<u8>,
    phone: Option<u8>,
    sku: u8,
    quantity: u8,
    price: u16,
    minute: u16,
    status: u8,
    refunded: Option<u8>,
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let who = (prop::option::weighted(0.8, 0..4_u8), prop::option::weighted(0.3, 0..2_u8));
    let line = (0..6_u8, who, prop::option::of(0..3_u8), 0..4_u8, 1..4_u8, 1..500_u16)
        .prop_flat_map(|(order, (buyer, visitor), phone, sku, quantity, price)| {
            (0..3_000_u16, 0..5_u8, prop::option::of(0..9_u8)).prop_map(
                move |(minute, status, refunded)| Line {
                    order,
                    buyer,
                    visitor,
                    phone,
                    sku,
                    quantity,
                    price,
                    minute,
                    status,
                    refunded,
                },
            )
        });
    prop::collection::vec(line, 1..25)
}

fn text(day: &[&Line]) -> String {
    let mut text = String::from(
        "order_id,customer_id,anonymous_id,phone,sku,title,quantity,price,placed_at,status,\
        refunded\n",
    );
    for line in day {
        let buyer = line.buyer.map_or(String::new(), |b| format!("c{b}"));
        let visitor = line.visitor.map_or(String::new(), |v| format!("web-{v}"));
        let phone = line.phone.map_or(String::new(), |p| format!("1380000000{p}"));
        let refunded = line.refunded.map_or(String::new(), |r| format!("{r}.00"));
        let status = ["placed", "paid", "shipped", "received", "closed"][usize::from(line.status)];
        let (hour, minute) = (line.minute % 1440 / 60, line.minute % 60);
        let (day, sku) = (format!("2025-06-0{}", 1 + line.minute / 1440), line.sku);
        text.push_str(&format!(
            "O{},{buyer},{visitor},{phone},s{sku},Title {sku},{},{}.00,\
            {day} {hour:02}:{minute:02}:00,{status},{refunded}\n",
            line.order, line.quantity, line.price,
        ));
    }
    text
}

fn days(lines: &[Line]) -> Vec<String> {
    (0..3)
        .map(|day| {
            let own: Vec<&Line> = lines.iter().filter(|l| l.minute / 1440 % 3 == day).collect();
            text(&own)
        })
        .filter(|text| text.lines().count() > 1)
        .collect()
}

#[test]
fn order_and_repetition_do_not_matter() {
    try_shops(CASES, || async { Some(Home::sqlite().await) });
}

#[test]
fn order_and_repetition_do_not_matter_on_postgresql() {
    try_shops(POSTGRES_CASES, Home::postgres);
}

/// Tries random shops, each in a home of its own; none where there is no home.
fn try_shops<F: Future<Output = Option<Home>>>(cases: u32, home: impl Fn() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let shops = (lines(), any::<prop::sample::Index>());
    runner
        .run(&shops, |(lines, turn)| {
            runtime.block_on(async {
                let Some(home) = home().await else { return Ok(()) };
                let days = days(&lines);
                let files: Vec<_> = (0..)
                    .zip(&days)
                    .map(|(day, text): (u32, _)| file(&home, &format!("{day}.csv"), text))
                    .collect();
                let mut straight = None;
                for day in &files {
                    let done = import(&home, "straight", "orders", std::slice::from_ref(day));
                    straight = Some(done.await.unwrap().0);
                }
                let mut mixed = files.clone();
                mixed.rotate_left(turn.index(files.len()));
                mixed.reverse();
                mixed.extend(files.iter().cloned());
                let mut twisted = None;
                for day in &mixed {
                    let day = std::slice::from_ref(day);
                    let done = import_by(&home, "twisted", "orders", day, TWISTED_ROWS);
                    twisted = Some(done.await.unwrap().0);
                }
                let (Some(straight), Some(twisted)) = (straight, twisted) else { return Ok(()) };
                let one = state(&straight, &home.lake).await.unwrap();
                let other = state(&twisted, &home.lake).await.unwrap();
                prop_assert_eq!(one, other);
                Ok(())
            })
        })
        .unwrap();
}
