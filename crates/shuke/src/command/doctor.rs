//! `shuke doctor`

use base::Result;
use store::log::{self, topic};

use crate::console::Console;
use crate::place::Place;

/// Dead facts that are shown.
const DEAD_MAX: i64 = 100;

/// Shows what could not be taken, and puts it back into the log when asked to.
pub async fn run(place: Place, replay: bool, console: Console) -> Result<()> {
    let cx = place.cx();
    let dead = log::dead(&cx, DEAD_MAX).await?;
    if dead.is_empty() {
        console.answer("no dead facts\n").await;
    }
    for fact in &dead {
        let (shop, reader, kind, reason) = (fact.shop, &fact.reader, &fact.kind, &fact.reason);
        let at = fact.died_at;
        console.answer(format!("{at} shop {shop} {reader}: {kind}: {reason}\n")).await;
        if replay {
            log::replay(&cx, &fact.id, topic::IMPORT).await?;
        }
    }
    Ok(())
}
