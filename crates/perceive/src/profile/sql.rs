//! SQL for the tables `customer` and `customer_part`.

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use sqlx::AssertSqlSafe;
use store::dialect::delete_first;
use store::{Tx, V, binds, hashes as hashes_list, list as numbers_list};

use super::rule::Totals;
use super::{Attributes, Profile};
use crate::consent;
use crate::record::Region;

/// Labels that one statement looks up.
const LOOKUP_MAX: usize = 5_000;

#[derive(sqlx::FromRow)]
struct Stored {
    customer_no: i64,
    merged_into: Option<i64>,
    external_id: Option<String>,
    has_phone: bool,
    has_email: bool,
    name: Option<Vec<u8>>,
    birthday: Option<Vec<u8>>,
    address: Option<Vec<u8>>,
    traits: Option<Vec<u8>>,
    name_index: Option<Vec<u8>>,
    birthday_index: Option<String>,
    introduced_by: Option<Vec<u8>>,
    gift_receivers: Option<i64>,
    has_wechat: Option<bool>,
    consents: Option<i64>,
    gender: Option<String>,
    age_band: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
    province: Option<String>,
    city: Option<String>,
    region_at: Option<i64>,
    registered_at: Option<i64>,
    orders: i64,
    paid_orders: i64,
    paid_minor: i64,
    refunded_minor: i64,
    adjusted_minor: i64,
    items: i64,
    first_order_at: Option<i64>,
    last_order_at: Option<i64>,
    first_paid_at: Option<i64>,
    last_paid_at: Option<i64>,
    last_paid_order_at: Option<i64>,
    order_documents: i64,
    documents: i64,
}

impl From<Stored> for Profile {
    fn from(row: Stored) -> Self {
        let time = |micros: Option<i64>| micros.map(Time::from_micros);
        Self {
            number: row.customer_no,
            merged_into: row.merged_into,
            external_id: row.external_id,
            has_phone: row.has_phone,
            has_email: row.has_email,
            totals: Totals {
                documents: row.order_documents,
                orders: row.orders,
                paid_orders: row.paid_orders,
                paid_minor: row.paid_minor,
                refunded_minor: row.refunded_minor,
                adjusted_minor: row.adjusted_minor,
                items: row.items,
                first_order_at: time(row.first_order_at),
                last_order_at: time(row.last_order_at),
                first_paid_at: time(row.first_paid_at),
                last_paid_at: time(row.last_paid_at),
                last_paid_order_at: time(row.last_paid_order_at),
            },
            attributes: Attributes {
                gender: row.gender,
                age_band: row.age_band,
                region: Region {
                    country: row.country,
                    country_code: row.country_code,
                    province: row.province,
                    city: row.city,
                },
                registered_at: time(row.registered_at),
                consents: consent::of_bits(row.consents),
                ..Attributes::default()
            },
            sealed: [row.name, row.birthday, row.address, row.traits],
            name_index: row.name_index,
            birthday_index: row.birthday_index,
            introduced_by: row.introduced_by,
            gift_receivers: row.gift_receivers.unwrap_or(0),
            has_wechat: row.has_wechat.unwrap_or(false),
            region_at: time(row.region_at),
            documents: row.documents,
        }
    }
}

/// The columns that a profile writes, in the order of [`values`].
const COLUMNS: &[&str] = &[
    "shop_id",
    "customer_no",
    "version",
    "merged_into",
    "known",
    "external_id",
    "has_phone",
    "has_email",
    "name",
    "birthday",
    "address",
    "traits",
    "name_index",
    "birthday_index",
    "introduced_by",
    "gift_receivers",
    "has_wechat",
    "consents",
    "gender",
    "age_band",
    "country",
    "country_code",
    "province",
    "city",
    "region_at",
    "registered_at",
    "orders",
    "paid_orders",
    "paid_minor",
    "refunded_minor",
    "adjusted_minor",
    "items",
    "first_order_at",
    "last_order_at",
    "first_paid_at",
    "last_paid_at",
    "last_paid_order_at",
    "order_documents",
    "documents",
];

fn values(shop: i64, version: i64, profile: Profile) -> Vec<V> {
    let known = profile.known();
    let Profile { totals, attributes, sealed: [name, birthday, address, traits], .. } = profile;
    let region = attributes.region;
    binds![
        shop,
        profile.number,
        version,
        profile.merged_into,
        known,
        profile.external_id,
        profile.has_phone,
        profile.has_email,
        name,
        birthday,
        address,
        traits,
        profile.name_index,
        profile.birthday_index,
        profile.introduced_by,
        Some(profile.gift_receivers).filter(|receivers| *receivers > 0),
        profile.has_wechat,
        consent::bits(&attributes.consents),
        attributes.gender,
        attributes.age_band,
        region.country,
        region.country_code,
        region.province,
        region.city,
        profile.region_at,
        attributes.registered_at,
        totals.orders,
        totals.paid_orders,
        totals.paid_minor,
        totals.refunded_minor,
        totals.adjusted_minor,
        totals.items,
        totals.first_order_at,
        totals.last_order_at,
        totals.first_paid_at,
        totals.last_paid_at,
        totals.last_paid_order_at,
        totals.documents,
        profile.documents
    ]
}

pub(super) async fn load(tx: &mut Tx, ids: &BTreeSet<i64>) -> Result<HashMap<i64, Profile>> {
    let ids: Vec<i64> = ids.iter().copied().collect();
    let columns = COLUMNS.join(", ");
    let sql = format!(
        "select {columns} from customer where shop_id = $1
            and customer_no in list($2)"
    );
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(LOOKUP_MAX) {
        let list = numbers_list(chunk.iter().copied());
        let rows: Vec<Stored> = tx.all(AssertSqlSafe(sql.clone()), binds![tx.shop(), list]).await?;
        found.extend(rows.into_iter().map(|row| (row.customer_no, Profile::from(row))));
    }
    Ok(found)
}

/// Writes rows; what habits keep in the same table stays.
pub(super) fn store(tx: &mut Tx, version: i64, profiles: Vec<Profile>) {
    let shop = tx.shop().0;
    let rows = profiles.into_iter().map(|profile| values(shop, version, profile)).collect();
    let head = HEAD.get_or_init(|| format!("insert into customer ({})", COLUMNS.join(", ")));
    let tail = TAIL.get_or_init(|| {
        let own = COLUMNS.iter().skip(2).map(|name| format!("{name} = excluded.{name}"));
        let own: Vec<String> = own.collect();
        format!(" on conflict (shop_id, customer_no) do update set {}", own.join(", "))
    });
    tx.insert(head, rows, tail);
}

static HEAD: std::sync::OnceLock<String> = std::sync::OnceLock::new();
static TAIL: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Which of `persons` have become part of another, and of whom.
pub(super) async fn moved(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Vec<(i64, i64)>> {
    let sql = "select number, person from identifier where shop_id = $1 and number <> person
        and number in list($2)";
    tx.all(sql, binds![tx.shop(), numbers_list(persons.iter().copied())]).await
}

/// For each part whether it was not there before, from any source.
pub(super) async fn add_parts(
    tx: &mut Tx,
    source: i64,
    parts: Vec<(i64, Vec<u8>, Vec<u8>)>,
) -> Result<Vec<bool>> {
    let shop = tx.shop();
    let mut known: HashSet<(i64, Vec<u8>)> = HashSet::new();
    for chunk in parts.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, hash from customer_part where shop_id = $1
            and customer_no in list($2)";
        let labels = numbers_list(chunk.iter().map(|(label, ..)| *label));
        known.extend(tx.all::<(i64, Vec<u8>)>(sql, binds![shop, labels]).await?);
    }
    let new: Vec<bool> =
        parts.iter().map(|(label, hash, _)| known.insert((*label, hash.clone()))).collect();
    let mut own: HashSet<(i64, Vec<u8>)> = HashSet::new();
    let rows = parts.into_iter().filter(|(label, hash, _)| own.insert((*label, hash.clone())));
    let rows = rows.map(|(label, hash, body)| binds![shop, label, source, hash, body]);
    let head = "insert into customer_part (shop_id, customer_no, source_no, hash, body)";
    let tail = " on conflict (shop_id, customer_no, source_no, hash) do nothing";
    tx.insert(head, rows.collect(), tail);
    Ok(new)
}

/// The distinct parts of `labels`, sealed.
pub(super) async fn parts(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, Vec<u8>)>> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, hash, body from customer_part where shop_id = $1
            and customer_no in list($2)";
        let list = numbers_list(chunk.iter().copied());
        let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = tx.all(sql, binds![tx.shop(), list]).await?;
        let fresh = rows.into_iter().filter(|(label, hash, _)| seen.insert((*label, hash.clone())));
        found.extend(fresh.map(|(label, _, body)| (label, body)));
    }
    Ok(found)
}

/// Takes away the first `limit` things that a source says about people; the labels it spoke of.
pub(super) async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<BTreeSet<i64>> {
    let of_source = "shop_id = $1 and source_no = $2";
    let table = ("customer_part", "customer_no, hash");
    let sql = delete_first(tx.dialect(), table, of_source, "$3") + " returning customer_no";
    let values = binds![tx.shop(), source, limit];
    let rows: Vec<(i64,)> = tx.all(AssertSqlSafe(sql), values).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}

pub(super) async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select distinct customer_no from customer_part where shop_id = $1";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}

/// A customer as the mirror holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of the table customer, named and typed alike")]
pub struct Row {
    pub customer_no: i64,
    pub version: i64,
    pub known: bool,
    pub external_id: Option<String>,
    pub has_phone: bool,
    pub has_email: bool,
    pub gender: Option<String>,
    pub age_band: Option<String>,
    pub country: Option<String>,
    pub country_code: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    pub registered_at: Option<i64>,
    pub orders: i64,
    pub paid_orders: i64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub adjusted_minor: i64,
    pub items: i64,
    pub first_order_at: Option<i64>,
    pub last_order_at: Option<i64>,
    pub first_paid_at: Option<i64>,
    pub last_paid_at: Option<i64>,
    pub last_paid_order_at: Option<i64>,
    #[sqlx(default)]
    pub last_visit_at: Option<i64>,
    pub favourite_category: Option<String>,
    pub favourite_brand: Option<String>,
    pub price_band: Option<i64>,
    pub channel: Option<String>,
    pub birthday_index: Option<String>,
    pub introduced: bool,
    pub gift_receivers: Option<i64>,
    pub has_wechat: Option<bool>,
    pub consents: Option<i64>,
}

/// The columns of a [`Row`].
const ROW: &str = "customer_no, version, known, external_id, has_phone, has_email, gender,
    age_band, country, country_code, province, city, registered_at, orders, paid_orders,
    paid_minor, refunded_minor, adjusted_minor, items, first_order_at, last_order_at,
    first_paid_at, last_paid_at, last_paid_order_at, favourite_category,
    favourite_brand, price_band, channel, birthday_index, gift_receivers, has_wechat, consents";

pub(super) async fn page(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Row>> {
    let sql = format!(
        "select {ROW}, introduced_by is not null as introduced
            from customer where shop_id = $1 and customer_no > $2 and known = $3
            order by customer_no limit $4"
    );
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), after, true, limit]).await
}

pub(super) async fn of_numbers(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Row>> {
    let sql = format!(
        "select {ROW}, introduced_by is not null as introduced
            from customer where shop_id = $1 and customer_no in list($2) and known = $3
            order by customer_no"
    );
    let numbers = numbers_list(numbers.iter().copied());
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), numbers, true]).await
}

pub(super) async fn since(tx: &mut Tx, version: i64, limit: i64) -> Result<Vec<Row>> {
    // A version is written whole by one transaction, so a page may only end between versions.
    let sql = format!(
        "select {ROW}, introduced_by is not null as introduced
            from customer where shop_id = $1 and version > $2
            and version <= coalesce((select version from customer where shop_id = $1
                and version > $2 order by version limit 1 offset $3), $4)
        order by version"
    );
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), version, limit, i64::MAX]).await
}

pub(super) async fn of_name(tx: &mut Tx, index: Vec<u8>, limit: i64) -> Result<Vec<i64>> {
    let sql = "select customer_no from customer where shop_id = $1 and name_index = $2
        and known = $3 order by customer_no limit $4";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), index, true, limit]).await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

pub(super) async fn named(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select customer_no from customer where shop_id = $1 and name_index is not null
        and known = $2";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), true]).await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from customer where shop_id = $1 and known = $2";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop(), true]).await?;
    Ok(count)
}

/// Habits as they are stored: category, brand, price band, channel.
pub(super) type Habits = (Option<String>, Option<String>, Option<i64>, Option<String>);

#[derive(sqlx::FromRow)]
struct StoredHabits {
    customer_no: i64,
    favourite_category: Option<String>,
    favourite_brand: Option<String>,
    price_band: Option<i64>,
    channel: Option<String>,
}

pub(super) async fn habits(tx: &mut Tx) -> Result<HashMap<i64, Habits>> {
    let sql = "select customer_no, favourite_category, favourite_brand, price_band, channel
        from customer where shop_id = $1 and known = $2 and customer_no > 0";
    let rows: Vec<StoredHabits> = tx.all(sql, binds![tx.shop(), true]).await?;
    let habits = |row: StoredHabits| {
        let habits = (row.favourite_category, row.favourite_brand, row.price_band, row.channel);
        (row.customer_no, habits)
    };
    Ok(rows.into_iter().map(habits).collect())
}

pub(super) fn store_habits(tx: &mut Tx, version: i64, changed: Vec<(i64, Habits)>) {
    let shop = tx.shop();
    let rows = changed.into_iter().map(|(number, (category, brand, band, channel))| {
        binds![shop, number, version, category, brand, band, channel]
    });
    let head = "with fresh (shop_id, customer_no, version, category, brand, band, channel) as (";
    let tail = ") update customer set version = fresh.version,
            favourite_category = fresh.category, favourite_brand = fresh.brand,
            price_band = fresh.band, channel = fresh.channel
        from fresh where customer.shop_id = fresh.shop_id
            and customer.customer_no = fresh.customer_no";
    tx.insert(head, rows.collect(), tail);
}

pub(super) async fn name_indexes(
    tx: &mut Tx,
    persons: &BTreeSet<i64>,
) -> Result<HashMap<i64, Vec<u8>>> {
    let sql = "select customer_no, name_index from customer where shop_id = $1
        and customer_no in list($2) and name_index is not null";
    let list = numbers_list(persons.iter().copied());
    let rows: Vec<(i64, Vec<u8>)> = tx.all(sql, binds![tx.shop(), list]).await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn introducers(
    tx: &mut Tx,
    persons: &BTreeSet<i64>,
) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "select customer_no, introduced_by from customer where shop_id = $1
        and customer_no in list($2) and introduced_by is not null";
    let list = numbers_list(persons.iter().copied());
    tx.all(sql, binds![tx.shop(), list]).await
}

pub(super) async fn introduced(
    tx: &mut Tx,
    by: &[Vec<u8>],
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "select customer_no, introduced_by from customer where shop_id = $1
        and introduced_by is not null and introduced_by in list($2) and known = $3
        order by customer_no limit $4";
    tx.all(sql, binds![tx.shop(), hashes_list(by.iter().cloned()), true, limit]).await
}
