//! Proposing a mapping from a header and some rows.
//!
//! A header that a built-in mapping was made for gets that one. Any other gets the generic kind
//! of record that understands most of it; columns whose names say nothing are tried by what they
//! hold. The proposal is a text that loads again, with what is unknown as comments.

mod sample;
mod write;

use base::{Error, Result};

use super::mapping::{Field, FileSpec, Kind, Mapping, Source, builtin, builtin_text, detect};
use super::read::RawRow;
use crate::clean::text;

use sample::Shape;

/// Rows that a proposal looks at.
pub const SAMPLE_ROWS_MAX: usize = 1_000;

/// Confidence, in percent, of a column whose name is known.
const BY_NAME: u8 = 90;
/// Confidence, in percent, of a column whose name is known but whose values are of another kind.
const BY_NAME_ODD: u8 = 50;
/// Confidence, in percent, of a column that is known only by its values.
const BY_VALUES: u8 = 60;

/// The generic mappings, in the order in which they are preferred when equal.
const GENERIC: &[&str] =
    &["orders", "customers", "products", "reviews", "chats", "complaints", "favourites"];

/// What a column is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The column by its header cell.
    pub column: String,
    /// The field's name, or `identifier:` and a namespace; `None` where nothing is known.
    pub field: Option<String>,
    /// How sure, 0 to 100.
    pub confidence: u8,
}

/// A proposed mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The built-in mapping that was made for this file, when there is one.
    pub builtin: Option<&'static str>,
    /// What a row is.
    pub kind: Kind,
    /// The mapping as TOML; it loads with [`Mapping::parse`].
    pub toml: String,
    /// Each column in the order of the header.
    pub columns: Vec<Guess>,
    /// What is missing or doubtful, in sentences.
    pub warnings: Vec<String>,
}

/// A proposal for a file with this header and these first rows.
#[must_use]
pub fn suggest(header: &[String], rows: &[RawRow]) -> Option<Suggestion> {
    if let Some(found) = detect(header).into_iter().find(|found| found.exact) {
        let mapping = builtin(found.mapping).ok()?;
        let file = mapping.files.iter().find(|file| file.role == found.role)?;
        return Some(Suggestion {
            builtin: Some(found.mapping),
            kind: file.record,
            toml: builtin_text(found.mapping)?.to_owned(),
            columns: by_name(file, header),
            warnings: Vec::new(),
        });
    }
    let rows = rows.get(..rows.len().min(SAMPLE_ROWS_MAX)).unwrap_or(rows);
    let shapes: Vec<Shape> = (0..header.len()).map(|place| sample::shape(rows, place)).collect();
    let mappings: Vec<Mapping> = GENERIC.iter().filter_map(|name| builtin(name).ok()).collect();
    let files = mappings.iter().flat_map(|mapping| &mapping.files);
    let best = files.map(|file| (score(file, header, &shapes), file)).rev_max()?;
    let mut columns = by_name(best, header);
    doubt(&mut columns, &shapes);
    by_values(best, &mut columns, &shapes);
    let warnings = warnings(best, &columns, &shapes);
    let toml = write::toml(best, &columns, &warnings);
    Some(Suggestion { builtin: None, kind: best.record, toml, columns, warnings })
}

/// A mapping for a file whose columns are what `columns` say: the kind of file that knows most of
/// those fields.
///
/// # Errors
/// `bad_input` for a column or a field that there is not.
pub fn chosen(
    header: &[String],
    rows: &[RawRow],
    columns: &[(String, Option<String>)],
) -> Result<Suggestion> {
    if let Some((name, _)) = columns.iter().find(|(name, _)| !header.contains(name)) {
        return Err(Error::bad(format!("there is no column {name:?}")).field("columns"));
    }
    let said = |column: &String| {
        let said = columns.iter().find(|(name, _)| name == column);
        let field = said.and_then(|(_, field)| field.clone());
        let confidence = if field.is_some() { 100 } else { 0 };
        Guess { column: column.clone(), field, confidence }
    };
    let columns: Vec<Guess> = header.iter().map(said).collect();
    let mappings: Vec<Mapping> = GENERIC.iter().filter_map(|name| builtin(name).ok()).collect();
    let files = mappings.iter().flat_map(|mapping| &mapping.files);
    let best = files.map(|file| (understood(file, &columns), file)).rev_max();
    let best = best.ok_or_else(|| Error::bad("none of its columns is known").field("columns"))?;
    let foreign = columns.iter().find(|guess| guess.field.is_some() && !knows(best, guess));
    if let Some(name) = foreign.and_then(|guess| guess.field.as_deref()) {
        return Err(Error::bad(format!("there is no field {name:?}")).field("columns"));
    }
    let rows = rows.get(..rows.len().min(SAMPLE_ROWS_MAX)).unwrap_or(rows);
    let shapes: Vec<Shape> = (0..header.len()).map(|place| sample::shape(rows, place)).collect();
    let warnings = warnings(best, &columns, &shapes);
    let toml = write::toml(best, &columns, &warnings);
    Ok(Suggestion { builtin: None, kind: best.record, toml, columns, warnings })
}

/// Whether a kind of file has the field of a guess.
fn knows(file: &FileSpec, guess: &Guess) -> bool {
    let name = guess.field.as_deref().unwrap_or_default();
    match name.strip_prefix(IDENTIFIER) {
        Some(namespace) => file.identifiers.iter().any(|own| own.namespace == namespace),
        None => file.fields.keys().any(|field| field.name() == name),
    }
}

/// How many columns a kind of file has the fields of; those that it needs count twice.
fn understood(file: &FileSpec, columns: &[Guess]) -> usize {
    let known = columns.iter().filter(|guess| guess.field.is_some() && knows(file, guess));
    let needed = |guess: &&Guess| field_of(guess).is_some_and(|own| file.required.contains(&own));
    known.clone().count() + known.filter(needed).count()
}

/// The first of the best, where `max_by_key` would give the last.
trait RevMax<'f>: Iterator<Item = (usize, &'f FileSpec)> + Sized {
    fn rev_max(self) -> Option<&'f FileSpec> {
        let mut best: Option<(usize, &FileSpec)> = None;
        for (score, file) in self {
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, file));
            }
        }
        best.map(|(_, file)| file)
    }
}

impl<'f, I: Iterator<Item = (usize, &'f FileSpec)>> RevMax<'f> for I {}

/// How well a kind of file fits: columns known by name count twice, required ones three times
/// more; values that suit what is missing count once.
fn score(file: &FileSpec, header: &[String], shapes: &[Shape]) -> usize {
    let columns = by_name(file, header);
    let named = columns.iter().filter(|guess| guess.field.is_some()).count();
    let known = |field: &Field| columns.iter().any(|g| g.field.as_deref() == Some(field.name()));
    let required = file.required.iter().filter(|field| known(field)).count();
    let groups = file.any.iter().filter(|group| group.iter().any(known)).count();
    let wanted = file.required.len() + file.any.len();
    let complete = usize::from(required + groups == wanted && named > 0) * 4;
    let mut filled = columns.clone();
    by_values(file, &mut filled, shapes);
    let valued = filled.iter().filter(|guess| guess.field.is_some()).count() - named;
    named * 2 + (required + groups) * 3 + complete + valued
}

/// The columns whose names a kind of file knows.
fn by_name(file: &FileSpec, header: &[String]) -> Vec<Guess> {
    let has = |names: &[String], key: &str| names.iter().any(|name| text::key(name) == key);
    let keys: Vec<String> = header.iter().map(|column| text::key(column)).collect();
    let mut taken: Vec<String> = Vec::new();
    let guess = |column: &String| {
        let key = text::key(column);
        if key.is_empty() || taken.contains(&key) {
            return Guess { column: column.clone(), field: None, confidence: 0 };
        }
        taken.push(key.clone());
        let mut fits = file.fields.iter().filter(|(_, Source(own))| has(&own.column.0, &key));
        // A title can stand for a missing number; where both are there, it is a title.
        let best = fits.clone().find(|(_, own)| first(own, &keys).as_ref() == Some(&key));
        let field = best.or_else(|| fits.next());
        let identifier = file.identifiers.iter().find(|id| has(&id.column.0, &key));
        let field = field
            .map(|(field, _)| field.name().to_owned())
            .or_else(|| identifier.map(|id| format!("{IDENTIFIER}{}", id.namespace)));
        let confidence = if field.is_some() { BY_NAME } else { 0 };
        Guess { column: column.clone(), field, confidence }
    };
    header.iter().map(guess).collect()
}

/// The column that a field is read from when a header has several of its names.
fn first(Source(source): &Source, keys: &[String]) -> Option<String> {
    source.column.0.iter().map(|name| text::key(name)).find(|name| keys.contains(name))
}

/// What the name of an identifier's guess begins with.
pub(super) const IDENTIFIER: &str = "identifier:";

fn field_of(guess: &Guess) -> Option<Field> {
    let name = guess.field.as_deref()?;
    Field::ALL.iter().copied().find(|field| field.name() == name)
}

/// Lowers the confidence of columns whose values do not suit their names.
fn doubt(columns: &mut [Guess], shapes: &[Shape]) {
    for (guess, shape) in columns.iter_mut().zip(shapes) {
        let suits = match guess.field.as_deref() {
            Some("identifier:phone") => *shape == Shape::Phone,
            Some("identifier:email") => *shape == Shape::Email,
            _ => field_of(guess).is_none_or(|field| sample::suits(field, *shape)),
        };
        if guess.field.is_some() && *shape != Shape::Empty && !suits {
            guess.confidence = BY_NAME_ODD;
        }
    }
}

/// Fields that values alone can stand for, by the kind of record, in the order of filling.
fn by_shape(kind: Kind, shape: Shape) -> &'static [&'static str] {
    match (kind, shape) {
        (Kind::OrderLine | Kind::Order, Shape::Time) => &["placed_at", "paid_at"],
        (Kind::OrderLine, Shape::Money) => &["amount"],
        (Kind::Order, Shape::Money) => &["paid"],
        (Kind::OrderLine | Kind::Order, Shape::Phone) => &["contact_phone"],
        (Kind::OrderLine | Kind::Order, Shape::UniqueId) => &["order"],
        (Kind::OrderLine, Shape::RepeatedId) => &["order", "sku"],
        (Kind::Customer, Shape::Phone) => &["identifier:phone"],
        (Kind::Customer, Shape::UniqueId) => &["identifier:external"],
        (Kind::Customer, Shape::Time) => &["registered_at"],
        (Kind::Product, Shape::UniqueId) => &["sku"],
        (Kind::Product, Shape::Money) => &["price"],
        (Kind::Review | Kind::Chat | Kind::Complaint | Kind::Favourite, Shape::Time) => &["at"],
        (Kind::Review | Kind::Chat | Kind::Complaint, Shape::Text) => &["text"],
        (_, Shape::Email) => &["identifier:email"],
        _ => &[],
    }
}

/// Gives columns without a known name a field that is still free and suits their values.
fn by_values(file: &FileSpec, columns: &mut [Guess], shapes: &[Shape]) {
    let mut taken: Vec<String> = columns.iter().filter_map(|guess| guess.field.clone()).collect();
    for (guess, shape) in columns.iter_mut().zip(shapes).filter(|(g, _)| g.field.is_none()) {
        let free = by_shape(file.record, *shape)
            .iter()
            .find(|name| !taken.iter().any(|known| known == *name));
        if let Some(name) = free.filter(|_| !guess.column.is_empty()) {
            guess.field = Some((*name).to_owned());
            guess.confidence = BY_VALUES;
            taken.push((*name).to_owned());
        }
    }
}

fn warnings(file: &FileSpec, columns: &[Guess], shapes: &[Shape]) -> Vec<String> {
    let mut warnings = Vec::new();
    let known = |field: &Field| columns.iter().any(|g| g.field.as_deref() == Some(field.name()));
    for field in file.required.iter().filter(|field| !known(field)) {
        warnings.push(format!("no column was found for `{}`, which is required", field.name()));
    }
    for group in file.any.iter().filter(|group| !group.iter().any(known)) {
        let names: Vec<String> = group.iter().map(|field| format!("`{}`", field.name())).collect();
        warnings.push(format!("no column was found for any of {}", names.join(", ")));
    }
    if !columns.iter().any(is_identifier) && file.record != Kind::Product {
        warnings.push("no column says who the person is; rows will be anonymous".to_owned());
    }
    for (guess, shape) in columns.iter().zip(shapes) {
        if *shape == Shape::DoubtfulDate && guess.field.is_some() {
            warnings.push(format!(
                "{:?} does not say which is the day: `style` is set to day_first, check it",
                guess.column
            ));
        }
        if guess.confidence == BY_NAME_ODD {
            warnings.push(format!("{:?} does not hold what its name says", guess.column));
        }
    }
    warnings
}

fn is_identifier(guess: &Guess) -> bool {
    guess.field.as_deref().is_some_and(|field| field.starts_with(IDENTIFIER))
}

#[cfg(test)]
mod tests;
