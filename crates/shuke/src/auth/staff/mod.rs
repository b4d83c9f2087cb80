//! 员工: who works in a shop, in which role, and the roles that a shop makes for itself.

mod sql;

use base::{Error, Result, ShopId, Time};
use store::audit::{self, Deed};
use store::shop::{self, Shop};
use store::{Cx, Tx, sys};

use super::permission::{OWNER, Permissions, of_role};
use super::user::{User, UserId};

/// Characters of a role's name at the most.
const ROLE_CHARS_MAX: usize = 40;
/// Roles that a shop may make for itself.
const ROLES_MAX: usize = 50;
/// People of a shop at the most.
pub(crate) const STAFF_MAX: i64 = 1_000;

/// A shop in which somebody works.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The shop.
    pub(crate) shop: Shop,
    /// The role's name.
    pub(crate) role: String,
    /// What it allows.
    pub(crate) permissions: Permissions,
}

/// Somebody who works in a shop.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Who.
    pub(crate) user: User,
    /// The role's name.
    pub(crate) role: String,
    /// Since when.
    pub(crate) since: Time,
}

/// A role that a shop made for itself.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    /// Its name, unique in the shop.
    pub(crate) name: String,
    /// What it allows.
    pub(crate) permissions: Permissions,
}

/// Where a user works, by shop.
///
/// # Errors
/// What the database reports.
pub(crate) async fn places(cx: &Cx, user: UserId) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for (number, role) in sql::of_user(&mut sys::read(cx).await?, user).await? {
        let cx = cx.of(ShopId(number));
        let permissions = allows(&mut cx.read().await?, &role).await?;
        places.push(Place { shop: shop::get(&cx).await?, role, permissions });
    }
    Ok(places)
}

/// What the user may do in the context's shop; none who does not work there.
///
/// # Errors
/// What the database reports.
pub(crate) async fn permissions(cx: &Cx, user: UserId) -> Result<Option<Permissions>> {
    let mut tx = cx.read().await?;
    let Some(role) = sql::role_of(&mut tx, user).await? else { return Ok(None) };
    allows(&mut tx, &role).await.map(Some)
}

/// What a role allows; nothing when the shop has no such role any more.
async fn allows(tx: &mut Tx, role: &str) -> Result<Permissions> {
    if let Some(permissions) = of_role(role) {
        return Ok(permissions);
    }
    let own = sql::roles(tx).await?.into_iter().find(|own| own.name == role);
    Ok(own.map(|own| own.permissions).unwrap_or_default())
}

/// Who works in the context's shop, the owners first.
///
/// # Errors
/// What the database reports.
pub(crate) async fn list(cx: &Cx) -> Result<Vec<Member>> {
    let mut tx = cx.read().await?;
    let rows = sql::of_shop(&mut tx, STAFF_MAX).await?;
    let mut members = Vec::with_capacity(rows.len());
    for (user, role, since) in rows {
        let user = super::user::get(&mut tx, UserId::from_bytes(&user)?).await?;
        members.push(Member { user, role, since: Time::from_micros(since) });
    }
    members.sort_by_key(|member| member.role != OWNER);
    Ok(members)
}

/// Has a user work in the transaction's shop, in `role` from now on.
///
/// # Errors
/// `not_found` for a role that the shop does not have, `conflict` when it would be left without an
/// owner.
pub(crate) async fn put(tx: &mut Tx, user: UserId, role: &str, now: Time) -> Result<()> {
    known(tx, role).await?;
    if role != OWNER {
        not_the_last(tx, user).await?;
    }
    sql::put(tx, user, role, now).await
}

/// Has whoever acts work in the transaction's shop, as they were invited to, and writes it down.
///
/// # Errors
/// As [`put`].
pub(crate) async fn join(mut tx: Tx, cx: &Cx, (user, role): (UserId, &str)) -> Result<()> {
    put(&mut tx, user, role, cx.now).await?;
    let (target, after) = (user.to_string(), Some(format!("{role:?}")));
    audit::commit(tx, cx, Deed { action: "staff.join", target: &target, after, ..Deed::default() })
        .await
}

/// Has a user work in the transaction's shop no longer; whether they did.
///
/// # Errors
/// `conflict` when the shop would be left without an owner.
pub(crate) async fn remove(tx: &mut Tx, user: UserId) -> Result<bool> {
    not_the_last(tx, user).await?;
    Ok(sql::remove(tx, user).await? > 0)
}

/// Refuses a role that the shop does not have.
///
/// # Errors
/// `not_found` for such a one.
pub(crate) async fn known(tx: &mut Tx, role: &str) -> Result<()> {
    let own = of_role(role).is_some() || sql::roles(tx).await?.iter().any(|own| own.name == role);
    own.then_some(()).ok_or_else(|| Error::missing("the shop has no such role").field("role"))
}

async fn not_the_last(tx: &mut Tx, user: UserId) -> Result<()> {
    let owners = sql::in_role(tx, OWNER).await?;
    if owners.iter().all(|owner| *owner == user.bytes()) && !owners.is_empty() {
        return Err(Error::conflict("a shop needs an owner")
            .field("role")
            .hint("make somebody else an owner first"));
    }
    Ok(())
}

/// The roles that a shop made for itself, by name.
///
/// # Errors
/// What the database reports.
pub(crate) async fn roles(cx: &Cx) -> Result<Vec<Role>> {
    sql::roles(&mut cx.read().await?).await
}

/// Makes a role or changes it.
///
/// # Errors
/// `bad_input` for a name that will not do, `conflict` for one of the roles that every shop has.
pub(crate) async fn put_role(tx: &mut Tx, role: &Role) -> Result<()> {
    let chars = role.name.chars().count();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    if !(1..=ROLE_CHARS_MAX).contains(&chars) || !role.name.chars().all(plain) {
        let text = format!("has 1 to {ROLE_CHARS_MAX} letters, digits, blanks, - or _");
        return Err(Error::bad(text).field("name"));
    }
    if of_role(&role.name).is_some() {
        return Err(Error::conflict("every shop has this role; it cannot be changed").field("name"));
    }
    let known = sql::roles(tx).await?;
    if known.len() >= ROLES_MAX && known.iter().all(|own| own.name != role.name) {
        return Err(Error::conflict(format!("a shop makes at most {ROLES_MAX} roles")));
    }
    sql::put_role(tx, role).await
}

/// Takes a role away that nobody is in.
///
/// # Errors
/// `not_found` for one that the shop did not make, `conflict` while somebody is in it.
pub(crate) async fn remove_role(tx: &mut Tx, name: &str) -> Result<()> {
    if !sql::in_role(tx, name).await?.is_empty() {
        return Err(Error::conflict("somebody has this role").hint("give them another one first"));
    }
    let gone = sql::remove_role(tx, name).await?;
    (gone > 0).then_some(()).ok_or_else(|| Error::missing("the shop made no such role"))
}
