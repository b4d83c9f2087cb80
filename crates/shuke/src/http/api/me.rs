//! What somebody changes about themselves.

use axum::Json;
use axum::http::StatusCode;
use base::Result;
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::sys;
use utoipa::ToSchema;

use super::Answer;
use super::session::Me;
use crate::auth::{session, user};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::Person;

/// What may be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    /// What they are called.
    name: Option<String>,
    /// `zh-CN` or `en`.
    language: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// The one of now.
    current: String,
    /// The new one.
    new: String,
}

/// The code of the moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeOfNow {
    /// Six digits.
    code: String,
}

/// A password, for what needs more than a session.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnPassword {
    /// The password.
    password: String,
}

/// A second factor that is asked for once a code was seen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecondFactor {
    /// The secret, for typing.
    secret: String,
    /// The same as an address that an authenticator reads.
    uri: String,
}

/// Recovery codes; nothing can tell them again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Each is good once.
    recovery_codes: Vec<String>,
}

async fn note(person: &Person, action: &str) -> Result<()> {
    let target = person.user.id.to_string();
    let tx = sys::write(&person.cx).await?;
    let deed = Deed { action, target: &target, ..Deed::default() };
    audit::commit(tx, &person.cx, deed).await
}

/// Change name or language
#[utoipa::path(patch, path = "/api/v1/me", operation_id = "edit_me", tag = "me",
    security(("session" = [])), request_body = Edit, responses(
    (status = 200, description = "How it is now", body = Me), Refusals))]
pub(super) async fn edit(person: Person, Sent(sent): Sent<Edit>) -> Answer<Me> {
    let name = sent.name.as_deref().unwrap_or(&person.user.name);
    let language = sent.language.as_deref().unwrap_or(&person.user.language);
    let user = user::edit(&person.cx, &person.user, (name, language)).await?;
    Ok(Json(Me::from(&user)))
}

/// Change the password
///
/// All other sessions end.
#[utoipa::path(put, path = "/api/v1/me/password", operation_id = "set_password", tag = "me",
    security(("session" = [])), request_body = NewPassword, responses(
    (status = 204, description = "It is the password now"), Refusals))]
pub(super) async fn password(
    person: Person,
    Sent(sent): Sent<NewPassword>,
) -> Result<StatusCode, Refusal> {
    user::confirm(&person.cx, person.user.id, &sent.current).await?;
    user::set_password(&person.cx, &person.user, &sent.new).await?;
    session::end_others(&person.cx, person.user.id, Some(person.session.id)).await?;
    note(&person, "user.password").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin with a second factor
#[utoipa::path(post, path = "/api/v1/me/second-factor", operation_id = "begin_second_factor",
    tag = "me", security(("session" = [])), request_body = OwnPassword, responses(
    (status = 200, description = "What an authenticator needs", body = SecondFactor), Refusals))]
pub(super) async fn begin(person: Person, Sent(sent): Sent<OwnPassword>) -> Answer<SecondFactor> {
    user::confirm(&person.cx, person.user.id, &sent.password).await?;
    let (secret, uri) = user::begin_second(&person.cx, &person.user).await?;
    Ok(Json(SecondFactor { secret, uri }))
}

/// Have the second factor asked for
#[utoipa::path(put, path = "/api/v1/me/second-factor", operation_id = "confirm_second_factor",
    tag = "me", security(("session" = [])), request_body = CodeOfNow, responses(
    (status = 200, description = "Codes for when the authenticator is lost", body = RecoveryCodes),
    Refusals))]
pub(super) async fn confirm(person: Person, Sent(sent): Sent<CodeOfNow>) -> Answer<RecoveryCodes> {
    let recovery_codes = user::confirm_second(&person.cx, &person.user, &sent.code).await?;
    note(&person, "user.second_factor_on").await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Ask for no second factor any more
#[utoipa::path(delete, path = "/api/v1/me/second-factor", operation_id = "drop_second_factor",
    tag = "me", security(("session" = [])), request_body = OwnPassword, responses(
    (status = 204, description = "The password is enough"), Refusals))]
pub(super) async fn drop(
    person: Person,
    Sent(sent): Sent<OwnPassword>,
) -> Result<StatusCode, Refusal> {
    user::confirm(&person.cx, person.user.id, &sent.password).await?;
    user::drop_second(&person.cx, &person.user).await?;
    note(&person, "user.second_factor_off").await?;
    Ok(StatusCode::NO_CONTENT)
}
