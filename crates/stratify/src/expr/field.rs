//! The fields that expressions may speak of.

use std::borrow::Cow;

use serde_json::Value;

use crate::mirror;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A whole number, or money in minor units.
    Number,
    /// An instant.
    Time,
    /// A text.
    Text,
    /// A truth value.
    Truth,
    /// A number that need not be whole.
    Fraction,
    /// Personal: found by its whole value only.
    Sealed,
    /// A day of each year, such as `05-17`: personal, and found by its whole value.
    Day,
    /// Sets of customers, by number: one is in some of them.
    Set,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name, that of the column in SQL.
    pub name: Cow<'static, str>,
    /// What its values are.
    pub kind: Kind,
}

/// What a customer has many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Collection {
    /// 行为: events of the shop's clients.
    Events,
    /// 购买: lines of paid orders.
    Purchases,
    /// 订单: orders, paid or not.
    Orders,
    /// 退款: refunds that are documents of their own.
    Refunds,
    /// 购物车: what lies in the open cart.
    Cart,
}

/// What a field of an event's own properties begins with.
pub const PROPERTY: &str = "properties.";

/// Segments that somebody is in.
pub(super) const SEGMENT: &str = "segment";
/// The stage of somebody's life with the shop.
pub(super) const LIFECYCLE: &str = "lifecycle";
/// A share of all customers drawn by chance; with a name after a dot, one that depends on no other.
pub(super) const RANDOM: &str = "random";

/// Fields of customers beside the mirror's columns.
const BESIDE: [(&str, Kind); 20] = [
    ("r", Kind::Number),
    ("f", Kind::Number),
    ("m", Kind::Number),
    ("stratum", Kind::Text),
    ("name", Kind::Sealed),
    ("phone", Kind::Sealed),
    ("email", Kind::Sealed),
    (mirror::BIRTHDAY, Kind::Day),
    ("reachable_sms", Kind::Truth),
    ("reachable_email", Kind::Truth),
    ("reachable_wechat", Kind::Truth),
    (LIFECYCLE, Kind::Text),
    (SEGMENT, Kind::Set),
    ("tag", Kind::Set),
    ("tier", Kind::Set),
    ("activity", Kind::Set),
    (RANDOM, Kind::Fraction),
    ("points", Kind::Number),
    ("growth", Kind::Number),
    ("stored_minor", Kind::Number),
];

const EVENTS: &[(&str, Kind)] = &[
    ("event", Kind::Text),
    ("event_time", Kind::Time),
    ("received_time", Kind::Time),
    ("product_id", Kind::Number),
    ("category", Kind::Text),
    ("brand", Kind::Text),
    ("quantity", Kind::Number),
    ("value_minor", Kind::Number),
    ("order_id", Kind::Number),
    ("channel", Kind::Text),
    ("utm_source", Kind::Text),
    ("utm_medium", Kind::Text),
    ("utm_campaign", Kind::Text),
    ("referrer", Kind::Text),
];

const PURCHASES: &[(&str, Kind)] = &[
    ("order_id", Kind::Number),
    ("product_id", Kind::Number),
    ("sku", Kind::Text),
    ("category", Kind::Text),
    ("brand", Kind::Text),
    ("quantity", Kind::Number),
    ("unit_price_minor", Kind::Number),
    ("amount_minor", Kind::Number),
    (DISCOUNT, Kind::Number),
    ("placed_at", Kind::Time),
];

/// By how much less a line was sold than its pieces cost, minor units: worked out from its columns.
pub(super) const DISCOUNT: &str = "discount_minor";
/// The columns from which it is: amount, pieces, price.
pub(super) const OF_DISCOUNT: [&str; 3] = ["amount_minor", "quantity", "unit_price_minor"];

const CART: &[(&str, Kind)] = &[
    ("product_id", Kind::Number),
    ("sku", Kind::Text),
    ("category", Kind::Text),
    ("brand", Kind::Text),
    ("quantity", Kind::Number),
    ("unit_price_minor", Kind::Number),
    ("amount_minor", Kind::Number),
    ("added_at", Kind::Time),
    ("touched_at", Kind::Time),
];

const ORDERS: &[(&str, Kind)] = &[
    ("order_id", Kind::Number),
    ("status", Kind::Text),
    ("placed_at", Kind::Time),
    ("paid_at", Kind::Time),
    ("paid_minor", Kind::Number),
    ("refunded_minor", Kind::Number),
    ("adjusted_minor", Kind::Number),
    ("net_minor", Kind::Number),
];

impl Collection {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("events", Self::Events),
        ("purchases", Self::Purchases),
        ("orders", Self::Orders),
        ("refunds", Self::Refunds),
        ("cart", Self::Cart),
    ];

    /// The collection of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(own, _)| *own == name).map(|(_, collection)| collection)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }

    /// The field that says when something happened.
    #[must_use]
    pub fn time(self) -> &'static str {
        match self {
            Self::Events => "event_time",
            Self::Purchases | Self::Orders | Self::Refunds => "placed_at",
            Self::Cart => "added_at",
        }
    }

    /// Its fields.
    #[must_use]
    pub fn fields(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::Events => EVENTS,
            Self::Purchases => PURCHASES,
            Self::Orders | Self::Refunds => ORDERS,
            Self::Cart => CART,
        }
    }

    /// The field of that name; `properties.x` is property x of an event, of whichever kind the
    /// rule speaks.
    #[must_use]
    pub fn field(self, name: &str, said: Kind) -> Option<Field> {
        if self == Self::Events && name.starts_with(PROPERTY) && name.len() > PROPERTY.len() {
            return Some(Field { name: Cow::Owned(name.to_owned()), kind: said });
        }
        let found = self.fields().iter().find(|(own, _)| *own == name);
        found.map(|(name, kind)| Field { name: Cow::Borrowed(name), kind: *kind })
    }
}

/// The kind of a field that says nothing of it itself: that of the value it is compared with. What
/// is no number and is before or after something is a time.
pub(super) fn kind_of(operator: &str, value: &Value) -> Kind {
    let orders = matches!(operator, "<" | "<=" | ">" | ">=" | "between" | "notBetween");
    match value {
        _ if matches!(operator, "within" | "notWithin" | "anniversary" | "lunarAnniversary") => {
            Kind::Time
        }
        Value::Object(_) => Kind::Time,
        Value::Number(_) => Kind::Fraction,
        Value::Bool(_) => Kind::Truth,
        Value::Array(all) => {
            let first = all.iter().find(|value| !value.is_null());
            first.map_or(Kind::Text, |value| kind_of(operator, value))
        }
        Value::String(text) if orders => {
            let first = text.split(',').next().unwrap_or_default().trim();
            if first.parse::<f64>().is_ok() { Kind::Fraction } else { Kind::Time }
        }
        _ => Kind::Text,
    }
}

/// The fields of customers, those of SQL and those that are personal.
pub fn profile_fields() -> impl Iterator<Item = (&'static str, Kind)> {
    let own = mirror::columns().map(|(name, kind)| {
        let kind = match kind {
            lake::Kind::Text => Kind::Text,
            lake::Kind::Time => Kind::Time,
            lake::Kind::Bool => Kind::Truth,
            _ => Kind::Number,
        };
        (name, kind)
    });
    own.chain(BESIDE)
}

/// The customers' field of that name.
pub(super) fn of_profile(name: &str) -> Option<Field> {
    if random_name(name).is_some_and(|own| !own.is_empty()) {
        return Some(Field { name: Cow::Owned(name.to_owned()), kind: Kind::Fraction });
    }
    let (name, kind) = profile_fields().find(|(own, _)| *own == name)?;
    Some(Field { name: Cow::Borrowed(name), kind })
}

/// The fields that say of somebody who can be reached by a channel: that there is an address, and
/// what was said of consent.
pub(super) fn of_reach(field: &str) -> Option<[Field; 2]> {
    let channel = field.strip_prefix("reachable_")?;
    let address = match channel {
        "sms" => "has_phone",
        "email" => "has_email",
        _ => "has_wechat",
    };
    Some([of_profile(address)?, of_profile(&format!("consent_{channel}"))?])
}

/// The name of a share that is drawn by chance; empty for the one that has none.
pub(super) fn random_name(field: &str) -> Option<&str> {
    match field.strip_prefix(RANDOM)? {
        "" => Some(""),
        rest => rest.strip_prefix('.').filter(|name| !name.is_empty()),
    }
}

/// Whether `top` goes with a customers' field: with measures, not with scores of one to five.
#[must_use]
pub fn has_top(name: &str) -> bool {
    mirror::place(name).is_some()
}

const OF_NUMBER: &[&str] = &[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "notBetween",
    "in",
    "notIn",
    "top",
    "null",
    "notNull",
];
const OF_TIME: &[&str] = &[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "notBetween",
    "in",
    "notIn",
    "within",
    "notWithin",
    "anniversary",
    "lunarAnniversary",
    "null",
    "notNull",
];
const OF_TEXT: &[&str] = &[
    "=",
    "!=",
    "in",
    "notIn",
    "contains",
    "doesNotContain",
    "beginsWith",
    "doesNotBeginWith",
    "endsWith",
    "doesNotEndWith",
    "like",
    "notLike",
    "null",
    "notNull",
];
const OF_FRACTION: &[&str] =
    &["=", "!=", "<", "<=", ">", ">=", "between", "notBetween", "in", "notIn", "null", "notNull"];

/// The operators of fields of a kind, by react-querybuilder's names.
#[must_use]
pub fn operators(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Number => OF_NUMBER,
        Kind::Time => OF_TIME,
        Kind::Text => OF_TEXT,
        Kind::Truth => &["=", "!=", "null", "notNull"],
        Kind::Fraction => OF_FRACTION,
        Kind::Sealed => &["=", "!=", "in", "notIn", "null", "notNull"],
        Kind::Day => &["=", "!=", "in", "notIn", "anniversary", "null", "notNull"],
        Kind::Set => &["=", "!=", "in", "notIn"],
    }
}
