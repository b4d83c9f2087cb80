//! Sharing money to the cent. Pure.

use super::terms::WHOLE;

/// What a line can bear of something that is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bit {
    /// The line's place in the cart.
    pub line: usize,
    /// In proportion to what.
    pub weight: i64,
    /// How much at the most.
    pub most: i64,
}

/// Shares a total in proportion to weights, by the largest remainder; of equal ones the first line
/// gets it. What a line cannot bear goes to the others. The shares add up to the total, or to all
/// that the lines can bear.
pub(super) fn spread(total: i64, bits: &[Bit]) -> Vec<i64> {
    let mut given = vec![0; bits.len()];
    let mut open: Vec<(usize, Bit)> = bits
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, bit)| bit.weight > 0 && bit.most > 0)
        .collect();
    let mut rest = i128::from(total.max(0)).min(open.iter().map(|(_, bit)| wide(bit.most)).sum());
    loop {
        let sum: i128 = open.iter().map(|(_, bit)| wide(bit.weight)).sum();
        let (full, others): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, bit)| rest * wide(bit.weight) >= wide(bit.most) * sum);
        for (at, bit) in &full {
            put(&mut given, *at, bit.most);
            rest -= wide(bit.most);
        }
        open = others;
        if full.is_empty() {
            remainders(rest, sum, &open, &mut given);
            return given;
        }
    }
}

/// Shares what every line can bear its share of.
fn remainders(rest: i128, sum: i128, open: &[(usize, Bit)], given: &mut [i64]) {
    let share = |bit: &Bit| rest * wide(bit.weight) / sum.max(1);
    let mut left = rest - open.iter().map(|(_, bit)| share(bit)).sum::<i128>();
    let mut by_rest: Vec<&(usize, Bit)> = open.iter().collect();
    by_rest.sort_by_key(|(at, bit)| (-(rest * wide(bit.weight) % sum.max(1)), *at));
    for (at, bit) in by_rest {
        let more = i128::from(left > 0);
        left -= more;
        put(given, *at, i64::try_from(share(bit) + more).unwrap_or(i64::MAX));
    }
}

fn wide(own: i64) -> i128 {
    i128::from(own)
}

fn put(list: &mut [i64], at: usize, own: i64) {
    if let Some(place) = list.get_mut(at) {
        *place = own;
    }
}

/// What so many of a number of equal parts are of an amount, rounded down: parts that are taken
/// one after the other add up to the amount, whatever is taken at once.
#[must_use]
pub(super) fn first(amount: i64, parts: i64, of: i64) -> i64 {
    let own = wide(amount) * wide(parts) / wide(of.max(1));
    i64::try_from(own).unwrap_or(amount)
}

/// A share of an amount that is not negative, in thousandths, rounded half up.
#[must_use]
pub(super) fn share(amount: i64, share: u32) -> i64 {
    let whole = i128::from(WHOLE);
    let own = (wide(amount) * i128::from(share) + whole / 2) / whole;
    i64::try_from(own).unwrap_or(amount)
}
