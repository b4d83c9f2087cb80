//! `shuke doctor`

use base::Result;
use store::log::{self, topic};

use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Dead facts that are shown.
const DEAD_MAX: i64 = 100;

/// Shows what could not be taken, and puts it back into the log when asked to.
pub(crate) async fn run(place: Place, replay: bool, console: Console) -> Result<()> {
    let cx = place.cx();
    let dead = log::dead(&cx, DEAD_MAX).await?;
    console.answer(text::dead(console.lang(), &dead)).await;
    for fact in dead.iter().filter(|_| replay) {
        log::replay(&cx, &fact.id, topic::IMPORT).await?;
    }
    Ok(())
}
