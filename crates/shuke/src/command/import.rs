//! `shuke import`

use std::path::PathBuf;

use base::{Code, Error, Result};
use perceive::import::mapping::{self, Mapping, Setting};
use perceive::import::read::ReadOptions;
use perceive::import::{self, Pace, Report, Request};
use serde_json::json;
use store::shop::{self, NewShop, Shop};
use stratify::mirror::Mirror;
use stratify::rfm;

use crate::cli::Import;
use crate::console::Console;
use crate::place::{self, Place};
use crate::text;

/// Imports, lists or undoes.
pub(crate) async fn run(place: Place, asked: Import, console: Console) -> Result<()> {
    let name = asked.shop.as_deref().unwrap_or_default();
    if asked.list || asked.undo.is_some() {
        let (cx, shop) = place.shop(name).await?;
        if let Some(number) = asked.undo {
            import::undo(&cx, &place.lake, number).await?;
            import::flush(&cx, &place.lake).await?;
            refresh(&place, &cx, &shop).await?;
        }
        let list = import::list(&cx).await?;
        let json = list.iter().map(text::import_json).collect::<Vec<_>>();
        let shown = if asked.json {
            json!(json).to_string() + "\n"
        } else {
            text::imports(console.lang(), &list, &shop.zone)
        };
        console.answer(shown).await;
        return Ok(());
    }
    if asked.files.is_empty() {
        return Err(Error::new(Code::WrongUse, "no file was named")
            .hint("shuke import --data DIR --shop NAME [--mapping NAME] FILE…"));
    }
    let request = request(&place, &asked)?;
    if asked.dry_run {
        return preview(&place, &asked, &request, &console).await;
    }
    let began = place::now();
    let (cx, shop) = open_shop(&place, &asked, &request.mapping).await?;
    let setting = setting(&shop, began);
    let request = Request { setting, ..request };
    let mut tell = |progress| console.progress(progress);
    let report = import::run(&cx, &place.lake, &request, &mut tell).await?;
    refresh(&place, &cx, &shop).await?;
    let elapsed = (place::now().micros() - began.micros()) / 1000;
    say(&console, &asked, &report, (shop.currency, elapsed)).await;
    Ok(())
}

/// Brings the mirror up to date and stores an RFM run.
async fn refresh(place: &Place, cx: &store::Cx, shop: &Shop) -> Result<()> {
    let mirror = Mirror::open(cx, &place.mirrors()).await?;
    mirror.save(&place.mirrors())?;
    let wish = rfm::setting(cx).await?;
    let run = rfm::report(cx, &mirror, &shop.zone, (None, &wish)).await?;
    rfm::save(cx, &run, false).await
}

fn request(place: &Place, asked: &Import) -> Result<Request> {
    let options = ReadOptions {
        encoding: asked.encoding.clone(),
        sheet: asked.sheet.clone(),
        ..ReadOptions::default()
    };
    let mapping = match &asked.mapping {
        Some(name) => mapping::load(name)?,
        None => import::find_mapping(&asked.files, &options)?,
    };
    let setting = Setting::default();
    let files = asked.files.clone();
    let (rejects, pace) = (place.rejects(), Pace::Timed(place::now));
    Ok(Request { mapping, files, options, setting, rejects, pace })
}

fn setting(shop: &Shop, now: base::Time) -> Setting {
    Setting {
        time_zone: Some(shop.zone.clone()),
        currency: Some(shop.currency),
        country: None,
        as_of: Some(shop.zone.date(now)),
    }
}

fn new_shop(asked: &Import, mapping: &Mapping) -> Result<NewShop> {
    let name = asked.shop.clone().unwrap_or_default();
    let currency = match mapping.currency {
        Some(currency) => currency,
        None => asked.currency.parse()?,
    };
    let zone = match &mapping.time_zone {
        Some(zone) => zone.clone(),
        None => base::Zone::named(&asked.time_zone)?,
    };
    let language = if currency == base::Currency::CNY { "zh-CN" } else { "en" };
    Ok(NewShop { name, currency, zone, language: language.to_owned() })
}

/// The shop, made when this is its first import. A file that cannot be imported makes none: its
/// header is looked at first.
async fn open_shop(place: &Place, asked: &Import, mapping: &Mapping) -> Result<(store::Cx, Shop)> {
    let cx = place.cx();
    let mut new = new_shop(asked, mapping)?;
    if let Ok(known) = shop::by_name(&cx, &new.name).await
        && mapping.currency.is_none()
    {
        new.currency = known.currency;
    }
    import::check(&request(place, asked)?)?;
    let shop = shop::open(&cx, &new).await?;
    Ok((cx.of(shop.id), shop))
}

async fn preview(
    place: &Place,
    asked: &Import,
    request: &Request,
    console: &Console,
) -> Result<()> {
    let began = place::now();
    let new = new_shop(asked, &request.mapping)?;
    let known = shop::by_name(&place.cx(), &new.name).await.ok();
    let (currency, zone) = match &known {
        Some(shop) => (shop.currency, shop.zone.clone()),
        None => (new.currency, new.zone.clone()),
    };
    if currency != new.currency && request.mapping.currency.is_some() {
        let text = format!("the shop keeps its figures in {currency}, not {}", new.currency);
        return Err(Error::conflict(text).field("currency"));
    }
    let setting = Setting {
        time_zone: Some(zone.clone()),
        currency: Some(currency),
        country: None,
        as_of: Some(zone.date(began)),
    };
    let request = Request { setting, ..request.clone() };
    let cx = known.map(|shop| place.cx().of(shop.id));
    let mut tell = |progress| console.progress(progress);
    let report = import::preview(cx.as_ref(), &request, &place.cx().entropy, &mut tell).await?;
    let elapsed = (place::now().micros() - began.micros()) / 1000;
    say(console, asked, &report, (currency, elapsed)).await;
    Ok(())
}

async fn say(
    console: &Console,
    asked: &Import,
    report: &Report,
    (currency, elapsed_ms): (base::Currency, i64),
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
