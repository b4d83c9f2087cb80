//! The synthetic click stream through the collecting endpoint: its funnels in SQL equal DuckDB's
//! over the file itself.

use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::Value;
use shuke_tests::{Home, Line, Server, data, json, python, run};

/// Messages of a batch.
const BATCH: usize = 500;
/// How long history may lag behind, in looks of [`LOOK`].
const LOOKS_MAX: u32 = 300;
const LOOK: std::time::Duration = std::time::Duration::from_millis(500);

/// Sessions that put something into the cart, and those whose visitor bought within 24 hours; then
/// sessions that looked, that looked and then put something into the cart, and that then bought.
/// `clicks` has visitor, session, event and time.
const FUNNEL: &str = "
    carts as (
        select visitor, session, min(happened) as since from clicks where event = 'Product Added'
        group by visitor, session),
    bought as (
        select c.session, max(case when b.happened >= c.since
                and b.happened <= c.since + interval '24 hours' then 1 else 0 end) as soon
        from carts c
        left join clicks b on b.visitor = c.visitor and b.event = 'Order Completed'
        group by c.session),
    looked as (
        select session, min(happened) as since from clicks where event = 'Product Viewed'
        group by session),
    added as (
        select c.session, min(c.happened) as since
        from clicks c join looked l on l.session = c.session
        where c.event = 'Product Added' and c.happened >= l.since group by c.session),
    paid as (
        select c.session from clicks c join added a on a.session = c.session
        where c.event = 'Order Completed' and c.happened >= a.since group by c.session)
    select (select count(*) from bought) as carts, (select sum(soon) from bought) as bought,
        (select count(*) from looked) as looked, (select count(*) from added) as added,
        (select count(*) from paid) as paid, (select count(*) from clicks) as clicks";

/// The events as we hold them. A session is a property.
const OURS: &str = "with clicks as (
        select customer_id as visitor, event, event_time as happened,
            regexp_match(properties, '\"session\":\"([^\"]+)\"')[1] as session
        from events),";

/// The file as it is.
const THEIRS: &str = "
import duckdb, json, sys
duckdb.sql('set enable_progress_bar = false')
clicks = duckdb.read_csv(sys.argv[1]).select('''user_id as visitor, session_id as session,
    timestamp as happened, case event when 'product_view' then 'Product Viewed'
        when 'add_to_cart' then 'Product Added' when 'purchase' then 'Order Completed'
        else event end as event''')
rows = duckdb.sql('with ' + sys.argv[2])
print(json.dumps(dict(zip(rows.columns, map(int, rows.fetchall()[0])))))
";

/// A click as a message.
fn message((number, line): (usize, &str)) -> String {
    let mut cells = line.split(',');
    let [user, session, event, at, platform] = [(); 5].map(|()| cells.next().unwrap());
    let event = match event {
        "product_view" => "Product Viewed",
        "add_to_cart" => "Product Added",
        "purchase" => "Order Completed",
        event => event,
    };
    serde_json::json!({
        "type": "track",
        "messageId": format!("c{number}"),
        "userId": user,
        "event": event,
        "timestamp": format!("{}Z", at.replace(' ', "T")),
        "properties": {
            "session": session,
            "platform": platform,
            "order_id": format!("o{number}"),
        },
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn funnels_of_the_click_stream_equal_duckdbs() {
    let (Some(python), Some(file)) = (python(), data("clickstream/ecom.csv.gz")) else { return };
    let home = Home::sqlite().await;
    let keys = json(&run(home.dir.path(), &["key", "--shop", "s", "--json"]));
    let key = keys[0]["write_key"].as_str().unwrap();
    // What is put into carts is seen where a shop does not keep it to itself.
    let cx = home.cx.of(base::ShopId(1));
    stratify::audience::set_privacy(&cx, perceive::privacy::Privacy::open()).await.unwrap();
    let server = Server::start(&home);
    let text =
        std::io::read_to_string(GzDecoder::new(std::fs::File::open(&file).unwrap())).unwrap();
    let messages: Vec<String> = text.lines().skip(1).enumerate().map(message).collect();
    let mut line = Line::open(&server.address, key).unwrap();
    for batch in messages.chunks(BATCH) {
        assert_eq!(line.batch(batch).unwrap(), 200);
    }
    let query = |sql: &str| json(&run(home.dir.path(), &["query", "--shop", "s", "--json", sql]));
    for _ in 0..LOOKS_MAX {
        if query("select count(*) as n from events")[0]["n"] == messages.len() {
            break;
        }
        std::thread::sleep(LOOK);
    }
    let ours = query(&format!("{OURS}{FUNNEL}"))[0].clone();
    let output =
        Command::new(&python).args(["-c", THEIRS]).arg(&file).arg(FUNNEL).output().unwrap();
    let theirs: Value = json(&output);
    assert_eq!(ours, theirs);
    // 30.2 % of 1,213.
    assert_eq!((&ours["carts"], &ours["bought"]), (&1_213.into(), &366.into()));
}
