//! `shuke demo`: a shop from a seed, in the same log as any other, and then served.
//!
//! How far the shop has come is a setting of it that is written together with its messages, so that
//! whatever stops this process loses nothing and doubles nothing: the same command goes on.

mod feed;

use std::fs::File;
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;

use base::{Code, Date, Error, Result, Time, Zone};
use benefit::tier::{self, plan};
use demo::{Plan, Product};
use perceive::import::{self, Pace, Request, State, mapping};
use perceive::{profile, source, upkeep};
use serde::{Deserialize, Serialize};
use store::shop::{self, NewShop, Shop};
use store::{Cx, setting};
use stratify::mirror::Mirror;
use stratify::rfm;
use stratify::sales::Sales;

use super::{held, import as importing, local, serve};
use crate::cli::Demo;
use crate::console::Console;
use crate::http;
use crate::lang::Lang;
use crate::place::{self, Place, Writer};
use crate::text;

/// Customers of a shop of which nobody says how many it has.
const CUSTOMERS: u32 = 20_000;
/// The seed of a shop of which nobody names one.
const SEED: u64 = 7;
/// Name of the setting with a [`Made`], of the source of its messages, and of the folder with what
/// is made.
const DEMO: &str = "demo";
/// Days before the last of which the shop has stored runs of RFM.
const RUN_DAYS: [i32; 3] = [90, 60, 30];
/// The shop's levels with their colours, the lowest first.
const LEVELS: [(&str, &str); 3] =
    [("普通会员", "grey"), ("铜牌会员", "orange"), ("钻石会员", "blue")];
/// The mapping that products are imported by.
const PRODUCTS: &str = "products";

/// How far a demo shop has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    customers: u32,
    seed: u64,
    until: Date,
    /// Messages that are in the log.
    messages: u64,
    /// When the next one comes; none when there are no more.
    next: Option<Time>,
    /// Whether all that is in the log has had its effects.
    settled: bool,
}

impl Made {
    fn plan(&self) -> Result<Plan> {
        Plan::new(self.customers, self.seed, self.until)
    }

    /// Whether something is left to do at `now`.
    fn is_due(&self, now: Time) -> bool {
        !self.settled || self.next.is_some_and(|next| next <= now)
    }
}

/// Makes the shop, or goes on with it, and serves it.
pub(crate) async fn run(asked: &Demo, lang: Lang) -> Result<()> {
    let listener = match asked.once {
        true => None,
        false => Some(http::listen(&asked.listen).await?),
    };
    let now = place::now();
    let wish = Wish::of(asked, now)?;
    let data = &asked.data;
    let writer = Writer::open(data).await?.ok_or_else(|| held(data))?;
    let place = writer.place.clone();
    let made = local(lang, |console| make(place.clone(), (wish, now), console)).await;
    match (made, listener) {
        (Ok(()), Some(listener)) => serve::on(listener, writer, serve::How::default()).await,
        (made, _) => {
            place.close().await;
            made
        }
    }
}

/// What the command line asks for, as far as it says.
struct Wish {
    customers: Option<u32>,
    seed: Option<u64>,
    until: Option<Date>,
    today: Date,
}

impl Wish {
    /// # Errors
    /// `wrong_use` for what no shop can be made of.
    fn of(asked: &Demo, now: Time) -> Result<Self> {
        let wrong = |error: Error, field: &str| Error {
            code: Code::WrongUse,
            field: Some(format!("--{field}")),
            ..error
        };
        let today = Zone::named(demo::TIME_ZONE)?.date(now);
        let until = asked.until.as_deref().map(str::parse::<Date>).transpose();
        let until = until.map_err(|error| wrong(error, "until"))?;
        if until.is_some_and(|until| until > today) {
            let error = Error::bad(format!("{today} is the last day that a demo shop can have"));
            return Err(wrong(error, "until"));
        }
        let wish = Self { customers: asked.customers, seed: asked.seed, until, today };
        match wish.plan() {
            // A shop that is there has its last day, whatever day it is today.
            Err(error) if until.is_some() || error.field.as_deref() != Some("until") => {
                let field = error.field.clone().unwrap_or_default();
                Err(wrong(error, &field))
            }
            _ => Ok(wish),
        }
    }

    fn plan(&self) -> Result<Plan> {
        let until = self.until.unwrap_or(self.today);
        Plan::new(self.customers.unwrap_or(CUSTOMERS), self.seed.unwrap_or(SEED), until)
    }

    /// Whether `made` is what is asked for. What is left out is as it was made.
    fn is(&self, made: &Made) -> bool {
        self.customers.is_none_or(|customers| customers == made.customers)
            && self.seed.is_none_or(|seed| seed == made.seed)
            && self.until.is_none_or(|until| until == made.until)
    }
}

async fn make(place: Place, (wish, now): (Wish, Time), console: Console) -> Result<()> {
    let (cx, shop) = open_shop(&place).await?;
    let made = begin(&cx, &wish, &place).await?;
    let (plan, dir) = (made.plan()?, place.dir.join(DEMO));
    let truths = dir.join("truths.jsonl");
    let lang = console.lang();
    if !made.is_due(now) {
        console.answer(text::demo::done(lang, (made.messages, 0), &truths, false)).await;
        return Ok(());
    }
    console.answer(text::demo::begin(lang, &plan)).await;
    std::fs::create_dir_all(&dir)?;
    keep(&truths, |out| demo::write_truths(&plan, out))?;
    products(&place, (&cx, &shop), (&plan, &dir)).await?;
    let messages = feed::run(&place, &cx, (made, source(&cx).await?, now), &console).await?;
    profile::refresh_habits(&cx, &place.lake).await?;
    earlier_runs(&place, (&cx, &shop), plan.until).await?;
    members(&cx, &shop, plan.until).await?;
    importing::refresh(&place, &cx, &shop).await?;
    upkeep::ask_where_crowded(&cx, &place.lake).await?;
    while upkeep::work(|| place.cx(), &place.lake).await? {}
    feed::settle(&cx).await?;
    let millis = (place::now().micros() - now.micros()) / 1000;
    console.answer(text::demo::done(lang, (messages, millis), &truths, true)).await;
    Ok(())
}

/// The levels that most shops begin with, reached by what customers have bought until the last day.
async fn members(cx: &Cx, shop: &Shop, until: Date) -> Result<()> {
    if !plan::get(&mut cx.read().await?).await?.levels.is_empty() {
        return Ok(());
    }
    let made = tier::list(cx).await?;
    for (name, colour) in LEVELS.iter().filter(|(name, _)| made.iter().all(|own| own.name != *name))
    {
        let (name, colour) = (Some((*name).to_owned()), Some((*colour).to_owned()));
        tier::make(cx, tier::Wish { name, colour, ..tier::Wish::default() }).await?;
    }
    let mut sales = Sales::default();
    sales.refresh(cx).await?;
    let cx = cx.at(shop.zone.end_of(until)?.min(cx.now));
    let usual = plan::usual::usual((&cx, &shop.zone), &sales).await?;
    plan::set(&cx, &plan::rule::Plan { active: true, ..usual }).await?;
    plan::settle((&cx, &shop.zone), &sales).await.map(drop)
}

/// Stores runs of RFM of days before the last, as a shop would have them that ran it each month.
async fn earlier_runs(place: &Place, (cx, shop): (&Cx, &Shop), until: Date) -> Result<()> {
    if !rfm::runs(cx, 1).await?.is_empty() {
        return Ok(());
    }
    let mirror = Mirror::open(cx, &place.mirrors()).await?;
    let wish = rfm::setting(cx).await?;
    for days in RUN_DAYS {
        let day = Some(Date(until.0 - days));
        let run = rfm::report(cx, &mirror, &shop.zone, (day, &wish)).await?;
        rfm::save(cx, &run, false).await?;
    }
    Ok(())
}

/// The demo shop as it is made.
///
/// # Errors
/// None that a caller could do something about.
pub(crate) fn new_shop() -> Result<NewShop> {
    Ok(NewShop {
        name: demo::SHOP.to_owned(),
        currency: demo::CURRENCY.parse()?,
        zone: Zone::named(demo::TIME_ZONE)?,
        language: "zh-CN".to_owned(),
    })
}

/// Makes the shop of so many customers until the day of `now`, or goes on with the one that is
/// there, whatever it was made of.
///
/// # Errors
/// As the command's.
pub(crate) async fn fill(
    place: Place,
    (customers, now): (u32, Time),
    console: Console,
) -> Result<()> {
    let shop = shop::by_name(&place.cx(), demo::SHOP).await?;
    let begun = stored(&place.cx().of(shop.id)).await?.is_some();
    let today = Zone::named(demo::TIME_ZONE)?.date(now);
    let customers = Some(customers).filter(|_| !begun);
    let wish = Wish { customers, seed: None, until: None, today };
    make(place, (wish, now), console).await
}

/// The shop, made when this is the first time.
async fn open_shop(place: &Place) -> Result<(Cx, Shop)> {
    let shop = shop::open(&place.cx(), &new_shop()?).await?;
    let cx = place.cx().of(shop.id);
    place.hold_history(&cx).await?;
    Ok((cx, shop))
}

/// How far the shop is, written down when it is new.
///
/// # Errors
/// `conflict` when it is another than what is asked for, or no demo shop.
async fn begin(cx: &Cx, wish: &Wish, place: &Place) -> Result<Made> {
    let dir = place.dir.display();
    let made = stored(cx).await?;
    if let Some(made) = made {
        if wish.is(&made) {
            return Ok(made);
        }
        let Made { customers, seed, until, .. } = made;
        let text = format!(
            "the demo shop in {dir} was made of {customers} customers, seed {seed}, until {until}"
        );
        return Err(Error::conflict(text).hint(
            "leave --customers, --seed and --until out to go on with it, or name another folder",
        ));
    }
    if !source::list(cx).await?.is_empty() || !import::list(cx).await?.is_empty() {
        let text = format!("the shop {} in {dir} is no demo shop", demo::SHOP);
        return Err(Error::conflict(text).hint("name another folder with --data"));
    }
    let Plan { customers, seed, until } = wish.plan()?;
    let (messages, next, settled) = (0, None, false);
    let made = Made { customers, seed, until, messages, next, settled };
    let mut tx = cx.write().await?;
    setting::set(&mut tx, DEMO, &Some(&made)).await?;
    tx.commit().await?;
    Ok(made)
}

async fn stored(cx: &Cx) -> Result<Option<Made>> {
    setting::get(&mut cx.read().await?, DEMO).await
}

/// The number of the source that the messages come from, made when there is none.
async fn source(cx: &Cx) -> Result<i64> {
    let known = source::list(cx).await?.into_iter().find(|source| source.name == DEMO);
    match known {
        Some(source) => Ok(source.number),
        None => Ok(source::create(cx, DEMO).await?.number),
    }
}

/// Imports the shop's products as its owner would, once.
async fn products(
    place: &Place,
    (cx, shop): (&Cx, &Shop),
    (plan, dir): (&Plan, &Path),
) -> Result<()> {
    let known = import::list(cx).await?;
    if known.iter().any(|import| import.mapping == PRODUCTS && import.state != State::Running) {
        return Ok(());
    }
    let path = dir.join("products.csv");
    let products = demo::products(plan);
    keep(&path, |out| list(out, &products, &shop.zone))?;
    let request = Request {
        mapping: mapping::builtin(PRODUCTS)?,
        files: vec![path],
        options: import::read::ReadOptions::default(),
        setting: importing::setting(shop.currency, &shop.zone, cx.now),
        rejects: place.rejects(cx.shop),
        pace: Pace::Timed(place::now),
        stop: base::Stop::default(),
    };
    import::run(cx, &place.lake, &request, &mut |_| {}).await.map(drop)
}

/// The products as a shop system lists them; none of their words needs quotes.
fn list(out: &mut impl Write, products: &[Product], zone: &Zone) -> Result<()> {
    writeln!(out, "商品编码,商品名称,类目,品牌,一口价,成本价,库存,上架时间,开售时间")?;
    let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
    let local = |at: Time| zone.local(at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    for product in products {
        let Product { sku, title, category, brand, stock, .. } = product;
        let (price, cost) = (yuan(product.price_minor), yuan(product.cost_minor));
        let (listed, on_sale) = (local(product.listed_at), local(product.on_sale_at));
        writeln!(
            out,
            "{sku},{title},{category},{brand},{price},{cost},{stock},{listed},{on_sale}"
        )?;
    }
    Ok(())
}

/// Writes a file as a whole: whoever reads it never sees a part.
fn keep(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let part = path.with_extension("part");
    let mut out = BufWriter::new(File::create(&part)?);
    write(&mut out)?;
    out.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&part, path)?;
    Ok(())
}
