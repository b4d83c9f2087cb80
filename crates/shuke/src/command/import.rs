//! `shuke import`

use std::path::PathBuf;

use base::{Code, Currency, Error, Result};
use perceive::import::mapping::{self, Mapping, Setting};
use perceive::import::read::ReadOptions;
use perceive::import::{self, Pace, Report, Request};
use perceive::{relay, upkeep};
use serde_json::json;
use store::shop::{self, NewShop, Shop};
use stratify::mirror::Mirror;
use stratify::rfm;

use crate::cli::Import;
use crate::console::Console;
use crate::place::{self, Place};
use crate::text;

/// The time zone of a new shop that names none.
pub(super) const ZONE: &str = "Asia/Shanghai";

/// Imports or undoes.
pub(crate) async fn run(place: Place, asked: Import, console: Console) -> Result<()> {
    let name = asked.shop.as_deref().unwrap_or_default();
    if let Some(number) = asked.undo {
        let (cx, shop) = place.shop(name).await?;
        import::undo(&cx, &place.lake, number).await?;
        relay::flush(&cx, &place.lake).await?;
        refresh(&place, &cx, &shop).await?;
        return list(place, asked, console).await;
    }
    let request = request(&asked)?;
    let began = place::now();
    let (cx, shop) = open_shop(&place, &asked, &request).await?;
    let setting = setting(shop.currency, &shop.zone, began);
    let rejects = place.rejects(shop.id);
    let request = Request { setting, rejects, ..request };
    let mut tell = |progress| console.progress(progress);
    let report = import::run(&cx, &place.lake, &request, &mut tell).await?;
    refresh(&place, &cx, &shop).await?;
    // Without a server nobody else does it.
    upkeep::expire(&cx, &place.rejects(shop.id)).await?;
    place.clear_scratch()?;
    upkeep::ask_where_crowded(&cx, &place.lake).await?;
    while upkeep::work(|| place.cx(), &place.lake).await? {}
    let elapsed = (place::now().micros() - began.micros()) / 1000;
    say(&console, &asked, &report, (shop.currency, elapsed)).await;
    Ok(())
}

/// Lists a shop's imports, beside whoever writes.
pub(crate) async fn list(place: Place, asked: Import, console: Console) -> Result<()> {
    let (cx, shop) = place.shop(asked.shop.as_deref().unwrap_or_default()).await?;
    let list = import::list(&cx).await?;
    let json = list.iter().map(text::import_json).collect::<Vec<_>>();
    let shown = if asked.json {
        json!(json).to_string() + "\n"
    } else {
        text::imports(console.lang(), &list, &shop.zone)
    };
    console.answer(shown).await;
    Ok(())
}

/// Looks at the files of an import before anything is made or asked for.
pub(crate) fn check(asked: &Import) -> Result<()> {
    import::check(&request(asked)?)
}

/// Brings the redirect table and the mirror up to date and stores an RFM run.
pub(crate) async fn refresh(place: &Place, cx: &store::Cx, shop: &Shop) -> Result<()> {
    relay::publish(cx, &place.lake).await?;
    let mirror = Mirror::open(cx, &place.mirrors()).await?;
    mirror.save(&place.mirrors())?;
    let wish = rfm::setting(cx).await?;
    let run = rfm::report(cx, &mirror, &shop.zone, (None, &wish)).await?;
    rfm::save(cx, &run, false).await
}

/// What is to be imported, as far as the command says it.
fn request(asked: &Import) -> Result<Request> {
    if asked.files.is_empty() {
        return Err(Error::new(Code::WrongUse, "no file was named")
            .hint("shuke import --data DIR --shop NAME [--mapping NAME] FILE…"));
    }
    let options = ReadOptions {
        encoding: asked.encoding.clone(),
        sheet: asked.sheet.clone(),
        ..ReadOptions::default()
    };
    let mapping = match &asked.mapping {
        Some(name) => mapping::load(name)?,
        None => import::find_mapping(&asked.files, &options)?,
    };
    Ok(Request {
        mapping,
        files: asked.files.clone(),
        options,
        setting: Setting::default(),
        rejects: PathBuf::new(),
        pace: Pace::Timed(place::now),
        stop: base::Stop::default(),
    })
}

pub(crate) fn setting(currency: Currency, zone: &base::Zone, now: base::Time) -> Setting {
    Setting {
        time_zone: Some(zone.clone()),
        currency: Some(currency),
        country: None,
        as_of: Some(zone.date(now)),
    }
}

/// The shop as it would be made for these files.
fn new_shop(asked: &Import, request: &Request) -> Result<NewShop> {
    let name = asked.shop.clone().unwrap_or_default();
    let mapping = &request.mapping;
    let currency = match (mapping.currency, &asked.currency) {
        (Some(currency), _) => currency,
        (None, Some(code)) => code.parse()?,
        (None, None) => import::stated_currency(request)?.unwrap_or(Currency::CNY),
    };
    let zone = match (&mapping.time_zone, &asked.time_zone) {
        (Some(zone), _) => zone.clone(),
        (None, name) => base::Zone::named(name.as_deref().unwrap_or(ZONE))?,
    };
    Ok(NewShop { name, currency, zone, language: language(currency).to_owned() })
}

/// The language of a shop that counts in this currency.
pub(super) fn language(currency: Currency) -> &'static str {
    if currency == Currency::CNY { "zh-CN" } else { "en" }
}

/// What a shop is does not change: the shop's own where nothing else is asked for, and an error
/// where something else is.
fn keep(new: &mut NewShop, known: &Shop, asked: &Import, mapping: &Mapping) -> Result<()> {
    let code: Option<Currency> = asked.currency.as_deref().map(str::parse).transpose()?;
    let currency = mapping.currency.or(code).unwrap_or(known.currency);
    if currency != known.currency {
        return Err(other_currency(known.currency, currency));
    }
    if let Some(name) = &asked.time_zone
        && base::Zone::named(name)?.name() != known.zone.name()
    {
        let text = format!("the shop keeps the time of {}, not of {name}", known.zone.name());
        return Err(Error::conflict(text).field("time_zone"));
    }
    (new.currency, new.zone) = (known.currency, known.zone.clone());
    Ok(())
}

/// The refusal of amounts of another currency than the shop's.
pub(crate) fn other_currency(ours: Currency, theirs: Currency) -> Error {
    Error::conflict(format!("the shop keeps its figures in {ours}, not {theirs}"))
        .field("currency")
        .hint("import it into a shop that keeps its figures in that currency")
}

/// The shop, made when this is its first import. A file that cannot be imported makes none: its
/// header is looked at first, here too, because another process may have asked.
async fn open_shop(place: &Place, asked: &Import, request: &Request) -> Result<(store::Cx, Shop)> {
    import::check(request)?;
    let cx = place.cx();
    let mut new = new_shop(asked, request)?;
    if let Ok(known) = shop::by_name(&cx, &new.name).await {
        keep(&mut new, &known, asked, &request.mapping)?;
    }
    let shop = shop::open(&cx, &new).await?;
    let cx = cx.of(shop.id);
    place.hold_history(&cx).await?;
    Ok((cx, shop))
}

/// Says what an import would do, beside whoever writes; `place` is none where there is no data.
pub(crate) async fn preview(place: Option<Place>, asked: Import, console: Console) -> Result<()> {
    let began = place::now();
    let request = request(&asked)?;
    let mut new = new_shop(&asked, &request)?;
    let known = match &place {
        Some(place) => place.shop(&new.name).await.ok(),
        None => None,
    };
    if let Some((_, known)) = &known {
        keep(&mut new, known, &asked, &request.mapping)?;
    }
    let currency = new.currency;
    let setting = setting(currency, &new.zone, began);
    let request = Request { setting, ..request };
    let cx = known.map(|(cx, _)| cx);
    let mut tell = |progress| console.progress(progress);
    let report = import::preview(cx.as_ref(), &request, &place::entropy(), &mut tell).await?;
    let elapsed = (place::now().micros() - began.micros()) / 1000;
    say(&console, &asked, &report, (currency, elapsed)).await;
    Ok(())
}

async fn say(
    console: &Console,
    asked: &Import,
    report: &Report,
    (currency, elapsed_ms): (Currency, i64),
) {
    let shown = if asked.json {
        text::report_json(report, currency, elapsed_ms).to_string() + "\n"
    } else {
        text::report(console.lang(), report, (currency, elapsed_ms), asked.dry_run)
    };
    console.answer(shown).await;
}

/// Writes a mapping to start from.
pub(crate) async fn suggest(path: PathBuf, console: Console) -> Result<()> {
    let toml = import::suggest_for(&path, &ReadOptions::default())?;
    console.answer(text::catalogue::mapping(console.lang(), &toml)).await;
    Ok(())
}
