//! SQL for the table `user_subject`: who a provider's people are here.

use base::{Result, Time};
use store::{Tx, binds};

use super::Claims;
use crate::auth::user::UserId;

pub(super) async fn user_of(tx: &mut Tx, claims: &Claims) -> Result<Option<UserId>> {
    let sql = "select user_id from user_subject where issuer = $1 and subject = $2";
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![&claims.issuer, &claims.subject]).await?;
    row.map(|(id,)| UserId::from_bytes(&id)).transpose()
}

/// Whether the provider has sent this user under another name of its own.
pub(super) async fn has_subject(tx: &mut Tx, claims: &Claims, user: UserId) -> Result<bool> {
    let sql = "select subject from user_subject where issuer = $1 and user_id = $2";
    let row: Option<(String,)> = tx.opt(sql, binds![&claims.issuer, user.bytes()]).await?;
    Ok(row.is_some())
}

pub(super) async fn insert(
    tx: &mut Tx,
    claims: &Claims,
    (user, now): (UserId, Time),
) -> Result<()> {
    let sql = "insert into user_subject (issuer, subject, user_id, created_at)
        values ($1, $2, $3, $4)";
    let values = binds![&claims.issuer, &claims.subject, user.bytes(), now];
    tx.exec(sql, values).await.map(drop)
}
