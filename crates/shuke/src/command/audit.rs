//! `shuke audit`

use base::Result;
use store::{audit, shop, sys};

use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Follows every chain; the first row that is not as it was written is an error.
pub(crate) async fn run(place: Place, console: Console) -> Result<()> {
    let cx = place.cx();
    let lang = console.lang();
    let mut told = String::new();
    let installation = text::installation(lang).to_owned();
    let mut chains = vec![(sys::NO_SHOP, installation)];
    chains.extend(shop::list(&cx).await?.into_iter().map(|shop| (shop.id, shop.name)));
    for (shop, name) in chains {
        let rows = audit::verify(&cx.of(shop)).await.map_err(|error| error.field(name.clone()))?;
        told += &text::chain(lang, &name, rows);
    }
    console.answer(told).await;
    Ok(())
}
