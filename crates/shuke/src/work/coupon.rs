//! Handing out codes of coupons that are more than a few.

use base::Result;
use benefit::coupon::issue::{self, Made, State};
use perceive::import;
use serde::Deserialize;
use serde_json::json;
use store::Cx;
use store::job::{self, Hand, Job};
use store::shop;

use super::body;
use crate::place::Place;
use crate::upload;

/// What such a job is about.
#[derive(Debug, Deserialize)]
struct Task {
    /// The batch.
    batch: i64,
}

/// Hands a batch out, step by step. What was interrupted goes on where it was.
///
/// # Errors
/// What is wrong with its file; what the store reports.
pub(super) async fn perform(place: &Place, cx: Cx, job: &Job, hand: &Hand) -> Result<String> {
    let Task { batch } = body(job)?;
    let zone = shop::get(&cx).await?.zone;
    let mut own = issue::get(&cx, batch).await?;
    let made: Made = issue::made(&own)?;
    let listed = match &made.upload {
        Some(id) => {
            let file = upload::find(place, cx.shop, id)?;
            import::values(&file.path, made.column.as_deref()).await?
        }
        None => Vec::new(),
    };
    while own.state == State::Running {
        if hand.stop.asked() {
            // Another worker may have it now, which goes on.
            if job::get(&cx, job.id).await?.cancel {
                own = issue::cancel(&cx, batch).await?;
            }
            break;
        }
        own = issue::step(&place.cx().of(cx.shop), &zone, batch, &listed).await?;
        if !own.private {
            hand.tell(own.next, own.total);
        }
    }
    let told = (!own.private).then_some(own.given);
    Ok(json!({ "batch": batch, "given": told }).to_string())
}
