//! One row under the eyes of a bound mapping: typed values, or the first problem.

use std::borrow::Cow;

use base::{Decimal, Time};

use super::bind::{Bound, Cell, Scratch};
use super::{Field, Reject};
use crate::clean::mask::{self, mask};
use crate::clean::memo::Memo;
use crate::clean::{Reason, number, phone, region, text, when};
use crate::import::read::RawRow;
use crate::record::{Identifier, Region};

/// Bytes that a text may have: longer is refused, not cut.
pub(super) const TEXT_BYTES_MAX: usize = 64 * 1024;

/// The mark of bytes that could not be decoded.
const REPLACEMENT: char = '\u{FFFD}';

pub(super) struct View<'a> {
    pub(super) bound: &'a Bound,
    pub(super) row: &'a RawRow,
}

type Found<T> = Result<Option<T>, Reject>;

impl<'a> View<'a> {
    fn cell(&self, field: Field) -> Option<&'a Cell> {
        self.bound.cells.get(field as usize)?.as_ref()
    }

    /// Whether the file has anything for a field.
    pub(super) fn has(&self, field: Field) -> bool {
        self.cell(field).is_some()
    }

    /// The cleaned text of the first of some columns that has one.
    pub(super) fn first(&self, columns: &[usize]) -> Option<(usize, Cow<'a, str>)> {
        columns.iter().find_map(|place| {
            let cell = text::given(self.row.get(*place)?)?;
            Some((*place, cell))
        })
    }

    /// A field's text: constant, column, or default; the source's words replaced by ours.
    pub(super) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        let cell = self.cell(field)?;
        if let Some(constant) = &cell.constant {
            return Some(Cow::Borrowed(constant));
        }
        let found = match &cell.join {
            Some(between) => {
                let parts: Vec<_> =
                    cell.columns.iter().filter_map(|place| self.first(&[*place])).collect();
                let texts: Vec<&str> = parts.iter().map(|(_, text)| text.as_ref()).collect();
                (!texts.is_empty()).then(|| Cow::Owned(texts.join(between)))
            }
            None => self.first(&cell.columns).map(|(_, text)| text),
        };
        let found = match found {
            Some(word) if !cell.values.is_empty() => {
                Some(cell.values.get(&text::key(&word)).map_or(word, |to| Cow::Borrowed(to)))
            }
            other => other,
        };
        found.or_else(|| cell.default.as_deref().map(Cow::Borrowed))
    }

    /// The reject of a field's value.
    pub(super) fn reject(&self, field: Field, value: &str, reason: impl Into<String>) -> Reject {
        let cell = self.cell(field);
        let place = cell.and_then(|cell| {
            let has = |place: &&usize| self.first(&[**place]).is_some();
            cell.columns.iter().find(has).or(cell.columns.first())
        });
        let column = place.and_then(|place| self.bound.header.get(*place)).cloned();
        let kind = place.map_or(field.mask(), |place| self.bound.mask_of(*place, field.mask()));
        Reject {
            column: column.unwrap_or_else(|| field.name().to_owned()),
            value: mask(kind, value),
            reason: reason.into(),
        }
    }

    /// A field's value through a reader. What cannot be read is a reject, or nothing where the
    /// mapping is lenient.
    pub(super) fn read<T>(
        &self,
        field: Field,
        reader: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Found<T> {
        let Some(text) = self.text(field) else { return Ok(None) };
        match self.whole(&text).and_then(|()| reader(&text)) {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.cell(field).is_some_and(|cell| cell.lenient) => Ok(None),
            Err(reason) => Err(self.reject(field, &text, reason)),
        }
    }

    fn whole(&self, text: &str) -> Result<(), Reason> {
        if self.row.broken && text.contains(REPLACEMENT) {
            return Err("has bytes that are not of the file's encoding".into());
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err("is longer than 64 KB".into());
        }
        Ok(())
    }

    pub(super) fn string(&self, field: Field) -> Found<String> {
        self.read(field, |text| Ok(text.to_owned()))
    }

    pub(super) fn id(&self, field: Field) -> Found<String> {
        self.read(field, |text| number::id(text).map(str::to_owned))
    }

    pub(super) fn whole_number(&self, field: Field) -> Found<i64> {
        self.read(field, |text| number::whole(text, self.bound.comma))
    }

    /// An amount, with what the mapping adds to it and takes off.
    pub(super) fn amount(&self, field: Field) -> Found<Decimal> {
        let Some(cell) = self.cell(field) else { return Ok(None) };
        let Some(mut sum) = self.read(field, |text| number::amount(text, self.bound.comma))? else {
            return Ok(None);
        };
        let terms = cell.plus.iter().map(|place| (place, true));
        for (place, plus) in terms.chain(cell.minus.iter().map(|place| (place, false))) {
            let Some((_, text)) = self.first(&[*place]) else { continue };
            let term = number::amount(&text, self.bound.comma).and_then(|term| {
                let term = if plus { Decimal { units: -term.units, ..term } } else { term };
                number::minus(sum, term)
            });
            sum =
                term.map_err(|reason| self.reject_at(*place, &text, mask::Kind::Plain, reason))?;
        }
        Ok(Some(sum))
    }

    /// An amount in minor units.
    pub(super) fn money(&self, field: Field) -> Found<i64> {
        let Some(amount) = self.amount(field)? else { return Ok(None) };
        self.minor(field, amount).map(Some)
    }

    /// Rounds once, half away from zero.
    pub(super) fn minor(&self, field: Field, amount: Decimal) -> Result<i64, Reject> {
        self.bound.currency.minor(amount).map_err(|error| {
            let text = self.text(field).unwrap_or_default();
            self.reject(field, &text, error.message)
        })
    }

    pub(super) fn time(&self, field: Field, scratch: &mut Scratch) -> Found<Time> {
        let Some(cell) = self.cell(field) else { return Ok(None) };
        let zone = cell.zone.as_ref().unwrap_or(&self.bound.zone);
        let mut unheard = Memo::default();
        let memo = scratch.times.get_mut(field as usize).unwrap_or(&mut unheard);
        let read = self.read(field, |text| {
            if let Some(time) = memo.get([text]) {
                return Ok(Some(*time));
            }
            if when::is_zero(text) {
                return Ok(None);
            }
            let time = when::time(text, cell.style, zone)?;
            memo.put([text], time);
            Ok(Some(time))
        });
        Ok(read?.flatten())
    }

    pub(super) fn date_style(&self, field: Field) -> when::Style {
        self.cell(field).map(|cell| cell.style).unwrap_or_default()
    }

    pub(super) fn phone(&self, field: Field) -> Found<String> {
        self.read(field, |text| phone::phone(text, self.country()))
    }

    pub(super) fn country(&self) -> &'a str {
        self.bound.country.as_deref().unwrap_or_default()
    }

    /// The region, remembered from the last row with the same texts.
    pub(super) fn region(&self, scratch: &mut Scratch) -> Result<Region, Reject> {
        let fields = [Field::Country, Field::Province, Field::City, Field::RegionText];
        if fields.iter().all(|field| !self.has(*field)) {
            return Ok(Region::default());
        }
        let [country, province, city, address] = fields.map(|field| self.text(field));
        let texts = [&country, &province, &city, &address];
        let texts = texts.map(|text| text.as_deref().unwrap_or(""));
        if let Some(region) = scratch.region.get(texts) {
            return Ok(region.clone());
        }
        for (field, text) in fields.into_iter().zip(texts) {
            self.whole(text).map_err(|reason| self.reject(field, text, reason))?;
        }
        let parts = region::Parts {
            country: country.as_deref(),
            province: province.as_deref(),
            city: city.as_deref(),
            address: address.as_deref(),
        };
        let region = region::region(parts, self.bound.country.as_deref());
        scratch.region.put(texts, region.clone());
        Ok(region)
    }

    /// The person's identifiers, most trusted first.
    pub(super) fn identifiers(&self) -> Result<Vec<Identifier>, Reject> {
        let mut identifiers = Vec::with_capacity(self.bound.identifiers.len());
        for spec in &self.bound.identifiers {
            let Some((place, text)) = self.first(&spec.columns) else { continue };
            if mask::is_masked(&text) {
                continue;
            }
            let kind = match spec.namespace.as_str() {
                "phone" => mask::Kind::Phone,
                "email" => mask::Kind::Email,
                "card" => mask::Kind::Other,
                _ => mask::Kind::Account,
            };
            let value = self.whole(&text).and_then(|()| match kind {
                mask::Kind::Phone => phone::phone(&text, self.country()),
                mask::Kind::Email => crate::clean::email::email(&text),
                _ => number::id(&text).map(str::to_owned),
            });
            match value {
                Ok(value) => {
                    let namespace = spec.namespace.clone();
                    let identifier = Identifier { namespace, value };
                    if !identifiers.contains(&identifier) {
                        identifiers.push(identifier);
                    }
                }
                Err(_) if spec.lenient => {}
                Err(reason) => return Err(self.reject_at(place, &text, kind, reason)),
            }
        }
        Ok(identifiers)
    }

    /// The reject of a column that is no field.
    pub(super) fn reject_at(
        &self,
        place: usize,
        value: &str,
        kind: mask::Kind,
        reason: impl Into<String>,
    ) -> Reject {
        Reject {
            column: self.bound.header.get(place).cloned().unwrap_or_default(),
            value: mask(self.bound.mask_of(place, kind), value),
            reason: reason.into(),
        }
    }

    /// Refuses a row in which a required field is empty.
    pub(super) fn check_required(&self) -> Result<(), Reject> {
        // A value that begins with a digit is one, and most required ones do.
        let digit = |field: &Field| {
            let first = self.cell(*field).and_then(|cell| cell.columns.first());
            let raw = first.and_then(|place| self.row.get(*place));
            raw.is_some_and(|raw| raw.starts_with(|c: char| c.is_ascii_digit()))
        };
        let empty = |field: &&Field| !digit(field) && self.text(**field).is_none();
        match self.bound.required.iter().find(empty) {
            Some(field) => Err(self.reject(*field, "", "is empty")),
            None => Ok(()),
        }
    }
}
