//! What comes back of a cart, worked out of its quote. Pure.
//!
//! What has come back in all is a function of the pieces that have. A refund is the difference of
//! two such states, so any sequence of parts ends where the whole does, in whatever order they
//! come, and a line gives back its own share to the cent.

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::cart::Key;
use super::quote::{Applied, Quote};
use super::share::first;
use super::terms::Part;

/// What comes back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// Each line of which pieces come back.
    pub lines: Vec<LineBack>,
    /// Money for the goods.
    pub minor: i64,
    /// Money for postage: it comes back with the last piece.
    pub postage_minor: i64,
    /// Points that were spent.
    pub points: i64,
    /// What every offer has to do with it.
    pub offers: Vec<OfferBack>,
}

/// What comes back of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineBack {
    /// Its place in the cart.
    pub line: usize,
    /// Pieces.
    pub pieces: i64,
    /// Money.
    pub minor: i64,
    /// Points.
    pub points: i64,
}

/// What an offer has to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferBack {
    /// Which.
    pub key: Key,
    /// What it had taken off what comes back.
    pub off_minor: i64,
    /// What it had taken off the postage that comes back.
    pub postage_minor: i64,
    /// What it had given as stored value, and is taken back.
    pub back_minor: i64,
    /// Whether with this all came back that it was for: a coupon can be used again.
    pub whole: bool,
    /// What was given besides and is to come back with the last of it.
    pub gifts: Vec<Part>,
}

/// What comes back when after some pieces of each line more of them do; `before` and `after` are
/// the pieces of each line that have come back, in the order of lines.
///
/// # Errors
/// `bad_input` for lines that the quote has not, for more pieces than it has, and for fewer after
/// than before.
pub fn refund(quote: &Quote, before: &[i64], after: &[i64]) -> Result<Back> {
    for (pieces, field) in [(before, "before"), (after, "after")] {
        if pieces.len() != quote.lines.len() {
            let text = format!("needs {} lines, as many as were bought", quote.lines.len());
            return Err(Error::bad(text).field(field));
        }
    }
    for (place, line) in quote.lines.iter().enumerate() {
        let (from, to) = (at(before, place), at(after, place));
        if from < 0 || to < from || to > line.pieces {
            let text = format!("is {from} to {}", line.pieces);
            return Err(Error::bad(text)
                .field(format!("after[{place}]"))
                .hint("what has come back stays; no more comes back than was bought"));
        }
    }
    let (from, to) = (State { quote, pieces: before }, State { quote, pieces: after });
    let lines = |place: usize| LineBack {
        line: place,
        pieces: at(after, place) - at(before, place),
        minor: to.money(place) - from.money(place),
        points: to.points(place) - from.points(place),
    };
    let lines: Vec<LineBack> =
        (0..quote.lines.len()).map(lines).filter(|line| line.pieces > 0).collect();
    let offers = quote.steps.iter().map(|step| OfferBack {
        key: step.key,
        off_minor: to.off(step) - from.off(step),
        postage_minor: to.last(step.postage_minor) - from.last(step.postage_minor),
        back_minor: to.back(step) - from.back(step),
        whole: to.is_whole(step) && !from.is_whole(step),
        gifts: match to.is_whole(step) && !from.is_whole(step) {
            true => step.gifts.clone(),
            false => Vec::new(),
        },
    });
    let matters = |own: &OfferBack| {
        own.whole || own.off_minor > 0 || own.postage_minor > 0 || own.back_minor > 0
    };
    Ok(Back {
        minor: lines.iter().map(|line| line.minor).sum(),
        points: lines.iter().map(|line| line.points).sum(),
        postage_minor: to.last(quote.postage.pay_minor) - from.last(quote.postage.pay_minor),
        offers: offers.filter(matters).collect(),
        lines,
    })
}

fn at(pieces: &[i64], place: usize) -> i64 {
    pieces.get(place).copied().unwrap_or(0)
}

/// A quote of which some pieces have come back.
struct State<'a> {
    quote: &'a Quote,
    pieces: &'a [i64],
}

impl State<'_> {
    /// The part of an amount of a line that goes with what has come back.
    fn part(&self, place: usize, amount: i64) -> i64 {
        let all = self.quote.lines.get(place).map_or(1, |line| line.pieces);
        first(amount, at(self.pieces, place), all)
    }

    fn money(&self, place: usize) -> i64 {
        self.part(place, self.quote.lines.get(place).map_or(0, |line| line.pay_minor))
    }

    fn points(&self, place: usize) -> i64 {
        let spent = self.quote.points.iter().flat_map(|points| &points.lines);
        spent.filter(|own| own.line == place).map(|own| self.part(place, own.points)).sum()
    }

    fn off(&self, step: &Applied) -> i64 {
        step.lines.iter().map(|own| self.part(own.line, own.off_minor)).sum()
    }

    fn back(&self, step: &Applied) -> i64 {
        step.lines.iter().map(|own| self.part(own.line, own.back_minor)).sum()
    }

    fn all(&self, place: usize) -> bool {
        self.quote.lines.get(place).is_some_and(|line| at(self.pieces, place) == line.pieces)
    }

    /// What comes back with the last piece of all.
    fn last(&self, amount: i64) -> i64 {
        let whole = (0..self.quote.lines.len()).all(|place| self.all(place));
        if whole { amount } else { 0 }
    }

    /// Whether all has come back that an offer was for: the whole cart where it took off postage,
    /// else what it took something off or gave something back for, else what it was measured on.
    fn is_whole(&self, step: &Applied) -> bool {
        if step.postage_minor > 0 {
            return (0..self.quote.lines.len()).all(|place| self.all(place));
        }
        match step.lines.is_empty() {
            true => step.measured.lines.iter().all(|place| self.all(*place)),
            false => step.lines.iter().all(|own| self.all(own.line)),
        }
    }
}
