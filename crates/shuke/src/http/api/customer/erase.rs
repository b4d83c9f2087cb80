//! 删除个人信息: erasing a customer, and what a shop can show of it.

use axum::Json;
use axum::extract::{Path, State};
use base::{Error, Time};
use perceive::erase::{self, Certificate};
use perceive::identity;
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use stratify::roster;
use utoipa::ToSchema;

use super::whole::{reason, row_of};
use crate::erased;
use crate::http::App;
use crate::http::api::{Answer, ErrorBody, micros};
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ErasesCustomers, ReadsAudit};

/// What of a customer is sealed wherever it is stored.
const SEALED: [&str; 8] =
    ["name", "phone", "email", "address", "birthday", "card_number", "ip_address", "chat_text"];

/// Why somebody is to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Erasing {
    /// The reason; it stands on the certificate.
    reason: String,
    /// The customer's number once more, so that nobody is erased by mistake.
    confirm: String,
}

/// What was taken away of somebody, and when the rest will be gone.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CertificateShown {
    /// The shop.
    shop_id: String,
    /// Its number of this erasure.
    erasure_id: String,
    /// The customer's number, which stays.
    customer_id: String,
    /// Why.
    reason: String,
    /// Who did it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    erased_at: String,
    /// Keys that were destroyed: whatever was sealed under them is lost.
    keys_destroyed: u64,
    /// Identifiers whose value was blanked.
    identifiers: u64,
    /// Rows of customer lists that were removed.
    statements: u64,
    /// Orders whose recipient was blanked.
    contacts: u64,
    /// Reviews, chats and complaints whose words were blanked.
    words: u64,
    /// Notes that were removed.
    notes: u64,
    /// When the rows of the log and the files of imports are gone that may still hold something.
    #[schema(format = DateTime)]
    gone_by: String,
}

impl From<Certificate> for CertificateShown {
    fn from(certificate: Certificate) -> Self {
        let Certificate { shop_id, erasure_id, customer_id, reason, actor, .. } = certificate;
        Self {
            shop_id,
            erasure_id,
            customer_id,
            reason,
            actor,
            erased_at: micros(Time::from_micros(certificate.erased_at)),
            keys_destroyed: certificate.keys,
            identifiers: certificate.identifiers,
            statements: certificate.statements,
            contacts: certificate.contacts,
            words: certificate.words,
            notes: certificate.notes,
            gone_by: micros(Time::from_micros(certificate.gone_by)),
        }
    }
}

/// Erase a customer
///
/// Everything personal of them is lost for good, here and in every backup that Shuke restores;
/// figures of their orders stay.
#[utoipa::path(post, path = "/api/v1/customers/{customer_id}/erase",
    operation_id = "erase_customer", tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), request_body = Erasing,
    responses((status = 200, description = "The certificate", body = CertificateShown),
    (status = 404, description = "The shop has no such customer", body = ErrorBody),
    (status = 409, description = "They were erased before", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn erase(
    State(app): State<App>,
    erases: ErasesCustomers,
    Path(id): Path<String>,
    Sent(sent): Sent<Erasing>,
) -> Answer<CertificateShown> {
    let (cx, reason) = (&erases.cx, reason(&sent.reason)?);
    let mut tx = cx.write().await?;
    let row = row_of(&mut tx, &id).await?;
    if sent.confirm != id {
        return Err(Error::bad("is not the customer that is to be erased").field("confirm").into());
    }
    let labels = identity::labels(&mut tx, row.customer_no).await?;
    roster::forget(&mut tx, &labels).await?;
    let erasure = erase::erase(&mut tx, cx, (row.customer_no, &reason)).await?;
    let after = serde_json::to_string(&erasure.certificate).ok();
    let deed = Deed { action: "customer.erase", target: &id, after, ..Deed::default() };
    audit::commit(tx, cx, deed).await?;
    // Whatever stops it here, the next start writes it down.
    erased::keep(&app.place).await?;
    Ok(Json(erasure.certificate.into()))
}

/// How personal data is kept, and who was erased.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Privacy {
    /// What is sealed wherever it is stored.
    sealed_fields: Vec<String>,
    /// People who were erased.
    erased: i64,
    /// The last 200 certificates, the latest first.
    certificates: Vec<CertificateShown>,
}

/// How personal data is kept
#[utoipa::path(get, path = "/api/v1/privacy", operation_id = "privacy", tag = "customers",
    responses((status = 200, description = "What is sealed, and who was erased", body = Privacy),
    Refusals))]
pub(in crate::http::api) async fn privacy(reads: ReadsAudit, _: Asked<()>) -> Answer<Privacy> {
    let (certificates, erased) = erase::list(&mut reads.cx.read().await?).await?;
    Ok(Json(Privacy {
        sealed_fields: SEALED.map(str::to_owned).into(),
        erased,
        certificates: certificates.into_iter().map(CertificateShown::from).collect(),
    }))
}
