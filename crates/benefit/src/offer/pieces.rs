//! The pieces of some lines, dearest first. Pure.
//!
//! What a line costs is shared over its pieces to the minor unit, so every piece has a whole price,
//! and what goes by pieces never takes more off when goods become cheaper or fewer. The search for
//! the best combination relies on that.

/// Equal pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The line's place in the cart.
    pub line: usize,
    /// The product's number.
    pub product: i64,
    /// What a piece costs.
    pub price: i64,
    /// How many.
    pub pieces: i64,
}

/// Pieces, the dearest first; of equal ones those of the first line.
#[derive(Debug, Clone, Default)]
pub(super) struct Pieces(Vec<Run>);

impl Pieces {
    /// Those of lines, each with its product, its amount and its pieces.
    pub(super) fn of(lines: impl Iterator<Item = (usize, i64, i64, i64)>) -> Self {
        let mut runs = Vec::new();
        for (line, product, amount, pieces) in lines {
            let (price, dearer) = (amount / pieces.max(1), amount % pieces.max(1));
            for (price, pieces) in [(price + 1, dearer), (price, pieces - dearer)] {
                if pieces > 0 {
                    runs.push(Run { line, product, price, pieces });
                }
            }
        }
        runs.sort_unstable_by_key(|run| (-run.price, run.line));
        Self(runs)
    }

    /// How many there are.
    pub(super) fn count(&self) -> i64 {
        self.0.iter().map(|run| run.pieces).sum()
    }

    /// Those of one product.
    pub(super) fn only(&self, product: i64) -> Self {
        Self(self.0.iter().filter(|run| run.product == product).copied().collect())
    }

    /// The first so many, each run with the place of its first piece.
    pub(super) fn first(&self, most: i64) -> impl Iterator<Item = (i64, Run)> {
        let mut from = 0;
        self.0.iter().filter_map(move |run| {
            let at = from;
            from += run.pieces;
            let pieces = run.pieces.min(most - at);
            (pieces > 0).then_some((at, Run { pieces, ..*run }))
        })
    }

    /// What the first so many cost.
    pub(super) fn sum(&self, most: i64) -> i64 {
        self.first(most).map(|(_, run)| run.price * run.pieces).sum()
    }
}

/// A pack of pieces: so many of each of some.
pub(super) struct Pack(pub Vec<(Pieces, i64)>);

impl Pack {
    /// What so many packs of the dearest pieces cost.
    pub(super) fn sum(&self, packs: i64) -> i64 {
        self.0.iter().map(|(pieces, each)| pieces.sum(packs * each)).sum()
    }

    /// How many packs there are at the most, and cost more than a price. The later a pack, the
    /// less it costs.
    pub(super) fn dearer(&self, price: i64, most: i64) -> i64 {
        let whole = self.0.iter().map(|(pieces, each)| pieces.count() / each.max(&1)).min();
        let (mut low, mut high) = (0, whole.unwrap_or(0).min(most));
        while low < high {
            let middle = (low + high + 1) / 2;
            match self.sum(middle) - self.sum(middle - 1) > price {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        low
    }
}
