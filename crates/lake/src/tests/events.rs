//! Events, and plans built by hand over the same rows.

use std::sync::Arc;

use base::ShopId;

use super::support::{DAY, Line, append, columns, ground, line, query, rows, rows_of, tail};
use crate::recent::Wanted;
use crate::{
    Column, Columns, Cursor, EVENTS, Fresh, Lake, Moment, Nullable, ORDER_LINES, Text, Words,
};

fn events(shop: i64, from: i64, count: i64) -> Columns {
    let n = || from..from + count;
    let none = || Column::OptI64(n().map(|_| None::<i64>).collect());
    let ids: Vec<String> = n().map(|n| format!("m-{shop}-{n}")).collect();
    let name = |n: i64| if n % 3 == 0 { "Order Completed" } else { "Product Viewed" };
    let customers: Nullable<i64> = n().map(|n| (n % 5 > 0).then_some(n % 5 - 3)).collect();
    let values: Nullable<i64> = n().map(|n| (n % 3 == 0).then_some(n * 100)).collect();
    let text = |of: &dyn Fn(i64) -> Option<&'static str>| n().map(of).collect::<Words>();
    let properties: Text = n().map(|n| (n % 2 == 0).then_some("{\"a\":1}")).collect();
    [
        ("shop_id", Column::I64(n().map(|_| shop).collect())),
        ("customer_no", Column::OptI64(customers)),
        ("source_no", Column::I64(n().map(|n| n % 10).collect())),
        ("epoch", Column::I32(n().map(|_| 0).collect())),
        ("event", Column::Words(n().map(|n| Some(name(n))).collect())),
        ("event_time", Column::Time(n().map(|n| n * DAY / 2).collect())),
        ("received_time", Column::Time(n().map(|n| n * DAY).collect())),
        ("message_id", Column::Text(ids.iter().map(|id| Some(id.as_str())).collect())),
        ("product_no", none()),
        ("category", Column::Words(text(&|n| (n % 4 == 0).then_some("鞋")))),
        ("brand", Column::Words(text(&|_| None))),
        ("quantity", none()),
        ("value_minor", Column::OptI64(values)),
        ("order_no", Column::OptI64(n().map(|n| (n % 10 == 0).then_some(n)).collect())),
        ("channel", Column::Words(text(&|_| Some("web")))),
        ("utm_source", Column::Words(text(&|n| (n % 6 == 0).then_some("wechat")))),
        ("utm_medium", Column::Words(text(&|_| None))),
        ("utm_campaign", Column::Words(text(&|_| None))),
        ("referrer", Column::Words(text(&|_| None))),
        ("properties", Column::Text(properties)),
    ]
    .into_iter()
    .try_fold(Columns::new(), |columns, (name, column)| columns.with(name, column))
    .unwrap()
}

async fn write(lake: &Lake, columns: Columns, version: i64) {
    lake.append(&EVENTS, columns, Cursor { app: "relay", version }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_seen_from_files_and_tail() {
    let ground = ground();
    write(&ground.lake, events(7, 0, 200), 1).await;
    write(&ground.lake, events(71, 1_000, 50), 2).await;
    let sql = "select event, count(*), count(value_minor), sum(value_minor), count(category),
        count(brand), count(distinct message_id), min(event_time), count(properties)
        from events group by event order by event";
    let expected = [
        "Order Completed,74,74,810300,19,0,74,1970-01-01T00:00:00Z,37",
        "Product Viewed,146,0,,36,0,146,1970-01-01T12:00:00Z,73",
    ];
    let events = Fresh { tail: tail(&EVENTS, events(7, 200, 20)), ..Fresh::default() };
    let asked = crate::Query {
        moment: Moment { events, ..Moment::default() },
        ..query(7, sql, Fresh::default())
    };
    assert_eq!(rows_of(&ground.lake.query(asked).await.unwrap()), expected);
    let joined = "select count(*) from events e join order_lines l using (customer_id)";
    append(&ground.lake, &[line(7, Some(1), 1), line(71, Some(1), 2)], 1).await;
    assert_eq!(rows(&ground.lake, 7, joined).await, ["40"]);
    let sql = "select properties, channel, category from events where message_id = 'm-7-4'";
    assert_eq!(rows(&ground.lake, 7, sql).await, ["\"{\"\"a\"\":1}\",web,鞋"]);
    let sql = "select order_id, customer_id from events where order_id in ('10', '15', '20')
        order by 1";
    let buyers = vec![(10, 4), (15, 4)];
    let events = Fresh { buyers, redirect: Arc::new([(1, 9)]), ..Fresh::default() };
    let asked = crate::Query {
        moment: Moment { events, ..Moment::default() },
        ..query(7, sql, Fresh::default())
    };
    let answer = ground.lake.query(asked).await.unwrap();
    assert_eq!(rows_of(&answer), ["10,4", "20,"], "15 is named by nobody, 20 by no order");
    let sql = "select count(*) from events
        where event_time >= '1970-02-01' and event_time < '1970-03-01'";
    assert_eq!(rows(&ground.lake, 7, sql).await, ["56"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_sees_what_a_query_sees() {
    use datafusion::functions_aggregate::expr_fn::{count, sum};
    use datafusion::prelude::{col, lit};

    let ground = ground();
    let lines: Vec<Line> =
        (0..30).map(|n| line(if n % 3 == 0 { 71 } else { 7 }, Some(n % 4), n)).collect();
    append(&ground.lake, &lines, 1).await;
    let fresh = Fresh {
        tail: tail(&ORDER_LINES, columns(&[line(7, Some(9), 40), line(71, Some(9), 41)])),
        redirect: Arc::new([(1, 9)]),
        superseded: vec![(2, 1)],
        ..Fresh::default()
    };
    let frame = ground.lake.frame(ShopId(7), &ORDER_LINES, fresh).await.unwrap();
    let names: Vec<&str> = frame.schema().fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(names[..3], ["order_id", "customer_id", "product_id"]);
    let batches = frame
        .filter(col("customer_id").eq(lit(9_i64)))
        .and_then(|f| f.aggregate(vec![], vec![count(col("order_id")), sum(col("amount_minor"))]))
        .unwrap()
        .collect()
        .await
        .unwrap();
    let own = lines.iter().filter(|l| l.shop == 7 && l.customer == Some(1) && l.order != 2);
    let own: Vec<i64> = own.map(|l| l.quantity * l.price).chain([6 * 140]).collect();
    let expected = format!("{},{}", own.len(), own.iter().sum::<i64>());
    let found = &batches[0];
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    let value = |n: usize| found.column(n).as_primitive::<Int64Type>().value(0);
    assert_eq!(format!("{},{}", value(0), value(1)), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_customer_did_is_found_as_it_is_among_all() {
    let ground = ground();
    write(&ground.lake, events(7, 0, 200), 1).await;
    write(&ground.lake, events(71, 1_000, 50), 2).await;
    let fresh = Fresh {
        tail: tail(&EVENTS, events(7, 200, 60)),
        redirect: Arc::new([(-2, 1), (-1, 9)]),
        buyers: vec![(10, 1), (40, 1), (30, 9), (20, 4)],
        visitors: true,
        ..Fresh::default()
    };
    let all = Wanted::default();
    let all = ground.lake.recent((ShopId(7), &EVENTS), fresh.clone(), (&all, 1_000)).await;
    let all = rows_of(&all.unwrap());
    let customer = EVENTS.shown().position(|(name, _)| name == "customer_id").unwrap();
    let of = |row: &String| row.split(',').nth(customer).unwrap().parse().ok();
    for (person, least) in [(1, 90), (9, 30), (4, 1), (3, 0)] {
        for limit in [3, 1_000] {
            let wanted = Wanted { customer: Some(person), ..Wanted::default() };
            let place = (ShopId(7), &EVENTS);
            let found = ground.lake.recent(place, fresh.clone(), (&wanted, limit)).await.unwrap();
            let own = all.iter().filter(|row| of(row) == Some(person));
            let expected: Vec<&String> = own.clone().take(limit).collect();
            assert!(own.count() >= least, "{person}");
            assert_eq!(rows_of(&found).iter().collect::<Vec<_>>(), expected, "{person}");
        }
    }
}
