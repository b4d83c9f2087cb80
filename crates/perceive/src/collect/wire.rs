//! Segment's wire format: a body of one message or of a batch.

use std::fmt;
use std::marker::PhantomData;

use base::{Code, Error, Result, Time};
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{GROUP, Kind, Message, Touch, bot};
use crate::print;

/// Bytes of one message at the most; what Segment takes.
pub const MESSAGE_BYTES_MAX: usize = 32 << 10;
/// Bytes of a body at the most, unpacked: `RudderStack`'s clients send batches of 4 MB.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// Messages of a batch at the most.
pub const BATCH_MESSAGES_MAX: usize = 10_000;
/// Characters of a message's id, an event's name or a person's id at the most.
const NAME_CHARS_MAX: usize = 256;

/// What comes with a body besides its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The source whose write key came with it.
    pub source: i64,
    /// The call that the address names; none for a batch.
    pub kind: Option<Kind>,
    /// When it was received.
    pub received: Time,
    /// The client that sent it, as it calls itself.
    pub agent: &'a str,
    /// Whether a browser fetched the page before anybody saw it.
    pub prefetch: bool,
}

/// What a body says.
#[derive(Debug, Default)]
pub struct Received {
    /// Its messages.
    pub messages: Vec<Message>,
    /// Messages that cannot be understood: their place and why.
    pub refused: Vec<(usize, Error)>,
}

/// A body that has been opened: whose it is must be known before its messages are read.
#[derive(Debug)]
pub struct Opened<'a> {
    write_key: Option<String>,
    said: Said<'a>,
}

#[derive(Debug)]
enum Said<'a> {
    /// The one message that a call of its own carries.
    One(&'a str),
    /// A batch, and when it was sent.
    Many(Vec<&'a RawValue>, Option<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(default)]
    write_key: Option<Text>,
    #[serde(borrow, default)]
    batch: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    sent_at: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keyed {
    #[serde(default)]
    write_key: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(rename = "type", default)]
    kind: Option<Text>,
    #[serde(default)]
    message_id: Option<Text>,
    #[serde(default)]
    event: Option<Text>,
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    category: Option<Text>,
    #[serde(default)]
    user_id: Option<Text>,
    #[serde(default)]
    anonymous_id: Option<Text>,
    #[serde(default)]
    previous_id: Option<Text>,
    #[serde(default)]
    group_id: Option<Text>,
    #[serde(default)]
    timestamp: Option<Text>,
    #[serde(default)]
    original_timestamp: Option<Text>,
    #[serde(default)]
    sent_at: Option<Text>,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
    #[serde(borrow, default)]
    traits: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Loose<Context<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context<'a> {
    user_agent: Option<Text>,
    campaign: Loose<Campaign>,
    page: Loose<Page>,
    device: Loose<Device>,
    /// Where `RudderStack`'s clients put what they say of a person.
    #[serde(borrow)]
    traits: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Campaign {
    source: Option<Text>,
    medium: Option<Text>,
    name: Option<Text>,
    term: Option<Text>,
    content: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    url: Option<Text>,
    referrer: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Device {
    #[serde(rename = "type")]
    kind: Option<Text>,
}

/// A text, or a number that a client took for one; anything else counts as nothing.
#[derive(Debug, Default)]
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Leaf).map(Text)
    }
}

/// An object; anything else counts as nothing.
#[derive(Debug)]
struct Loose<T>(Option<T>);

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Branch(PhantomData)).map(Loose)
    }
}

/// Visits a value of which only a text is wanted.
struct Leaf;

impl<'de> Visitor<'de> for Leaf {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// Visits a value of which only an object is wanted.
struct Branch<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Branch<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

fn text(given: Option<Text>) -> Option<String> {
    given.and_then(|Text(text)| text)
}

/// Opens a body: one message where the address names a call, else a batch.
///
/// # Errors
/// `too_large` and `bad_input` when the body as a whole cannot be taken.
pub fn open(body: &[u8], kind: Option<Kind>) -> Result<Opened<'_>> {
    if body.len() > BODY_BYTES_MAX {
        return Err(too_large());
    }
    if kind.is_some() {
        let whole: &RawValue = serde_json::from_slice(body).map_err(no_json)?;
        let keyed: Keyed = serde_json::from_str(whole.get()).map_err(no_json)?;
        return Ok(Opened { write_key: text(keyed.write_key), said: Said::One(whole.get()) });
    }
    let body: Body<'_> = serde_json::from_slice(body).map_err(no_json)?;
    let batch = body.batch.ok_or_else(|| Error::bad("has no batch").field("batch"))?;
    if batch.len() > BATCH_MESSAGES_MAX {
        let text = format!("a batch has at most {BATCH_MESSAGES_MAX} messages");
        return Err(Error::new(Code::TooLarge, text).hint("send smaller batches"));
    }
    Ok(Opened { write_key: text(body.write_key), said: Said::Many(batch, text(body.sent_at)) })
}

/// What the sender of a body above [`BODY_BYTES_MAX`] is told.
#[must_use]
pub fn too_large() -> Error {
    let text = format!("a body has at most {BODY_BYTES_MAX} bytes");
    Error::new(Code::TooLarge, text).hint("send smaller batches")
}

/// Reads a body whose owner is known.
///
/// # Errors
/// As [`open`] and [`Opened::read`].
pub fn read(body: &[u8], envelope: &Envelope<'_>) -> Result<Received> {
    open(body, envelope.kind)?.read(envelope)
}

impl Opened<'_> {
    /// The write key that it carries itself.
    #[must_use]
    pub fn write_key(&self) -> Option<&str> {
        self.write_key.as_deref()
    }

    /// Reads its messages.
    ///
    /// # Errors
    /// `too_large` and `bad_input` when its only message cannot be understood; then nothing of it
    /// is taken.
    pub fn read(self, envelope: &Envelope<'_>) -> Result<Received> {
        let (batch, sent) = match self.said {
            Said::One(raw) => {
                let message = message(raw, None, envelope)?;
                return Ok(Received { messages: vec![message], refused: Vec::new() });
            }
            Said::Many(batch, sent) => (batch, sent),
        };
        let mut received = Received::default();
        received.messages.reserve(batch.len());
        for (place, raw) in batch.into_iter().enumerate() {
            match message(raw.get(), sent.as_deref(), envelope) {
                Ok(message) => received.messages.push(message),
                Err(error) => received.refused.push((place, error)),
            }
        }
        Ok(received)
    }
}

fn no_json(cause: serde_json::Error) -> Error {
    let (line, column) = (cause.line(), cause.column());
    Error::bad(format!("the body is not JSON: line {line}, column {column}")).because(cause)
}

fn message(raw: &str, sent: Option<&str>, envelope: &Envelope<'_>) -> Result<Message> {
    if raw.len() > MESSAGE_BYTES_MAX {
        let text = format!("a message has at most {MESSAGE_BYTES_MAX} bytes");
        return Err(Error::new(Code::TooLarge, text));
    }
    let wire: Wire<'_> = serde_json::from_str(raw).map_err(no_json)?;
    let named = text(wire.kind);
    let kind = envelope.kind.or_else(|| Kind::named(named.as_deref()?));
    let kind = kind.ok_or_else(|| Error::bad("is none of the calls").field("type"))?;
    let (user, anonymous) =
        (short(wire.user_id, "userId")?, short(wire.anonymous_id, "anonymousId")?);
    if user.is_none() && anonymous.is_none() {
        return Err(Error::bad("needs userId or anonymousId").field("userId"));
    }
    let event = match kind {
        Kind::Track => short(wire.event, "event")?
            .ok_or_else(|| Error::bad("names no event").field("event"))?,
        kind => kind.event().to_owned(),
    };
    let given = text(wire.timestamp).or(text(wire.original_timestamp));
    let at = happened(given.as_deref(), text(wire.sent_at).as_deref().or(sent), envelope.received)?;
    let id = short(wire.message_id, "messageId")?;
    let context = wire.context.0.unwrap_or_default();
    let properties = match kind {
        Kind::Identify => wire.traits.or(context.traits).or(wire.properties),
        Kind::Group => wire.traits.or(wire.properties),
        _ => wire.properties,
    };
    let mut properties = object(properties)?;
    if matches!(kind, Kind::Page | Kind::Screen) {
        let named = [("name", text(wire.name)), ("category", text(wire.category))];
        properties = with_names(properties, named)?;
    } else if kind == Kind::Group {
        let named = [(GROUP, short(wire.group_id, GROUP)?)];
        properties = with_names(properties, named)?;
    }
    // What a shop's own server calls itself says nothing of the visitor.
    let browser = Some(envelope.agent).filter(|agent| agent.starts_with("Mozilla/"));
    let agent = text(context.user_agent).or_else(|| browser.map(str::to_owned)).unwrap_or_default();
    // The same in the same request is one; a request that is sent again is another.
    let id = id.unwrap_or_else(|| {
        let said = (kind.event(), &event, &user, &anonymous, at, &properties, envelope.received);
        format!("made-{:032x}", print::wide(&said))
    });
    Ok(Message {
        source: envelope.source,
        kind,
        id,
        event,
        user,
        anonymous,
        previous: short(wire.previous_id, "previousId")?,
        at,
        properties,
        channel: channel(context.device.0, context.page.0.is_some(), &agent).to_owned(),
        touch: touch(context.campaign.0, context.page.0),
        bot: bot::name(&agent, envelope.prefetch).map(str::to_owned),
    })
}

fn short(given: Option<Text>, field: &'static str) -> Result<Option<String>> {
    let Some(text) = text(given) else { return Ok(None) };
    if text.chars().count() > NAME_CHARS_MAX {
        return Err(Error::bad(format!("has more than {NAME_CHARS_MAX} characters")).field(field));
    }
    // A NUL is no letter, and PostgreSQL takes none.
    Ok(Some(text.replace('\0', "")))
}

/// When it happened: the sender's own time, moved by as much as the sender's clock differs from
/// ours. Segment's rule: `timestamp + (receivedAt − sentAt)`. Nothing happens later than it is
/// received.
fn happened(given: Option<&str>, sent: Option<&str>, received: Time) -> Result<Time> {
    let parse = |text: &str, field: &'static str| -> Result<Time> {
        text.parse().map_err(|_| Error::bad("is no time of ISO 8601").field(field))
    };
    let Some(given) = given else { return Ok(received) };
    let given = parse(given, "timestamp")?;
    let skew = match sent {
        Some(sent) => received.micros() - parse(sent, "sentAt")?.micros(),
        None => 0,
    };
    Ok(Time::from_micros(given.micros().saturating_add(skew)).min(received))
}

/// The properties as a compact JSON object, empty when there are none.
fn object(raw: Option<&RawValue>) -> Result<String> {
    let Some(raw) = raw.map(RawValue::get) else { return Ok(String::new()) };
    match raw.trim_start().as_bytes().first() {
        Some(b'{') => Ok(raw.to_owned()),
        Some(b'n') => Ok(String::new()),
        _ => Err(Error::bad("is no JSON object").field("properties")),
    }
}

/// The properties with what a page, screen or group is called, unless they say it themselves.
fn with_names<const N: usize>(
    properties: String,
    named: [(&str, Option<String>); N],
) -> Result<String> {
    if named.iter().all(|(_, value)| value.is_none()) {
        return Ok(properties);
    }
    let broken = |cause| Error::bad("is no JSON object").field("properties").because(cause);
    let mut map: serde_json::Map<String, serde_json::Value> = match properties.as_str() {
        "" => serde_json::Map::new(),
        text => serde_json::from_str(text).map_err(broken)?,
    };
    for (name, value) in named {
        if let Some(value) = value {
            map.entry(name).or_insert_with(|| value.into());
        }
    }
    serde_json::to_string(&map).map_err(broken)
}

fn touch(campaign: Option<Campaign>, page: Option<Page>) -> Touch {
    let campaign = campaign.unwrap_or_default();
    let page = page.unwrap_or_default();
    let (url, before) = (text(page.url), text(page.referrer));
    let (url, before) = (url.as_deref(), before.as_deref());
    let own = before.is_some_and(|before| host(before) == url.and_then(host));
    Touch {
        source: text(campaign.source),
        medium: text(campaign.medium),
        campaign: text(campaign.name),
        term: text(campaign.term),
        content: text(campaign.content),
        referrer: before
            .filter(|_| !own)
            .map(|before| before.split(['?', '#']).next().unwrap_or_default().to_owned()),
    }
}

fn host(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split(['/', '?', '#']).next()
}

fn channel(device: Option<Device>, page: bool, agent: &str) -> &'static str {
    let device = device.and_then(|device| text(device.kind));
    if device.is_some_and(|kind| matches!(kind.as_str(), "ios" | "android")) {
        "app"
    } else if ["Mobi", "Android", "iPhone", "MicroMessenger"]
        .iter()
        .any(|word| agent.contains(word))
    {
        "mobile"
    } else if page || agent.starts_with("Mozilla/") {
        "web"
    } else {
        "server"
    }
}
