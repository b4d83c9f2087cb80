//! What stays of an order, line by line. Pure.

/// A document's lines: product, pieces and money, each in whole.
pub(super) type Stated = (i64, i64, i64);

/// What stays of an order's lines: `paid` in all, less what `refunds` took back of single products,
/// less what else was given back, which is taken of all of them alike. The sum of their money is
/// what stays in all, at least 0.
#[must_use]
pub(super) fn remaining(
    lines: &[Stated],
    (paid, given_back): (i64, i64),
    refunds: &[Stated],
) -> Vec<Stated> {
    let whole: Vec<i64> = lines.iter().map(|(.., money)| (*money).max(0)).collect();
    let shares = shared(&whole, paid.max(0));
    let mut left: Vec<Stated> = lines
        .iter()
        .zip(shares)
        .map(|((product, pieces, _), money)| (*product, (*pieces).max(0), money))
        .collect();
    let mut rest = given_back.max(0);
    for (product, pieces, money) in refunds {
        let (mut pieces, mut money) = (pieces.abs(), money.abs().min(rest));
        for (_, own_pieces, own_money) in left.iter_mut().filter(|own| own.0 == *product) {
            let (taken, back) = ((*own_pieces).min(pieces), (*own_money).min(money));
            (*own_pieces, *own_money) = (*own_pieces - taken, *own_money - back);
            (pieces, money, rest) = (pieces - taken, money - back, rest - back);
        }
    }
    let before: Vec<i64> = left.iter().map(|(.., money)| *money).collect();
    let all: i64 = before.iter().sum();
    let rest = rest.min(all);
    for ((own, part), before) in left.iter_mut().zip(shared(&before, rest)).zip(before) {
        own.2 = before - part;
        if before > 0 {
            // Pieces of which all money was given back have come back.
            let stays = i128::from(own.1) * i128::from(own.2) / i128::from(before);
            own.1 = i64::try_from(stays).unwrap_or(0);
        }
    }
    left
}

/// An amount shared by weight, so that the shares add up to it: each is what the sum up to it is
/// rounded down, less those before. Nothing where nothing has a weight, unless there is only one.
fn shared(weights: &[i64], amount: i64) -> Vec<i64> {
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if all == 0 {
        let mut shares = vec![0; weights.len()];
        if let Some(first) = shares.first_mut() {
            *first = amount;
        }
        return shares;
    }
    let (mut sum, mut given) = (0_i128, 0_i128);
    let share = |weight: &i64| {
        sum += i128::from(*weight);
        let upto = sum * i128::from(amount) / all;
        let own = upto - given;
        given = upto;
        i64::try_from(own).unwrap_or(0)
    };
    weights.iter().map(share).collect()
}
