//! `shuke rfm`

use base::{Code, Currency, Date, Decimal, Error, Result};
use stratify::mirror::Mirror;
use stratify::rfm::rule::High;
use stratify::rfm::{self, Fixed, Recency, Setting};

use crate::cli::{Rfm, Rules};
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Runs RFM and prints it; stores it when that is asked for.
pub(crate) async fn run(place: Place, asked: Rfm, console: Console) -> Result<()> {
    let (cx, shop) = place.shop(&asked.of.shop).await?;
    let day: Option<Date> =
        match &asked.as_of {
            Some(text) => Some(text.parse().map_err(|error: Error| {
                Error::new(Code::WrongUse, error.message).field("--as-of")
            })?),
            None => None,
        };
    let mirror = Mirror::open(&cx, &place.mirrors()).await?;
    let before = rfm::setting(&cx).await?;
    let wish = wish(&asked.rules, before.clone(), shop.currency)?;
    let run = rfm::report(&cx, &mirror, &shop.zone, (day, &wish)).await?;
    if asked.save {
        rfm::save(&cx, &run, true).await?;
        if day.is_some() && wish != before {
            // Whoever asks for scores from now on gets them by the new rules.
            let now = rfm::report(&cx, &mirror, &shop.zone, (None, &wish)).await?;
            rfm::save(&cx, &now, false).await?;
        }
    }
    if asked.json {
        let json = serde_json::to_string(&run.report)
            .map_err(|cause| Error::internal("a report could not be written", cause))?;
        console.answer(json + "\n").await;
    } else {
        console.answer(text::rfm(console.lang(), &run.report, shop.currency)).await;
    }
    Ok(())
}

/// The shop's rules with those of the command line in their place.
fn wish(rules: &Rules, mut wish: Setting, currency: Currency) -> Result<Setting> {
    match rules.recency.as_deref() {
        Some("order") => wish.recency = Recency::Order,
        Some("payment") => wish.recency = Recency::Payment,
        Some(_) => wish.recency = Recency::Visit,
        None => {}
    }
    match rules.high.as_deref() {
        Some("score") => wish.high = High::Score,
        Some(_) => wish.high = High::Mean,
        None => {}
    }
    if let Some(days) = rules.window {
        wish.window_days = Some(days).filter(|days| *days > 0);
    }
    if rules.quantiles {
        wish.fixed = None;
    }
    if let (Some(r), Some(f), Some(m)) = (&rules.r_cuts, &rules.f_cuts, &rules.m_cuts) {
        let minor = |text: &String| currency.minor(Decimal::parse(text.trim())?);
        let m: Vec<i64> = m.iter().map(minor).collect::<Result<_>>().map_err(of("--m-cuts"))?;
        wish.fixed = Some(Fixed {
            r_days: four(r, "--r-cuts")?,
            f: four(f, "--f-cuts")?,
            m: four(&m, "--m-cuts")?,
        });
    }
    Ok(wish)
}

fn of(option: &str) -> impl Fn(Error) -> Error {
    move |error| error.field(option)
}

fn four(cuts: &[i64], option: &str) -> Result<[i64; 4]> {
    cuts.try_into().map_err(|_| {
        Error::bad(format!("four cut-offs part five scores, not {}", cuts.len())).field(option)
    })
}
