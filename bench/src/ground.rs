//! A shop of a benchmark, with store and lake.

use std::path::Path;
use std::sync::Arc;

use base::{Actor, Currency, Entropy, Result, Time, Zone};
use lake::Lake;
use perceive::collect::{Message, intake};
use perceive::source;
use store::log;
use store::shop::{self, NewShop};
use store::{Cx, Db, KeyRing, MasterKey, Place};

use crate::START;

/// A shop in a folder, or in a database, and its lake.
pub(crate) struct Ground {
    pub(crate) cx: Cx,
    pub(crate) lake: Lake,
    /// The source that its events come from.
    pub(crate) source: i64,
}

impl Ground {
    /// Makes the shop, or finds it.
    pub(crate) async fn open(dir: &Path, database: Option<&str>) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let place = match database {
            Some(address) => Place::Address(address.to_owned()),
            None => Place::File(dir.join("shuke.db")),
        };
        let db = Db::open(&place).await?;
        store::migrate(&db).await?;
        let keys = Arc::new(KeyRing::new(MasterKey::parse(&"42".repeat(32))?));
        let cx = Cx::new(db, keys, base::ShopId(0), present(), Entropy::seeded(7));
        let cx = cx.acting(Actor::Operator);
        let name = "stream".to_owned();
        let zone = Zone::named("Asia/Shanghai")?;
        let (currency, language) = (Currency::CNY, "zh-CN".to_owned());
        let shop = shop::open(&cx, &NewShop { name, currency, zone, language }).await?;
        let cx = cx.of(shop.id);
        let source = source::create(&cx, "default").await?.number;
        Ok(Self { cx, lake: crate::open(dir)?, source })
    }

    /// The shop as of now.
    pub(crate) fn cx(&self) -> Cx {
        self.cx.at(present())
    }

    /// Writes messages to the log, as a row of it.
    pub(crate) async fn write(&self, messages: &[Message]) -> Result<()> {
        let packed = log::bind(&[intake::bundle(messages)?])?;
        log::receive(&self.cx(), &[(self.cx.shop, packed)]).await
    }
}

/// The time.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn present() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.unwrap_or_default().as_micros();
    i64::try_from(micros).map_or(START, Time::from_micros)
}
