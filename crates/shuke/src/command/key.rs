//! `shuke key`

use base::{Currency, Error, Result};
use perceive::collect::pace::{self, Pace};
use perceive::source;
use serde_json::Value;
use store::Cx;
use store::audit::{self, Deed};
use store::shop::{self, NewShop};

use super::import::{ZONE, language};
use crate::auth::apikey::{self, ApiKey, NewKey};
use crate::cli::Key;
use crate::console::Console;
use crate::lang::Lang;
use crate::place::Place;
use crate::text;

/// The name of a key that is given none.
const NAME: &str = "default";

/// Shows a shop's keys; makes the shop and its first one where there are none, one more when it is
/// named, and takes one back when that is asked for. Sets the shop's pace when one is named.
pub(crate) async fn run(place: Place, asked: Key, console: Console) -> Result<()> {
    let cx = place.cx();
    let shop = match shop::by_name(&cx, &asked.of.shop).await {
        Ok(shop) => shop,
        Err(error) if asked.revoke.is_some() => return Err(error),
        Err(_) => make(&cx, &asked).await?,
    };
    let cx = cx.of(shop.id);
    place.hold_history(&cx).await?;
    let lang = console.lang();
    let (list, shown) = if asked.secret {
        secret(&cx, &asked, lang).await?
    } else {
        write(&cx, &asked, lang).await?
    };
    if asked.json {
        let json = serde_json::to_string(&list);
        let json = json.map_err(|cause| Error::internal("keys could not be written", cause))?;
        console.answer(json + "\n").await;
    } else {
        console.answer(shown).await;
    }
    Ok(())
}

/// Write keys, as JSON and for people.
async fn write(cx: &Cx, asked: &Key, lang: Lang) -> Result<(Vec<Value>, String)> {
    if let Some(name) = &asked.revoke {
        source::revoke(cx, name).await?;
    }
    let known = source::list(cx).await?;
    let name = asked.name.as_deref();
    if known.is_empty() || name.is_some_and(|name| known.iter().all(|one| one.name != name)) {
        source::create(cx, name.unwrap_or(NAME)).await?;
    }
    if let Some(per_second) = asked.pace {
        let pace = Pace { per_second, burst: per_second };
        pace::set(cx, (per_second > 0).then_some(pace)).await?;
    }
    let sources = source::list(cx).await?;
    let pace = pace::get(cx).await?.map(|pace| pace.per_second);
    let list = sources.iter().map(text::source_json).collect();
    Ok((list, text::sources(lang, &sources, pace)))
}

/// Secret keys, as JSON and for people; only a new one says what it is.
async fn secret(cx: &Cx, asked: &Key, lang: Lang) -> Result<(Vec<Value>, String)> {
    if let Some(name) = &asked.revoke {
        apikey::revoke(cx, name).await?;
    }
    let known = apikey::list(cx).await?;
    let name = asked.name.as_deref();
    let used = |name| known.iter().any(|key| key.name == name && key.revoked_at.is_none());
    let wanted = known.is_empty() || name.is_some_and(|name| !used(name));
    let made = if wanted { Some(new_secret(cx, name.unwrap_or(NAME)).await?) } else { None };
    let keys = apikey::list(cx).await?;
    let of = |number: i64| {
        let made = made.as_ref().filter(|(key, _)| key.number == number);
        made.map(|(_, secret)| secret.as_str())
    };
    let list = keys.iter().map(|key| text::key::json(key, of(key.number))).collect();
    let secret = made.as_ref().map(|(_, secret)| secret.as_str());
    Ok((list, text::key::list(lang, &keys, secret)))
}

async fn new_secret(cx: &Cx, name: &str) -> Result<(ApiKey, String)> {
    let new = NewKey { name: name.to_owned(), permissions: apikey::reads(), expires_at: None };
    let mut tx = cx.write().await?;
    let made = apikey::create(&mut tx, cx, new).await?;
    let target = made.0.number.to_string();
    audit::commit(tx, cx, Deed { action: "key.create", target: &target, ..Deed::default() })
        .await?;
    Ok(made)
}

async fn make(cx: &Cx, asked: &Key) -> Result<shop::Shop> {
    let currency = asked.currency.as_deref().map_or(Ok(Currency::CNY), str::parse)?;
    let zone = base::Zone::named(asked.time_zone.as_deref().unwrap_or(ZONE))?;
    let name = asked.of.shop.clone();
    shop::open(cx, &NewShop { name, currency, zone, language: language(currency).to_owned() }).await
}
