//! What is found out before the columns are looked at, for all customers at once.

use std::sync::Arc;

use base::Result;
use lake::mask::{Bits, RowTest, Texts};

use super::behaviour::{Behaviour, Measured, tally::Tally};
use super::{At, Top, one};

/// What a leaf was found to say before the columns are looked at.
pub(super) enum Ahead {
    /// For whom it holds.
    Known(Arc<Known>),
    /// Under which words its column has what it asks for.
    Words(Texts),
}

/// For whom something is true and for whom it is false, by place.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) yes: Bits,
    pub(super) no: Bits,
    /// Of those at this place and after it, all is said by `beyond`.
    pub(super) places: usize,
    pub(super) beyond: Option<bool>,
}

impl Known {
    pub(super) fn of(tally: &Tally, behaviour: &Behaviour, at: At<'_>) -> Result<Self> {
        if let Some(top) = behaviour.top() {
            return Ok(Self::of_largest(tally, behaviour, top));
        }
        let (mut yes, mut no) = (Bits::default(), Bits::default());
        let beyond = one::is(&behaviour.is, behaviour.measure.of_nothing(), at)?;
        // Most people share their measure with others.
        let mut before = (None, one::is(&behaviour.is, None, at)?);
        for place in 0..tally.places() {
            let measured = tally.of(place);
            if measured != before.0 {
                before = (measured, one::is(&behaviour.is, measured, at)?);
            }
            match before.1 {
                Some(true) => yes.insert(place),
                Some(false) => no.insert(place),
                None => {}
            }
        }
        Ok(Self { yes, no, places: tally.places(), beyond })
    }
}

impl Known {
    /// Who has the largest measure of those who did anything. Of somebody who did nothing it is
    /// said that they are not among them where nothing has a measure, and nothing otherwise.
    fn of_largest(tally: &Tally, behaviour: &Behaviour, top: Top) -> Self {
        let had = (0..tally.places()).filter(|place| tally.has(*place));
        let values = had.filter_map(|place| Some((tally.of(place)?, place))).collect();
        let yes: Bits = largest(values, top).into_iter().collect();
        let beyond = behaviour.measure.of_nothing().map(|_| false);
        let says_no =
            |place: &usize| (tally.has(*place) || beyond.is_some()) && !yes.contains(*place);
        let no = (0..tally.places()).filter(says_no).collect();
        Self { yes, no, places: tally.places(), beyond }
    }
}

/// The places with the largest values; of equal ones, those of who came first.
pub(super) fn largest(mut values: Vec<(Measured, usize)>, top: Top) -> Vec<usize> {
    let count = match top {
        Top::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
        #[expect(clippy::cast_precision_loss, reason = "people are fewer than 2^53")]
        #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
        #[expect(clippy::cast_sign_loss, reason = "a share is not below zero")]
        Top::Share(share) => (values.len() as f64 * share).ceil() as usize,
    };
    if count < values.len() {
        values.select_nth_unstable_by(count, |(a, one), (b, other)| {
            b.in_order(a).then(one.cmp(other))
        });
        values.truncate(count);
    }
    values.into_iter().map(|(_, place)| place).collect()
}

/// Something that is known of everybody, or its opposite.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) known: Arc<Known>,
    pub(super) not: bool,
}

impl RowTest for Told {
    fn holds(&self, row: usize) -> bool {
        match (row < self.known.places, self.not) {
            (false, not) => self.known.beyond == Some(!not),
            (true, false) => self.known.yes.contains(row),
            (true, true) => self.known.no.contains(row),
        }
    }
}
