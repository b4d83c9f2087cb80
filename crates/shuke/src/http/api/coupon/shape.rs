//! How the API describes what a coupon says.

use utoipa::ToSchema;

/// What a coupon says beside its name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) struct CouponTerms {
    /// What it does, to what and for whom, at which hours, and beside what: an `effect` (amount
    /// off, percent off, fixed price, buy and get, gift, free shipping, exchange, cash back, each
    /// with its thresholds), a `scope`, `hours` and a `stack`, as promotions have them.
    #[schema(value_type = Object)]
    offer: serde_json::Value,
    /// When a code is valid.
    validity: CouponValidity,
    /// To how many.
    limits: CouponLimits,
    /// Uses of one code that many share: a number, or "unlimited".
    #[schema(value_type = Value)]
    uses_per_code: serde_json::Value,
    /// Whether buyers may claim it by themselves.
    #[schema(required = false)]
    claimable: bool,
    /// Whether somebody else than who got a code may use it.
    #[schema(required = false)]
    transferable: bool,
    /// Whether a code whose use was rolled back as a whole may be used again; it may if left out.
    #[schema(required = false)]
    again: bool,
}

/// When a code is valid, whatever it was handed out by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct CouponValidity {
    /// From one day to another, or for so many days or hours after it was received.
    kind: CouponValidityKind,
    /// The first day, of `between`.
    #[schema(format = Date)]
    from: Option<String>,
    /// The last day, of `between`.
    #[schema(format = Date)]
    to: Option<String>,
    /// How many days, of `days`; 0 for the rest of the day.
    days: Option<u16>,
    /// Days after which it begins, of `days`.
    after_days: Option<u16>,
    /// How many hours, of `hours`.
    hours: Option<u16>,
}

/// By what a code is valid.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum CouponValidityKind {
    Between,
    Days,
    Hours,
}

/// How many uses there are, and of how much money: each a number or "unlimited".
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct CouponLimits {
    /// Uses in all.
    #[schema(value_type = Value)]
    stock: serde_json::Value,
    /// Minor units that it takes off in all.
    #[schema(value_type = Value)]
    budget: serde_json::Value,
    /// Uses that one person gets.
    #[schema(value_type = Value)]
    each: serde_json::Value,
    /// What one person gets in a period.
    each_in: Option<CouponEachIn>,
}

/// What one person gets in a period.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct CouponEachIn {
    /// How many.
    uses: i64,
    /// In how long.
    period: CouponPeriod,
}

/// A stretch of the shop's own time; a week begins on Monday.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum CouponPeriod {
    Day,
    Week,
    Month,
}
