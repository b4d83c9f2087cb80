//! SQL for the table `shop`.

use base::{Result, ShopId, Time, Zone};

use super::{NewShop, Shop};
use crate::{Tx, binds};

#[derive(sqlx::FromRow)]
struct Stored {
    shop_id: i64,
    name: String,
    currency: String,
    time_zone: String,
    language: String,
    created_at: i64,
}

impl Stored {
    fn open(self) -> Result<Shop> {
        Ok(Shop {
            id: ShopId(self.shop_id),
            name: self.name,
            currency: self.currency.parse()?,
            zone: Zone::named(&self.time_zone)?,
            language: self.language,
            created_at: Time::from_micros(self.created_at),
        })
    }
}

pub(super) async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Shop>> {
    let sql = "select * from shop where name = $1";
    tx.opt::<Stored>(sql, binds![name]).await?.map(Stored::open).transpose()
}

pub(super) async fn by_id(tx: &mut Tx, shop: ShopId) -> Result<Option<Shop>> {
    let sql = "select * from shop where shop_id = $1";
    tx.opt::<Stored>(sql, binds![shop]).await?.map(Stored::open).transpose()
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Shop>> {
    let rows: Vec<Stored> = tx.all("select * from shop order by shop_id", vec![]).await?;
    rows.into_iter().map(Stored::open).collect()
}

pub(super) async fn insert(tx: &mut Tx, new: &NewShop, now: Time) -> Result<Shop> {
    let sql = "insert into shop (shop_id, name, currency, time_zone, language, created_at)
        values ((select coalesce(max(shop_id), 0) + 1 from shop), $1, $2, $3, $4, $5)
        returning shop_id, name, currency, time_zone, language, created_at";
    let values = binds![&new.name, new.currency.code(), new.zone.name(), &new.language, now];
    tx.one::<Stored>(sql, values).await?.open()
}

pub(super) async fn update(tx: &mut Tx, shop: &Shop) -> Result<()> {
    let sql = "update shop set name = $2, time_zone = $3, language = $4 where shop_id = $1";
    let values = binds![shop.id, &shop.name, shop.zone.name(), &shop.language];
    tx.exec(sql, values).await.map(drop)
}
