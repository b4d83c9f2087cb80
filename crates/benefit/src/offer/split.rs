//! A bound by parts of the cart that have little to do with each other. Pure.
//!
//! Most promotions and coupons are for a few goods. Lines that no such offer has in common are
//! parts of the cart, each with few offers, of which the best set is found quickly. What sets a
//! price line by line is in every part for itself. From the first offer on that is for most of the
//! cart, offers are worth at most what they are worth alone: what came before them can be less
//! than is best for a part. Where such an offer asks for so much money, the parts leave it that
//! much. The sum of all that is not exceeded by any set, and the sets of the parts together are
//! good ones to begin with.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::apply::{Draft, Ground, Ready};
use super::search::{Field, Work};
use super::set::Set;
use super::stack::{Base, Stacking, Stage};
use super::terms::{Amount, Effect, Limit, Step, Threshold};

/// Coupons up to which it is told apart how many of them each part takes.
const COUPONS_MAX: i64 = 4;
/// What is worked out for a part.
const WORK: Work = Work { near: 300, all: 600, exact: false };

/// What a set is worth at the most, for no coupon, for one, for two and so on at the most.
type Options = Vec<(i64, Set)>;

/// What no set is worth more than, and sets that may be worth as much.
pub(super) fn split(field: &Field<'_>, drafts: &[Rc<Draft>]) -> (i64, Vec<Set>) {
    let (wide, label) = labels(field, drafts);
    let parts = parts(field, &wide, &label);
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in wide.iter() {
        groups.entry(field.group(at).unwrap_or(at)).or_default().push(at);
    }
    let all: i64 = field.ground.lines.iter().map(|line| line.amount).sum();
    let local = drafts.iter().enumerate().filter(|(at, _)| !wide.has(*at));
    let besides: i64 = local.map(|(_, draft)| draft.besides()).sum();
    let asked = wide.iter().flat_map(|at| asks(field, at)).map(|(asked, _)| asked);
    // Of the offers that ask for money, the one that asks for most asks for some of these.
    let ways = asked.chain([0]).collect::<BTreeSet<i64>>().into_iter().map(|asked| {
        let most = (all - asked).max(0) + besides;
        let mut best: Options =
            parts.iter().map(|(value, set)| ((*value).min(most), *set)).collect();
        for own in groups.values() {
            best = joined(&best, &alone(field, drafts, (own, best.len(), asked)));
        }
        best.pop().unwrap_or_default()
    });
    let ways: Vec<(i64, Set)> = ways.collect();
    let bound = ways.iter().map(|(value, _)| *value).max().unwrap_or(0);
    (bound, ways.into_iter().map(|(_, set)| set).collect())
}

/// What the offers for few goods are worth together.
fn parts(field: &Field<'_>, wide: &Set, label: &[usize]) -> Options {
    let most = field.ground.rules.coupons.most();
    let limits: Vec<i64> = if most <= COUPONS_MAX { (0..=most).collect() } else { vec![most] };
    let rule = |most: &i64| Stacking {
        coupons: Limit::AtMost { most: *most },
        ..field.ground.rules.clone()
    };
    let rules: Vec<Stacking> = limits.iter().map(rule).collect();
    let mut best: Options = vec![(0, Set::default()); limits.len()];
    for part in label.iter().collect::<BTreeSet<_>>() {
        let lines: Set = (0..label.len()).filter(|line| label.get(*line) == Some(part)).collect();
        let own = within(field, wide, &lines);
        if !own.is_empty() {
            best = joined(&best, &options(field, &rules, &own));
        }
    }
    best
}

/// What an offer gives for how much money that is left of all goods; nothing where it asks for
/// something else.
fn asks(field: &Field<'_>, at: usize) -> Vec<(i64, i64)> {
    let Some(own) = field.offers.get(at) else { return Vec::new() };
    let all = own.lines.len() == field.ground.lines.len();
    match &own.offer.terms.effect {
        Effect::AmountOff { steps } if all && field.ground.rules.base == Base::Reduced => {
            let step = |step: &Step<Amount>| match step.from {
                Threshold::Money { minor } => Some((minor, step.gives.minor)),
                _ => None,
            };
            steps.iter().map(step).collect::<Option<_>>().unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Whether what an offer does to a line hangs on nothing but the line.
fn is_free(own: &Ready<'_>, draft: &Draft) -> bool {
    draft.by_line && !matches!(own.offer.terms.effect, Effect::Exchange { .. })
}

/// The first offer for most of the cart and all after it, and for every line the part that it
/// belongs to.
fn labels(field: &Field<'_>, drafts: &[Rc<Draft>]) -> (Set, Vec<usize>) {
    let count = field.ground.lines.len();
    let (mut wide, mut label) = (Set::default(), (0..count).collect::<Vec<usize>>());
    for (at, (own, draft)) in field.offers.iter().zip(drafts).enumerate() {
        if !wide.is_empty() {
            wide.put(at);
            continue;
        }
        if is_free(own, draft) {
            continue;
        }
        let lines: BTreeSet<usize> = own.lines.iter().chain(&own.goods).copied().collect();
        if lines.len() * 2 > count {
            wide.put(at);
            continue;
        }
        let own: BTreeSet<usize> =
            lines.iter().filter_map(|line| label.get(*line)).copied().collect();
        if let Some(first) = own.first().copied() {
            for label in label.iter_mut().filter(|label| own.contains(&**label)) {
                *label = first;
            }
        }
    }
    (wide, label)
}

/// The offers for some lines, with their places, for these lines only.
fn within<'a>(field: &Field<'a>, wide: &Set, lines: &Set) -> Vec<(usize, Ready<'a>)> {
    let only = |own: &[usize]| own.iter().copied().filter(|line| lines.has(*line)).collect();
    let offers = field.offers.iter().enumerate().filter(|(at, _)| !wide.has(*at));
    let cut = offers.map(|(at, own)| {
        let (own_lines, goods): (Vec<usize>, Vec<usize>) = (only(&own.lines), only(&own.goods));
        (at, Ready { lines: own_lines, goods, ..own.clone() })
    });
    cut.filter(|(_, own)| !own.goods.is_empty()).collect()
}

/// What the offers of a part are worth together.
fn options(field: &Field<'_>, rules: &[Stacking], own: &[(usize, Ready<'_>)]) -> Options {
    let offers: Vec<Ready<'_>> = own.iter().map(|(_, own)| own.clone()).collect();
    let mut options = Options::new();
    for rules in rules.iter().rev() {
        // What needs no more coupons than there may be is the best with fewer, too.
        let fits = |(_, set): &(i64, Set)| field.counts(set).1 <= rules.coupons.most();
        if let Some(last) = options.last().copied().filter(fits) {
            options.push(last);
            continue;
        }
        let lines = field.ground.lines.clone();
        let ground = Ground { rules, worth: field.ground.worth, lines };
        let found = Field::new(&ground, field.start, &offers).searched(WORK);
        let places = found.chosen.iter().filter_map(|at| own.get(at)).map(|(at, _)| *at);
        options.push((found.bound, places.collect()));
    }
    options.reverse();
    options
}

/// What the best of offers that keep each other out is worth, where none asks for more than some
/// money.
fn alone(
    field: &Field<'_>,
    drafts: &[Rc<Draft>],
    (own, count, most): (&[usize], usize, i64),
) -> Options {
    let worth = |at: usize| {
        let ceiling = drafts.get(at).map_or(0, |draft| draft.ceiling());
        let asks = asks(field, at);
        let given = asks.iter().filter(|(asked, _)| *asked <= most).map(|(_, given)| *given).max();
        if asks.is_empty() { ceiling } else { given.unwrap_or(0).min(ceiling) }
    };
    let best = |coupons: usize| {
        let goes = |at: &&usize| {
            let stage = field.offers.get(**at).map(|own| own.stage);
            stage != Some(Stage::Coupon) || coupons > 0 || count == 1
        };
        let all = own.iter().filter(goes).map(|at| (worth(*at), *at));
        all.filter(|(value, _)| *value > 0).max_by_key(|(value, at)| (*value, usize::MAX - at))
    };
    let option = |best: Option<(i64, usize)>| match best {
        Some((value, at)) => (value, std::iter::once(at).collect()),
        None => (0, Set::default()),
    };
    (0..count).map(|coupons| option(best(coupons))).collect()
}

/// What two parts are worth together.
fn joined(one: &[(i64, Set)], other: &[(i64, Set)]) -> Options {
    let together = |coupons: usize| {
        let ways = (0..=coupons).filter_map(|own| {
            let ((value, mut set), (more, others)) = (*one.get(coupons - own)?, other.get(own)?);
            set.join(others);
            Some((value + more, set))
        });
        ways.max_by_key(|(value, _)| *value)
    };
    (0..one.len()).filter_map(together).collect()
}
