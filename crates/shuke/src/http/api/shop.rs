//! The shop itself, and further shops.

use axum::Json;
use axum::extract::State;
use base::{Error, Zone};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::job;
use store::shop::{self, Shop};
use utoipa::ToSchema;

use super::start::{ShopForm, found};
use super::{Answer, ErrorBody, micros};
use crate::auth::{staff, user};
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{EditsShop, Owner, ReadsSystem};
use crate::{command, work};

/// A shop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShopShown {
    /// Its number.
    #[schema(example = "1")]
    shop_id: String,
    /// Its name.
    name: String,
    /// The currency of its figures (ISO 4217); it stays.
    currency: String,
    /// The zone whose days are its days.
    time_zone: String,
    /// `zh-CN` or `en`.
    language: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<&Shop> for ShopShown {
    fn from(shop: &Shop) -> Self {
        Self {
            shop_id: shop.id.to_string(),
            name: shop.name.clone(),
            currency: shop.currency.to_string(),
            time_zone: shop.zone.name().to_owned(),
            language: shop.language.clone(),
            created_at: micros(shop.created_at),
        }
    }
}

/// What of a shop may be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopEdit {
    /// Its name.
    name: Option<String>,
    /// The zone whose days are its days; figures by day are by it from now on.
    time_zone: Option<String>,
    /// `zh-CN` or `en`.
    language: Option<String>,
}

/// The shop
#[utoipa::path(get, path = "/api/v1/shop", operation_id = "shop", tag = "shop", responses(
    (status = 200, description = "The shop", body = ShopShown), Refusals))]
pub(super) async fn show(reads: ReadsSystem) -> Answer<ShopShown> {
    Ok(Json(ShopShown::from(&reads.shop)))
}

/// Change the shop
#[utoipa::path(patch, path = "/api/v1/shop", operation_id = "edit_shop", tag = "shop",
    request_body = ShopEdit, responses(
    (status = 200, description = "How it is now", body = ShopShown),
    (status = 409, description = "Another shop has this name", body = ErrorBody), Refusals))]
pub(super) async fn edit(edits: EditsShop, Sent(sent): Sent<ShopEdit>) -> Answer<ShopShown> {
    let mut shop = edits.shop.clone();
    if let Some(name) = sent.name {
        name.trim().clone_into(&mut shop.name);
    }
    if let Some(zone) = &sent.time_zone {
        shop.zone = Zone::named(zone)?;
    }
    if let Some(language) = &sent.language {
        shop.language = user::language(language)?;
    }
    let mut tx = edits.cx.write().await?;
    shop::edit(&mut tx, &shop).await?;
    let text = |shop: &Shop| serde_json::to_string(&ShopShown::from(shop)).ok();
    let (before, after) = (text(&edits.shop), text(&shop));
    audit::commit(tx, &edits.cx, Deed { action: "shop.edit", target: "", before, after }).await?;
    Ok(Json(ShopShown::from(&shop)))
}

/// Make another shop
///
/// Whoever makes it owns it. Only who owns a shop already may.
#[utoipa::path(post, path = "/api/v1/shops", operation_id = "make_shop", tag = "shop",
    security(("session" = [])), request_body = ShopForm, responses(
    (status = 200, description = "The shop", body = ShopShown),
    (status = 409, description = "There is a shop of this name", body = ErrorBody), Refusals))]
pub(super) async fn make(
    State(app): State<App>,
    Owner(person): Owner,
    Sent(sent): Sent<ShopForm>,
) -> Answer<ShopShown> {
    let shop = found(&app, &person.cx, &sent.open()?, &person.user).await?;
    Ok(Json(ShopShown::from(&shop)))
}

/// A demo shop that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DemoBegun {
    /// The shop.
    shop_id: String,
    /// The job that fills it.
    job_id: String,
}

/// Make the demo shop
///
/// A shop of two years with 3,000 customers that are made up, beside the others. Whoever makes it
/// owns it; asking again goes on with it until today.
#[utoipa::path(post, path = "/api/v1/demo", operation_id = "make_demo", tag = "shop",
    security(("session" = [])), responses(
    (status = 200, description = "The shop, which fills up", body = DemoBegun),
    (status = 409, description = "It is being made, or is another's", body = ErrorBody), Refusals))]
pub(super) async fn demo(State(app): State<App>, Owner(person): Owner) -> Answer<DemoBegun> {
    let new = command::demo_shop()?;
    let places = staff::places(&person.cx, person.user.id).await?;
    let known = places.into_iter().find(|place| place.shop.name == new.name);
    let shop = match known {
        Some(place) => place.shop,
        None => found(&app, &person.cx, &new, &person.user).await?,
    };
    let cx = person.cx.of(shop.id);
    let mut tx = cx.write().await?;
    let added = job::add_once(&mut tx, &cx, (work::demo::DEMO, &shop.name), "{}").await?;
    let job = added.ok_or_else(|| Error::conflict("the demo shop is being made"))?;
    tx.commit().await?;
    app.wake();
    Ok(Json(DemoBegun { shop_id: shop.id.0.to_string(), job_id: job.to_string() }))
}
