//! Amounts: `至少 3 次`, `500 元以上`, `500 到 1000`, `more than 2 times`.

use serde_json::{Value, json};

use super::clause::Reader;
use super::lexicon::Unit;
use super::scan::Token;
use super::vocabulary::scaled;

/// Digits, and how many of them are behind the point.
type Digits = (i64, u32);

/// So much of something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Amount {
    /// The comparison that was said.
    operator: Option<String>,
    low: Digits,
    high: Option<Digits>,
    pub(super) unit: Option<Unit>,
}

impl Amount {
    /// Operator and value; a number alone means `bare`.
    pub(super) fn compared(
        &self,
        bare: &str,
        number: impl Fn(Digits) -> Option<i64>,
    ) -> Option<(String, Value)> {
        let low = number(self.low)?;
        if let Some(high) = self.high {
            return Some(("between".to_owned(), json!([low, number(high)?])));
        }
        Some((self.operator.as_deref().unwrap_or(bare).to_owned(), json!(low)))
    }

    /// The same in whole numbers.
    pub(super) fn whole(&self, bare: &str) -> Option<(String, Value)> {
        self.compared(bare, |(digits, after)| scaled(digits, -i64::from(after)))
    }

    /// As [`Amount::whole`], as a match of something that was done so often.
    pub(super) fn matched(&self) -> Option<Value> {
        let number = |(digits, after): Digits| scaled(digits, -i64::from(after));
        let low = number(self.low)?;
        if self.high.is_some() {
            return None;
        }
        let (mode, threshold) = match self.operator.as_deref() {
            None | Some(">=") => ("atLeast", low),
            Some(">") => ("atLeast", low.checked_add(1)?),
            Some("<=") => ("atMost", low),
            Some("<") => ("atMost", low.checked_sub(1)?),
            Some(_) => ("exactly", low),
        };
        Some(json!({"mode": mode, "threshold": threshold}))
    }

    /// First and last age that are meant; an age alone is the only one.
    pub(super) fn ages(&self) -> Option<(i64, Option<i64>)> {
        let number = |(digits, after): Digits| scaled(digits, -i64::from(after));
        let low = number(self.low)?;
        if let Some(high) = self.high {
            return Some((low, Some(number(high)?)));
        }
        Some(match self.operator.as_deref() {
            None | Some("=") => (low, Some(low)),
            Some(">=") => (low, None),
            Some(">") => (low.checked_add(1)?, None),
            Some("<=") => (0, Some(low)),
            Some(_) => (0, Some(low.checked_sub(1)?)),
        })
    }

    /// A share or a number of people, of the largest.
    pub(super) fn top(&self) -> Option<Value> {
        let (digits, after) = self.low;
        match self.unit {
            Some(Unit::Percent) => {
                let share: f64 = format!("{digits}e-{}", after + 2).parse().ok()?;
                Some(json!({"share": share}))
            }
            _ => scaled(digits, -i64::from(after)).map(|count| json!(count)),
        }
    }

    /// A share as a fraction, with the comparison.
    pub(super) fn fraction(&self) -> Option<(String, Value)> {
        let (digits, after) = self.low;
        let by = after + if self.unit == Some(Unit::Percent) { 2 } else { 0 };
        let share: f64 = format!("{digits}e-{by}").parse().ok()?;
        Some((self.operator.as_deref().unwrap_or("<").to_owned(), json!(share)))
    }
}

impl Reader<'_> {
    /// An amount that stands here; nothing is read when there is none.
    pub(super) fn amount(&mut self) -> Option<Amount> {
        let start = self.at;
        let found = self.try_amount();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn try_amount(&mut self) -> Option<Amount> {
        self.pass();
        let mut operator = None;
        if let Some(Token::Compare(said, _)) = self.token() {
            operator = Some(said.clone());
            self.next();
        }
        let mut unit = self.unit();
        let low = self.digits()?;
        unit = self.unit().or(unit);
        let mut high = None;
        let before = self.at;
        self.pass();
        if matches!(self.token(), Some(Token::Range | Token::And)) {
            self.next();
            let sign = self.unit();
            high = self.digits();
            if high.is_some() {
                unit = self.unit().or(sign).or(unit);
            }
        }
        if high.is_none() {
            self.at = before;
        }
        let before = self.at;
        self.pass();
        match self.token() {
            Some(Token::Compare(said, true)) if operator.is_none() => {
                operator = Some(said.clone());
                self.next();
                unit = unit.or_else(|| self.unit());
            }
            _ => self.at = before,
        }
        Some(Amount { operator, low, high, unit })
    }

    fn digits(&mut self) -> Option<Digits> {
        self.pass();
        let Some(Token::Number(digits, after)) = self.token() else { return None };
        let found = (*digits, *after);
        self.next();
        Some(found)
    }

    fn unit(&mut self) -> Option<Unit> {
        let before = self.at;
        self.pass();
        if let Some(Token::Unit(unit)) = self.token() {
            let unit = *unit;
            self.next();
            return Some(unit);
        }
        self.at = before;
        None
    }
}
