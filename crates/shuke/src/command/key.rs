//! `shuke key`

use base::{Currency, Error, Result};
use perceive::collect::pace::{self, Pace};
use perceive::source;
use store::shop::{self, NewShop};

use super::import::{ZONE, language};
use crate::cli::Key;
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// The name of a source that is given none.
const NAME: &str = "default";

/// Shows a shop's write keys; makes the shop and its first one where there are none, or one more
/// when it is named. Sets the shop's pace when one is named.
pub(crate) async fn run(place: Place, asked: Key, console: Console) -> Result<()> {
    let cx = place.cx();
    let shop = match shop::by_name(&cx, &asked.of.shop).await {
        Ok(shop) => shop,
        Err(_) => make(&cx, &asked).await?,
    };
    let cx = cx.of(shop.id);
    place.hold_history(&cx).await?;
    let known = source::list(&cx).await?;
    let name = asked.name.as_deref();
    if known.is_empty() || name.is_some_and(|name| known.iter().all(|one| one.name != name)) {
        source::create(&cx, name.unwrap_or(NAME)).await?;
    }
    if let Some(per_second) = asked.pace {
        let pace = Pace { per_second, burst: per_second };
        pace::set(&cx, (per_second > 0).then_some(pace)).await?;
    }
    let sources = source::list(&cx).await?;
    let shown = if asked.json {
        let list: Vec<_> = sources.iter().map(text::source_json).collect();
        serde_json::to_string(&list)
            .map_err(|cause| Error::internal("sources could not be written", cause))?
            + "\n"
    } else {
        let pace = pace::get(&cx).await?.map(|pace| pace.per_second);
        text::sources(console.lang(), &sources, pace)
    };
    console.answer(shown).await;
    Ok(())
}

async fn make(cx: &store::Cx, asked: &Key) -> Result<shop::Shop> {
    let currency = asked.currency.as_deref().map_or(Ok(Currency::CNY), str::parse)?;
    let zone = base::Zone::named(asked.time_zone.as_deref().unwrap_or(ZONE))?;
    let name = asked.of.shop.clone();
    shop::open(cx, &NewShop { name, currency, zone, language: language(currency).to_owned() }).await
}
