//! The shop itself, and further shops.

use axum::Json;
use axum::extract::State;
use base::Zone;
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::shop::{self, Shop};
use utoipa::ToSchema;

use super::start::{ShopForm, found};
use super::{Answer, ErrorBody, micros};
use crate::auth::user;
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{EditsShop, Owner, ReadsSystem};

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
