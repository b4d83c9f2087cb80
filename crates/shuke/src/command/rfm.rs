//! `shuke rfm`

use base::{Date, Error, Result};
use stratify::mirror::Mirror;
use stratify::rfm;

use crate::cli::Rfm;
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Runs RFM and prints it; stores it when that is asked for.
pub(crate) async fn run(place: Place, asked: Rfm, console: Console) -> Result<()> {
    let (cx, shop) = place.shop(&asked.shop).await?;
    let day: Option<Date> = match &asked.as_of {
        Some(text) => Some(text.parse().map_err(|error: Error| error.field("--as-of"))?),
        None => None,
    };
    let mirror = Mirror::open(&cx, &place.mirrors()).await?;
    let run = rfm::report(&cx, &mirror, &shop.zone, day).await?;
    if asked.save {
        rfm::save(&cx, &run).await?;
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
