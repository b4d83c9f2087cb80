//! The text of a message, as Segment's HTTP API takes it.

use serde::Serialize;

use base::Time;

use crate::Message;
use crate::calendar::AHEAD;
use crate::delivery::phone;
use crate::draw::{Draw, Purpose};
use crate::event::{Event, Telling, What};
use crate::person::{Person, user_id};
use crate::properties::{Properties, of_what};
use crate::shop::Shop;
use crate::words;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    r#type: &'static str,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traits: Option<Traits>,
    context: Context,
}

#[derive(Debug, Default, Serialize)]
struct Context {
    #[serde(rename = "userAgent", skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<Campaign>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Page>,
    library: Library,
}

#[derive(Debug, Serialize)]
struct Campaign {
    source: &'static str,
    medium: &'static str,
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Page {
    path: String,
}

#[derive(Debug, Serialize)]
struct Library {
    name: &'static str,
    version: &'static str,
}

impl Default for Library {
    fn default() -> Self {
        Self { name: "demo", version: "1" }
    }
}

/// What somebody tells of themselves.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Traits {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthday: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    province: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_level: Option<&'static str>,
}

/// The message of `event`.
pub(crate) fn message(shop: &Shop, event: &Event) -> Message {
    let (received, customer, place) = event.order();
    let seed = shop.plan.seed;
    let (name, properties) = of_what(&event.what, customer);
    let (kind, traits) = match event.what {
        What::Page(..) => ("page", None),
        What::Identify(telling) => ("identify", traits(shop, event, telling)),
        _ => ("track", None),
    };
    let text = Text {
        r#type: kind,
        message_id: id(seed, u64::from(customer) << 32 | u64::from(place)),
        user_id: event.signed.then(|| user_id(customer)),
        anonymous_id: event.device.map(|device| anonymous_id(seed, customer, device.number)),
        event: name,
        timestamp: at(event.said).to_string(),
        properties,
        traits,
        context: context(event),
    };
    // Nothing in it can fail to be written: no map in it has keys that are not text.
    let json = serde_json::to_string(&text).unwrap_or_default();
    Message { at: at(received), json }
}

/// The instant of so many milliseconds of the shop's clock.
fn at(millis: i64) -> Time {
    Time::from_micros((millis - AHEAD * 1000) * 1000)
}

/// An id in the shape of a random UUID (RFC 9562, version 4).
fn id(seed: u64, who: u64) -> String {
    let mut draw = Draw::of(seed, who, Purpose::Ids);
    let (a, b) = (draw.bits(), draw.bits());
    let (high, middle, low) = (a >> 32, a >> 16 & 0xFFFF, a & 0xFFF);
    let (variant, node) = (b >> 48 & 0x3FFF | 0x8000, b & 0xFFFF_FFFF_FFFF);
    format!("{high:08x}-{middle:04x}-4{low:03x}-{variant:04x}-{node:012x}")
}

/// What the browser of this number has kept for the customer. No event has such a high place.
pub(crate) fn anonymous_id(seed: u64, customer: u32, device: u8) -> String {
    id(seed, u64::from(customer) << 32 | u64::from(u32::MAX - u32::from(device)))
}

fn context(event: &Event) -> Context {
    let agents = words::PHONES.iter().chain(&words::COMPUTERS);
    let agent = |model: u8| agents.clone().nth(usize::from(model)).copied();
    let mut context = Context {
        user_agent: event.device.and_then(|device| agent(device.model)),
        ..Context::default()
    };
    match &event.what {
        What::Page(_, Some(campaign)) => {
            let words::Campaign { source, medium, name, .. } = *campaign;
            context.campaign = Some(Campaign { source, medium, name });
        }
        What::Viewed(ware, _) => {
            context.page = Some(Page { path: format!("/p/{}", ware.product.sku) });
        }
        _ => {}
    }
    context
}

fn traits(shop: &Shop, event: &Event, telling: Telling) -> Option<Traits> {
    match telling {
        Telling::Number => None,
        Telling::Level(level) => Some(Traits { member_level: Some(level), ..Traits::default() }),
        Telling::All => {
            // Who somebody is depends on nothing but their place, so nobody is remembered.
            let person = Person::draw(shop.plan.seed, event.customer, &shop.calendar);
            let number = event.customer;
            let [email, birthday, card] = person.gives;
            Some(Traits {
                name: Some(format!("{}{}", person.name.0, person.name.1)),
                phone: Some(phone(number)),
                email: email.then(|| format!("{}@example.com", user_id(number).to_lowercase())),
                card: card.then(|| format!("8866{:08}", 10_000_019 + u64::from(number) * 7)),
                gender: Some(if person.woman { "female" } else { "male" }),
                birthday: birthday.then(|| person.birthday.to_string()),
                province: Some(person.place.0),
                city: Some(person.place.1),
                created_at: Some(at(event.said).to_string()),
                member_level: Some("普通会员"),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_of_random_uuids() {
        let id = id(7, 3);
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_eq!(phone(0), "+8619900104729");
    }
}
