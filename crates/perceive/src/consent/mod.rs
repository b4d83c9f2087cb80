//! 同意: by which channels people want to hear from the shop.
//!
//! What somebody says of a channel is a trait (`consent_sms`) of a customer list, of `identify` or
//! of the event `consent.changed`, or is noted by a person of the shop. It is kept as a part like
//! all that is said of people: the last statement holds, an undone import takes its own along.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::{Result, Time};
use serde::{Deserialize, Serialize};
use store::{Cx, Tx};

use crate::clean::{text, word};
use crate::profile;
use crate::record::CustomerRow;

/// What the name of a trait begins with that says so.
pub const TRAIT: &str = "consent_";
/// The source of what people of the shop note themselves; files and keys have others.
const STAFF: i64 = 0;
/// Bits that a channel takes: whether it was given, and whether it was withdrawn.
const BITS: usize = 2;

/// A way of writing to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 短信, to a phone.
    Sms,
    /// 邮件.
    Email,
    /// 微信, to an open id.
    Wechat,
}

/// What somebody said, by channel: given, or withdrawn.
pub type Consents = BTreeMap<Channel, bool>;

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Email, Self::Wechat];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Wechat => "wechat",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// What the bits of a stored row say of it; see [`bits`].
    #[must_use]
    pub fn of_bits(self, bits: Option<i64>) -> Option<bool> {
        match bits? >> (self as usize * BITS) & 0b11 {
            0b01 => Some(true),
            0b10 => Some(false),
            _ => None,
        }
    }
}

/// What somebody said as the bits of a stored row; none for nothing.
#[must_use]
pub fn bits(said: &Consents) -> Option<i64> {
    let bit = |(channel, given): (&Channel, &bool)| {
        (if *given { 0b01 } else { 0b10 }) << (*channel as usize * BITS)
    };
    let bits = said.iter().map(bit).fold(0, |all, one| all | one);
    (bits != 0).then_some(bits)
}

/// What bits of a stored row say.
#[must_use]
pub fn of_bits(bits: Option<i64>) -> Consents {
    let all = Channel::ALL.into_iter();
    all.filter_map(|channel| Some((channel, channel.of_bits(bits)?))).collect()
}

/// What traits say; a word that is no answer says nothing.
pub fn said(traits: &[(String, String)]) -> impl Iterator<Item = (Channel, bool)> {
    traits.iter().filter_map(|(name, value)| {
        let channel = Channel::named(name.strip_prefix(TRAIT)?)?;
        Some((channel, answer(value)?))
    })
}

/// What holds of several statements, each with its time: the last of each channel. Of those at the
/// same time it is the withdrawal: who is not sure does not write.
#[must_use]
pub fn last<'a>(all: impl Iterator<Item = (Option<Time>, &'a [(String, String)])>) -> Consents {
    let mut held: BTreeMap<Channel, (Option<Time>, bool)> = BTreeMap::new();
    for (at, traits) in all {
        for (channel, given) in said(traits) {
            let own = (at, !given);
            let slot = held.entry(channel).or_insert(own);
            *slot = (*slot).max(own);
        }
    }
    held.into_iter().map(|(channel, (_, withdrawn))| (channel, !withdrawn)).collect()
}

fn answer(raw: &str) -> Option<bool> {
    match text::key(raw).as_str() {
        "同意" | "愿意" | "接收" | "订阅" | "已订阅" | "given" | "granted" | "subscribed"
        | "optin" => Some(true),
        // Who answers an advertisement with `T` or `TD` wants no more of them.
        "拒绝" | "拒收" | "不同意" | "未同意" | "不愿意" | "不接收" | "取消" | "取消订阅"
        | "退订" | "已退订" | "t" | "td" | "withdrawn" | "denied" | "unsubscribed"
        | "unsubscribe" | "stop" | "optout" => Some(false),
        _ => word::truth(raw).ok(),
    }
}

/// Notes what a customer told somebody of the shop.
///
/// # Errors
/// What the database reports.
pub async fn set(
    tx: &mut Tx,
    cx: &Cx,
    (person, channel, given): (i64, Channel, bool),
) -> Result<()> {
    let answer = if given { "given" } else { "withdrawn" };
    let row = CustomerRow {
        updated_at: Some(cx.now),
        traits: vec![(format!("{TRAIT}{}", channel.name()), answer.to_owned())],
        ..CustomerRow::default()
    };
    profile::state(tx, cx, STAFF, &[(person, &row)]).await?;
    profile::rebuild(tx, cx, &[person].into()).await
}
