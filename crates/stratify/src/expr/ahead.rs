//! What is found out before the columns are looked at, for all customers at once.

use std::sync::Arc;

use base::Result;
use lake::mask::{Bits, RowTest, Texts};

use super::behaviour::{Behaviour, tally::Tally};
use super::{At, one};

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
