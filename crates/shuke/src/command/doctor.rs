//! `shuke doctor`

use base::Result;
use perceive::fold::Fold;
use perceive::relay;
use store::{job, log, shop};

use super::import;
use crate::cli::Doctor;
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Dead facts that are shown.
const DEAD_MAX: i64 = 100;
/// Dead facts that are put back at once.
const REPLAY_MAX: i64 = 10_000;
/// Jobs that are shown.
const JOBS_MAX: i64 = 100;

/// Shows what could not be taken or done, and whether others may read the key; when asked to, puts
/// dead facts back into the log first and takes them in.
pub(crate) async fn run(place: Place, asked: Doctor, console: Console) -> Result<()> {
    let cx = place.cx();
    if asked.replay {
        let dead = log::dead(&cx, REPLAY_MAX).await?;
        let mut count = 0;
        for fact in &dead {
            count += usize::from(log::replay(&cx, &fact.id).await?);
        }
        let again = Fold::default().drain(&cx).await?;
        relay::flush(&cx, &place.lake).await?;
        for shop in shop::list(&cx).await? {
            import::refresh(&place, &cx.of(shop.id), &shop).await?;
        }
        console.answer(text::replayed(console.lang(), count, again)).await;
    }
    if place.key_is_open()? {
        console.answer(text::open_key(console.lang(), &place.key_file)).await;
    }
    let shops = shop::list(&cx).await?;
    let dead = log::dead(&cx, DEAD_MAX).await?;
    console.answer(text::dead(console.lang(), &dead, &shops)).await;
    let jobs = job::troubled(&cx, JOBS_MAX).await?;
    console.answer(text::troubled(console.lang(), &jobs, &shops)).await;
    Ok(())
}
