//! Shops: the tenants of an installation.

mod sql;

use base::{Currency, Error, Result, ShopId, Time, Zone};

use crate::{Cx, Tx, key};

/// Characters of a shop's name at the most.
pub const NAME_CHARS_MAX: usize = 100;

/// A shop.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Its number.
    pub id: ShopId,
    /// Its name, unique in the installation.
    pub name: String,
    /// The one currency of its figures.
    pub currency: Currency,
    /// The zone whose days are its days.
    pub zone: Zone,
    /// `zh-CN` or `en`.
    pub language: String,
    /// When it was made.
    pub created_at: Time,
}

/// What a new shop needs.
#[derive(Debug, Clone)]
pub struct NewShop {
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Its zone.
    pub zone: Zone,
    /// `zh-CN` or `en`.
    pub language: String,
}

/// The shop of that name.
///
/// # Errors
/// `not_found` with the names that exist.
pub async fn by_name(cx: &Cx, name: &str) -> Result<Shop> {
    let mut tx = cx.read().await?;
    if let Some(shop) = sql::by_name(&mut tx, name).await? {
        return Ok(shop);
    }
    let names: Vec<String> = sql::list(&mut tx).await?.into_iter().map(|shop| shop.name).collect();
    let hint = if names.is_empty() {
        "there is no shop yet; import an order export to make the first".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    Err(Error::missing(format!("there is no shop {name:?}")).field("shop").hint(hint))
}

/// The shop of that name, made with `new` when there is none.
///
/// # Errors
/// `conflict` when the shop exists with another currency.
pub async fn open(cx: &Cx, new: &NewShop) -> Result<Shop> {
    check_name(&new.name)?;
    let mut tx = cx.write().await?;
    if let Some(shop) = sql::by_name(&mut tx, &new.name).await? {
        if shop.currency == new.currency {
            return Ok(shop);
        }
        let text = format!(
            "the shop {:?} keeps its figures in {}, this source is in {}",
            shop.name, shop.currency, new.currency
        );
        let hint = "import it into a shop that keeps its figures in that currency";
        return Err(Error::conflict(text).field("currency").hint(hint));
    }
    let shop = sql::insert(&mut tx, new, cx.now).await?;
    key::make_shop_key(&mut tx, cx, shop.id).await?;
    tx.commit().await?;
    Ok(shop)
}

/// A new shop.
///
/// # Errors
/// `conflict` when there is one of that name.
pub async fn create(cx: &Cx, new: &NewShop) -> Result<Shop> {
    if sql::by_name(&mut cx.read().await?, &new.name).await?.is_some() {
        return Err(Error::conflict("there is a shop of this name").field("name"));
    }
    open(cx, new).await
}

/// Changes what a shop is called, its zone and its language.
///
/// # Errors
/// `bad_input` for a name that will not do, `conflict` when another shop has it.
pub async fn edit(tx: &mut Tx, shop: &Shop) -> Result<()> {
    check_name(&shop.name)?;
    if sql::by_name(tx, &shop.name).await?.is_some_and(|other| other.id != shop.id) {
        return Err(Error::conflict("there is a shop of this name").field("name"));
    }
    sql::update(tx, shop).await
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let text = format!("must have 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::bad(text).field("shop"));
    }
    Ok(())
}

/// Every shop, by number.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx) -> Result<Vec<Shop>> {
    sql::list(&mut cx.read().await?).await
}

/// The shop that the context is about.
///
/// # Errors
/// `not_found` when there is no such shop.
pub async fn get(cx: &Cx) -> Result<Shop> {
    let mut tx = cx.read().await?;
    let shop = sql::by_id(&mut tx, cx.shop).await?;
    shop.ok_or_else(|| Error::missing("there is no such shop").field("shop"))
}
