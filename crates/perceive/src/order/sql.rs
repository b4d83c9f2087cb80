//! SQL for the tables `orders` and `order_part`.

use std::collections::HashMap;

use base::{Result, ShopId};
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, hashes as hashes_list, list as numbers_list, words};

use super::{Change, LOOKUP_MAX, PartsOf, Recipient, Sourced, State};

pub(super) async fn numbers(tx: &mut Tx, names: &[&str]) -> Result<HashMap<String, (i64, i64)>> {
    let mut found = HashMap::with_capacity(names.len());
    for chunk in names.chunks(LOOKUP_MAX) {
        let sql = "select external_id, order_no, epoch from orders where shop_id = $1
            and external_id in list($2)";
        let names = words(chunk.iter().copied());
        let rows: Vec<(String, i64, i64)> = tx.all(sql, binds![tx.shop(), names]).await?;
        found.extend(rows.into_iter().map(|(name, number, epoch)| (name, (number, epoch))));
    }
    Ok(found)
}

/// Whether anything in the shop names an order that it belongs to.
pub(super) async fn any_follows(tx: &mut Tx) -> Result<bool> {
    let sql = "select order_no from orders where shop_id = $1 and of_order is not null limit 1";
    let found: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(!found.is_empty())
}

/// What names one of these orders: number, name, epoch.
pub(super) async fn followers(tx: &mut Tx, names: &[&str]) -> Result<Vec<(i64, String, i64)>> {
    let mut found = Vec::new();
    for chunk in names.chunks(LOOKUP_MAX) {
        let sql = "select order_no, external_id, epoch from orders where shop_id = $1
            and of_order is not null and of_order in list($2)";
        let names = words(chunk.iter().copied());
        found.extend(tx.all::<(i64, String, i64)>(sql, binds![tx.shop(), names]).await?);
    }
    Ok(found)
}

/// The numbers of those of these names that are orders.
pub(super) async fn numbers_of(tx: &mut Tx, names: &[&str]) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for chunk in names.chunks(LOOKUP_MAX) {
        let sql = "select order_no from orders where shop_id = $1 and external_id in list($2)
            and kind = 0";
        let names = words(chunk.iter().copied());
        found.extend(tx.all::<(i64,)>(sql, binds![tx.shop(), names]).await?);
    }
    Ok(found.into_iter().map(|(number,)| number).collect())
}

/// The buyers of those of these names that are orders.
pub(super) async fn buyers(tx: &mut Tx, names: &[&str]) -> Result<HashMap<String, Option<i64>>> {
    let mut found = HashMap::new();
    for chunk in names.chunks(LOOKUP_MAX) {
        let sql = "select external_id, customer_no from orders where shop_id = $1
            and external_id in list($2) and known = $3 and kind = 0";
        let values = binds![tx.shop(), words(chunk.iter().copied()), true];
        found.extend(tx.all::<(String, Option<i64>)>(sql, values).await?);
    }
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct StoredPart {
    order_no: i64,
    source_no: i64,
    part_no: i64,
    body: Vec<u8>,
}

impl StoredPart {
    fn open(self) -> Result<(i64, Sourced)> {
        let part = crate::codec::read_grown(&self.body)?;
        Ok((self.order_no, Sourced { source: self.source_no, batch: self.part_no, part }))
    }
}

pub(super) async fn parts(tx: &mut Tx, orders: &[i64]) -> Result<PartsOf> {
    let mut found = PartsOf::with_capacity(orders.len());
    for chunk in orders.chunks(LOOKUP_MAX) {
        let sql = "select order_no, source_no, part_no, body from order_part where shop_id = $1
            and order_no in list($2)";
        let ids = numbers_list(chunk.iter().copied());
        let rows: Vec<StoredPart> = tx.all(sql, binds![tx.shop(), ids]).await?;
        for row in rows {
            let (number, part) = row.open()?;
            found.entry(number).or_default().push(part);
        }
    }
    Ok(found)
}

pub(super) fn insert_parts(
    tx: &mut Tx,
    (source, batch): (i64, i64),
    bodies: Vec<(i64, Option<i64>, Vec<u8>)>,
) {
    let shop = tx.shop();
    let rows = bodies
        .into_iter()
        .map(|(order, label, body)| binds![shop, order, source, batch, label, body]);
    let head = "insert into order_part (shop_id, order_no, source_no, part_no, customer_no, body)";
    tx.insert(head, rows.collect(), "");
}

/// Writes a part anew.
pub(super) async fn set_part(
    tx: &mut Tx,
    (order, source, batch): (i64, i64, i64),
    body: Vec<u8>,
) -> Result<()> {
    let sql = "update order_part set body = $1 where shop_id = $2 and order_no = $3
        and source_no = $4 and part_no = $5";
    tx.exec(sql, binds![body, tx.shop(), order, source, batch]).await.map(drop)
}

/// Writes rows as [`row`] makes them.
pub(super) fn upsert(tx: &mut Tx, rows: Vec<Vec<V>>) {
    let head = "insert into orders (shop_id, order_no, version, external_id, known, kind,
        of_order, customer_no, status, placed_at, paid_at, shipped_at, received_at, closed_at,
        paid_minor, refunded_minor, adjusted_minor, shipping_minor, items, lines, channel, store,
        country, country_code, province, city, contact, to_phone, to_name, to_place, test,
        epoch)";
    let tail = " on conflict (shop_id, order_no) do update set version = excluded.version,
        known = excluded.known, kind = excluded.kind, of_order = excluded.of_order,
        customer_no = excluded.customer_no, status = excluded.status,
        placed_at = excluded.placed_at, paid_at = excluded.paid_at,
        shipped_at = excluded.shipped_at, received_at = excluded.received_at,
        closed_at = excluded.closed_at, paid_minor = excluded.paid_minor,
        refunded_minor = excluded.refunded_minor, adjusted_minor = excluded.adjusted_minor,
        shipping_minor = excluded.shipping_minor, items = excluded.items,
        lines = excluded.lines, channel = excluded.channel, store = excluded.store,
        country = excluded.country, country_code = excluded.country_code,
        province = excluded.province, city = excluded.city, contact = excluded.contact,
        to_phone = excluded.to_phone, to_name = excluded.to_name,
        to_place = excluded.to_place, test = excluded.test, epoch = excluded.epoch";
    tx.insert(head, rows, tail);
}

/// A changed order as the table `orders` has it.
pub(super) fn row(shop: ShopId, version: i64, name: String, change: &Change) -> Vec<V> {
    let (known, unknown) = (change.new.is_some(), State::default());
    let state = change.new.as_ref().unwrap_or(&unknown);
    let lines: i64 = state.lines.iter().map(|(_, count)| i64::from(*count)).sum();
    let head = &state.head;
    let region = head.region.clone();
    let to = state.recipient.clone().unwrap_or_default();
    binds![
        shop,
        change.number,
        version,
        name,
        known,
        state.kind as i32,
        state.of_order.clone(),
        state.label,
        state.status as i32,
        head.placed_at,
        head.paid_at,
        head.shipped_at,
        head.received_at,
        head.closed_at,
        state.paid_minor,
        state.refunded_minor,
        state.adjusted_minor,
        head.shipping_minor,
        state.items,
        lines,
        head.channel.clone(),
        head.store.clone(),
        region.country,
        region.country_code,
        region.province,
        region.city,
        state.contact.clone(),
        to.phone,
        to.name,
        to.place,
        head.test,
        change.epoch
    ]
}

pub(super) async fn of_source(
    tx: &mut Tx,
    source: i64,
    limit: i64,
) -> Result<Vec<(i64, String, i64)>> {
    // A statement of its own: joined with what is asked of them, PostgreSQL without statistics
    // finds them anew for each row.
    let sql = "select distinct order_no from order_part where shop_id = $1
        and source_no = $2 order by order_no limit $3";
    let orders: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), source, limit]).await?;
    let orders = orders.into_iter().map(|(order,)| order);
    let sql = "select order_no, external_id, epoch from orders where shop_id = $1
        and order_no in list($2)";
    tx.all(sql, binds![tx.shop(), numbers_list(orders)]).await
}

pub(super) async fn delete_parts(tx: &mut Tx, source: i64, orders: &[i64]) -> Result<()> {
    let sql = "delete from order_part where shop_id = $1 and source_no = $2
        and order_no in list($3)";
    let ids = numbers_list(orders.iter().copied());
    tx.exec(sql, binds![tx.shop(), source, ids]).await.map(drop)
}

/// What a customer's figures need of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// Its number.
    pub order_no: i64,
    /// The source's number.
    pub external_id: String,
    /// 0 order, 1 refund, 2 correction.
    pub kind: i64,
    /// The order that a refund belongs to.
    pub of_order: Option<String>,
    /// Label of its buyer.
    pub customer_no: Option<i64>,
    /// 0 placed … 4 closed.
    pub status: i64,
    /// 拍下 time, and so on.
    pub placed_at: Option<i64>,
    /// 付款 time.
    pub paid_at: Option<i64>,
    /// 发货 time.
    pub shipped_at: Option<i64>,
    /// 确认收货 time.
    pub received_at: Option<i64>,
    /// Time of closing.
    pub closed_at: Option<i64>,
    /// Money received.
    pub paid_minor: i64,
    /// Money given back.
    pub refunded_minor: i64,
    /// Corrections.
    pub adjusted_minor: i64,
    /// Pieces.
    pub items: i64,
    /// Where it was bought.
    pub channel: Option<String>,
    /// The store in which it was bought or is fetched.
    pub store: Option<String>,
    /// The source's country.
    pub country: Option<String>,
    /// ISO country.
    pub country_code: Option<String>,
    /// Province.
    pub province: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Whether it was made to try the shop out.
    pub test: bool,
}

const COLUMNS: &str = "order_no, external_id, kind, of_order, customer_no, status, placed_at,
    paid_at, shipped_at, received_at, closed_at, paid_minor, refunded_minor, adjusted_minor, items,
    channel, store, country, country_code, province, city, test";

pub(super) async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Row>> {
    let sql = format!(
        "select {COLUMNS} from orders where shop_id = $1 and order_no > $2 and known = $3
            and test = $4 order by order_no limit $5"
    );
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), after, true, false, limit]).await
}

pub(super) async fn of_numbers(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Row>> {
    let sql = format!(
        "select {COLUMNS} from orders where shop_id = $1 and order_no in list($2) and known = $3
            and test = $4 order by order_no"
    );
    let numbers = numbers_list(numbers.iter().copied());
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), numbers, true, false]).await
}

pub(super) async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<Row>> {
    let sql = format!(
        "select {COLUMNS} from orders where shop_id = $1 and order_no = $2 and known = $3
            and test = $4"
    );
    tx.opt(AssertSqlSafe(sql), binds![tx.shop(), number, true, false]).await
}

/// What figures need of an order that has changed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of the table orders, named and typed alike")]
pub struct Changed {
    pub order_no: i64,
    pub version: i64,
    pub known: bool,
    pub test: bool,
    pub kind: i64,
    pub status: i64,
    pub customer_no: Option<i64>,
    pub placed_at: Option<i64>,
    pub paid_at: Option<i64>,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub adjusted_minor: i64,
}

pub(super) async fn since(tx: &mut Tx, version: i64, limit: i64) -> Result<Vec<Changed>> {
    // A version is written whole by one transaction, so a page may only end between versions.
    let sql = "select order_no, version, known, test, kind, status, customer_no, placed_at,
            paid_at, paid_minor, refunded_minor, adjusted_minor
        from orders where shop_id = $1 and version > $2
            and version <= coalesce((select version from orders where shop_id = $1
                and version > $2 order by version limit 1 offset $3), $4)
        order by version";
    tx.all(sql, binds![tx.shop(), version, limit, i64::MAX]).await
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from orders where shop_id = $1 and known = $2 and test = $3
        and kind = 0";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop(), true, false]).await?;
    Ok(count)
}

pub(super) async fn of_labels(tx: &mut Tx, labels: &[i64]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = format!(
            "select {COLUMNS} from orders where shop_id = $1 and known = $2
                and customer_no in list($3)"
        );
        let ids = numbers_list(chunk.iter().copied());
        rows.extend(tx.all::<Row>(AssertSqlSafe(sql), binds![tx.shop(), true, ids]).await?);
    }
    Ok(rows)
}

/// What was bought under a label within a span of time, and whether after it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Bought {
    /// Label of the buyer.
    pub label: i64,
    /// 拍下 or 付款 time of the last paid order within the span.
    pub last_at: Option<i64>,
    /// Paid orders within it.
    pub orders: i64,
    /// Net money of it, minor units.
    pub net_minor: i64,
    /// Paid orders after it.
    pub later: i64,
}

pub(super) async fn bought(
    tx: &mut Tx,
    (start, end, until): (i64, i64, i64),
    by_payment: bool,
) -> Result<Vec<Bought>> {
    let at = if by_payment { "coalesce(paid_at, placed_at)" } else { "placed_at" };
    let paid = "kind = 0 and paid_minor > 0";
    // An order is a sale from its payment on, where that is known.
    let sold = "coalesce(case when paid_at > placed_at then paid_at end, placed_at)";
    let sql = format!(
        "select customer_no as label,
            max(case when {sold} <= $3 and {paid} then {at} end) as last_at,
            cast(sum(case when {sold} <= $3 and {paid} then 1 else 0 end) as bigint) as orders,
            cast(sum(case when {sold} <= $3
                then paid_minor - refunded_minor + adjusted_minor else 0 end) as bigint)
                as net_minor,
            cast(sum(case when {sold} > $3 and {sold} <= $4 and {paid} then 1 else 0 end)
                as bigint) as later
        from orders where shop_id = $1 and known = $5 and test = $6 and customer_no is not null
            and placed_at >= $2 and placed_at <= $4
        group by customer_no"
    );
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), start, end, until, true, false]).await
}

pub(super) async fn superseded(tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
    let sql = "select order_no, epoch from orders
        where shop_id = $1 and epoch > 0 order by order_no";
    tx.all(sql, binds![tx.shop()]).await
}

/// Orders that are no sale.
pub(super) async fn unsold(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select order_no from orders where shop_id = $1 and known = $2 and kind = 0
        and paid_minor <= 0";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), true]).await?;
    Ok(rows.into_iter().map(|(order,)| order).collect())
}

/// By label the money and the pieces of sales.
pub(super) async fn sold(tx: &mut Tx) -> Result<Vec<(i64, i64, i64)>> {
    let sql = "select customer_no, cast(sum(paid_minor) as bigint), cast(sum(items) as bigint)
        from orders where shop_id = $1 and known = $2 and test = $3 and kind = 0
        and customer_no is not null and paid_minor > 0 group by customer_no";
    tx.all(sql, binds![tx.shop(), true, false]).await
}

pub(super) async fn channels(tx: &mut Tx) -> Result<Vec<(i64, String, i64)>> {
    let sql = "select customer_no, channel, count(*) from orders where shop_id = $1
        and known = $2 and test = $3 and kind = 0 and customer_no is not null
        and channel is not null group by customer_no, channel";
    tx.all(sql, binds![tx.shop(), true, false]).await
}

pub(super) async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select distinct customer_no from order_part
        where shop_id = $1 and customer_no is not null";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}

/// Recipients of the orders of some buyers that are looked at: a reseller has them all.
const RECIPIENTS_MAX: i64 = 20_000;

/// Which deliveries are meant.
pub(super) enum Deliveries<'a> {
    /// Those that were ordered under these labels.
    Under(&'a [i64]),
    /// Those whose hash in that column is one of these, at most so many.
    To(&'static str, &'a [Vec<u8>], i64),
}

#[derive(sqlx::FromRow)]
struct Delivery {
    customer_no: i64,
    to_phone: Option<Vec<u8>>,
    to_name: Option<Vec<u8>>,
    to_place: Option<Vec<u8>>,
}

/// The distinct recipients of orders, each with the label of its buyer.
pub(super) async fn deliveries(
    tx: &mut Tx,
    which: Deliveries<'_>,
) -> Result<Vec<(i64, Recipient)>> {
    let mut found: Vec<Delivery> = Vec::new();
    match which {
        Deliveries::Under(labels) => {
            for chunk in labels.chunks(LOOKUP_MAX) {
                let sql = "select distinct customer_no, to_phone, to_name, to_place from orders
                    where shop_id = $1 and known = $2 and test = $3 and kind = 0
                        and customer_no in list($4) and (to_phone is not null
                            or to_name is not null or to_place is not null) limit $5";
                let ids = numbers_list(chunk.iter().copied());
                let values = binds![tx.shop(), true, false, ids, RECIPIENTS_MAX];
                found.extend(tx.all::<Delivery>(sql, values).await?);
            }
        }
        Deliveries::To(column, hashes, limit) => {
            if hashes.is_empty() {
                return Ok(Vec::new());
            }
            let sql = format!(
                "select distinct customer_no, to_phone, to_name, to_place from orders
                    where shop_id = $1 and known = $2 and test = $3 and kind = 0
                        and customer_no is not null and {column} is not null
                        and {column} in list($4) order by customer_no limit $5"
            );
            let values = binds![tx.shop(), true, false, hashes_list(hashes.iter().cloned()), limit];
            found = tx.all(AssertSqlSafe(sql), values).await?;
        }
    }
    let recipient = |row: Delivery| {
        let to = Recipient { phone: row.to_phone, name: row.to_name, place: row.to_place };
        (row.customer_no, to)
    };
    Ok(found.into_iter().map(recipient).collect())
}
