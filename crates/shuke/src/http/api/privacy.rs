//! What the shop keeps to itself.

use axum::Json;
use axum::extract::State;
use perceive::privacy::{CART_EVENTS, Privacy};
use serde::{Deserialize, Serialize};
use stratify::audience;
use utoipa::ToSchema;

use super::Answer;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{EditsShop, ReadsSystem};

/// What the shop keeps to itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivacySetting {
    /// The private kinds of events, by name: nobody sees of whom they are.
    events: Vec<String>,
    /// The least number of people that a figure of a private segment is shown of.
    #[schema(minimum = 10, maximum = 1000)]
    threshold: u32,
}

/// What the shop keeps to itself, and what that means.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PrivacyShown {
    #[serde(flatten)]
    setting: PrivacySetting,
    /// Whether open carts are private.
    carts: bool,
    /// The kinds of events that say what is in carts.
    cart_events: Vec<&'static str>,
}

impl From<Privacy> for PrivacyShown {
    fn from(privacy: Privacy) -> Self {
        let carts = privacy.hides_carts();
        let Privacy { events, threshold } = privacy;
        let setting = PrivacySetting { events, threshold };
        Self { setting, carts, cart_events: CART_EVENTS.to_vec() }
    }
}

/// What the shop keeps to itself
#[utoipa::path(get, path = "/api/v1/privacy/setting", operation_id = "privacy_setting",
    tag = "shop", responses(
    (status = 200, description = "Private kinds of events", body = PrivacyShown), Refusals))]
pub(super) async fn show(reads: ReadsSystem, _: Asked<()>) -> Answer<PrivacyShown> {
    Ok(Json(audience::privacy(&reads.cx).await?.into()))
}

/// Change what the shop keeps to itself
///
/// Events of kinds that are not private any more can be seen, those of before as well.
#[utoipa::path(put, path = "/api/v1/privacy/setting", operation_id = "set_privacy", tag = "shop",
    request_body = PrivacySetting, responses(
    (status = 200, description = "As it is now", body = PrivacyShown), Refusals))]
pub(super) async fn set(
    State(app): State<App>,
    edits: EditsShop,
    Sent(sent): Sent<PrivacySetting>,
) -> Answer<PrivacyShown> {
    let PrivacySetting { events, threshold } = sent;
    let set = audience::set_privacy(&edits.cx, Privacy { events, threshold }).await?;
    app.forget_ready(edits.cx.shop);
    Ok(Json(set.into()))
}
