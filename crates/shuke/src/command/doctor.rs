//! `shuke doctor`

use base::Result;
use store::job;
use store::log::{self, topic};

use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Dead facts that are shown.
const DEAD_MAX: i64 = 100;
/// Jobs that are shown.
const JOBS_MAX: i64 = 100;

/// Shows what could not be taken or done, and puts dead facts back into the log when asked to.
pub(crate) async fn run(place: Place, replay: bool, console: Console) -> Result<()> {
    let cx = place.cx();
    let dead = log::dead(&cx, DEAD_MAX).await?;
    console.answer(text::dead(console.lang(), &dead)).await;
    for fact in dead.iter().filter(|_| replay) {
        log::replay(&cx, &fact.id, topic::IMPORT).await?;
    }
    let jobs = job::troubled(&cx, JOBS_MAX).await?;
    console.answer(text::troubled(console.lang(), &jobs)).await;
    Ok(())
}
