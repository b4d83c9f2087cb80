//! What was taken off a whole order, shared out to its lines.

use base::Result;

use super::commerce::{Item, Setting};
use super::field::money;
use super::object::Object;

/// Takes what an order says was taken off (`discount`) from the amounts of its lines, unless their
/// prices are those after it already, as the order's sums tell.
///
/// # Errors
/// `bad_input` with the property that is no amount.
pub(super) fn take_off(
    items: &mut [Item],
    object: &Object<'_>,
    setting: &Setting<'_>,
) -> Result<()> {
    let amount = |names: &[&'static str]| money(object, names, setting);
    let Some(discount) = amount(&["discount"])?.filter(|discount| *discount > 0) else {
        return Ok(());
    };
    let aside = |names: &[&'static str]| Ok::<i64, base::Error>(amount(names)?.unwrap_or(0));
    let goods = match amount(&["subtotal", "revenue"])? {
        Some(goods) => Some(goods),
        None => match amount(&["total"])? {
            Some(total) => Some(total - aside(&["shipping"])? - aside(&["tax"])?),
            None => None,
        },
    };
    let sum: i64 = items.iter().map(|item| item.line.amount_minor).sum();
    if goods.is_some_and(|goods| (sum - goods).abs() <= (sum - discount - goods).abs()) {
        return Ok(());
    }
    let amounts: Vec<i64> = items.iter().map(|item| item.line.amount_minor).collect();
    for (item, off) in items.iter_mut().zip(shares(&amounts, discount)) {
        item.line.amount_minor -= off;
    }
    Ok(())
}

/// What each of some amounts bears of a discount: in proportion to it, in whole minor units by the
/// largest remainders, and never more than it is. Amounts below zero bear nothing.
fn shares(amounts: &[i64], discount: i64) -> Vec<i64> {
    let amounts: Vec<i128> = amounts.iter().map(|amount| i128::from((*amount).max(0))).collect();
    let sum: i128 = amounts.iter().sum();
    if sum == 0 {
        return vec![0; amounts.len()];
    }
    let discount = i128::from(discount).min(sum);
    let mut shares: Vec<i128> = amounts.iter().map(|amount| amount * discount / sum).collect();
    let left = discount - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    let remainder = |at: &usize| amounts.get(*at).map_or(0, |amount| amount * discount % sum);
    order.sort_by_key(|at| std::cmp::Reverse(remainder(at)));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(at) {
            *share += 1;
        }
    }
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::shares;

    #[test]
    fn a_discount_is_shared_out_to_the_cent() {
        assert_eq!(shares(&[100, 200, 300], 60), [10, 20, 30]);
        assert_eq!(shares(&[1, 1, 1], 2), [1, 1, 0]);
        assert_eq!(shares(&[50, -50], 60), [50, 0]);
        assert_eq!(shares(&[0, 0], 5), [0, 0]);
    }

    proptest! {
        #[test]
        fn shares_are_the_discount(
            amounts in prop::collection::vec(-1_000_i64..100_000, 0..20),
            discount in 1_i64..2_000_000,
        ) {
            let shares = shares(&amounts, discount);
            let most: i64 = amounts.iter().map(|amount| (*amount).max(0)).sum();
            prop_assert_eq!(shares.iter().sum::<i64>(), discount.min(most));
            for (share, amount) in shares.iter().zip(&amounts) {
                prop_assert!((0..=(*amount).max(0)).contains(share));
            }
        }
    }
}
