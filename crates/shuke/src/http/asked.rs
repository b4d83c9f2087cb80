//! What a request asks for in its query: read parameter by parameter, so that an error names the
//! one that is wrong, and nothing is passed over.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base::page::Page;
use base::{Date, Error, Result, Time};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::App;
use super::error::Refusal;

/// Parameters of a query at the most.
const PARAMETERS_MAX: usize = 50;

/// Reads itself from a query's parameters.
pub(super) trait Wish: Sized {
    /// Takes what it knows.
    fn read(said: &mut Said) -> Result<Self>;
}

/// No parameter at all.
impl Wish for () {
    fn read(_: &mut Said) -> Result<Self> {
        Ok(())
    }
}

/// The parameters of a query that were not taken yet, and the names of all that may be.
#[derive(Default)]
pub(super) struct Said {
    left: Vec<(String, String)>,
    known: Vec<&'static str>,
}

/// What a request asks for.
pub(super) struct Asked<T>(pub(super) T);

impl<T: Wish> FromRequestParts<App> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())?))
    }
}

/// Reads a query.
///
/// # Errors
/// `bad_input` that names the parameter.
pub(super) fn read<T: Wish>(query: &str) -> Result<T> {
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let left: Vec<_> = pairs.take(PARAMETERS_MAX + 1).collect();
    if left.len() > PARAMETERS_MAX {
        return Err(Error::bad(format!("a query has at most {PARAMETERS_MAX} parameters")));
    }
    let mut said = Said { left, known: Vec::new() };
    let wish = T::read(&mut said)?;
    let Some((name, _)) = said.left.into_iter().next() else { return Ok(wish) };
    let error = Error::bad("is not a parameter here").field(name);
    Err(match said.known.join(", ") {
        none if none.is_empty() => error.hint("there are none"),
        known => error.hint(format!("there are: {known}")),
    })
}

/// A query without some of its parameters.
pub(super) fn without(query: &str, names: &[&str]) -> String {
    let own = form_urlencoded::parse(query.as_bytes());
    let own = own.filter(|(name, _)| !names.contains(&name.as_ref()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish()
}

impl Said {
    /// Takes whatever is left: who sends it may send more than is known.
    pub(super) fn ignore_rest(&mut self) {
        self.left.clear();
    }

    /// The text of a parameter.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>> {
        self.known.push(name);
        let mut found = self.left.extract_if(.., |(own, _)| own == name).map(|(_, value)| value);
        let first = found.next();
        if found.next().is_some() {
            return Err(Error::bad("is given more than once").field(name));
        }
        Ok(first)
    }

    /// A parameter that is a number or a time.
    fn parsed<T: FromStr>(&mut self, name: &'static str, what: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let wrong = |_| Error::bad(what).field(name);
        text.parse().map(Some).map_err(wrong)
    }

    /// The number of a customer, order or product.
    pub(super) fn id(&mut self, name: &'static str) -> Result<Option<i64>> {
        self.parsed(name, "is not an id")
    }

    /// A moment.
    pub(super) fn time(&mut self, name: &'static str) -> Result<Option<Time>> {
        self.parsed(name, "is not a time such as 2026-11-22T08:30:00Z")
    }

    /// A day.
    pub(super) fn date(&mut self, name: &'static str) -> Result<Option<Date>> {
        self.parsed(name, "is not a day such as 2026-11-22")
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<i64>> {
        self.parsed(name, "is not a whole number")
    }

    /// One of some words; its place among them.
    pub(super) fn word(&mut self, name: &'static str, words: &[&str]) -> Result<Option<usize>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let place = words.iter().position(|word| *word == text);
        place.map(Some).ok_or_else(|| {
            Error::bad("is none of the words")
                .field(name)
                .hint(format!("use one of: {}", words.join(", ")))
        })
    }

    /// After what.
    pub(super) fn after<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        self.text("after")?.as_deref().map(cursor).transpose()
    }

    /// Which page of a list, and after what.
    pub(super) fn page<T: DeserializeOwned>(&mut self) -> Result<(u32, Option<T>)> {
        let limit = self.parsed("limit", "is not a number of rows")?;
        let Page { limit, after } = Page::new(limit, self.text("after")?)?;
        let after = after.as_deref().map(cursor).transpose()?;
        Ok((limit, after))
    }
}

/// A place in a list as the next request says it. Its text says nothing to anybody else.
pub(super) fn mark(place: &impl Serialize) -> Result<String> {
    let text = serde_json::to_vec(place)
        .map_err(|cause| Error::internal("a cursor could not be written", cause))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

fn cursor<T: DeserializeOwned>(text: &str) -> Result<T> {
    let plain = URL_SAFE_NO_PAD.decode(text).ok();
    plain.and_then(|plain| serde_json::from_slice(&plain).ok()).ok_or_else(|| {
        Error::bad("is not a cursor of this list")
            .field("after")
            .hint("send what `next` of the page before says")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Some3(u32, Option<i64>, Option<Time>, Option<usize>);

    impl Wish for Some3 {
        fn read(said: &mut Said) -> Result<Self> {
            let (limit, after) = said.page()?;
            Ok(Self(limit, after, said.time("from")?, said.word("kind", &["a", "b"])?))
        }
    }

    #[test]
    fn every_parameter_is_read_or_named() {
        let mark = mark(&7_i64).unwrap();
        let query = format!("limit=5&after={mark}&from=1970-01-01T00%3A00%3A01%2B00:00&kind=b");
        let expected = Some3(5, Some(7), Some(Time::from_micros(1_000_000)), Some(1));
        assert_eq!(read::<Some3>(&query).unwrap(), expected);
        assert_eq!(read::<Some3>("").unwrap(), Some3(50, None, None, None));
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=x", "limit"),
            ("limit=", "limit"),
            ("limit=5&limit=5", "limit"),
            ("after=!", "after"),
            ("after=bnVsbA", "after"),
            ("from=yesterday", "from"),
            ("kind=c", "kind"),
            ("foo=1", "foo"),
            ("kind=a&fo%20o", "fo o"),
        ] {
            let error = read::<Some3>(query).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{query}");
        }
        let many = "foo=1&".repeat(51);
        assert_eq!(read::<Some3>(&many).unwrap_err().field, None);
    }
}
