//! 采集: what a shop's site, app and servers say as it happens, in Segment's wire format.
//!
//! A body becomes [`Message`]s ([`wire`]); they wait in the log as facts of the topic `EVENT` until
//! the fold takes them. A message that cannot be understood is refused by itself and never holds
//! up the others of its body. What a message says about orders, products and people becomes the
//! same records as an import's ([`commerce`]).

pub mod basket;
pub mod bot;
pub mod commerce;
mod discount;
mod field;
mod index;
pub mod intake;
pub mod object;
pub mod pace;
pub mod private;
mod sql;
mod stated;
pub(crate) mod take;
pub(crate) mod taken;
#[cfg(test)]
mod tests;
pub mod wire;

use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use store::log::Fact;
use store::{Cx, shop};

/// How long message ids are remembered, in days by the time of receipt.
pub const REMEMBER_DAYS: i32 = 30;
/// Ids that one transaction forgets.
const FORGET_MAX: i64 = 5_000;
/// The property that names the group which somebody belongs to.
pub const GROUP: &str = "groupId";
/// The kind of facts that carry a [`Message`].
pub const MESSAGE: &str = "collect.message";

/// Events that are words of the shop's own systems, or of who somebody is: nobody was there.
pub const NO_VISITS: [&str; 11] = [
    "Order Shipped",
    "Order Fulfilled",
    "Order Received",
    "Order Delivered",
    "Order Cancelled",
    "Order Canceled",
    "Order Refunded",
    "Order Updated",
    "customer.identified",
    "customer.grouped",
    "customer.aliased",
];

/// Which call a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something that somebody did.
    Track,
    /// A page that was seen.
    Page,
    /// A screen of an app that was seen.
    Screen,
    /// Who somebody is.
    Identify,
    /// A group that somebody belongs to.
    Group,
    /// Two ids of one person.
    Alias,
}

impl Kind {
    /// The call by its name on the wire, or its first letter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "track" | "t" => Self::Track,
            "page" | "p" => Self::Page,
            "screen" | "s" => Self::Screen,
            "identify" | "i" => Self::Identify,
            "group" | "g" => Self::Group,
            "alias" | "a" => Self::Alias,
            _ => return None,
        })
    }

    /// The event that it is in history, where it names none itself.
    #[must_use]
    pub fn event(self) -> &'static str {
        match self {
            Self::Track => "",
            Self::Page => "Page Viewed",
            Self::Screen => "Screen Viewed",
            Self::Identify => "customer.identified",
            Self::Group => "customer.grouped",
            Self::Alias => "customer.aliased",
        }
    }
}

/// Where a visit came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// `utm_source`.
    pub source: Option<String>,
    /// `utm_medium`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub campaign: Option<String>,
    /// `utm_term`.
    pub term: Option<String>,
    /// `utm_content`.
    pub content: Option<String>,
    /// The page before, without its query; none from the shop's own pages.
    pub referrer: Option<String>,
}

/// A message as it waits in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The source whose write key came with it.
    pub source: i64,
    /// Which call it is.
    pub kind: Kind,
    /// Its sender's id of it; a repeated one counts once.
    pub id: String,
    /// The event.
    pub event: String,
    /// The account.
    pub user: Option<String>,
    /// The browser or device.
    pub anonymous: Option<String>,
    /// For an alias: the id that the account had before.
    pub previous: Option<String>,
    /// When it happened, with the sender's clock set right.
    pub at: Time,
    /// Properties, or traits, as a JSON object.
    pub properties: String,
    /// Where the visit came from.
    pub touch: Touch,
    /// `web`, `mobile`, `app` or `server`.
    pub channel: String,
    /// The program that pretends to be nobody, by name.
    pub bot: Option<String>,
}

impl Message {
    /// The message as a fact of the log.
    ///
    /// # Errors
    /// `internal` when it cannot be written.
    pub fn fact(&self) -> Result<Fact> {
        Ok(Fact { kind: MESSAGE.to_owned(), at: self.at, body: crate::codec::write(self)? })
    }

    /// The message that a fact carries; none when the fact is another's.
    ///
    /// # Errors
    /// `damaged` when it is not as it was written.
    pub fn of(fact: &Fact) -> Result<Option<Self>> {
        if fact.kind != MESSAGE {
            return Ok(None);
        }
        crate::codec::read(&fact.body).map(Some)
    }

    /// Its properties.
    ///
    /// # Errors
    /// `bad_input` when they are no JSON object.
    pub fn object<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        let text = if self.properties.is_empty() { "{}" } else { &self.properties };
        serde_json::from_str(text)
            .map_err(|cause| Error::bad("is no JSON object").field("properties").because(cause))
    }
}

/// Forgets message ids that have been remembered long enough, of every shop.
///
/// # Errors
/// What the database reports.
pub async fn forget(cx: &Cx) -> Result<()> {
    let before = cx.now.utc_day().0 - REMEMBER_DAYS;
    for shop in shop::list(cx).await? {
        loop {
            let mut tx = cx.of(shop.id).write().await?;
            let gone = sql::forget(&mut tx, before, FORGET_MAX).await?;
            tx.commit().await?;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(())
}
