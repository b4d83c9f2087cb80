//! Applying an offer to a cart as it stands. Pure.
//!
//! Whatever an offer does, it becomes one [`Draft`]: an amount, and what each line can bear of it.
//! A draft is applied in one way. What it is worth at the most does not grow when other offers are
//! applied before it; [`super::search`] relies on that.

use std::collections::BTreeMap;

use super::cart::{Ask, Offer};
use super::pieces::{Pack, Pieces};
use super::share::{Bit, share, spread};
use super::stack::{Base, Stacking, Stage};
use super::terms::{Effect, Step, Threshold, WHOLE};

/// What does not change while offers are applied.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub rules: &'a Stacking,
    pub worth: &'a BTreeMap<i64, i64>,
    pub lines: Vec<Good>,
}

/// A line of the cart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Good {
    pub product: i64,
    pub pieces: i64,
    pub amount: i64,
}

/// An offer with the lines that it is for.
#[derive(Debug, Clone)]
pub(super) struct Ready<'a> {
    pub offer: Offer<'a>,
    pub stage: Stage,
    /// On which its threshold is measured.
    pub lines: Vec<usize>,
    /// Of which it takes something off.
    pub goods: Vec<usize>,
    /// The stages that keep a line from it.
    pub barred: u8,
}

/// A line as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand {
    /// What is to be paid for it.
    pub now: i64,
    /// What can still be taken off.
    pub room: i64,
    /// The stages whose offers took something off.
    pub taken: u8,
}

/// A cart as it stands.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub lines: Vec<Stand>,
    /// Postage to be paid.
    pub postage: i64,
    /// What may still be taken off in all.
    pub budget: i64,
    /// What the offers that were applied are worth to the buyer.
    pub value: i64,
}

/// What an offer would do.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// Money off the goods, or that comes back; the lines can bear it.
    pub total: i64,
    /// Over which lines.
    pub bits: Vec<Bit>,
    /// What the total is at the most, whatever is applied before: it can grow up to this where
    /// other pieces come in for those that can bear nothing, or a lower step gives more.
    pub open: i64,
    /// Whether each line bears its own part; otherwise all that are open to it take part.
    pub own: bool,
    /// Whether that hangs on nothing but the line.
    pub by_line: bool,
    /// Whether it comes back instead of being taken off.
    pub back: bool,
    /// Off the postage.
    pub postage: i64,
    /// What gifts are worth.
    pub worth: i64,
    /// The step that is reached.
    pub step: Option<usize>,
    /// What is measured: money and pieces.
    pub measured: (i64, i64),
    /// How often it applies.
    pub times: i64,
}

/// A line that is open to an offer, as it stands.
#[derive(Debug, Clone, Copy)]
struct Open {
    line: usize,
    good: Good,
    stand: Stand,
    base: i64,
}

impl Draft {
    /// What it is worth to the buyer.
    pub(super) fn value(&self) -> i64 {
        self.total + self.postage + self.worth
    }

    /// What it is worth at the most, whatever is applied before.
    pub(super) fn ceiling(&self) -> i64 {
        self.open + self.postage + self.worth
    }

    /// The part of its ceiling that takes nothing off the goods: postage, gifts, what comes back.
    pub(super) fn besides(&self) -> i64 {
        let off = if self.back || self.bits.is_empty() { 0 } else { self.open };
        self.ceiling() - off
    }

    /// A total that all lines share in proportion to weights.
    fn shared(self, total: i64, bits: Vec<Bit>) -> Self {
        let own = self.taken(total, bits);
        Self { open: own.total, ..own }
    }

    /// A total that those lines share whose pieces were taken.
    fn taken(mut self, total: i64, bits: Vec<Bit>) -> Self {
        let room: i64 = bits.iter().filter(|bit| bit.weight > 0).map(|bit| bit.most).sum();
        self.open = total.max(0);
        self.total = self.open.min(room);
        self.bits = bits;
        self
    }

    /// What each line bears for itself, of all pieces or of some.
    fn each(mut self, (bits, all): (Vec<Bit>, bool)) -> Self {
        self.total = bits.iter().map(|bit| bit.most).sum();
        let open = bits.iter().map(|bit| bit.weight).sum();
        self.open = if all { self.total } else { open };
        self.bits = bits;
        (self.own, self.by_line) = (true, all);
        self
    }

    /// The lines that take part when money is taken off: other offers of which a line takes one
    /// are kept out.
    pub(super) fn lines(&self) -> impl Iterator<Item = usize> {
        let own = self.bits.iter().filter(|bit| !self.own || bit.weight > 0);
        own.map(|bit| bit.line)
    }
}

impl<'a> Ground<'a> {
    pub(super) fn new(ask: &Ask<'a>) -> Self {
        let good = |line: &super::cart::Line| Good {
            product: line.product,
            pieces: line.pieces,
            amount: line.amount(),
        };
        let lines = ask.cart.lines.iter().map(good).collect();
        Self { rules: ask.rules, worth: &ask.cart.worth, lines }
    }

    /// The cart without any offer.
    pub(super) fn start(&self, ask: &Ask<'_>) -> State {
        let stand = |line: &super::cart::Line| {
            let floor = if self.rules.below_cost { 0 } else { line.floor() };
            Stand { now: line.amount(), room: line.amount() - floor, taken: 0 }
        };
        let all: i64 = self.lines.iter().map(|line| line.amount).sum();
        let budget = match self.rules.share_most {
            WHOLE.. => all,
            most => share(all, most),
        };
        State {
            lines: ask.cart.lines.iter().map(stand).collect(),
            postage: ask.cart.postage_minor,
            budget,
            value: 0,
        }
    }

    /// An offer with its lines.
    pub(super) fn ready(&self, ask: &Ask<'_>, offer: Offer<'a>) -> Ready<'a> {
        let stage = offer.stage();
        let meant = |line: &super::cart::Line| offer.means(line);
        let places = |of: &dyn Fn(&super::cart::Line) -> bool| -> Vec<usize> {
            let lines = ask.cart.lines.iter().enumerate();
            lines.filter(|(_, line)| of(line)).map(|(place, _)| place).collect()
        };
        let (lines, goods) = match &offer.terms.effect {
            Effect::Exchange { products, .. } => {
                let own = |line: &super::cart::Line| products.contains(&line.product);
                (places(&|line| meant(line) && !own(line)), places(&own))
            }
            Effect::SetPrice { parts, .. } => {
                let own = |line: &super::cart::Line| {
                    meant(line) && parts.iter().any(|part| part.product == line.product)
                };
                (places(&own), places(&own))
            }
            _ => (places(&meant), places(&meant)),
        };
        let special = if offer.terms.scope.full_price_only { Stage::Price.bit() } else { 0 };
        let once = match &offer.terms.effect {
            Effect::Gift { .. } | Effect::FreeShipping { .. } | Effect::CashBack { .. } => 0,
            _ => self.rules.barred(stage),
        };
        let barred = once | special;
        Ready { offer, stage, lines, goods, barred }
    }

    fn open(&self, lines: &[usize], barred: u8, state: &State) -> Vec<Open> {
        let own = lines.iter().filter_map(|&line| {
            let (good, stand) = (*self.lines.get(line)?, *state.lines.get(line)?);
            let base = match self.rules.base {
                Base::Reduced => stand.now,
                Base::Original => good.amount,
            };
            (stand.taken & barred == 0).then_some(Open { line, good, stand, base })
        });
        own.collect()
    }

    /// What an offer would do to a cart as it stands.
    pub(super) fn draft(&self, own: &Ready<'_>, state: &State) -> Draft {
        let open = self.open(&own.lines, own.barred, state);
        let minor = open.iter().map(|line| line.base).sum();
        let pieces = open.iter().map(|line| line.good.pieces).sum();
        let draft = Draft { measured: (minor, pieces), times: 1, ..Draft::default() };
        match &own.offer.terms.effect {
            Effect::AmountOff { steps } => {
                let (step, gives) = highest(steps, draft.measured);
                let total = gives.map_or(0, |gives| gives.minor);
                Draft { step, ..draft.shared(total, by_base(&open)) }
            }
            Effect::AmountOffEach { each, off_minor, times } => {
                let times = each.times(minor, pieces).min(times.most());
                let total = off_minor.saturating_mul(times);
                Draft { times, ..draft.shared(total, by_base(&open)) }
            }
            Effect::PercentOff { steps, most } => {
                let (step, gives) = highest(steps, draft.measured);
                let total = gives.map_or(0, |gives| share(minor, gives.share));
                Draft { step, ..draft.shared(total.min(most.most()), by_base(&open)) }
            }
            Effect::CashBack { steps, most } => {
                let (step, gives) = highest(steps, draft.measured);
                let paid = open.iter().map(|line| line.stand.now).sum();
                let total = gives.map_or(0, |gives| share(paid, gives.share));
                let bits = open.iter().map(|line| line.bit(line.stand.now)).collect();
                Draft { step, back: true, ..draft.shared(total.min(most.most()), bits) }
            }
            Effect::Gift { steps } => {
                let (step, gives) = highest(steps, draft.measured);
                let worth = gives.map_or(0, |gives| self.worth_of(&gives.gifts));
                // A lower step can give what is worth more.
                let lower = steps.iter().take(step.map_or(0, |step| step + 1));
                let most = lower.map(|step| self.worth_of(&step.gives.gifts)).max();
                Draft { step, worth, open: most.unwrap_or(0) - worth, ..draft }
            }
            Effect::FreeShipping { from, most } => {
                let reached = from.reached(minor, pieces);
                let postage = if reached { state.postage.min(most.most()) } else { 0 };
                Draft { postage, ..draft }
            }
            Effect::Exchange { from, .. } => {
                let free = matches!(from, Threshold::Nothing {});
                match free || from.reached(minor, pieces) {
                    true => draft.each(self.exchanged(own, state)),
                    false => draft,
                }
            }
            effect => by_pieces(draft, effect, &open, own.offer.left.unwrap_or(i64::MAX)),
        }
    }

    /// The lines that are open to an offer.
    pub(super) fn open_lines(&self, own: &Ready<'_>, state: &State) -> Vec<usize> {
        self.open(&own.lines, own.barred, state).iter().map(|open| open.line).collect()
    }

    /// What the cheapest piece that an offer is for costs without any offer.
    pub(super) fn cheapest(&self, own: &Ready<'_>) -> Option<i64> {
        let goods = own.lines.iter().filter_map(|line| self.lines.get(*line));
        goods.map(|good| good.amount / good.pieces.max(1)).min()
    }

    /// What the last so many pieces cost that an offer is for.
    pub(super) fn last(&self, own: &Ready<'_>, state: &State, count: i64) -> i64 {
        let pieces = standing(&self.open(&own.lines, own.barred, state));
        pieces.sum(i64::MAX) - pieces.sum(pieces.count() - count)
    }

    /// What a piece of a product costs, and how many there are that an offer is for.
    pub(super) fn of_product(&self, own: &Ready<'_>, product: i64) -> (Option<i64>, i64) {
        let goods = own.lines.iter().filter_map(|line| self.lines.get(*line));
        let goods = || goods.clone().filter(|good| good.product == product);
        let each = goods().map(|good| good.amount / good.pieces.max(1)).min();
        (each, goods().map(|good| good.pieces).sum())
    }

    /// What an exchange would take off if what is bought besides reached its threshold.
    pub(super) fn exchanged(&self, own: &Ready<'_>, state: &State) -> (Vec<Bit>, bool) {
        let Effect::Exchange { pieces, price_minor, .. } = &own.offer.terms.effect else {
            return Default::default();
        };
        let open = self.open(&own.goods, own.barred, state);
        let most = own.offer.left.unwrap_or(i64::MAX).min(*pieces);
        by_piece(&open, (standing(&open), most), |price| price - price_minor)
    }

    /// What products are worth.
    pub(super) fn worth_of(&self, parts: &[super::terms::Part]) -> i64 {
        let of = |part: &super::terms::Part| {
            // Also what nobody knows the worth of is better than nothing.
            let each = self.worth.get(&part.product).copied().unwrap_or(0).max(1);
            each.saturating_mul(part.pieces)
        };
        parts.iter().map(of).sum()
    }
}

/// What an effect does that goes by pieces; of so many at the most.
fn by_pieces(draft: Draft, effect: &Effect, open: &[Open], left: i64) -> Draft {
    match effect {
        Effect::PiecePercentOff { share: off, pieces } => {
            let most = pieces.most().min(left);
            draft.each(by_piece(open, (based(open), most), |price| share(price, *off)))
        }
        Effect::FixedPrice { price_minor, pieces } => {
            let most = pieces.most().min(left);
            draft.each(by_piece(open, (standing(open), most), |price| price - price_minor))
        }
        Effect::BundlePrice { pieces, price_minor, times } => {
            let pack = Pack(vec![(standing(open), *pieces)]);
            packed(draft, open, &pack, (*price_minor, times.most().min(left)))
        }
        Effect::SetPrice { parts, price_minor, times } => {
            let all = standing(open);
            let own = parts.iter().map(|part| (all.only(part.product), part.pieces));
            let pack = Pack(own.collect());
            packed(draft, open, &pack, (*price_minor, times.most().min(left)))
        }
        Effect::BuyGet { buy, get, share, times } => {
            cheaper(draft, open, (*buy, *get, *share), times.most().min(left))
        }
        _ => draft,
    }
}

impl Open {
    fn bit(&self, weight: i64) -> Bit {
        Bit { line: self.line, weight, most: self.stand.room }
    }
}

fn highest<T>(steps: &[Step<T>], (minor, pieces): (i64, i64)) -> (Option<usize>, Option<&T>) {
    let step = Step::highest(steps, minor, pieces);
    (step, step.and_then(|step| steps.get(step)).map(|step| &step.gives))
}

fn by_base(open: &[Open]) -> Vec<Bit> {
    open.iter().map(|line| line.bit(line.base)).collect()
}

/// The pieces at what they are measured at.
fn based(open: &[Open]) -> Pieces {
    let of = |line: &Open| (line.line, line.good.product, line.base, line.good.pieces);
    Pieces::of(open.iter().map(of))
}

/// The pieces at what is to be paid for them.
fn standing(open: &[Open]) -> Pieces {
    let of = |line: &Open| (line.line, line.good.product, line.stand.now, line.good.pieces);
    Pieces::of(open.iter().map(of))
}

/// Something off the price of each of the dearest pieces; each line bears its own. And whether
/// these are all.
fn by_piece(
    open: &[Open],
    (pieces, most): (Pieces, i64),
    off: impl Fn(i64) -> i64,
) -> (Vec<Bit>, bool) {
    let mut bits = weighed(
        open,
        pieces.first(most).map(|(_, run)| (run.line, off(run.price).max(0) * run.pieces)),
    );
    for bit in &mut bits {
        bit.most = bit.most.min(bit.weight);
    }
    (bits, most >= pieces.count())
}

/// The lines with the sums of what is said of them.
fn weighed(open: &[Open], of: impl Iterator<Item = (usize, i64)>) -> Vec<Bit> {
    let mut bits: Vec<Bit> = open.iter().map(|line| line.bit(0)).collect();
    for (line, weight) in of {
        // Lines are in their order.
        if let Ok(at) = bits.binary_search_by_key(&line, |bit| bit.line)
            && let Some(bit) = bits.get_mut(at)
        {
            bit.weight += weight;
        }
    }
    bits
}

/// Packs that cost so much, as far as they would cost more.
fn packed(draft: Draft, open: &[Open], pack: &Pack, (price, most): (i64, i64)) -> Draft {
    let times = pack.dearer(price, most);
    let taken = pack.0.iter().flat_map(|(pieces, each)| pieces.first(times * each));
    let bits = weighed(open, taken.map(|(_, run)| (run.line, run.price * run.pieces)));
    Draft { times, ..draft.taken(pack.sum(times) - times * price, bits) }
}

/// Of each `buy + get` pieces the last `get` are cheaper; all of them bear it.
fn cheaper(draft: Draft, open: &[Open], (buy, get, off): (i64, i64, u32), most: i64) -> Draft {
    let (pieces, group) = (based(open), buy + get);
    let times = (pieces.count() / group).min(most);
    let before = |place: i64| place / group * get + (place % group - buy).max(0);
    let taken = || pieces.first(times * group);
    let total = taken()
        .map(|(at, run)| share(run.price, off) * (before(at + run.pieces) - before(at)))
        .sum();
    let bits = weighed(open, taken().map(|(_, run)| (run.line, run.price * run.pieces)));
    Draft { times, ..draft.taken(total, bits) }
}

impl State {
    /// Applies what an offer would do; each line with what it bears, in their order.
    pub(super) fn apply(&mut self, stage: Stage, draft: &Draft) -> Vec<(usize, i64)> {
        let total = if draft.back { draft.total } else { draft.total.min(self.budget) };
        let given = spread(total, &draft.bits);
        let mut shares = Vec::with_capacity(draft.bits.len());
        for (bit, given) in draft.bits.iter().zip(given) {
            let Some(line) = self.lines.get_mut(bit.line) else { continue };
            line.room -= given;
            line.now -= if draft.back { 0 } else { given };
            if given > 0 {
                shares.push((bit.line, given));
            }
        }
        if !draft.back && total > 0 {
            self.budget -= total;
            for line in draft.lines() {
                if let Some(line) = self.lines.get_mut(line) {
                    line.taken |= stage.bit();
                }
            }
        }
        self.postage -= draft.postage;
        self.value += total + draft.postage + draft.worth;
        shares
    }
}
