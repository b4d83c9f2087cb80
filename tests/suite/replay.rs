//! A shop's days in any order, twice, and cut into batches of any size, end in the same state.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shuke_tests::{Home, file, import, import_by, state};

/// Shops that are tried on SQLite; each takes about a second.
const CASES: u32 = 8;
/// Shops that are tried on PostgreSQL, where the rules are the same and statements take longer.
const POSTGRES_CASES: u32 = 3;
/// Rows of a batch of the shop that is disordered.
const TWISTED_ROWS: usize = 3;

#[derive(Debug, Clone)]
struct Line {
    order: u8,
    document: Document,
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

/// What a line is of. Refunds and corrections have no buyer of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Document {
    Order,
    Refund,
    Correction,
}

/// A row of a list that a shop hands in beside its orders.
#[derive(Debug, Clone)]
struct Row {
    /// The place in `LISTS`.
    list: usize,
    day: u8,
    who: Option<u8>,
    thing: u8,
    value: u8,
    /// Rows of lists that say when they changed.
    updated: Option<u8>,
}

/// Lists by their mapping, with their columns.
const LISTS: [(&str, &str); 3] = [
    ("customers", "customer_id,phone,name,gender,province,tier,registered_at,updated_at"),
    ("products", "sku,title,category,brand,price,stock,listed_at,updated_at"),
    ("reviews", "review_id,order_id,customer_id,sku,rating,review,review_date"),
];

impl Row {
    fn text(&self) -> String {
        let (thing, value) = (self.thing, self.value);
        let updated = self.updated.map_or(String::new(), |day| format!("2025-06-1{day} 10:00:00"));
        let name = |prefix: &str, number: Option<u8>| {
            number.map_or(String::new(), |number| format!("{prefix}{number}"))
        };
        match self.list {
            0 => format!(
                "c{thing},{},Name {value},{},{},{},2025-01-0{} 10:00:00,{updated}",
                name("1380000000", self.who.filter(|who| *who < 3)),
                ["male", "female", ""][usize::from(value % 3)],
                ["广东", "浙江省", ""][usize::from(value / 2 % 3)],
                name("tier ", (value > 2).then_some(value)),
                1 + value,
            ),
            1 => format!(
                "s{thing},Listed {value},{},{},{value}.50,{},2025-02-0{} 10:00:00,{updated}",
                ["tea", "cups", ""][usize::from(value % 3)],
                ["Leaf", ""][usize::from(value % 2)],
                name("", self.who),
                1 + value,
            ),
            // What a source numbers is the same whenever it says it.
            _ if self.updated.is_some() => {
                format!(
                    "R{value},O{value},,s{value},{},Said {value},2025-06-2{value}",
                    1 + value % 5
                )
            }
            _ => format!(
                ",O{thing},{},s{value},{},Again,2025-06-2{value}",
                name("c", self.who),
                1 + value % 5
            ),
        }
    }
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let who = (prop::option::weighted(0.8, 0..4_u8), prop::option::weighted(0.3, 0..2_u8));
    let document = prop_oneof![
        6 => Just(Document::Order),
        2 => Just(Document::Refund),
        1 => Just(Document::Correction),
    ];
    let line = ((0..6_u8, document), who, prop::option::of(0..3_u8), 0..4_u8, 1..4_u8, 1..500_u16)
        .prop_flat_map(|((order, document), (buyer, visitor), phone, sku, quantity, price)| {
            (0..3_000_u16, 0..5_u8, prop::option::of(0..9_u8)).prop_map(
                move |(minute, status, refunded)| Line {
                    order,
                    document,
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

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let who = prop::option::of(0..4_u8);
    let row = (0..LISTS.len(), 0..3_u8, who, 0..4_u8, 0..5_u8, prop::option::of(0..4_u8));
    let row = row.prop_map(|(list, day, who, thing, value, updated)| Row {
        list,
        day,
        who,
        thing,
        value,
        updated,
    });
    prop::collection::vec(row, 0..20)
}

fn text(day: &[&Line]) -> String {
    let mut text = String::from(
        "order_id,kind,of_order,customer_id,anonymous_id,phone,sku,title,quantity,price,placed_at,\
        status,refunded\n",
    );
    for line in day {
        let order = line.order;
        let number = match line.document {
            Document::Order => format!("O{order},order,"),
            Document::Refund => format!("R{order},refund,O{order}"),
            Document::Correction => format!("A{order},correction,O{order}"),
        };
        let own = line.document == Document::Order;
        let of = |prefix: &str, number: Option<u8>| {
            number.filter(|_| own).map_or(String::new(), |number| format!("{prefix}{number}"))
        };
        let buyer = of("c", line.buyer);
        let visitor = of("web-", line.visitor);
        let phone = of("1380000000", line.phone);
        let refunded = line.refunded.filter(|_| own).map_or(String::new(), |r| format!("{r}.00"));
        let status = ["placed", "paid", "shipped", "received", "closed"][usize::from(line.status)];
        let (hour, minute) = (line.minute % 1440 / 60, line.minute % 60);
        let (day, sku) = (format!("2025-06-0{}", 1 + line.minute / 1440), line.sku);
        text.push_str(&format!(
            "{number},{buyer},{visitor},{phone},s{sku},Title {sku},{},{}.00,\
            {day} {hour:02}:{minute:02}:00,{status},{refunded}\n",
            line.quantity, line.price,
        ));
    }
    text
}

/// The files of a day by their mappings.
type Day = Vec<(&'static str, String)>;

fn days(lines: &[Line], rows: &[Row]) -> Vec<Day> {
    (0..3)
        .map(|day: u8| {
            let own: Vec<&Line> =
                lines.iter().filter(|l| l.minute / 1440 % 3 == u16::from(day)).collect();
            let mut files = vec![("orders", text(&own))];
            for (place, (mapping, head)) in LISTS.iter().enumerate() {
                let own = rows.iter().filter(|row| (row.list, row.day) == (place, day));
                let own: Vec<String> = own.map(|row| row.text() + "\n").collect();
                files.push((mapping, format!("{head}\n{}", own.concat())));
            }
            files.retain(|(_, text)| text.lines().count() > 1);
            files
        })
        .filter(|files| !files.is_empty())
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
    let order = Just((0..3).collect::<Vec<usize>>()).prop_shuffle();
    runner
        .run(&(lines(), rows(), order), |(lines, rows, order)| {
            runtime.block_on(async {
                let Some(home) = home().await else { return Ok(()) };
                let days = days(&lines, &rows);
                let mut files = Vec::new();
                for (day, texts) in days.iter().enumerate() {
                    let path =
                        |kind: &str, text: &str| file(&home, &format!("{kind}-{day}.csv"), text);
                    let day = texts.iter().map(|(kind, text)| (*kind, path(kind, text)));
                    files.push(day.collect::<Vec<_>>());
                }
                let mut straight = None;
                for (mapping, path) in files.iter().flatten() {
                    let done = import(&home, "straight", mapping, std::slice::from_ref(path));
                    straight = Some(done.await.unwrap().0);
                }
                // In another order, every other day backwards, and then all of them again.
                let order = order.iter().filter(|day| **day < files.len());
                let mut mixed: Vec<_> = order.map(|day| files[*day].clone()).collect();
                mixed.iter_mut().step_by(2).for_each(|day| day.reverse());
                mixed.extend(files.iter().cloned());
                let mut twisted = None;
                for (mapping, path) in mixed.iter().flatten() {
                    let path = std::slice::from_ref(path);
                    let done = import_by(&home, "twisted", mapping, path, TWISTED_ROWS);
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

const REVIEW: &str = "review_id,customer_id,sku,rating,review,review_date
R1,ann,s1,2,Torn,2025-06-01 10:00:00
";
const AMENDED: &str = "review_id,customer_id,sku,rating,review,review_date
R1,ann,s1,5,They sent another: soft,2025-06-08 10:00:00
";

/// A source that numbers its reviews gives a mended one the number that it had.
#[tokio::test(flavor = "multi_thread")]
async fn a_mended_review_is_the_same_in_any_order_of_exports() {
    for home in Home::each().await {
        let files = [file(&home, "review.csv", REVIEW), file(&home, "amended.csv", AMENDED)];
        let mut states = Vec::new();
        for (shop, turn) in [("straight", [0, 1]), ("twisted", [1, 0])] {
            let mut last = None;
            for place in turn {
                let done = import(&home, shop, "reviews", std::slice::from_ref(&files[place]));
                last = Some(done.await.unwrap().0);
            }
            states.push(state(&last.unwrap(), &home.lake).await.unwrap());
        }
        shuke_tests::same(&states, home.kind);
    }
}
