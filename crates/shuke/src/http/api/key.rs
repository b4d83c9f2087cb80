//! Secret keys, with which programs ask.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Code, Error, Result, Time};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use utoipa::ToSchema;

use super::{Answer, ErrorBody, micros};
use crate::auth::apikey::{self, ApiKey, NewKey};
use crate::auth::permission::Permissions;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{ReadsKeys, WritesKeys};

/// A secret key, without the secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Key {
    /// Its number within the shop.
    #[schema(example = "1")]
    key_id: String,
    /// Its name.
    name: String,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    permissions: Permissions,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it ends; null where it does not.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, to the minute.
    #[schema(required = true, format = DateTime)]
    used_at: Option<String>,
    /// When it was taken back.
    #[schema(required = true, format = DateTime)]
    revoked_at: Option<String>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            key_id: key.number.to_string(),
            name: key.name,
            permissions: key.permissions,
            created_at: micros(key.created_at),
            expires_at: key.expires_at.map(micros),
            used_at: key.used_at.map(micros),
            revoked_at: key.revoked_at.map(micros),
        }
    }
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyForm {
    /// Its name.
    name: String,
    /// What it may do.
    permissions: Vec<String>,
    /// When it ends; never, if left out.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// A new secret; nothing can tell it again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyMade {
    /// The key's number within the shop.
    key_id: String,
    /// The secret.
    secret: String,
}

fn key_id(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::missing("no such key is in use").field("key_id"))
}

/// Secret keys
#[utoipa::path(get, path = "/api/v1/keys", operation_id = "keys", tag = "keys", responses(
    (status = 200, description = "The shop's keys, the oldest first", body = Vec<Key>),
    Refusals))]
pub(super) async fn list(reads: ReadsKeys) -> Answer<Vec<Key>> {
    Ok(Json(apikey::list(&reads.cx).await?.into_iter().map(Key::from).collect()))
}

/// Make a secret key
#[utoipa::path(post, path = "/api/v1/keys", operation_id = "make_key", tag = "keys",
    request_body = KeyForm, responses(
    (status = 200, description = "The key with its secret", body = KeyMade), Refusals))]
pub(super) async fn make(writes: WritesKeys, Sent(sent): Sent<KeyForm>) -> Answer<KeyMade> {
    let permissions = Permissions::named(sent.permissions.iter().map(String::as_str))?;
    if !writes.permissions.covers(permissions) {
        let error = Error::new(Code::Forbidden, "are more than you have yourself");
        return Err(error.field("permissions").into());
    }
    let wrong = |_| Error::bad("is not a time such as 2026-11-22T08:30:00Z").field("expires_at");
    let expires_at = sent.expires_at.as_deref().map(str::parse::<Time>).transpose();
    let new = NewKey { name: sent.name, permissions, expires_at: expires_at.map_err(wrong)? };
    let cx = &writes.cx;
    let mut tx = cx.write().await?;
    let (key, secret) = apikey::create(&mut tx, cx, new).await?;
    let key_id = key.number.to_string();
    let after = serde_json::to_string(&permissions).ok();
    let deed = Deed { action: "key.create", target: &key_id, after, ..Deed::default() };
    audit::commit(tx, cx, deed).await?;
    Ok(Json(KeyMade { key_id, secret }))
}

/// Give a key another secret
///
/// The one before is good no longer.
#[utoipa::path(post, path = "/api/v1/keys/{key_id}/rotate", operation_id = "rotate_key",
    tag = "keys", params(("key_id" = String, Path, description = "The key")), responses(
    (status = 200, description = "The key with its new secret", body = KeyMade),
    (status = 404, description = "No such key is in use", body = ErrorBody), Refusals))]
pub(super) async fn rotate(writes: WritesKeys, Path(id): Path<String>) -> Answer<KeyMade> {
    let (cx, number) = (&writes.cx, key_id(&id)?);
    let mut tx = cx.write().await?;
    let secret = apikey::rotate(&mut tx, cx, number).await?;
    audit::commit(tx, cx, Deed { action: "key.rotate", target: &id, ..Deed::default() }).await?;
    Ok(Json(KeyMade { key_id: id, secret }))
}

/// Take a key back
#[utoipa::path(delete, path = "/api/v1/keys/{key_id}", operation_id = "remove_key",
    tag = "keys", params(("key_id" = String, Path, description = "The key")), responses(
    (status = 204, description = "It is good no longer"),
    (status = 404, description = "No such key is in use", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesKeys,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let (cx, number) = (&writes.cx, key_id(&id)?);
    let mut tx = cx.write().await?;
    apikey::remove(&mut tx, cx, number).await?;
    audit::commit(tx, cx, Deed { action: "key.remove", target: &id, ..Deed::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
