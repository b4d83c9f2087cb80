//! SQL for the table `link`.

use base::{Error, Result, ShopId, Time};
use store::{Tx, binds};

use super::{Link, LinkId, Purpose};
use crate::auth::user::UserId;

#[derive(sqlx::FromRow)]
struct Row {
    link_id: Vec<u8>,
    kind: String,
    shop_id: i64,
    user_id: Option<Vec<u8>>,
    email: Option<String>,
    role: Option<String>,
    expires_at: i64,
}

impl Row {
    fn open(self) -> Result<Link> {
        let purpose = match (self.kind.as_str(), self.user_id, self.email.zip(self.role)) {
            ("start", ..) => Purpose::Start,
            ("reset", Some(user), _) => Purpose::Reset(UserId::from_bytes(&user)?),
            ("invite", _, Some((email, role))) => Purpose::Invite { email, role },
            _ => return Err(Error::damaged("a link cannot be read")),
        };
        Ok(Link {
            id: LinkId::from_bytes(&self.link_id)?,
            shop: ShopId(self.shop_id),
            purpose,
            expires_at: Time::from_micros(self.expires_at),
        })
    }
}

/// User, email and role of a purpose.
fn columns(purpose: &Purpose) -> (Option<Vec<u8>>, Option<&str>, Option<&str>) {
    match purpose {
        Purpose::Start => (None, None, None),
        Purpose::Invite { email, role } => (None, Some(email), Some(role)),
        Purpose::Reset(user) => (Some(user.bytes()), None, None),
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    (link, hash): (&Link, Vec<u8>),
    (actor, now): (&str, Time),
) -> Result<()> {
    let sql = "insert into link (hash, link_id, kind, shop_id, user_id, email, role, actor,
        created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let (user, email, role) = columns(&link.purpose);
    let head = binds![hash, link.id.bytes(), link.purpose.name(), link.shop, user, email, role];
    tx.exec(sql, [head, binds![actor, now, link.expires_at]].concat()).await.map(drop)
}

/// Takes back what was made for the same purpose and person before.
pub(super) async fn replace(tx: &mut Tx, purpose: &Purpose) -> Result<()> {
    let sql = "delete from link where shop_id = $1 and kind = $2
        and ($3 is null or user_id = $3) and ($4 is null or email = $4)";
    let (user, email, _) = columns(purpose);
    tx.exec(sql, binds![tx.shop(), purpose.name(), user, email]).await.map(drop)
}

pub(super) async fn by_hash(tx: &mut Tx, hash: Vec<u8>) -> Result<Option<Link>> {
    let sql = "select link_id, kind, shop_id, user_id, email, role, expires_at from link
        where hash = $1";
    let row: Option<Row> = tx.opt(sql, binds![hash]).await?;
    row.map(Row::open).transpose()
}

pub(super) async fn delete(tx: &mut Tx, id: LinkId) -> Result<u64> {
    tx.exec("delete from link where link_id = $1", binds![id.bytes()]).await
}

pub(super) async fn take_back(tx: &mut Tx, id: LinkId) -> Result<u64> {
    let sql = "delete from link where shop_id = $1 and link_id = $2";
    tx.exec(sql, binds![tx.shop(), id.bytes()]).await
}

pub(super) async fn count(tx: &mut Tx, kind: &str) -> Result<i64> {
    let sql = "select count(*) from link where shop_id = $1 and kind = $2";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop(), kind]).await?;
    Ok(count)
}

pub(super) async fn of_kind(
    tx: &mut Tx,
    kind: &str,
    (now, limit): (Time, i64),
) -> Result<Vec<Link>> {
    let sql = "select link_id, kind, shop_id, user_id, email, role, expires_at from link
        where shop_id = $1 and kind = $2 and expires_at > $3
        order by created_at desc, link_id limit $4";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop(), kind, now, limit]).await?;
    rows.into_iter().map(Row::open).collect()
}

pub(super) async fn of_email(
    tx: &mut Tx,
    (kind, email): (&str, &str),
    (now, limit): (Time, i64),
) -> Result<Vec<Link>> {
    let sql = "select link_id, kind, shop_id, user_id, email, role, expires_at from link
        where kind = $1 and email = $2 and expires_at > $3 order by shop_id, link_id limit $4";
    let rows: Vec<Row> = tx.all(sql, binds![kind, email, now, limit]).await?;
    rows.into_iter().map(Row::open).collect()
}

/// Forgets links that are too old.
pub(super) async fn prune(tx: &mut Tx, now: Time) -> Result<()> {
    tx.exec("delete from link where expires_at <= $1", binds![now]).await.map(drop)
}
