//! `shuke user`

use base::{Error, Result};
use serde_json::json;
use store::audit::{self, Deed};
use store::sys;

use crate::auth::link::{self, Purpose};
use crate::auth::user::{self, User as Person};
use crate::cli::User;
use crate::console::Console;
use crate::place::Place;

/// Lists who signs in, or makes a link for a new password.
pub(crate) async fn run(place: Place, asked: User, console: Console) -> Result<()> {
    let cx = place.cx();
    if asked.begin {
        let used = || Error::conflict("somebody has begun already").hint("sign in");
        let token = begin(&place).await?.ok_or_else(used)?;
        console.answer(format!("/start#{token}\n")).await;
        return Ok(());
    }
    if let Some(email) = &asked.reset {
        let email = user::address(email)?;
        let mut tx = sys::write(&cx).await?;
        let found = user::by_email(&mut tx, &email).await?;
        let person = found
            .ok_or_else(|| Error::missing("nobody with this address signs in").field("--reset"))?;
        let (_, token) = link::create(&mut tx, &cx, Purpose::Reset(person.id)).await?;
        let target = person.id.to_string();
        let deed = Deed { action: "user.reset_link", target: &target, ..Deed::default() };
        audit::commit(tx, &cx, deed).await?;
        if asked.drop_second_factor {
            user::drop_second(&cx, &person).await?;
        }
        console.answer(format!("/links/{token}\n")).await;
        return Ok(());
    }
    let people = user::list(&cx).await?;
    let shown = if asked.json {
        json!(people.iter().map(object).collect::<Vec<_>>()).to_string() + "\n"
    } else {
        people.iter().map(|person| format!("{}  {}\n", person.email, person.name)).collect()
    };
    console.answer(shown).await;
    Ok(())
}

fn object(person: &Person) -> serde_json::Value {
    json!({
        "user": person.id.to_string(),
        "email": person.email,
        "name": person.name,
        "second_factor": person.second_factor,
        "seen_at": person.seen_at.map(|at| at.to_string()),
    })
}

/// The token with which somebody makes the first user; none when there is one already.
pub(super) async fn begin(place: &Place) -> Result<Option<String>> {
    let cx = place.cx();
    if user::any(&cx).await? {
        return Ok(None);
    }
    let mut tx = sys::write(&cx).await?;
    let (_, token) = link::create(&mut tx, &cx, Purpose::Start).await?;
    tx.commit().await?;
    Ok(Some(token))
}
