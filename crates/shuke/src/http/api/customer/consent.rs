//! By which channels a customer wants to hear from the shop.

use axum::Json;
use axum::extract::Path;
use base::Error;
use perceive::consent::{self, Channel};
use perceive::profile::Row;
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use utoipa::ToSchema;

use super::whole::row_of;
use crate::http::api::{Answer, ErrorBody};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::EditsCustomers;

/// Whether a customer can be written to by a channel.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct ConsentShown {
    /// The channel.
    #[schema(value_type = ConsentChannel)]
    channel: Channel,
    /// Whether an address is known.
    address: bool,
    /// What they said of it last: given, or withdrawn; null where they said nothing.
    #[schema(required = true)]
    given: Option<bool>,
    /// Whether there is an address, and consent was not withdrawn.
    reachable: bool,
}

impl ConsentShown {
    /// All channels of a customer.
    pub(super) fn all(row: &Row) -> Vec<Self> {
        let one = |channel: Channel| {
            let address = match channel {
                Channel::Sms => row.has_phone,
                Channel::Email => row.has_email,
                Channel::Wechat => row.has_wechat.unwrap_or(false),
            };
            let given = channel.of_bits(row.consents);
            Self { channel, address, given, reachable: address && given != Some(false) }
        };
        Channel::ALL.into_iter().map(one).collect()
    }
}

/// What a customer said of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct ConsentForm {
    /// Whether they want to be written to.
    given: bool,
}

/// A channel.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum ConsentChannel {
    Sms,
    Email,
    Wechat,
}

/// Note what a customer says of a channel
///
/// The last statement holds, whoever made it: the customer's own by a list or an event, or this.
#[utoipa::path(put, path = "/api/v1/customers/{customer_id}/consents/{channel}",
    operation_id = "set_consent", tag = "customers", params(
    ("customer_id" = String, Path, description = "The customer"),
    ("channel" = String, Path, description = "The channel: sms, email or wechat")),
    request_body = ConsentForm, responses(
    (status = 200, description = "All channels of the customer", body = Vec<ConsentShown>),
    (status = 404, description = "There is no such customer or channel", body = ErrorBody),
    Refusals))]
pub(in crate::http::api) async fn set(
    edits: EditsCustomers,
    Path((id, channel)): Path<(String, String)>,
    Sent(sent): Sent<ConsentForm>,
) -> Answer<Vec<ConsentShown>> {
    let missing = || Error::missing("there is no such channel").field("channel");
    let channel = Channel::named(&channel).ok_or_else(missing)?;
    let cx = &edits.cx;
    let mut tx = cx.write().await?;
    let person = row_of(&mut tx, &id).await?.customer_no;
    consent::set(&mut tx, cx, (person, channel, sent.given)).await?;
    let all = ConsentShown::all(&row_of(&mut tx, &id).await?);
    let after =
        Some(format!("{} {}", channel.name(), if sent.given { "given" } else { "withdrawn" }));
    let deed = Deed { action: "consent.set", target: &id, before: None, after };
    audit::commit(tx, cx, deed).await?;
    Ok(Json(all))
}
