//! What customers can have for points.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Error, Result, Time};
use benefit::coupon;
use benefit::exchange::{self, Gives, Reward, Terms, Wish};
use perceive::catalog;
use perceive::record::ProductRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::promotion::PromotionLimits;
use super::{Answer, ErrorBody, micros};
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Access, ReadsBenefits, WritesBenefits};

/// What a reward gives.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RewardGives {
    /// Pieces of a product, which somebody hands over.
    Product {
        /// The product.
        product_id: String,
        /// How many pieces.
        pieces: i64,
    },
    /// A code of a coupon, which is there at once.
    Coupon {
        /// The coupon.
        coupon_id: String,
    },
}

impl From<Gives> for RewardGives {
    fn from(own: Gives) -> Self {
        match own {
            Gives::Product { product, pieces } => {
                Self::Product { product_id: product.to_string(), pieces }
            }
            Gives::Coupon { coupon } => Self::Coupon { coupon_id: coupon.to_string() },
        }
    }
}

impl RewardGives {
    fn read(self) -> Result<Gives> {
        let number = |id: &str, field: &str| {
            id.parse().map_err(|_| Error::bad("is no number").field(format!("gives.{field}")))
        };
        Ok(match self {
            Self::Product { product_id, pieces } => {
                Gives::Product { product: number(&product_id, "product_id")?, pieces }
            }
            Self::Coupon { coupon_id } => {
                Gives::Coupon { coupon: number(&coupon_id, "coupon_id")? }
            }
        })
    }
}

/// A reward.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RewardShown {
    /// Its number within the shop.
    reward_id: String,
    /// Its name.
    name: String,
    /// What it is.
    note: String,
    /// Whether it can be had.
    active: bool,
    /// Whether it can be had now: it is active, and its time has come and is not over.
    open: bool,
    /// What it gives.
    gives: RewardGives,
    /// What that is called: the product's title, or the coupon's name.
    #[schema(required = true)]
    title: Option<String>,
    /// Points.
    points: i64,
    /// Money besides, minor units.
    cash_minor: i64,
    /// How many there are, and how many one person gets.
    limits: PromotionLimits,
    /// How many are taken.
    taken: i64,
    /// The levels of those who can have it; everybody where none is named.
    tier_ids: Vec<String>,
    /// Hours for which it is held until it is handed over.
    hold_hours: u16,
    /// From when on.
    #[schema(format = DateTime)]
    starts_at: String,
    /// Until when; null for as long as it is active.
    #[schema(required = true, format = DateTime)]
    ends_at: Option<String>,
    /// Who made it.
    owner: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    edited_at: String,
}

/// What products and coupons are called, by number.
#[derive(Default)]
struct Titles {
    products: BTreeMap<i64, String>,
    coupons: BTreeMap<i64, String>,
}

impl Titles {
    async fn of(access: &Access, all: &[Reward]) -> Result<Self> {
        let (mut products, mut coupons) = (Vec::new(), BTreeSet::new());
        for own in all {
            match own.terms.gives {
                Gives::Product { product, .. } => products.push(product),
                Gives::Coupon { coupon } => drop(coupons.insert(coupon)),
            }
        }
        let mut tx = access.cx.read().await?;
        let known = catalog::of_numbers(&mut tx, &products).await?.into_iter();
        let title = |row: ProductRow| row.title.unwrap_or(row.sku);
        let products = known.map(|own| (own.number, title(own.row))).collect();
        drop(tx);
        Ok(Self { products, coupons: coupon::names(&access.cx, &coupons).await? })
    }

    fn get(&self, gives: Gives) -> Option<String> {
        match gives {
            Gives::Product { product, .. } => self.products.get(&product).cloned(),
            Gives::Coupon { coupon } => self.coupons.get(&coupon).cloned(),
        }
    }
}

async fn all_shown(access: &Access, all: Vec<Reward>) -> Result<Vec<RewardShown>> {
    let titles = Titles::of(access, &all).await?;
    Ok(all.into_iter().map(|own| shown(&titles, own, access.cx.now)).collect())
}

async fn one_shown(access: &Access, own: Reward) -> Answer<RewardShown> {
    let titles = Titles::of(access, std::slice::from_ref(&own)).await?;
    Ok(Json(shown(&titles, own, access.cx.now)))
}

fn shown(titles: &Titles, own: Reward, now: Time) -> RewardShown {
    let (title, open) = (titles.get(own.terms.gives), own.is_open(now));
    let Terms { gives, points, cash_minor, limits, tiers, hold_hours } = own.terms;
    RewardShown {
        reward_id: own.number.to_string(),
        name: own.name,
        note: own.note,
        active: own.active,
        open,
        gives: gives.into(),
        title,
        points,
        cash_minor,
        limits: limits.into(),
        taken: own.taken,
        tier_ids: tiers.iter().map(i64::to_string).collect(),
        hold_hours,
        starts_at: micros(own.starts_at),
        ends_at: own.ends_at.map(micros),
        owner: own.owner,
        created_at: micros(own.created_at),
        edited_at: micros(own.edited_at),
    }
}

pub(super) fn reward_no(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such reward").field("reward_id"))
}

/// Rewards
///
/// The latest first, all of them.
#[utoipa::path(get, path = "/api/v1/rewards", operation_id = "rewards", tag = "benefits",
    responses((status = 200, description = "The rewards", body = [RewardShown]), Refusals))]
pub(super) async fn rewards(reads: ReadsBenefits, _: Asked<()>) -> Answer<Vec<RewardShown>> {
    let all = exchange::rewards(&reads.cx).await?;
    Ok(Json(all_shown(&reads, all).await?))
}

/// What a reward is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RewardForm {
    /// Its name, which no other one has.
    name: String,
    /// What it is.
    #[serde(default)]
    note: String,
    /// Whether it can be had.
    active: bool,
    /// What it gives.
    gives: RewardGives,
    /// Points.
    points: i64,
    /// Money besides, minor units.
    #[serde(default)]
    cash_minor: i64,
    /// How many there are, and how many one person gets; nothing limits it if left out.
    #[serde(default)]
    limits: PromotionLimits,
    /// The levels of those who can have it; everybody where none is named.
    #[serde(default)]
    tier_ids: Vec<String>,
    /// Hours for which it is held until it is handed over.
    hold_hours: u16,
    /// From when on.
    #[schema(format = DateTime)]
    starts_at: String,
    /// Until when; null or left out for as long as it is active.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
}

impl RewardForm {
    fn wish(self) -> Result<Wish> {
        let at = |text: String, field: &str| {
            text.parse::<Time>().map_err(|error| error.field(field.to_owned()))
        };
        let tier = |id: String| {
            id.parse::<i64>().map_err(|_| Error::bad("is no number").field("tier_ids"))
        };
        let terms = Terms {
            gives: self.gives.read()?,
            points: self.points,
            cash_minor: self.cash_minor,
            limits: self.limits.into(),
            tiers: self.tier_ids.into_iter().map(tier).collect::<Result<_>>()?,
            hold_hours: self.hold_hours,
        };
        Ok(Wish {
            name: self.name,
            note: self.note,
            active: self.active,
            terms,
            starts_at: at(self.starts_at, "starts_at")?,
            ends_at: self.ends_at.map(|text| at(text, "ends_at")).transpose()?,
        })
    }
}

/// Make a reward
#[utoipa::path(post, path = "/api/v1/rewards", operation_id = "make_reward", tag = "benefits",
    request_body = RewardForm, responses(
    (status = 200, description = "The reward", body = RewardShown),
    (status = 409, description = "Another one has this name", body = ErrorBody), Refusals))]
pub(super) async fn make(
    writes: WritesBenefits,
    Sent(sent): Sent<RewardForm>,
) -> Answer<RewardShown> {
    let own = exchange::make(&writes.cx, sent.wish()?).await?;
    one_shown(&writes, own).await
}

/// Change a reward
///
/// The form says all of it. What was taken before stays as it was.
#[utoipa::path(put, path = "/api/v1/rewards/{reward_id}", operation_id = "edit_reward",
    tag = "benefits", params(("reward_id" = String, Path, description = "The reward")),
    request_body = RewardForm, responses(
    (status = 200, description = "The reward", body = RewardShown),
    (status = 404, description = "There is no such reward", body = ErrorBody),
    (status = 409, description = "Another one has this name", body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<RewardForm>,
) -> Answer<RewardShown> {
    let own = exchange::edit(&writes.cx, reward_no(&id)?, sent.wish()?).await?;
    one_shown(&writes, own).await
}

/// Remove a reward that nobody took
#[utoipa::path(delete, path = "/api/v1/rewards/{reward_id}", operation_id = "remove_reward",
    tag = "benefits", params(("reward_id" = String, Path, description = "The reward")),
    responses((status = 204, description = "It is removed"),
    (status = 404, description = "There is no such reward", body = ErrorBody),
    (status = 409, description = "Somebody took it", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    exchange::remove(&writes.cx, reward_no(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
