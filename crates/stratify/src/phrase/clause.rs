//! Reading clauses: what somebody did, who they are, and how much of what they have.

use base::Date;
use serde_json::{Value, json};

use super::amount::Amount;
use super::lexicon::{Deed, Test, Unit};
use super::made::{self, Act, Objects};
use super::scan::{Piece, Token, UnitName};
use super::vocabulary::{Means, Vocabulary};
use super::{Unknown, Why};

/// How a clause goes on from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// With no word for it.
    Beside,
    And,
    Or,
}

/// A clause that was understood.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) text: String,
    pub(super) joined: Joined,
    pub(super) rule: Value,
}

/// What stands before the head of a clause.
#[derive(Debug, Default)]
struct Lead {
    not: bool,
    window: Option<Value>,
    /// So long, without a word for when.
    length: Option<(u32, UnitName)>,
}

/// Why a clause makes no rule, and the name of the thing in it that is not known.
type Fault = (Why, Option<String>);
type Ruled = Result<Value, Fault>;

/// Reads the clauses of a text.
pub(super) struct Reader<'a> {
    chars: &'a [char],
    pieces: &'a [Piece],
    pub(super) vocabulary: &'a Vocabulary,
    today: Date,
    pub(super) at: usize,
    /// The window of the clause before, for one that follows it directly.
    window: Option<Value>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        chars: &'a [char],
        pieces: &'a [Piece],
        vocabulary: &'a Vocabulary,
        today: Date,
    ) -> Self {
        Self { chars, pieces, vocabulary, today, at: 0, window: None }
    }

    /// All clauses, and what is none.
    pub(super) fn read(mut self) -> (Vec<Clause>, Vec<Unknown>) {
        let (mut clauses, mut unknown) = (Vec::new(), Vec::new());
        let mut joined = Joined::Beside;
        while let Some(token) = self.token() {
            match token {
                Token::Or => joined = Joined::Or,
                Token::And | Token::Stop => joined = Joined::And,
                Token::Space | Token::Filler | Token::List | Token::Range => {}
                _ => {
                    let (from, before) = (self.at, self.window.take());
                    let ruled = self.clause(before);
                    let text = self.text(from, self.at);
                    match ruled {
                        Ok(rule) => clauses.push(Clause { text, joined, rule }),
                        Err((why, thing)) => unknown.push(Unknown { text, why, thing }),
                    }
                    joined = Joined::Beside;
                    continue;
                }
            }
            self.window = None;
            self.next();
        }
        (clauses, unknown)
    }

    pub(super) fn token(&self) -> Option<&'a Token> {
        self.pieces.get(self.at).map(|piece| &piece.token)
    }

    pub(super) fn next(&mut self) {
        self.at += 1;
    }

    /// Goes past what says nothing.
    pub(super) fn pass(&mut self) {
        while matches!(self.token(), Some(Token::Space | Token::Filler)) {
            self.next();
        }
    }

    /// What the pieces from one to before another say.
    fn text(&self, from: usize, to: usize) -> String {
        let first = self.pieces.get(from).map_or(0, |piece| piece.from);
        let last = to.checked_sub(1).and_then(|last| self.pieces.get(last));
        let last = last.map_or(first, |piece| piece.to);
        let text: String = self.chars.get(first..last).unwrap_or_default().iter().collect();
        text.trim().to_owned()
    }

    /// A clause that begins here; `before` is the window of the one directly before.
    fn clause(&mut self, before: Option<Value>) -> Ruled {
        let lead = self.lead();
        let Some(token) = self.token() else {
            let none = lead.window.is_none() && lead.length.is_none();
            return Err((if none { Why::Unknown } else { Why::NoDeed }, None));
        };
        let piece = self.at;
        if !matches!(token, Token::Number(..) | Token::Compare(..) | Token::Unit(_)) {
            self.next();
        }
        match token {
            Token::Deed(deed) => self.deed(*deed, lead, before),
            Token::Test(test) => Ok(negated(test.rule(), lead.not)),
            Token::Name(all) => named(all, lead.not),
            Token::Field(field) => self.field(field, lead),
            Token::Likes => self.likes(lead.not),
            Token::Top => self.top(lead.not),
            Token::Number(..) | Token::Compare(..) | Token::Unit(_) => self.counted(lead.not),
            Token::Unknown => {
                self.unread();
                Err((Why::Unknown, None))
            }
            _ => {
                // A join or the like: it is read again as what it is.
                self.at = piece;
                let dangling = lead.window.is_some() || lead.length.is_some();
                Err((if dangling { Why::NoDeed } else { Why::Unknown }, None))
            }
        }
    }

    /// Goes to the end of words that are not understood: what says nothing between them is theirs.
    fn unread(&mut self) {
        let rest = self.pieces.get(self.at..).unwrap_or_default().iter();
        let rest = rest.take_while(|one| matches!(one.token, Token::Filler | Token::Unknown));
        let last = rest.enumerate().filter(|(_, one)| one.token == Token::Unknown).last();
        self.at += last.map_or(0, |(place, _)| place + 1);
    }

    /// What stands before the head, in any order.
    fn lead(&mut self) -> Lead {
        let mut lead = Lead::default();
        loop {
            match self.token() {
                Some(Token::Space | Token::Filler) => {}
                Some(Token::Not) => lead.not = !lead.not,
                Some(Token::Window(window)) => lead.window = Some(window.clone()),
                Some(Token::Season { .. }) => lead.window = self.season(lead.window.take()),
                Some(Token::Length(count, unit)) => lead.length = Some((*count, unit)),
                Some(Token::Compare(..)) if self.length_follows() => {}
                _ => return lead,
            }
            self.next();
        }
    }

    /// Days of a year: of this one, or of the one that was said before; of the last where this
    /// year's have not begun.
    fn season(&self, said: Option<Value>) -> Option<Value> {
        let Some(Token::Season { from, to, lunar }) = self.token() else { return said };
        let previous = said.as_ref().is_some_and(|window| window.get("previous").is_some());
        let this = said.as_ref().is_some_and(|window| window.get("this").is_some());
        let ahead =
            !lunar && self.today.to_string().get(5..).is_some_and(|day| day < from.as_str());
        let year = if previous || (ahead && !this) { -1 } else { 0 };
        Some(json!({"season": {"from": from, "to": to, "year": year, "lunar": lunar}}))
    }

    /// Whether a length follows a comparison: `超过 90 天没买`.
    fn length_follows(&self) -> bool {
        let rest = self.pieces.get(self.at + 1..).unwrap_or_default().iter();
        let mut rest = rest.filter(|one| !matches!(one.token, Token::Space | Token::Filler));
        let behind = self.at.checked_sub(1).and_then(|at| self.pieces.get(at));
        let behind = behind.is_some_and(|piece| matches!(piece.token, Token::Length(..)));
        behind || matches!(rest.next().map(|piece| &piece.token), Some(Token::Length(..)))
    }

    /// What somebody did: `买过面膜 3 次`, `bought masks in the last 90 days`.
    fn deed(&mut self, deed: Deed, mut lead: Lead, before: Option<Value>) -> Ruled {
        let mut objects = Objects::default();
        let mut amount: Option<Amount> = None;
        loop {
            let start = self.at;
            self.pass();
            match self.token() {
                Some(Token::Name(all)) if is_thing(all) => objects.add(all),
                Some(Token::List | Token::Or) if self.thing_follows() => {
                    let text = self.text(self.at, self.at + 1);
                    objects.all |= matches!(text.as_str(), "和" | "与");
                }
                Some(Token::And) if !objects.is_empty() && self.thing_follows() => {
                    objects.all = true;
                }
                Some(Token::Unknown) if objects.is_empty() && amount.is_none() => {
                    let thing = self.text(self.at, self.at + 1);
                    self.next();
                    return Err((Why::NoThing, Some(thing)));
                }
                Some(Token::Number(..) | Token::Compare(..) | Token::Unit(_))
                    if amount.is_none() =>
                {
                    let read = self.amount().filter(|read| read.unit != Some(Unit::Age));
                    if read.is_none() {
                        self.at = start;
                        break;
                    }
                    amount = read;
                    continue;
                }
                Some(Token::Window(window)) if lead.window.is_none() && !self.is_ahead() => {
                    lead.window = Some(window.clone());
                }
                _ => {
                    self.at = start;
                    break;
                }
            }
            self.next();
        }
        if let (None, Some((count, unit)), true) = (&lead.window, lead.length, lead.not) {
            // 90 天没买: not in the last 90 days.
            lead.window = Some(json!({"last": count, "unit": unit}));
        } else if lead.length.is_some() {
            return Err((Why::NoDeed, None));
        }
        if lead.window.is_none() && lead.not {
            // 近7天看过没买: of the same days.
            lead.window = before;
        }
        self.window = lead.window.clone();
        let act = Act { deed, not: lead.not, window: lead.window, objects, amount };
        made::rule(&act, self.vocabulary).ok_or((Why::NoAmount, None))
    }

    /// Whether a thing follows what joins it.
    fn thing_follows(&self) -> bool {
        let rest = self.pieces.get(self.at + 1..).unwrap_or_default().iter();
        let mut rest = rest.filter(|one| !matches!(one.token, Token::Space | Token::Filler));
        matches!(rest.next().map(|piece| &piece.token), Some(Token::Name(all)) if is_thing(all))
    }

    /// Whether a time belongs to what comes after it, as it does in Chinese.
    fn is_ahead(&self) -> bool {
        let Some(piece) = self.pieces.get(self.at) else { return false };
        let latin = |c: &char| c.is_ascii_alphabetic();
        if self.chars.get(piece.from..piece.to).unwrap_or_default().iter().any(latin) {
            return false;
        }
        let rest = self.pieces.get(self.at + 1..).unwrap_or_default().iter();
        let skipped =
            |one: &&Piece| !matches!(one.token, Token::Space | Token::Filler | Token::Not);
        let next = rest.clone().find(skipped).map(|piece| &piece.token);
        matches!(next, Some(Token::Deed(_)))
    }

    /// A field, and what its value is.
    fn field(&mut self, field: &str, mut lead: Lead) -> Ruled {
        let wrong = || (Why::NoAmount, None);
        let start = self.at;
        self.pass();
        if field.ends_with("_at") {
            let window = match self.token() {
                Some(Token::Window(window)) => {
                    self.next();
                    Some(window.clone())
                }
                _ => self.aged(),
            };
            if window.is_none() {
                self.at = start;
            }
            let length = lead.length.map(|(count, unit)| json!({"last": count, "unit": unit}));
            let window = window.or(lead.window.take()).or(length).ok_or_else(wrong)?;
            let rule = json!({"field": field, "operator": "within", "value": window});
            return Ok(negated(rule, lead.not));
        }
        if let Some(Token::Name(all)) = self.token() {
            let mut own = all.iter().filter_map(|means| match means {
                Means::Customer(test) if test.field == field => Some(test),
                _ => None,
            });
            self.next();
            return own.next().map(|test| negated(test.rule(), lead.not)).ok_or_else(wrong);
        }
        if matches!(self.token(), Some(Token::Top)) {
            self.next();
            let amount = self.amount().ok_or_else(wrong)?;
            return topped(field, &amount, lead.not);
        }
        let Some(amount) = self.amount() else {
            self.at = start;
            return Err(wrong());
        };
        let read = match field {
            "random" => amount.fraction(),
            _ if field.ends_with("_minor") => {
                amount.compared("=", |(digits, after)| self.vocabulary.minor(digits, after))
            }
            _ => amount.whole("="),
        };
        let (operator, value) = read.ok_or_else(wrong)?;
        Ok(negated(json!({"field": field, "operator": operator, "value": value}), lead.not))
    }

    /// `超过 90 天`, `不到 30 天` behind a time.
    fn aged(&mut self) -> Option<Value> {
        let mut operator = "<=";
        if let Some(Token::Compare(said, _)) = self.token() {
            operator = said;
            self.next();
            self.pass();
        }
        let Some(Token::Length(count, unit)) = self.token() else { return None };
        self.next();
        if let Some(Token::Compare(said, true)) = self.token() {
            operator = said;
            self.next();
        }
        Some(match operator {
            ">" | ">=" => json!({"to": {"ago": count, "unit": unit}}),
            _ => json!({"last": count, "unit": unit}),
        })
    }

    /// What somebody mostly buys.
    fn likes(&mut self, not: bool) -> Ruled {
        let mut objects = Objects::default();
        loop {
            let start = self.at;
            self.pass();
            match self.token() {
                Some(Token::Name(all)) if is_thing(all) => objects.add(all),
                Some(Token::List | Token::Or) if self.thing_follows() => {}
                Some(Token::Unknown) if objects.is_empty() => {
                    let thing = self.text(self.at, self.at + 1);
                    self.next();
                    return Err((Why::NoThing, Some(thing)));
                }
                _ => {
                    self.at = start;
                    break;
                }
            }
            self.next();
        }
        let rule = made::favourite(&objects).ok_or((Why::NoThing, None))?;
        Ok(negated(rule, not))
    }

    /// `前 10% 消费`, `top 100 by net spend`.
    fn top(&mut self, not: bool) -> Ruled {
        let wrong = (Why::NoAmount, None);
        let amount = self.amount().ok_or_else(|| wrong.clone())?;
        self.pass();
        let field = match self.token() {
            Some(Token::Field(field)) => field.clone(),
            Some(Token::Deed(Deed::Spent)) => "net_minor".to_owned(),
            _ => return Err(wrong),
        };
        self.next();
        topped(&field, &amount, not)
    }

    /// A number that stands alone: an age.
    fn counted(&mut self, not: bool) -> Ruled {
        let start = self.at;
        let amount = self.amount();
        let Some(amount) = amount else {
            self.at = start + 1;
            return Err((Why::Unknown, None));
        };
        if amount.unit != Some(Unit::Age) {
            return Err((Why::NoAmount, None));
        }
        let (from, to) = amount.ages().ok_or((Why::AgeBands, None))?;
        let bands = self.vocabulary.bands(from, to).ok_or((Why::AgeBands, None))?;
        Ok(negated(json!({"field": "age_band", "operator": "in", "value": bands}), not))
    }
}

fn topped(field: &str, amount: &Amount, not: bool) -> Ruled {
    let value = amount.top().ok_or((Why::NoAmount, None))?;
    Ok(negated(json!({"field": field, "operator": "top", "value": value}), not))
}

fn is_thing(all: &[Means]) -> bool {
    all.iter().any(|means| matches!(means, Means::Thing(_)))
}

/// Who customers are by a name that stands alone.
fn named(all: &[Means], not: bool) -> Ruled {
    let own: Vec<&Test> = all
        .iter()
        .filter_map(|means| match means {
            Means::Customer(test) => Some(test),
            Means::Thing(_) => None,
        })
        .collect();
    let rule = own.first().ok_or((Why::NoDeed, None))?.rule();
    Ok(negated(rule, not))
}

/// A rule, or the one that says the opposite. Somebody of whom nothing is known is not in
/// Guangdong: the opposite holds there, too.
fn negated(rule: Value, not: bool) -> Value {
    if !not {
        return rule;
    }
    let opposite = match rule.get("operator").and_then(Value::as_str) {
        Some("=") => "!=",
        Some("in") => "notIn",
        Some("between") => "notBetween",
        Some("within") => "notWithin",
        _ => return json!({"combinator": "and", "not": true, "rules": [rule]}),
    };
    let (field, value) = (rule.get("field"), rule.get("value"));
    if value.is_some_and(Value::is_boolean) {
        let not = !value.and_then(Value::as_bool).unwrap_or_default();
        return json!({"field": field, "operator": "=", "value": not});
    }
    let own = json!({"field": field, "operator": opposite, "value": value});
    match field.and_then(Value::as_str) {
        Some("segment" | "tag" | "tier" | "activity" | "lifecycle") => own,
        _ => json!({"combinator": "or", "rules": [own,
            {"field": field, "operator": "null", "value": null}]}),
    }
}
