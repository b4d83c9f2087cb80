//! Questions: what they see, what they must not see, and when they end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::{Code, Result};
use futures::StreamExt;
use futures::stream::BoxStream;
use proptest::prelude::*;

use super::support::{LIMITS, Line, append, ask, columns, ground, line, query, rows, rows_of};
use crate::{Column, Columns, Fresh, Kind, Limits, Rows, SourceField, TableSource, Text};

/// What no query may do.
const FORBIDDEN: &[&str] = &[
    "select * from order_lines where shop_id = 71",
    "select bucket from order_lines",
    "select month from order_lines",
    "select epoch from order_lines",
    "select rows.shop_id from order_lines",
    "select * from rows",
    "select * from information_schema.tables",
    "select * from information_schema.df_settings",
    "select * from '/etc/passwd'",
    "select * from \"/etc/passwd.csv\"",
    "select * from read_parquet('/tmp/x.parquet')",
    "select * from parquet_metadata('/tmp/x.parquet')",
    "select * from read_csv('/etc/passwd')",
    "select * from delta.order_lines",
    "select 1 into t",
    "insert into order_lines select * from order_lines",
    "select version()",
];

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_another_shop() {
    let ground = ground();
    // 7 and 71 share a bucket, and so their files and row groups.
    let mut lines: Vec<_> = (0..40).map(|n| line(7, Some(n), n)).collect();
    lines.extend((0..60).map(|n| Line { price: 424_242, ..line(71, Some(1000 + n), 500 + n) }));
    append(&ground.lake, &lines, 1).await;
    let lake = &ground.lake;
    for (sql, expected) in [
        ("select count(*) from order_lines", "40"),
        ("select count(*) from datafusion.public.order_lines", "40"),
        ("select count(*) from order_lines where unit_price_minor = 424242", "0"),
        ("select count(*) from order_lines where customer_id >= 1000 or true", "40"),
        (
            "select count(*) from (select * from order_lines) x, order_lines y
                where x.order_id = y.order_id",
            "40",
        ),
        ("with order_lines as (select * from order_lines) select count(*) from order_lines", "40"),
        ("select (select max(unit_price_minor) from order_lines) from order_lines limit 1", "139"),
        // An expression that would fail on a foreign row is never evaluated on one.
        ("select count(*) from order_lines where 1 / (unit_price_minor - 424242) < 5", "40"),
        (
            "select count(*) from order_lines where cast(
                case when unit_price_minor = 424242 then 'x' else '1' end as int) = 1",
            "40",
        ),
        ("select sum(1 / (unit_price_minor - 424242)) from order_lines", "0"),
        (
            "select count(1 / (unit_price_minor - 424242)) from order_lines
                where order_id > 5 limit 1",
            "34",
        ),
        (
            "select count(distinct a.customer_id)
                from order_lines a left join order_lines b
                on a.sku = b.sku and 1 / (b.unit_price_minor - 424242) < 1",
            "40",
        ),
    ] {
        assert_eq!(rows(lake, 7, sql).await, [expected], "{sql}");
    }
    for sql in FORBIDDEN {
        let error = ask(lake, 7, sql).await.unwrap_err();
        assert!(
            matches!(error.code, Code::BadInput | Code::Forbidden | Code::Unsupported),
            "{sql}: {error:?}"
        );
        assert!(!error.message.contains('\n') && error.message.len() < 320, "{sql}: {error}");
    }
    assert_eq!(rows(lake, 7, "show tables").await, ["bot_events", "events", "order_lines"]);
    assert_eq!(rows(lake, 7, "describe order_lines").await.len(), 8);
    assert_eq!(rows(lake, 8, "select count(*) from order_lines").await, ["0"]);
    assert_eq!(rows(lake, 7, "select count(*) from events").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_one_line_that_helps() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1)], 1).await;
    for (sql, message, hint) in [
        ("select amuont_minor from order_lines", "there is no column amuont_minor", "amount_minor"),
        ("select x.skuu from order_lines x", "there is no column skuu", "sku"),
        ("select * from order_line", "there is no table order_line", "order_lines"),
        ("select 1 +", "the query cannot be read", ""),
        ("select nosuch(1)", "nosuch", ""),
        ("select order_id from order_lines a, order_lines b", "more than one table", ""),
        ("select 1 / (quantity - quantity) from order_lines", "ivide by zero", ""),
        ("drop table order_lines", "only queries may be run here", "select"),
    ] {
        let error = ask(&ground.lake, 7, sql).await.unwrap_err();
        assert!(error.message.contains(message), "{sql}: {error:?}");
        assert!(error.hint.unwrap_or_default().contains(hint), "{sql}: {}", error.message);
        assert!(!error.message.contains("datafusion"), "{sql}: {}", error.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_bite() {
    let ground = ground();
    let lines: Vec<_> = (0..20_000).map(|n| line(7, Some(n), n)).collect();
    append(&ground.lake, &lines, 1).await;
    let run = async |sql: &str, limits: Limits| {
        let asked = crate::Query { limits, ..query(7, sql, Fresh::default()) };
        ground.lake.query(asked).await.map(|answer| answer.rows()).map_err(|error| error.code)
    };
    let start = std::time::Duration::from_secs(20);
    let many = "select count(*) from order_lines a, order_lines b, order_lines c
        where a.quantity + b.quantity + c.quantity = 4";
    let limited = run(many, Limits { seconds: 1, ..LIMITS });
    assert_eq!(tokio::time::timeout(start, limited).await.unwrap(), Err(Code::Timeout));
    let rows = Limits { rows: 100, ..LIMITS };
    assert_eq!(run("select * from order_lines", rows).await, Err(Code::TooLarge));
    assert_eq!(run("select * from order_lines limit 100", rows).await, Ok(100));
    let small = Limits { memory_bytes: 1 << 20, ..LIMITS };
    let wide = "select array_agg(a.sku || b.sku) from order_lines a join order_lines b
        on a.quantity = b.quantity";
    assert_eq!(run(wide, small).await, Err(Code::TooLarge));
    assert_eq!(run("select repeat('x', 1000000000)", LIMITS).await, Err(Code::BadInput));
    assert_eq!(run("select count(*) from order_lines", small).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_written_exactly() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(3), 9), line(7, None, 10)], 1).await;
    let sql = "select order_id, customer_id, sku, amount_minor, placed_at, 0.5 as half,
        cast(1.10 as decimal(10,2)) as price, true as yes, 'a,\"b' as text, '' as empty,
        date '2011-11-01' as day from order_lines order by order_id";
    let answer = ask(&ground.lake, 7, sql).await.unwrap();
    let mut json = Vec::new();
    answer.write_json(&mut json).unwrap();
    let expected = concat!(
        "[\n{\"order_id\":\"9\",\"customer_id\":\"3\",\"sku\":\"sku-4\",\"amount_minor\":327,",
        "\"placed_at\":\"1970-01-10T00:00:00.000001Z\",\"half\":0.5,\"price\":1.10,\"yes\":true,",
        "\"text\":\"a,\\\"b\",\"empty\":\"\",\"day\":\"2011-11-01\"},\n",
        "{\"order_id\":\"10\",\"customer_id\":null,\"sku\":\"sku-0\",\"amount_minor\":440,",
        "\"placed_at\":\"1970-01-11T00:00:00.000001Z\",\"half\":0.5,\"price\":1.10,\"yes\":true,",
        "\"text\":\"a,\\\"b\",\"empty\":\"\",\"day\":\"2011-11-01\"}\n]\n"
    );
    assert_eq!(String::from_utf8(json).unwrap(), expected);
    assert_eq!(
        rows_of(&answer)[1],
        "10,,sku-0,440,1970-01-11T00:00:00.000001Z,0.5,1.10,true,\"a,\"\"b\",\"\",2011-11-01"
    );
    let answer = ask(&ground.lake, 7, "select sku, amount_minor from order_lines order by 2");
    let mut table = Vec::new();
    answer.await.unwrap().write_table(&mut table).unwrap();
    let expected = "sku    amount_minor\n-----  ------------\nsku-4           327\n\
                    sku-0           440\n";
    assert_eq!(String::from_utf8(table).unwrap(), expected);
}

struct Customers {
    read: Arc<AtomicUsize>,
}

impl TableSource for Customers {
    fn name(&self) -> &str {
        "customers"
    }

    fn fields(&self) -> Vec<SourceField> {
        let field = |name: &str, kind| SourceField { name: name.to_owned(), kind, nullable: false };
        vec![field("customer_id", Kind::I64), field("country", Kind::Text)]
    }

    fn read(&self, projection: &[usize], _: Option<usize>) -> BoxStream<'static, Result<Rows>> {
        self.read.fetch_add(projection.len(), Ordering::SeqCst);
        let column = |place: &usize| match place {
            0 => ("customer_id", Column::I64(vec![1, 2])),
            _ => {
                ("country", Column::Text([Some("GB"), Some("中国")].into_iter().collect::<Text>()))
            }
        };
        let columns = projection
            .iter()
            .map(column)
            .try_fold(Columns::new(), |columns, (name, c)| columns.with(name, c));
        futures::stream::iter([columns.map(Rows::from)]).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_others_are_read_by_column() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1), line(7, Some(2), 2), line(7, Some(2), 3)], 1).await;
    let read = Arc::new(AtomicUsize::new(0));
    let ask = async |sql: &str| {
        let source: Arc<dyn TableSource> = Arc::new(Customers { read: Arc::clone(&read) });
        let asked = query(7, sql, Fresh::default());
        ground.lake.query(crate::Query { sources: vec![source], ..asked }).await
    };
    let sql = "select country, count(*) from order_lines join customers using (customer_id)
        group by country order by country";
    assert_eq!(rows_of(&ask(sql).await.unwrap()), ["GB,1", "中国,2"]);
    assert_eq!(read.swap(0, Ordering::SeqCst), 2);
    assert_eq!(rows_of(&ask("select max(customer_id) from customers").await.unwrap()), ["2"]);
    assert_eq!(read.swap(0, Ordering::SeqCst), 1);
    assert_eq!(rows_of(&ask("select count(*) from customers").await.unwrap()), ["2"]);
    let error = ask("select * from customer").await.unwrap_err();
    assert!(error.hint.unwrap().contains("customers"));
    let tables = rows_of(&ask("show tables").await.unwrap());
    assert_eq!(tables, ["bot_events", "customers", "events", "order_lines"]);
}

fn any_line() -> impl Strategy<Value = Line> {
    let shop = prop_oneof![3 => Just(7_i64), 1 => Just(71), 1 => Just(8)];
    let customer = prop::option::of(-3_i64..6);
    (shop, customer, 0_i64..12, 0_i32..3, 0_i64..90).prop_map(
        |(shop, customer, order, epoch, day)| Line { epoch, day, ..line(shop, customer, order) },
    )
}

/// What the question below must answer, by hand.
fn by_hand(lines: &[Line], fresh: &Fresh) -> Vec<String> {
    let epochs: HashMap<i64, i32> =
        fresh.superseded.iter().copied().fold(HashMap::new(), |mut epochs, (order, epoch)| {
            let least = epochs.entry(order).or_insert(epoch);
            *least = epoch.max(*least);
            epochs
        });
    let moved: HashMap<i64, i64> = fresh.redirect.iter().copied().collect();
    let mut groups: HashMap<Option<i64>, (i64, i64)> = HashMap::new();
    for line in lines.iter().filter(|line| line.shop == 7) {
        if epochs.get(&line.order).is_some_and(|least| line.epoch < *least) {
            continue;
        }
        let customer = line.customer.map(|no| moved.get(&no).copied().unwrap_or(no));
        let customer = customer.filter(|no| !fresh.visitors || *no > 0);
        let group = groups.entry(customer).or_default();
        group.0 += 1;
        group.1 += line.quantity * line.price;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(customer, _)| (customer.is_none(), *customer));
    let row = |(customer, (count, sum)): (Option<i64>, (i64, i64))| {
        let customer = customer.map(|no| no.to_string()).unwrap_or_default();
        format!("{customer},{count},{sum}")
    };
    groups.into_iter().map(row).collect()
}

pub(super) const BY_CUSTOMER: &str = "select customer_id, count(*), sum(amount_minor)
    from order_lines group by customer_id order by customer_id nulls last";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn files_and_tail_answer_as_one(
        batches in prop::collection::vec(prop::collection::vec(any_line(), 1..30), 0..4),
        tail in prop::collection::vec(any_line(), 0..20),
        superseded in prop::collection::vec((0_i64..12, 1_i32..3), 0..5),
        redirect in prop::collection::hash_map(-3_i64..3, 3_i64..6, 0..4),
        visitors: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ground = ground();
            for (version, lines) in batches.iter().enumerate() {
                append(&ground.lake, lines, i64::try_from(version).unwrap()).await;
            }
            let redirect: Vec<(i64, i64)> = redirect.into_iter().collect();
            let waiting = super::support::tail(&crate::ORDER_LINES, columns(&tail));
            let redirect = redirect.into();
            let fresh =
                Fresh { tail: waiting, redirect, superseded, visitors, ..Fresh::default() };
            let all: Vec<Line> = batches.into_iter().flatten().chain(tail).collect();
            let expected = by_hand(&all, &fresh);
            let answer = ground.lake.query(query(7, BY_CUSTOMER, fresh)).await.unwrap();
            assert_eq!(rows_of(&answer), expected);
        });
    }
}
