//! A mapping fitted to one header.

use std::collections::HashMap;
use std::sync::Arc;

use base::{Code, Currency, Error, Result, Time, Zone};

use super::field::{FIELDS, Field, Kind, ORDER};
use super::find::{absent, fits, keys, missing, place, understood};
use super::spec::{CheckKind, Columns, DecimalSign, FileSpec, RefundSign, Source, SourceSpec};
use super::value::View;
use super::{Mapping, Reject, Setting};
use crate::clean::memo::Memo;
use crate::clean::{mask, text, when};
use crate::import::read::RawRow;
use crate::record::{OrderKind, Record, Region, Statement};

/// Column names that an error about a missing column suggests.
const NEAREST_MAX: usize = 3;

/// A mapping that fits one file.
#[derive(Debug)]
pub struct Bound {
    pub(super) mapping: String,
    pub(super) version: u32,
    pub(super) role: String,
    pub(super) kind: Kind,
    pub(super) header: Vec<String>,
    /// By the number of the field.
    pub(super) cells: Vec<Option<Cell>>,
    pub(super) required: Vec<Field>,
    pub(super) identifiers: Vec<BoundIdentifier>,
    /// Columns on which depends what a row says about an order as a whole and its buyer.
    pub(super) stated: Vec<usize>,
    pub(super) traits: Vec<(String, Vec<usize>)>,
    pub(super) checks: Vec<(usize, CheckKind)>,
    pub(super) personal: Vec<usize>,
    pub(super) prefix: Vec<(String, OrderKind)>,
    pub(super) refunds: RefundSign,
    pub(super) paid_when: Option<(Vec<usize>, Vec<String>)>,
    pub(super) status_from_times: bool,
    pub(super) whole: bool,
    pub(super) first_row_head: bool,
    pub(super) zone: Zone,
    pub(super) currency: Currency,
    pub(super) country: Option<String>,
    pub(super) comma: bool,
    pub(super) as_of: Option<base::Date>,
}

/// A field's source in this file.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) columns: Vec<usize>,
    pub(super) join: Option<String>,
    pub(super) values: HashMap<String, String>,
    pub(super) constant: Option<String>,
    pub(super) default: Option<String>,
    pub(super) style: when::Style,
    pub(super) zone: Option<Zone>,
    pub(super) minus: Vec<usize>,
    pub(super) plus: Vec<usize>,
    pub(super) lenient: bool,
}

#[derive(Debug)]
pub(super) struct BoundIdentifier {
    pub(super) namespace: String,
    pub(super) columns: Vec<usize>,
    pub(super) lenient: bool,
}

/// What is remembered from row to row: the last values and what they meant.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) times: Vec<Memo<Time>>,
    pub(super) region: Memo<Region>,
    pub(super) said: Memo<Arc<Statement>>,
    pub(super) paid: Memo<i64>,
    pub(super) order: String,
    pub(super) order_currency: String,
    pub(super) order_refused: bool,
}

impl Mapping {
    /// Fits the mapping to a file's header: the kind of file that fits best.
    ///
    /// # Errors
    /// `bad_input` that lists the missing columns and the names nearest to them, or the mapping's
    /// own word for a file that it does not take.
    pub fn bind(&self, header: &[String], setting: &Setting) -> Result<Bound> {
        let keys = keys(header);
        let fitting = self.files.iter().filter(|file| fits(file, &keys));
        let best = fitting.max_by_key(|file| (understood(file, &keys), file.required.len()));
        match best {
            Some(file) => {
                self.spells(file, header, &keys)?;
                Ok(self.bound(file, header, setting))
            }
            None => Err(self.unfit(header, &keys)),
        }
    }

    /// Ours name columns of many shops, of which a file has some. Whoever writes one for a file of
    /// their own means each column that it names: one that is not there is misspelt, and passing
    /// it over would read unpaid orders as sales and buyers as nobody.
    fn spells(&self, file: &FileSpec, header: &[String], keys: &[String]) -> Result<()> {
        let lacking = if self.own.is_some() { absent(file, keys) } else { Vec::new() };
        if lacking.is_empty() {
            return Ok(());
        }
        let message = format!("the file has no column of this name: {}", lacking.join(", "));
        let near = near(&lacking, header);
        let hint = if near.is_empty() {
            "take it out of the mapping, or name the column as the file does".to_owned()
        } else {
            format!("the nearest columns of the file are: {}", near.join(", "))
        };
        Err(Error::bad(message).field("mapping").hint(hint))
    }

    fn bound(&self, file: &FileSpec, header: &[String], setting: &Setting) -> Bound {
        let keys = keys(header);
        let places = |columns: &Columns| -> Vec<usize> {
            columns.0.iter().filter_map(|name| place(name, &keys)).collect()
        };
        let mut cells: Vec<Option<Cell>> = (0..FIELDS).map(|_| None).collect();
        for (field, Source(source)) in &file.fields {
            if let Some(slot) = cells.get_mut(*field as usize) {
                *slot = cell(source, places);
            }
        }
        let identifiers = file.identifiers.iter().map(|id| BoundIdentifier {
            namespace: id.namespace.clone(),
            columns: places(&id.column),
            lenient: id.lenient,
        });
        let identifiers: Vec<_> = identifiers.filter(|id| !id.columns.is_empty()).collect();
        let paid_when = file.paid_when.as_ref();
        let paid_when = paid_when.map(|when| (places(&when.column), when.is.clone()));
        let paid_when = paid_when.filter(|(columns, _)| !columns.is_empty());
        let mut stated = stated(&cells);
        stated.extend(identifiers.iter().flat_map(|id| &id.columns));
        stated.extend(paid_when.iter().flat_map(|(columns, _)| columns));
        let currency = self.currency.or(setting.currency).unwrap_or(Currency::CNY);
        let kinds = |check: &super::Check| Some((place(&check.column, &keys)?, check.is));
        Bound {
            mapping: self.name.clone(),
            version: self.version,
            role: file.role.clone(),
            kind: file.record,
            header: header.to_vec(),
            cells,
            required: file.required.clone(),
            identifiers,
            stated,
            traits: file
                .traits
                .iter()
                .map(|(name, columns)| (name.clone(), places(columns)))
                .filter(|(_, columns)| !columns.is_empty())
                .collect(),
            checks: file.check.iter().filter_map(kinds).collect(),
            personal: file.personal.iter().filter_map(|name| place(name, &keys)).collect(),
            prefix: file.prefix.iter().map(|(text, kind)| (text.clone(), *kind)).collect(),
            refunds: file.refunds,
            paid_when,
            status_from_times: file.status_from_times,
            whole: file.whole,
            first_row_head: file.first_row_head,
            zone: self
                .time_zone
                .clone()
                .or_else(|| setting.time_zone.clone())
                .unwrap_or_else(default_zone),
            currency,
            country: self
                .country
                .clone()
                .or_else(|| setting.country.clone())
                .or_else(|| currency.country().map(str::to_owned)),
            comma: self.decimal == DecimalSign::Comma,
            as_of: setting.as_of,
        }
    }

    /// The error for a header that no kind of file fits.
    fn unfit(&self, header: &[String], keys: &[String]) -> Error {
        let refused = self.refuse.iter().find(|refusal| {
            refusal.header.len() == keys.len()
                && refusal.header.iter().all(|name| place(name, keys).is_some())
        });
        if let Some(refusal) = refused {
            return Error::new(Code::Unsupported, refusal.reason.clone());
        }
        let nearest = self
            .files
            .iter()
            .map(|file| (missing(file, keys), file))
            .min_by_key(|(lacking, file)| (lacking.len(), usize::MAX - understood(file, keys)));
        let (lacking, role) =
            nearest.map_or((Vec::new(), ""), |(lacking, file)| (lacking, file.role.as_str()));
        let near = near(&lacking, header);
        let message =
            format!("the header lacks columns of {} {role:?}: {}", self.name, lacking.join(", "));
        let error = Error::bad(message).field("header");
        if near.is_empty() {
            let shown: Vec<&str> = header.iter().take(12).map(String::as_str).collect();
            error.hint(format!("the file has: {}", shown.join(", ")))
        } else {
            error.hint(format!("the nearest columns of the file are: {}", near.join(", ")))
        }
    }
}

/// Columns of what can be said about an order as a whole.
fn stated(cells: &[Option<Cell>]) -> Vec<usize> {
    let cells = ORDER.iter().filter_map(|field| cells.get(*field as usize)?.as_ref());
    cells
        .flat_map(|cell| cell.columns.iter().chain(&cell.minus).chain(&cell.plus))
        .copied()
        .collect()
}

/// Asia/Shanghai, for a shop that has said nothing; UTC if even that is unknown.
fn default_zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap_or_else(|_| Zone::utc())
}

fn cell(source: &SourceSpec, places: impl Fn(&Columns) -> Vec<usize>) -> Option<Cell> {
    let columns = places(&source.column);
    if columns.is_empty() && source.constant.is_none() && source.default.is_none() {
        return None;
    }
    Some(Cell {
        columns,
        join: source.join.clone(),
        values: source.values.iter().map(|(word, to)| (text::key(word), to.clone())).collect(),
        constant: source.constant.clone(),
        default: source.default.clone(),
        style: source.style,
        zone: source.zone.clone(),
        minus: places(&source.minus),
        plus: places(&source.plus),
        lenient: source.lenient,
    })
}

/// Names in the header that resemble the missing ones.
fn near(lacking: &[String], header: &[String]) -> Vec<String> {
    let mut scored: Vec<(usize, &String)> = header
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| (lacking.iter().map(|wanted| common(wanted, name)).max().unwrap_or(0), name))
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(NEAREST_MAX).map(|(_, name)| format!("{name:?}")).collect()
}

/// In how many pairs of neighbouring characters two names agree.
fn common(left: &str, right: &str) -> usize {
    let pairs = |name: &str| -> Vec<(char, char)> {
        let key: Vec<char> = text::key(name).chars().collect();
        key.iter().copied().zip(key.iter().copied().skip(1)).collect()
    };
    let known = pairs(left);
    pairs(right).into_iter().filter(|pair| known.contains(pair)).count()
}

impl Bound {
    /// Name and version of the mapping, and which of its files this is.
    #[must_use]
    pub fn mapping(&self) -> (&str, u32, &str) {
        (&self.mapping, self.version, &self.role)
    }

    /// What a row is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Currency of the amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The currency that a row states.
    #[must_use]
    pub fn stated_currency(&self, row: &RawRow) -> Option<Currency> {
        super::order::currency(&View { bound: self, row }.text(Field::Currency)?)
    }

    /// Zone of times without an offset.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What a row says. `None` when it says nothing: all its fields are empty.
    ///
    /// # Errors
    /// The first thing in the row that is wrong.
    pub fn record(&self, row: &RawRow, scratch: &mut Scratch) -> Result<Option<Record>, Reject> {
        if row.len() != self.header.len() && !self.fits_width(row) {
            return Err(Reject {
                column: String::new(),
                value: String::new(),
                reason: format!(
                    "has {} fields where the header has {}",
                    row.len(),
                    self.header.len()
                ),
            });
        }
        if row.iter().all(|field| field.trim().is_empty()) {
            return Ok(None);
        }
        if scratch.times.len() != FIELDS {
            scratch.times.resize_with(FIELDS, Default::default);
        }
        super::build::record(self, row, scratch).map(Some)
    }

    /// Whether what a row has beyond the header is empty.
    fn fits_width(&self, row: &RawRow) -> bool {
        row.len() > self.header.len() && row.iter().skip(self.header.len()).all(str::is_empty)
    }

    /// How a column's values are shown.
    pub(super) fn mask_of(&self, column: usize, kind: mask::Kind) -> mask::Kind {
        let personal = kind == mask::Kind::Plain && self.personal.contains(&column);
        if personal { mask::Kind::Other } else { kind }
    }
}
