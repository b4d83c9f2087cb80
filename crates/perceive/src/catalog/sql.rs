//! SQL for the tables `product`, `product_title` and `product_part`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use sqlx::AssertSqlSafe;
use store::dialect::delete_first;
use store::{Tx, binds, list as numbers_list, words};

use super::Product;
use crate::record::ProductRow;

pub(super) async fn numbers(tx: &mut Tx, skus: &[&str]) -> Result<Vec<(String, i64)>> {
    if skus.is_empty() {
        return Ok(vec![]);
    }
    let sql = "select sku, product_no from product where shop_id = $1
        and sku in list($2)";
    tx.all(sql, binds![tx.shop(), words(skus.iter().copied())]).await
}

pub(super) async fn names(tx: &mut Tx, products: &[i64]) -> Result<Vec<(i64, String)>> {
    let sql = "select product_no, sku from product where shop_id = $1
        and product_no in list($2)";
    tx.all(sql, binds![tx.shop(), numbers_list(products.iter().copied())]).await
}

pub(super) async fn title_of(tx: &mut Tx, products: &[i64]) -> Result<Vec<(i64, String)>> {
    let sql = "select product_no, title from product where shop_id = $1
        and product_no in list($2) and title is not null";
    tx.all(sql, binds![tx.shop(), numbers_list(products.iter().copied())]).await
}

pub(super) fn insert(tx: &mut Tx, rows: &[(i64, &str)], version: i64) {
    let shop = tx.shop();
    let rows = rows.iter().map(|(number, sku)| binds![shop, *number, version, *sku, true]);
    let head = "insert into product (shop_id, product_no, version, sku, known)";
    tx.insert(head, rows.collect(), "");
}

pub(super) fn say(tx: &mut Tx, source: i64, titles: &BTreeMap<(i64, String), Time>) {
    let shop = tx.shop();
    let rows = titles.iter().map(|((number, title), at)| binds![shop, *number, source, title, *at]);
    let head = "insert into product_title (shop_id, product_no, source_no, title, said_at)";
    let tail = " on conflict (shop_id, product_no, source_no, title)
        do update set said_at = excluded.said_at
        where excluded.said_at < product_title.said_at";
    tx.insert(head, rows.collect(), tail);
}

/// For each part whether it was not there before, from any source.
pub(super) async fn add_parts(
    tx: &mut Tx,
    source: i64,
    parts: &[(i64, Vec<u8>, Vec<u8>)],
) -> Result<Vec<bool>> {
    let shop = tx.shop();
    let sql = "select product_no, hash from product_part where shop_id = $1
        and product_no in list($2)";
    let products = numbers_list(parts.iter().map(|(number, ..)| *number));
    let known: Vec<(i64, Vec<u8>)> = tx.all(sql, binds![shop, products]).await?;
    let mut known: HashSet<(i64, Vec<u8>)> = known.into_iter().collect();
    let new: Vec<bool> =
        parts.iter().map(|(number, hash, _)| known.insert((*number, hash.clone()))).collect();
    let mut own: HashSet<(i64, &[u8])> = HashSet::new();
    let rows = parts.iter().filter(|(number, hash, _)| own.insert((*number, hash)));
    let rows =
        rows.map(|(number, hash, body)| binds![shop, *number, source, hash.clone(), body.clone()]);
    let head = "insert into product_part (shop_id, product_no, source_no, hash, body)";
    let tail = " on conflict (shop_id, product_no, source_no, hash) do nothing";
    tx.insert(head, rows.collect(), tail);
    Ok(new)
}

pub(super) async fn titles(
    tx: &mut Tx,
    products: &BTreeSet<i64>,
) -> Result<HashMap<i64, Vec<(String, Time)>>> {
    let sql = "select product_no, title, said_at from product_title where shop_id = $1
        and product_no in list($2)";
    let ids = numbers_list(products.iter().copied());
    let rows: Vec<(i64, String, i64)> = tx.all(sql, binds![tx.shop(), ids]).await?;
    let mut found: HashMap<i64, Vec<(String, Time)>> = HashMap::new();
    for (number, title, at) in rows {
        found.entry(number).or_default().push((title, Time::from_micros(at)));
    }
    Ok(found)
}

pub(super) async fn parts(
    tx: &mut Tx,
    products: &BTreeSet<i64>,
) -> Result<HashMap<i64, Vec<ProductRow>>> {
    let sql = "select product_no, body from product_part where shop_id = $1
        and product_no in list($2)";
    let ids = numbers_list(products.iter().copied());
    let rows: Vec<(i64, Vec<u8>)> = tx.all(sql, binds![tx.shop(), ids]).await?;
    let mut found: HashMap<i64, Vec<ProductRow>> = HashMap::new();
    for (number, body) in rows {
        found.entry(number).or_default().push(crate::codec::read(&body)?);
    }
    Ok(found)
}

pub(super) fn update(tx: &mut Tx, rows: Vec<(i64, Option<ProductRow>)>, version: i64) {
    let shop = tx.shop();
    let rows = rows.into_iter().map(|(number, state)| {
        let known = state.is_some();
        let row = state.unwrap_or_default();
        binds![
            shop,
            number,
            version,
            "",
            known,
            row.title,
            row.category,
            row.brand,
            row.price_minor,
            row.cost_minor,
            row.stock,
            row.listed_at,
            row.on_sale_at
        ]
    });
    let head = "insert into product (shop_id, product_no, version, sku, known, title, category,
        brand, price_minor, cost_minor, stock, listed_at, on_sale_at)";
    let tail = " on conflict (shop_id, product_no) do update set version = excluded.version,
        known = excluded.known, title = excluded.title, category = excluded.category,
        brand = excluded.brand, price_minor = excluded.price_minor,
        cost_minor = excluded.cost_minor, stock = excluded.stock,
        listed_at = excluded.listed_at, on_sale_at = excluded.on_sale_at";
    tx.insert(head, rows.collect(), tail);
}

/// Takes away the first `limit` titles and rows that a source states; of which products.
pub(super) async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<BTreeSet<i64>> {
    let mut products = BTreeSet::new();
    let of_source = "shop_id = $1 and source_no = $2";
    for table in [("product_title", "product_no, title"), ("product_part", "product_no, hash")] {
        let sql = delete_first(tx.dialect(), table, of_source, "$3") + " returning product_no";
        let values = binds![tx.shop(), source, limit];
        let rows: Vec<(i64,)> = tx.all(AssertSqlSafe(sql), values).await?;
        products.extend(rows.into_iter().map(|(number,)| number));
    }
    Ok(products)
}

#[derive(sqlx::FromRow)]
struct Stored {
    product_no: i64,
    sku: String,
    known: bool,
    title: Option<String>,
    category: Option<String>,
    brand: Option<String>,
    price_minor: Option<i64>,
    cost_minor: Option<i64>,
    stock: Option<i64>,
    listed_at: Option<i64>,
    on_sale_at: Option<i64>,
}

impl From<Stored> for Product {
    fn from(row: Stored) -> Self {
        Self {
            number: row.product_no,
            sku: row.sku.clone(),
            known: row.known,
            row: ProductRow {
                sku: row.sku,
                title: row.title,
                category: row.category,
                brand: row.brand,
                price_minor: row.price_minor,
                cost_minor: row.cost_minor,
                stock: row.stock,
                listed_at: row.listed_at.map(Time::from_micros),
                on_sale_at: row.on_sale_at.map(Time::from_micros),
                updated_at: None,
            },
        }
    }
}

pub(super) async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Product>> {
    let sql = "select product_no, sku, known, title, category, brand, price_minor, cost_minor,
            stock, listed_at, on_sale_at
        from product where shop_id = $1 and product_no > $2 order by product_no limit $3";
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop(), after, limit]).await?;
    Ok(rows.into_iter().map(Product::from).collect())
}

pub(super) async fn of_numbers(tx: &mut Tx, products: &[i64]) -> Result<Vec<Product>> {
    let sql = "select product_no, sku, known, title, category, brand, price_minor, cost_minor,
            stock, listed_at, on_sale_at
        from product where shop_id = $1 and product_no in list($2)";
    let numbers = numbers_list(products.iter().copied());
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop(), numbers]).await?;
    Ok(rows.into_iter().map(Product::from).collect())
}

pub(super) async fn page(
    tx: &mut Tx,
    part: Option<&str>,
    (after, limit): (i64, i64),
) -> Result<Vec<Product>> {
    let sql = "select product_no, sku, known, title, category, brand, price_minor, cost_minor,
            stock, listed_at, on_sale_at
        from product where shop_id = $1 and product_no > $2 and known = $3
            and ($5 is null or sku = $5 or lower(title) like $6 escape '!')
        order by product_no limit $4";
    let like = part.map(|part| {
        let plain = part.to_lowercase();
        format!("%{}%", plain.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
    });
    let values = binds![tx.shop(), after, true, limit, part, like];
    let rows: Vec<Stored> = tx.all(sql, values).await?;
    Ok(rows.into_iter().map(Product::from).collect())
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from product where shop_id = $1 and known = $2";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop(), true]).await?;
    Ok(count)
}

pub(super) async fn kinds(tx: &mut Tx, limit: i64) -> Result<(Vec<String>, Vec<String>)> {
    let categories = "select distinct category from product where shop_id = $1 and known = $2
        and category is not null order by category limit $3";
    let brands = "select distinct brand from product where shop_id = $1 and known = $2
        and brand is not null order by brand limit $3";
    let shop = tx.shop();
    let categories: Vec<(String,)> = tx.all(categories, binds![shop, true, limit]).await?;
    let brands: Vec<(String,)> = tx.all(brands, binds![shop, true, limit]).await?;
    let names = |rows: Vec<(String,)>| rows.into_iter().map(|(name,)| name).collect();
    Ok((names(categories), names(brands)))
}
