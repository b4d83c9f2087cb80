//! `shuke plan`

use base::{Error, Result};
use perceive::plan;

use crate::cli::Plan;
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Shows a shop's tracking plan, after stating what is expected of an event or dropping it.
pub(crate) async fn run(place: Place, asked: Plan, console: Console) -> Result<()> {
    let (cx, _) = place.shop(&asked.of.shop).await?;
    if let (Some(event), Some(schema)) = (&asked.event, &asked.text) {
        plan::state(&cx, event, schema).await?;
    }
    if let (Some(event), true) = (&asked.event, asked.remove) {
        plan::remove(&cx, event).await?;
    }
    let rules = plan::list(&cx).await?;
    let shown = if asked.json {
        let list: Vec<_> = rules.iter().map(text::rule_json).collect();
        serde_json::to_string(&list)
            .map_err(|cause| Error::internal("a plan could not be written", cause))?
            + "\n"
    } else {
        text::plan(console.lang(), &rules)
    };
    console.answer(shown).await;
    Ok(())
}
