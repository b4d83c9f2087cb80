//! The demo shop that people ask for in the console.

use base::Result;
use serde_json::json;
use store::Cx;
use store::job::Hand;

use crate::command;
use crate::console::{Console, Message};
use crate::lang::Lang;
use crate::place::Place;

/// The kind of jobs that make a demo shop; their shop is the one that is made.
pub(crate) const DEMO: &str = "demo";

/// Customers of such a shop: enough to look around in, made in less than a minute.
const CUSTOMERS: u32 = 3_000;

/// Makes the shop, or goes on with it.
pub(super) async fn perform(place: &Place, cx: Cx, hand: &Hand) -> Result<String> {
    // What it would say on a terminal is not read.
    let (console, mut messages) = Console::new(Lang::English);
    let making = command::fill_demo(place.clone(), (CUSTOMERS, cx.now), console);
    let telling = async {
        while let Some(message) = messages.recv().await {
            if let Message::Messages(progress) = message {
                let share = |part: u64| i64::try_from(part).unwrap_or(i64::MAX);
                hand.tell(share(progress.bytes_done), share(progress.bytes_total));
            }
        }
    };
    let (made, ()) = tokio::join!(making, telling);
    made?;
    Ok(json!({ "customers": CUSTOMERS }).to_string())
}
