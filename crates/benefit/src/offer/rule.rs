//! From a question to its answer. Pure: the same question has the same answer, in whatever order
//! its offers are named.

use base::Result;

use super::apply::{Draft, Ground, Ready, State};
use super::cart::{Ask, Key, Why};
use super::miss::{self, Near};
use super::quote::{
    Applied, Bearing, Measured, Points, PointsOf, Postage, Priced, Proof, Quote, Unused,
};
use super::search::{Field, able, are_apart};
use super::share::{Bit, first, spread};
use super::stack::Kind;
use super::terms::{Effect, WHOLE};

/// An offer at its turn, after those of the best combination that come before it.
pub(super) struct Turn<'a> {
    pub own: Ready<'a>,
    /// What it would do.
    pub draft: Draft,
    /// What is missing to more.
    pub near: Option<Near>,
    /// What it did, if it is one of the best combination.
    pub applied: Option<Applied>,
}

/// What a cart gets: the combination of offers that is worth most to the buyer.
///
/// # Errors
/// `bad_input` that says which part will not do; `conflict` with the time from which on a line is
/// on sale for the buyer; `too_large` for too many offers.
pub fn quote(ask: &Ask<'_>) -> Result<Quote> {
    ask.check()?;
    let ground = Ground::new(ask);
    let start = ground.start(ask);
    let (all, mut unused) = meant(ask, &ground);
    let (places, rest) = able((&ground, &start), &all);
    let offers: Vec<Ready<'_>> =
        places.iter().filter_map(|place| all.get(*place)).cloned().collect();
    let found = Field::new(&ground, &start, &offers).best();
    let chosen: Vec<Key> = found
        .chosen
        .iter()
        .filter_map(|place| offers.get(place))
        .map(|own| own.offer.key)
        .collect();
    let mut state = start.clone();
    let turns: Vec<Turn<'_>> =
        all.into_iter().map(|own| turn((&ground, own), &mut state, &chosen)).collect();
    let unchosen = turns.iter().filter(|turn| turn.applied.is_none());
    unused.extend(
        unchosen.map(|turn| Unused {
            key: turn.own.offer.key,
            why: why(turn, &turns, (&ground, &start)),
        }),
    );
    unused.sort_by_key(|unused| unused.key);
    let misses = miss::listed(ask.rules, &turns);
    let steps: Vec<Applied> = turns.into_iter().filter_map(|turn| turn.applied).collect();
    let bound = found.bound + rest;
    let proof = Proof { exact: bound == found.value, value_minor: found.value, bound_minor: bound };
    let points = pay(ask, &state, &steps);
    Ok(total(ask, (&state, steps, points), (proof, unused, misses)))
}

/// The offers that are meant, in the order in which they are applied, and the others.
fn meant<'a>(ask: &Ask<'a>, ground: &Ground<'a>) -> (Vec<Ready<'a>>, Vec<Unused>) {
    let (mut all, mut unused) = (Vec::new(), Vec::new());
    for offer in ask.offers {
        let own = ground.ready(ask, *offer);
        let nothing = || own.goods.is_empty().then_some(Why::Goods);
        match offer.unmeant(ask).or_else(nothing) {
            Some(why) => unused.push(Unused { key: offer.key, why }),
            None => all.push(own),
        }
    }
    all.sort_by_key(|own| {
        // What comes back is a share of what all the others left to be paid.
        let last = matches!(own.offer.terms.effect, Effect::CashBack { .. });
        let (stage, place) = (ask.rules.place(own.stage), own.offer.terms.stack.place);
        (last, stage, place, own.goods.len(), own.offer.key)
    });
    (all, unused)
}

/// Lets an offer have its turn.
fn turn<'a>(
    (ground, own): (&Ground<'_>, Ready<'a>),
    state: &mut State,
    chosen: &[Key],
) -> Turn<'a> {
    let draft = ground.draft(&own, state);
    let near = miss::near((ground, &own), state, &draft);
    let applied = chosen.contains(&own.offer.key).then(|| apply(ground, &own, (state, &draft)));
    Turn { own, draft, near, applied }
}

fn apply(ground: &Ground<'_>, own: &Ready<'_>, (state, draft): (&mut State, &Draft)) -> Applied {
    let before: Vec<i64> = state.lines.iter().map(|line| line.now).collect();
    let measured = Measured {
        lines: ground.open_lines(own, state),
        minor: draft.measured.0,
        pieces: draft.measured.1,
        step: draft.step,
        times: draft.times,
    };
    let shares = state.apply(own.stage, draft);
    let lines: Vec<Bearing> = shares
        .iter()
        .map(|&(line, given)| {
            let before_minor = before.get(line).copied().unwrap_or(0);
            let (off_minor, back_minor) = if draft.back { (0, given) } else { (given, 0) };
            let after_minor = before_minor - off_minor;
            Bearing { line, before_minor, off_minor, after_minor, back_minor }
        })
        .collect();
    let gifts = match (&own.offer.terms.effect, draft.step) {
        (Effect::Gift { steps }, Some(step)) => steps.get(step).map(|step| &step.gives.gifts),
        _ => None,
    };
    Applied {
        key: own.offer.key,
        stage: own.stage,
        measured,
        off_minor: lines.iter().map(|line| line.off_minor).sum(),
        back_minor: lines.iter().map(|line| line.back_minor).sum(),
        lines,
        postage_minor: draft.postage,
        gifts: gifts.cloned().unwrap_or_default(),
        worth_minor: draft.worth,
    }
}

/// Why an offer that is meant does nothing.
fn why(own: &Turn<'_>, turns: &[Turn<'_>], (ground, start): (&Ground<'_>, &State)) -> Why {
    let applied = || turns.iter().filter(|turn| turn.applied.is_some());
    let beside = |turn: &Turn<'_>| Why::Beside { other: turn.own.offer.key };
    if ground.draft(&own.own, start).value() == 0 {
        return Why::NotReached;
    }
    if let Some(other) = applied().find(|other| are_apart(ground.rules, &own.own, &other.own)) {
        return beside(other);
    }
    if miss::is_full(ground.rules, own.own.stage, turns) {
        return Why::Count;
    }
    if own.draft.value() > 0 {
        return Why::NoGain;
    }
    let takes = |other: &&Turn<'_>| {
        let lines = other.applied.iter().flat_map(|applied| &applied.lines);
        lines.into_iter().any(|bearing| own.own.goods.contains(&bearing.line))
    };
    applied().find(takes).map_or(Why::NotReached, beside)
}

/// What points pay of what offers left. They are a way to pay: no offer makes way for them.
fn pay(ask: &Ask<'_>, state: &State, steps: &[Applied]) -> Option<Points> {
    let cash = ask.rules.cash?;
    let coupon = steps.iter().any(|step| step.key.kind == Kind::Coupon);
    if coupon && !cash.beside_coupons {
        return None;
    }
    let goods: i64 = state.lines.iter().map(|line| line.now).sum();
    let most = first(goods, i64::from(cash.share_most), i64::from(WHOLE));
    let units = (ask.buyer.points / cash.points.max(1)).min(most / cash.minor.max(1));
    if units <= 0 {
        return None;
    }
    let (points, minor) = (units * cash.points, units * cash.minor);
    let lines = state.lines.iter().enumerate();
    let bits: Vec<Bit> =
        lines.map(|(line, stand)| Bit { line, weight: stand.now, most: stand.now }).collect();
    let paid = spread(minor, &bits);
    let by_paid: Vec<Bit> = bits
        .iter()
        .zip(&paid)
        .map(|(bit, paid)| Bit { weight: *paid, most: points, ..*bit })
        .collect();
    let spent = spread(points, &by_paid);
    let lines = paid.into_iter().zip(spent).enumerate();
    let lines = lines.filter(|(_, (minor, points))| *minor > 0 || *points > 0);
    let lines = lines.map(|(line, (minor, points))| PointsOf { line, points, minor }).collect();
    Some(Points { points, minor, lines })
}

fn total(
    ask: &Ask<'_>,
    (state, steps, points): (&State, Vec<Applied>, Option<Points>),
    (proof, unused, misses): (Proof, Vec<Unused>, Vec<miss::Miss>),
) -> Quote {
    let by_points = |line: usize| {
        let own = points.iter().flat_map(|points| &points.lines).find(|own| own.line == line);
        own.map_or(0, |own| own.minor)
    };
    let lines: Vec<Priced> = ask
        .cart
        .lines
        .iter()
        .zip(&state.lines)
        .enumerate()
        .map(|(place, (line, stand))| {
            let (original_minor, points_minor) = (line.amount(), by_points(place));
            Priced {
                product: line.product,
                pieces: line.pieces,
                original_minor,
                off_minor: original_minor - stand.now,
                points_minor,
                pay_minor: stand.now - points_minor,
            }
        })
        .collect();
    let postage = Postage {
        original_minor: ask.cart.postage_minor,
        off_minor: ask.cart.postage_minor - state.postage,
        pay_minor: state.postage,
    };
    Quote {
        original_minor: lines.iter().map(|line| line.original_minor).sum(),
        off_minor: lines.iter().map(|line| line.off_minor).sum(),
        pay_minor: lines.iter().map(|line| line.pay_minor).sum::<i64>() + postage.pay_minor,
        back_minor: steps.iter().map(|step| step.back_minor).sum(),
        lines,
        postage,
        steps,
        points,
        proof,
        unused,
        misses,
    }
}
