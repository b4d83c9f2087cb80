//! `shuke rotate`

use base::Result;
use store::key;

use crate::cli::Rotate;
use crate::console::Console;
use crate::place::Place;
use crate::text;

/// Has new keys take the place of old ones, beside everything else.
pub(crate) async fn run(place: Place, asked: Rotate, console: Console) -> Result<()> {
    let lang = console.lang();
    let said = if let Some(name) = &asked.shop {
        let (cx, shop) = place.shop(name).await?;
        text::new_shop_key(lang, &shop.name, key::rotate_shop(&cx).await?)
    } else {
        text::new_master(lang, &place.rotate(asked.new_key_file.as_deref()).await?)
    };
    console.answer(said).await;
    Ok(())
}
