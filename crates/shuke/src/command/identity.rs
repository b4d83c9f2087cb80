//! `shuke identity`

use base::{Error, Result};
use perceive::identity::{self, Verdict};
use perceive::{profile, relay};

use crate::cli::Identity;
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Writes a decision down when one is given, and shows merges: the newest, or a customer's.
pub(crate) async fn run(place: Place, asked: Identity, console: Console) -> Result<()> {
    let (cx, shop) = place.shop(&asked.of.shop).await?;
    let decided = [(&asked.together, Verdict::Together), (&asked.apart, Verdict::Apart)];
    let mut about = asked.customer;
    for (pair, verdict) in decided {
        if let Some([a, b]) = pair.as_deref() {
            profile::decide(&cx, (*a, *b), verdict).await?;
            relay::publish(&cx, &place.lake).await?;
            about = Some(*a);
        }
    }
    let merges = identity::merges(&cx, about).await?;
    if asked.json {
        let merges: Vec<_> = merges.iter().map(text::merge_json).collect();
        let json = serde_json::to_string(&merges)
            .map_err(|cause| Error::internal("merges could not be written", cause))?;
        console.answer(json + "\n").await;
    } else {
        console.answer(text::merges(console.lang(), &merges, &shop.zone)).await;
    }
    Ok(())
}
