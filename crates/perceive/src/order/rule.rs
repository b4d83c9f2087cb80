//! What an order is, as a pure function of what was said about it.

use std::collections::{BTreeMap, HashSet};

use base::Time;

use super::{Line, NewPart, Recipient, Said, Sourced, State};
use crate::record::{Contact, OrderHead, OrderKind, Region, Status, earliest, fill};

/// An order that changes; its buyer may still have to be found.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) number: i64,
    /// Generation of its lines before the change.
    pub(super) epoch: i64,
    pub(super) name: String,
    pub(super) old: Option<State>,
    pub(super) new: Option<State>,
    pub(super) duplicates: u64,
    /// Whether it has no row yet.
    pub(super) fresh: bool,
}

impl Draft {
    pub(super) fn states(&self) -> impl Iterator<Item = &State> {
        self.old.iter().chain(&self.new)
    }

    /// Whether its buyer is another order's, before or after.
    pub(super) fn follows(&self) -> bool {
        self.states().any(State::follows)
    }

    /// Its buyer before and after, as what follows it has them: only an order is followed.
    pub(super) fn buyers(&self) -> (Option<i64>, Option<i64>) {
        let buyer = |state: &Option<State>| {
            state.as_ref().filter(|state| state.kind == OrderKind::Order)?.label
        };
        (buyer(&self.old), buyer(&self.new))
    }
}

impl State {
    /// Whether it names an order in place of a buyer.
    pub(super) fn follows(&self) -> bool {
        self.label.is_none() && self.of_order.is_some() && self.kind != OrderKind::Order
    }
}

/// The state of an order from its parts in any order; `None` when there are none.
///
/// - Lines are multisets: of several sources the larger count holds; the batches of one source
///   add up.
/// - Of what is said about the whole order, the statement that has come furthest wins field by
///   field (`precedence`); status only advances and the order's time is its earliest.
/// - Money received is what the source says it is, else the sum of payments, else of lines.
#[must_use]
pub fn state(parts: &[Sourced]) -> Option<State> {
    let first = parts.iter().min_by_key(|part| (part.part.kind, part.source, part.batch))?;
    let mut said: Vec<&Said> = Vec::new();
    let mut seen: HashSet<&[u8]> = HashSet::new();
    for head in parts.iter().flat_map(|part| &part.part.heads) {
        if seen.insert(&head.hash) {
            said.push(head);
        }
    }
    said.sort_by_cached_key(|said| std::cmp::Reverse(precedence(said)));
    let mut lines = multiset(parts.iter().map(|part| (part.source, &part.part.lines)));
    let whole = said.iter().map(|said| &said.lines).find(|lines| !lines.is_empty());
    for (line, count) in whole.into_iter().flatten() {
        lines.retain(|(known, _)| known != line);
        let place = lines.partition_point(|(known, _)| known < line);
        lines.insert(place, (*line, *count));
    }
    let payments = multiset(parts.iter().map(|part| (part.source, &part.part.payments)));
    let paid = payments.iter().map(|(amount, count)| amount * i64::from(*count)).sum();
    let head = combine(&said);
    let contact = said.iter().find(|said| said.contact.is_some());
    let mut state = State {
        kind: parts.iter().map(|part| part.part.kind).max().unwrap_or(first.part.kind),
        of_order: parts.iter().filter_map(|part| part.part.of_order.clone()).min(),
        label: label(said.iter().copied()),
        status: head.status.unwrap_or(Status::Paid),
        recipient: contact.and_then(|said| recipient(parts, &said.hash)),
        contact: contact.and_then(|said| said.contact.clone()).map(serde_bytes::ByteBuf::into_vec),
        head,
        lines,
        ..State::default()
    };
    let placed = state.lines.iter().filter_map(|(line, _)| line.at).min();
    state.head.placed_at = earliest(state.head.placed_at, placed);
    money(&mut state, (!payments.is_empty()).then_some(paid));
    Some(state)
}

/// Whom the statement of that hash says to receive the order.
fn recipient(parts: &[Sourced], hash: &[u8]) -> Option<Recipient> {
    parts.iter().find_map(|Sourced { part, .. }| {
        let (_, to) = part.recipients.iter().find(|(place, _)| {
            let head = usize::try_from(*place).ok().and_then(|place| part.heads.get(place));
            head.is_some_and(|head| head.hash == hash)
        })?;
        Some(to.clone())
    })
}

/// The buyer of whom the first of `said` speaks. A visitor's number is below zero: whoever is
/// named comes before a browser.
pub(super) fn label<'a>(said: impl IntoIterator<Item = &'a Said>) -> Option<i64> {
    said.into_iter().filter_map(|said| said.label).min_by_key(|label| label.is_negative())
}

fn money(state: &mut State, payments: Option<i64>) {
    let lines = |count: fn(&Line) -> i64| -> i64 {
        state.lines.iter().map(|(line, times)| count(line) * i64::from(*times)).sum()
    };
    let amount = lines(|line| line.amount_minor);
    let items = lines(|line| line.quantity);
    let shipping = lines(|line| line.shipping_minor);
    if shipping != 0 && state.head.shipping_minor.is_none() {
        state.head.shipping_minor = Some(shipping);
    }
    match state.kind {
        OrderKind::Order => {
            let given_back = state.head.refunded_minor.is_some_and(|refunded| refunded != 0);
            // What was given back had been received.
            let sold = given_back || !matches!(state.status, Status::Placed | Status::Closed);
            let sum = payments.unwrap_or(amount);
            state.paid_minor = state.head.paid_minor.unwrap_or(if sold { sum } else { 0 });
            let refunded = state.head.refunded_minor.unwrap_or(0);
            // Where the source does not count a closed order as paid, its refund is none either.
            let closed = state.status == Status::Closed;
            state.refunded_minor = if closed { refunded.min(state.paid_minor) } else { refunded };
            state.items = items;
        }
        OrderKind::Refund => state.refunded_minor = state.head.refunded_minor.unwrap_or(-amount),
        OrderKind::Correction => state.adjusted_minor = amount,
    }
}

/// How far a statement has come; the greatest wins. Its own times stand in for the time at which
/// it was made, where the source does not tell that, as no export does. Of equals the larger
/// amounts hold, as with lines the larger count; then the hash decides.
fn precedence(said: &Said) -> (Status, Option<Time>, [i64; 3], &[u8]) {
    let head = &said.head;
    let times = [head.closed_at, head.received_at, head.shipped_at, head.paid_at, head.placed_at];
    (
        head.status.unwrap_or_default(),
        head.stated_at.or(times.into_iter().flatten().max()),
        [
            head.refunded_minor.unwrap_or(0),
            head.paid_minor.unwrap_or(0),
            said.lines.iter().map(|(line, count)| line.amount_minor * i64::from(*count)).sum(),
        ],
        &said.hash,
    )
}

fn combine(said: &[&Said]) -> OrderHead {
    let mut all = OrderHead::default();
    for said in said {
        let head = &said.head;
        all.status = all.status.max(head.status);
        all.placed_at = earliest(all.placed_at, head.placed_at);
        all.test |= head.test;
        fill(&mut all.paid_at, &head.paid_at);
        fill(&mut all.shipped_at, &head.shipped_at);
        fill(&mut all.received_at, &head.received_at);
        fill(&mut all.closed_at, &head.closed_at);
        fill(&mut all.paid_minor, &head.paid_minor);
        fill(&mut all.refunded_minor, &head.refunded_minor);
        fill(&mut all.shipping_minor, &head.shipping_minor);
        fill(&mut all.channel, &head.channel);
        fill(&mut all.store, &head.store);
        if all.region == Region::default() {
            all.region = head.region.clone();
        }
    }
    all.contact = Contact::default();
    all
}

/// For each value, in order, the largest count that any one source gives it.
fn multiset<'a, T: Copy + Ord + 'a>(
    told: impl Iterator<Item = (i64, &'a Vec<(T, u32)>)>,
) -> Vec<(T, u32)> {
    let mut all: Vec<(T, i64, u32)> = Vec::new();
    for (source, values) in told {
        all.extend(values.iter().map(|(value, count)| (*value, source, *count)));
    }
    // The values of one part are sorted already.
    all.sort_by_key(|(value, source, _)| (*value, *source));
    let largest = all.chunk_by(|a, b| a.0 == b.0).filter_map(|same| {
        let sums = same.chunk_by(|a, b| a.1 == b.1).map(|own| own.iter().map(|one| one.2).sum());
        Some((same.first()?.0, sums.max()?))
    });
    largest.collect()
}

/// Rows of a new part that say nothing new: neither a line beyond what is known, nor anything
/// about the order that was not said before.
#[must_use]
pub fn duplicates<'a>(known: &'a [Sourced], source: i64, new: &'a NewPart) -> u64 {
    let mut said: HashSet<&[u8]> =
        known.iter().flat_map(|part| &part.part.heads).map(|said| said.hash.as_slice()).collect();
    let lines = |part: &'a Sourced| (part.source, &part.part.lines);
    let payments = |part: &'a Sourced| (part.source, &part.part.payments);
    let largest = multiset(known.iter().map(lines));
    let paid = multiset(known.iter().map(payments));
    let own = || known.iter().filter(|part| part.source == source);
    let mut own_lines: BTreeMap<Line, u32> = multiset(own().map(lines)).into_iter().collect();
    let mut own_paid: BTreeMap<i64, u32> = multiset(own().map(payments)).into_iter().collect();
    let mut duplicates = 0;
    for row in &new.rows {
        let head = row.head.and_then(|index| new.part.heads.get(index));
        let fresh = head.is_some_and(|said_now| said.insert(&said_now.hash));
        let grown = match (row.line, row.payment) {
            (Some(line), _) => grow(&largest, &mut own_lines, line),
            (None, Some(amount)) => grow(&paid, &mut own_paid, amount),
            (None, None) => false,
        };
        duplicates += u64::from(!grown && !fresh);
    }
    duplicates
}

/// Whether one more of `value` from this source exceeds what any source knew.
fn grow<T: Copy + Ord>(largest: &[(T, u32)], own: &mut BTreeMap<T, u32>, value: T) -> bool {
    let mine = own.entry(value).or_default();
    *mine += 1;
    let place = largest.binary_search_by_key(&value, |(known, _)| *known).ok();
    *mine > place.and_then(|place| largest.get(place)).map_or(0, |(_, count)| *count)
}

/// Whether the lines that the lake has for `old` only need additions to become those of `new`.
#[must_use]
pub fn grows(old: &State, new: Option<&State>) -> bool {
    let (was, now) = (told(old), new.map(told).unwrap_or_default());
    if was.is_empty() {
        return true;
    }
    let now: BTreeMap<Line, u32> = now.iter().copied().collect();
    new.is_some_and(|new| {
        old.kind == new.kind
            && old.label == new.label
            && old.head.placed_at == new.head.placed_at
            && was.iter().all(|(line, count)| now.get(line).is_some_and(|most| most >= count))
    })
}

/// The lines that history tells of: none of an order that counts nowhere.
fn told(state: &State) -> &[(Line, u32)] {
    if state.head.test { &[] } else { &state.lines }
}

/// The lines that the lake must get for a change, with the number of the first of them: all of
/// the new state's when it starts a new epoch, else those beyond the old state's.
#[must_use]
pub fn added(old: Option<&State>, new: &State, again: bool) -> (usize, Vec<(Line, u32)>) {
    let old = old.filter(|_| !again);
    let known: BTreeMap<Line, u32> =
        old.map(|old| told(old).iter().copied().collect()).unwrap_or_default();
    let first = known.values().map(|count| *count as usize).sum();
    let more = told(new).iter().filter_map(|(line, count)| {
        let more = count - known.get(line).copied().unwrap_or(0).min(*count);
        (more > 0).then_some((*line, more))
    });
    (first, more.collect())
}
