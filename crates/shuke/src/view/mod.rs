//! 视图: filters of a page that somebody keeps by a name, for themselves or for the whole shop.

mod sql;

use base::{Error, Result};
use store::{Cx, Tx, counter};

/// Characters of a name at the most.
const NAME_CHARS_MAX: usize = 60;
/// Bytes of filters at the most.
const QUERY_BYTES_MAX: usize = 4_096;
/// Views of a shop at the most.
const VIEWS_MAX: i64 = 1_000;
/// The pages that have views.
const PAGES: [&str; 3] = ["customers", "orders", "products"];

/// Filters that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// Its number within the shop.
    pub(crate) number: i64,
    /// Whose it is.
    pub(crate) owner: String,
    /// The page that it is of.
    pub(crate) page: String,
    /// Its name.
    pub(crate) name: String,
    /// The page's address behind the question mark.
    pub(crate) query: String,
    /// Whether everybody in the shop sees it.
    pub(crate) shared: bool,
}

/// What a new view needs.
#[derive(Debug)]
pub(crate) struct NewView {
    /// The page that it is of.
    pub(crate) page: String,
    /// Its name.
    pub(crate) name: String,
    /// The page's address behind the question mark.
    pub(crate) query: String,
    /// Whether everybody in the shop sees it.
    pub(crate) shared: bool,
}

/// Keeps filters for whoever asks.
///
/// # Errors
/// `bad_input` that names what will not do, `conflict` when there are too many.
pub(crate) async fn create(tx: &mut Tx, cx: &Cx, new: NewView) -> Result<View> {
    let NewView { page, name, query, shared } = new;
    if !PAGES.contains(&page.as_str()) {
        let known = PAGES.join(", ");
        return Err(Error::bad("has no views").field("page").hint(format!("there are: {known}")));
    }
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if query.len() > QUERY_BYTES_MAX {
        return Err(Error::bad(format!("has at most {QUERY_BYTES_MAX} bytes")).field("query"));
    }
    if sql::count(tx).await? >= VIEWS_MAX {
        return Err(Error::conflict(format!("a shop keeps at most {VIEWS_MAX} views")));
    }
    let number = counter::take(tx, "saved_view", 1).await?;
    let view = View { number, owner: cx.actor.to_string(), page, name, query, shared };
    sql::insert(tx, &view, cx.now).await?;
    Ok(view)
}

/// The views of a page that whoever asks may see, by name.
///
/// # Errors
/// What the database reports.
pub(crate) async fn list(cx: &Cx, page: Option<&str>) -> Result<Vec<View>> {
    sql::list(&mut cx.read().await?, &cx.actor.to_string(), page).await
}

/// Takes a view of whoever asks away.
///
/// # Errors
/// `not_found` when they have no such view.
pub(crate) async fn remove(tx: &mut Tx, cx: &Cx, number: i64) -> Result<()> {
    let gone = sql::remove(tx, &cx.actor.to_string(), number).await?;
    let missing = || Error::missing("you have no such view").field("view_id");
    (gone > 0).then_some(()).ok_or_else(missing)
}
