//! SQL for the tables `staff` and `role`.

use base::{Error, Result, Time};
use store::{Tx, binds};

use super::Role;
use crate::auth::user::UserId;

/// The shops of a user, with the roles there.
pub(super) async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<(i64, String)>> {
    let sql = "select shop_id, role from staff where user_id = $1 order by shop_id";
    tx.all(sql, binds![user.bytes()]).await
}

/// User, role and since when.
pub(super) async fn of_shop(tx: &mut Tx, limit: i64) -> Result<Vec<(Vec<u8>, String, i64)>> {
    let sql = "select user_id, role, created_at from staff where shop_id = $1
        order by created_at, user_id limit $2";
    tx.all(sql, binds![tx.shop(), limit]).await
}

pub(super) async fn role_of(tx: &mut Tx, user: UserId) -> Result<Option<String>> {
    let sql = "select role from staff where shop_id = $1 and user_id = $2";
    let row: Option<(String,)> = tx.opt(sql, binds![tx.shop(), user.bytes()]).await?;
    Ok(row.map(|(role,)| role))
}

pub(super) async fn in_role(tx: &mut Tx, role: &str) -> Result<Vec<Vec<u8>>> {
    let sql = "select user_id from staff where shop_id = $1 and role = $2";
    let rows: Vec<(Vec<u8>,)> = tx.all(sql, binds![tx.shop(), role]).await?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

pub(super) async fn put(tx: &mut Tx, user: UserId, role: &str, now: Time) -> Result<()> {
    let sql = "insert into staff (shop_id, user_id, role, created_at) values ($1, $2, $3, $4)
        on conflict (shop_id, user_id) do update set role = excluded.role";
    tx.exec(sql, binds![tx.shop(), user.bytes(), role, now]).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, user: UserId) -> Result<u64> {
    let sql = "delete from staff where shop_id = $1 and user_id = $2";
    tx.exec(sql, binds![tx.shop(), user.bytes()]).await
}

pub(super) async fn roles(tx: &mut Tx) -> Result<Vec<Role>> {
    let sql = "select name, permissions from role where shop_id = $1 order by name";
    let rows: Vec<(String, String)> = tx.all(sql, binds![tx.shop()]).await?;
    let open = |(name, text): (String, String)| {
        let permissions = serde_json::from_str(&text)
            .map_err(|cause| Error::damaged("a role cannot be read").because(cause))?;
        Ok(Role { name, permissions })
    };
    rows.into_iter().map(open).collect()
}

pub(super) async fn put_role(tx: &mut Tx, role: &Role) -> Result<()> {
    let text = serde_json::to_string(&role.permissions)
        .map_err(|cause| Error::internal("a role could not be written", cause))?;
    let sql = "insert into role (shop_id, name, permissions) values ($1, $2, $3)
        on conflict (shop_id, name) do update set permissions = excluded.permissions";
    tx.exec(sql, binds![tx.shop(), &role.name, text]).await.map(drop)
}

pub(super) async fn remove_role(tx: &mut Tx, name: &str) -> Result<u64> {
    let sql = "delete from role where shop_id = $1 and name = $2";
    tx.exec(sql, binds![tx.shop(), name]).await
}
