//! What a shop knows as text, to be compared with what another shop, or the other database, knows;
//! and every value that the database holds.

use base::Result;
use lake::Lake;
use sqlx::AssertSqlSafe;
use store::dialect::Dialect;
use store::key::{Sealer, split_key_id};
use store::{Cx, Row, Tx, binds};

use crate::ask;

const PEOPLE: &str = "select external_id, country, country_code, province, city, gender, age_band,
        registered_at, orders, paid_orders, paid_minor, refunded_minor, adjusted_minor, net_minor,
        items, first_order_at, last_order_at, first_paid_at, last_paid_at, last_paid_order_at,
        last_visit_at, has_phone, has_email, favourite_category, favourite_brand, price_band,
        channel, has_wechat, consent_sms, introduced, gift_receivers
    from customers order by 1, 9, 11, 17, 4, 5, 22";
const ORDERS: &str =
    "select o.external_id, o.kind, o.of_order, c.external_id as customer, o.status,
        o.placed_at, o.paid_at, o.shipped_at, o.received_at, o.closed_at, o.paid_minor,
        o.refunded_minor, o.adjusted_minor, o.net_minor, o.items, o.channel, o.country,
        o.country_code, o.province, o.city
    from orders o left join customers c on c.customer_id = o.customer_id order by 1";
const PRODUCTS: &str = "select sku, title, category, brand, price_minor, cost_minor, stock,
        listed_at, on_sale_at
    from products order by 1";
const LINES: &str = "select o.external_id, c.external_id as customer, l.sku, l.quantity,
        l.unit_price_minor, l.amount_minor, l.placed_at
    from order_lines l join orders o on o.order_id = l.order_id
    left join customers c on c.customer_id = l.customer_id order by 1, 3, 4, 5, 6, 7";
const EVENTS: &str = "select c.external_id as customer, e.event, e.event_time, p.sku,
        o.external_id as document, e.properties
    from events e left join customers c on c.customer_id = e.customer_id
    left join products p on p.product_id = e.product_id
    left join orders o on o.order_id = e.order_id order by 1, 2, 3, 4, 5, 6";
const VISITS: &str = "select c.external_id as customer, v.first_at, v.last_at, v.events,
        v.first_utm_source, v.first_utm_campaign, v.first_referrer, v.last_utm_source,
        v.last_utm_campaign, v.last_referrer
    from visits v left join customers c on c.customer_id = v.customer_id
    order by 1, 2, 3, 4, 5, 7, 8, 10";
const CARTS: &str = "select c.external_id as customer, p.sku, l.quantity, l.unit_price_minor,
        l.added_at, l.touched_at
    from cart_lines l join products p on p.product_id = l.product_id
    left join customers c on c.customer_id = l.customer_id order by 1, 2, 3, 4, 5, 6";
const SESSIONS: &str = "select c.external_id as customer, s.started_at, s.ended_at, s.events
    from sessions s left join customers c on c.customer_id = s.customer_id order by 1, 2, 3, 4";
const BOTS: &str = "select event, event_time, channel from bot_events order by 1, 2, 3";
/// What the lake's lines come to, order by order.
const SUMS: &str = "select o.external_id, c.external_id as customer, count(*),
        count(distinct l.product_id), sum(l.quantity), sum(l.unit_price_minor),
        sum(l.amount_minor), min(l.placed_at), max(l.placed_at)
    from order_lines l join orders o on o.order_id = l.order_id
    left join customers c on c.customer_id = l.customer_id group by 1, 2 order by 1, 2";

/// Everything that a shop knows, what is sealed included, as text in a fixed order and without
/// numbers of our own: equal for equal states however they came about.
///
/// # Errors
/// What the queries report.
pub async fn state(cx: &Cx, lake: &Lake) -> Result<String> {
    let shown = [PEOPLE, ORDERS, PRODUCTS, LINES, EVENTS, VISITS, CARTS, SESSIONS, BOTS];
    let mut text = answers(cx, lake, &shown).await?;
    let mut tx = cx.read().await?;
    for part in [people(&mut tx, cx).await?, orders(&mut tx, cx).await?, said(&mut tx, cx).await?] {
        text.push_str(&part);
        text.push('\n');
    }
    Ok(text)
}

/// The figures of every customer, order and product, as [`state`] has them: for shops whose lines
/// are too many to be compared one by one, which are summed up here.
///
/// # Errors
/// What the queries report.
pub async fn figures(cx: &Cx, lake: &Lake) -> Result<String> {
    answers(cx, lake, &[PEOPLE, ORDERS, PRODUCTS, SUMS]).await
}

async fn answers(cx: &Cx, lake: &Lake, queries: &[&str]) -> Result<String> {
    let mut text = String::new();
    for sql in queries {
        text.push_str(&ask(cx, lake, sql).await?);
        text.push('\n');
    }
    Ok(text)
}

/// The customer key of a sealed value and the value, where there is one.
async fn open(tx: &mut Tx, cx: &Cx, field: &str, sealed: Sealed) -> Result<String> {
    let Some(sealed) = sealed else { return Ok(String::new()) };
    let sealer = Sealer::open(tx, cx, &[split_key_id(&sealed)?.0], false).await?;
    Ok(sealer.reveal(field, &sealed)?.unwrap_or_else(|| "destroyed".to_owned()))
}

type Sealed = Option<Vec<u8>>;
type Person = (Option<String>, Sealed, Sealed, Sealed, Sealed);

/// What is personal of customers.
async fn people(tx: &mut Tx, cx: &Cx) -> Result<String> {
    let sql = "select external_id, name, birthday, address, traits from customer
        where shop_id = $1 and known = $2 and merged_into is null
        and coalesce(name, birthday, address, traits) is not null";
    let rows: Vec<Person> = tx.all(sql, binds![cx.shop, true]).await?;
    let mut lines = Vec::new();
    for (id, name, birthday, address, traits) in rows {
        let mut line = id.unwrap_or_default();
        let fields = ["name", "birthday", "address", "traits"];
        for (field, sealed) in fields.iter().zip([name, birthday, address, traits]) {
            line.push('|');
            line.push_str(&open(tx, cx, field, sealed).await?);
        }
        lines.push(line);
    }
    Ok(sorted(lines))
}

type Document = (String, Option<String>, Option<i64>, bool, Sealed);

/// What SQL does not show of orders.
async fn orders(tx: &mut Tx, cx: &Cx) -> Result<String> {
    let sql = "select external_id, store, shipping_minor, test, contact from orders
        where shop_id = $1 and known = $2
        and (contact is not null or store is not null or shipping_minor is not null or test = $2)";
    let rows: Vec<Document> = tx.all(sql, binds![cx.shop, true]).await?;
    let mut lines = Vec::new();
    for (id, store, shipping, test, contact) in rows {
        let contact = open(tx, cx, "contact", contact).await?;
        lines.push(format!("{id}|{store:?}|{shipping:?}|{test}|{contact}"));
    }
    Ok(sorted(lines))
}

type Words = (i64, Option<String>, Option<i64>, Option<String>, Option<String>, Sealed, Sealed);

/// What people said; of sources that say the same, the one that tells it.
async fn said(tx: &mut Tx, cx: &Cx) -> Result<String> {
    let sql = "select kind, external_id, happened_at, speaker, agent, text, topic
        from interaction
        where shop_id = $1 and told = $2";
    let rows: Vec<Words> = tx.all(sql, binds![cx.shop, true]).await?;
    let mut lines = Vec::new();
    for (kind, id, at, speaker, agent, text, topic) in rows {
        let text = open(tx, cx, "text", text).await?;
        let topic = open(tx, cx, "topic", topic).await?;
        lines.push(format!("{kind}|{id:?}|{at:?}|{speaker:?}|{agent:?}|{text}|{topic}"));
    }
    Ok(sorted(lines))
}

/// Says where the first of `texts` and another one part.
///
/// # Panics
/// When they are not all the same.
pub fn same(texts: &[String], what: &str) {
    let Some(first) = texts.first() else { return };
    if let Some(other) = texts.iter().find(|other| *other != first) {
        let parts = first.lines().zip(other.lines()).find(|(one, other)| one != other);
        let counts = (first.lines().count(), other.lines().count());
        panic!("{what}: {counts:?} lines, first {parts:#?}");
    }
}

fn sorted(mut lines: Vec<String>) -> String {
    lines.sort_unstable();
    lines.join("\n")
}

/// Every text and every value of bytes in every table of the database, as bytes.
///
/// # Errors
/// What the queries report.
pub async fn dump(cx: &Cx) -> Result<Vec<u8>> {
    let mut tx = store::sys::read(cx).await?;
    let columns = match tx.dialect() {
        Dialect::Sqlite => {
            "select m.name, c.name, 'blob' from sqlite_master m join pragma_table_info(m.name) c
            where m.type = 'table'"
        }
        Dialect::Postgres => {
            "select table_name::text, column_name::text, data_type::text
            from information_schema.columns where table_schema = current_schema()"
        }
    };
    let columns: Vec<(String, String, String)> = all(&mut tx, columns).await?;
    let mut bytes = Vec::new();
    for (table, column, kind) in columns {
        let value = match kind.as_str() {
            "blob" => format!("cast(\"{column}\" as blob)"),
            "bytea" => format!("\"{column}\""),
            _ => format!("convert_to(\"{column}\"::text, 'utf8')"),
        };
        let sql = format!("select {value} from \"{table}\" where \"{column}\" is not null");
        for (value,) in all::<(Vec<u8>,)>(&mut tx, &sql).await? {
            bytes.extend(value);
            bytes.push(0);
        }
    }
    Ok(bytes)
}

async fn all<T: Row>(tx: &mut Tx, sql: &str) -> Result<Vec<T>> {
    tx.all(AssertSqlSafe(sql.to_owned()), vec![]).await
}
