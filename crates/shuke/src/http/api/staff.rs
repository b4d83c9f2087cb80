//! Who works in a shop, and in which roles.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use utoipa::ToSchema;

use super::{Answer, ErrorBody, micros};
use crate::auth::link::{self, Link, Purpose};
use crate::auth::permission::{self, Permissions, ROLES};
use crate::auth::staff::{self, Member, Role};
use crate::auth::user::{self, UserId};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Access, ReadsStaff, WritesStaff};

/// Who works in a shop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Staff {
    /// People, the owners first.
    people: Vec<Worker>,
    /// Invitations that wait.
    invites: Vec<Invite>,
}

/// Somebody who works in a shop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Worker {
    /// Their id.
    user_id: String,
    /// What they are called.
    name: String,
    /// Where they are reached.
    email: String,
    /// Their role.
    role: String,
    /// Whether a second factor is asked for.
    second_factor: bool,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// When they last signed in.
    #[schema(format = DateTime)]
    seen_at: Option<String>,
}

impl From<Member> for Worker {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user.id.to_string(),
            name: member.user.name,
            email: member.user.email,
            role: member.role,
            second_factor: member.user.second_factor,
            since: micros(member.since),
            seen_at: member.user.seen_at.map(micros),
        }
    }
}

/// An invitation that waits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invite {
    /// Its id.
    invite_id: String,
    /// Who is invited.
    email: String,
    /// The role that they will have.
    role: String,
    /// Until when it is good.
    #[schema(format = DateTime)]
    expires_at: String,
}

fn invite(link: Link) -> Option<Invite> {
    let Purpose::Invite { email, role } = link.purpose else { return None };
    let expires_at = micros(link.expires_at);
    Some(Invite { invite_id: link.id.to_string(), email, role, expires_at })
}

/// Who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvite {
    /// Where they are reached.
    email: String,
    /// The role that they will have.
    role: String,
}

/// The token of a link that its maker hands over: `/links/TOKEN` of the console.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LinkMade {
    /// The token; nothing can tell it again.
    token: String,
    /// Until when it is good.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleChange {
    /// The role's name.
    role: String,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleShown {
    /// Its name.
    name: String,
    /// What it allows.
    #[schema(value_type = Vec<String>)]
    permissions: Permissions,
    /// Whether every shop has it.
    built_in: bool,
}

/// What a role allows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleForm {
    /// The permissions.
    permissions: Vec<String>,
}

/// Nobody gives away what they may not do themselves.
fn within(access: &Access, wanted: Permissions) -> Result<()> {
    if access.permissions.covers(wanted) {
        return Ok(());
    }
    let error = Error::new(base::Code::Forbidden, "allows more than you may do yourself");
    Err(error.field("role").hint("have an owner do it"))
}

async fn allowed(access: &Access, role: &str) -> Result<()> {
    let built_in = permission::of_role(role);
    let wanted = match built_in {
        Some(permissions) => permissions,
        None => {
            let own = staff::roles(&access.cx).await?.into_iter().find(|own| own.name == role);
            own.map(|own| own.permissions).unwrap_or_default()
        }
    };
    within(access, wanted)
}

fn worker_id(text: &str) -> Result<UserId> {
    text.parse().map_err(|_| nobody())
}

fn nobody() -> Error {
    Error::missing("nobody of that id works here").field("user_id")
}

async fn member(access: &Access, text: &str) -> Result<Member> {
    let id = worker_id(text)?;
    let found = staff::list(&access.cx).await?.into_iter().find(|member| member.user.id == id);
    let found = found.ok_or_else(nobody)?;
    // Who may do less does not change who may do more.
    allowed(access, &found.role).await?;
    Ok(found)
}

/// People
#[utoipa::path(get, path = "/api/v1/staff", operation_id = "staff", tag = "staff", responses(
    (status = 200, description = "Who works in the shop", body = Staff), Refusals))]
pub(super) async fn list(reads: ReadsStaff) -> Answer<Staff> {
    let people = staff::list(&reads.cx).await?.into_iter().map(Worker::from).collect();
    let invites = link::invitations(&reads.cx).await?.into_iter().filter_map(invite).collect();
    Ok(Json(Staff { people, invites }))
}

/// Invite somebody
#[utoipa::path(post, path = "/api/v1/staff/invites", operation_id = "invite", tag = "staff",
    request_body = NewInvite, responses(
    (status = 200, description = "The link to hand over", body = LinkMade),
    (status = 404, description = "The shop has no such role", body = ErrorBody),
    (status = 409, description = "They work here already", body = ErrorBody), Refusals))]
pub(super) async fn invite_one(
    writes: WritesStaff,
    Sent(sent): Sent<NewInvite>,
) -> Answer<LinkMade> {
    let email = user::address(&sent.email)?;
    allowed(&writes, &sent.role).await?;
    let members = staff::list(&writes.cx).await?;
    if members.iter().any(|member| member.user.email == email) {
        return Err(Error::conflict("they work here already").field("email").into());
    }
    let cx = &writes.cx;
    let mut tx = cx.write().await?;
    staff::known(&mut tx, &sent.role).await?;
    let purpose = Purpose::Invite { email: email.clone(), role: sent.role.clone() };
    let (link, token) = link::create(&mut tx, cx, purpose).await?;
    let after = Some(format!("{:?}", sent.role));
    let deed = Deed { action: "staff.invite", target: &email, after, ..Deed::default() };
    audit::commit(tx, cx, deed).await?;
    Ok(Json(LinkMade { token, expires_at: micros(link.expires_at) }))
}

/// Take an invitation back
#[utoipa::path(delete, path = "/api/v1/staff/invites/{invite_id}", operation_id = "uninvite",
    tag = "staff", params(("invite_id" = String, Path, description = "The invitation")),
    responses((status = 204, description = "It is good no longer"),
    (status = 404, description = "There is no such invitation", body = ErrorBody), Refusals))]
pub(super) async fn uninvite(
    writes: WritesStaff,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let missing = || Error::missing("there is no such invitation").field("invite_id");
    let link = id.parse().map_err(|_| missing())?;
    let mut tx = writes.cx.write().await?;
    if !link::take_back(&mut tx, link).await? {
        return Err(missing().into());
    }
    let deed = Deed { action: "staff.uninvite", target: &id, ..Deed::default() };
    audit::commit(tx, &writes.cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give somebody another role
#[utoipa::path(patch, path = "/api/v1/staff/{user_id}", operation_id = "set_role",
    tag = "staff", params(("user_id" = String, Path, description = "Who")),
    request_body = RoleChange, responses((status = 204, description = "They have it"),
    (status = 404, description = "There is no such role or person", body = ErrorBody),
    (status = 409, description = "The shop would have no owner", body = ErrorBody), Refusals))]
pub(super) async fn set_role(
    writes: WritesStaff,
    Path(id): Path<String>,
    Sent(sent): Sent<RoleChange>,
) -> Result<StatusCode, Refusal> {
    let member = member(&writes, &id).await?;
    allowed(&writes, &sent.role).await?;
    let mut tx = writes.cx.write().await?;
    staff::put(&mut tx, member.user.id, &sent.role, writes.cx.now).await?;
    let (before, after) = (format!("{:?}", member.role), format!("{:?}", sent.role));
    let (before, after) = (Some(before), Some(after));
    let deed = Deed { action: "staff.role", target: &id, before, after };
    audit::commit(tx, &writes.cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have somebody work here no longer
#[utoipa::path(delete, path = "/api/v1/staff/{user_id}", operation_id = "remove_staff",
    tag = "staff", params(("user_id" = String, Path, description = "Who")), responses(
    (status = 204, description = "They are gone"),
    (status = 404, description = "Nobody of that id works here", body = ErrorBody),
    (status = 409, description = "The shop would have no owner", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesStaff,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let member = member(&writes, &id).await?;
    let mut tx = writes.cx.write().await?;
    staff::remove(&mut tx, member.user.id).await?;
    let before = Some(format!("{:?}", member.role));
    let deed = Deed { action: "staff.leave", target: &id, before, ..Deed::default() };
    audit::commit(tx, &writes.cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a link for a new password
#[utoipa::path(post, path = "/api/v1/staff/{user_id}/reset", operation_id = "reset_password",
    tag = "staff", params(("user_id" = String, Path, description = "Who")), responses(
    (status = 200, description = "The link to hand over", body = LinkMade),
    (status = 404, description = "Nobody of that id works here", body = ErrorBody), Refusals))]
pub(super) async fn reset(writes: WritesStaff, Path(id): Path<String>) -> Answer<LinkMade> {
    let member = member(&writes, &id).await?;
    if staff::places(&writes.cx, member.user.id).await?.len() > 1 {
        return Err(Error::conflict("they work in other shops, too")
            .hint("`shuke user --reset` makes such a link on the machine itself")
            .into());
    }
    let mut tx = writes.cx.write().await?;
    let purpose = Purpose::Reset(member.user.id);
    let (link, token) = link::create(&mut tx, &writes.cx, purpose).await?;
    let deed = Deed { action: "staff.reset", target: &id, ..Deed::default() };
    audit::commit(tx, &writes.cx, deed).await?;
    Ok(Json(LinkMade { token, expires_at: micros(link.expires_at) }))
}

/// Roles
#[utoipa::path(get, path = "/api/v1/roles", operation_id = "roles", tag = "staff", responses(
    (status = 200, description = "Those of every shop, then the shop's own",
     body = Vec<RoleShown>), Refusals))]
pub(super) async fn roles(reads: ReadsStaff) -> Answer<Vec<RoleShown>> {
    let built_in = ROLES.iter().filter_map(|name| {
        let permissions = permission::of_role(name)?;
        Some(RoleShown { name: (*name).to_owned(), permissions, built_in: true })
    });
    let mut roles: Vec<RoleShown> = built_in.collect();
    let own = staff::roles(&reads.cx).await?.into_iter();
    roles.extend(own.map(|Role { name, permissions }| RoleShown {
        name,
        permissions,
        built_in: false,
    }));
    Ok(Json(roles))
}

/// Make or change a role
#[utoipa::path(put, path = "/api/v1/roles/{name}", operation_id = "put_role", tag = "staff",
    params(("name" = String, Path, description = "Its name")), request_body = RoleForm,
    responses((status = 204, description = "The shop has it"),
    (status = 409, description = "Every shop has that one", body = ErrorBody), Refusals))]
pub(super) async fn put_role(
    writes: WritesStaff,
    Path(name): Path<String>,
    Sent(sent): Sent<RoleForm>,
) -> Result<StatusCode, Refusal> {
    let permissions = Permissions::named(sent.permissions.iter().map(String::as_str))?;
    within(&writes, permissions)?;
    allowed(&writes, &name).await?;
    let mut tx = writes.cx.write().await?;
    staff::put_role(&mut tx, &Role { name: name.clone(), permissions }).await?;
    let after = serde_json::to_string(&permissions).ok();
    let deed = Deed { action: "role.put", target: &name, after, ..Deed::default() };
    audit::commit(tx, &writes.cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a role
#[utoipa::path(delete, path = "/api/v1/roles/{name}", operation_id = "remove_role",
    tag = "staff", params(("name" = String, Path, description = "Its name")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "The shop made no such role", body = ErrorBody),
    (status = 409, description = "Somebody has it", body = ErrorBody), Refusals))]
pub(super) async fn remove_role(
    writes: WritesStaff,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    let mut tx = writes.cx.write().await?;
    staff::remove_role(&mut tx, &name).await?;
    let deed = Deed { action: "role.remove", target: &name, ..Deed::default() };
    audit::commit(tx, &writes.cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}
