//! The definitions, over orders and the instants at which days begin.

use serde::Serialize;
use stratify::rfm::rule::ratio;

use stratify::sales::{ORDER, Sale};

/// Periods that follow each other: the one that is asked for, the one before, which it is compared
/// with, and the one before that, whose buyers the latter's 回购率 is about.
const PERIODS: usize = 3;

/// Seconds of a day without a change of the clock.
const DAY_SECONDS: u32 = 86_400;

/// The [`Sale::status`] of an order that was only placed.
const PLACED: u8 = 0;

/// The figures of a period.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// 支付金额: money received for orders that became sales in the period.
    pub paid_minor: i64,
    /// Money given back: refunds of the period, and what the period's orders gave back themselves.
    pub refunded_minor: i64,
    /// Corrections.
    pub adjusted_minor: i64,
    /// 扣退款: paid, less refunded, and adjusted.
    pub net_minor: i64,
    /// Paid orders.
    pub orders: i64,
    /// 支付买家数: people with a paid order in the period.
    pub buyers: i64,
    /// 新客成交: those whose first paid order it was.
    pub new_buyers: i64,
    /// 老客成交: those who had a paid order before.
    pub returning_buyers: i64,
    /// Money received from 新客.
    pub new_paid_minor: i64,
    /// 笔单价: paid ÷ paid orders, rounded half away from zero.
    pub order_value_minor: Option<i64>,
    /// 客单价: paid ÷ paying buyers, rounded half away from zero.
    pub spend_per_buyer_minor: Option<i64>,
    /// 复购率: buyers with two paid orders or more in the period ÷ buyers.
    pub repeat_rate: Option<f64>,
    /// 回购率: the last period's buyers who bought in this one ÷ the last period's buyers.
    pub return_rate: Option<f64>,
    /// 拍下: orders placed in the period, of every status.
    pub placed_orders: i64,
    /// 待付款: those of them that are neither paid nor closed.
    pub unpaid_orders: i64,
    /// 退款: documents of refunds in the period.
    pub refunds: i64,
}

/// The figures of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// As in [`Figures`], and so on.
    pub paid_minor: i64,
    /// Paid, less refunded, and adjusted.
    pub net_minor: i64,
    /// Money given back.
    pub refunded_minor: i64,
    /// Paid orders.
    pub orders: i64,
    /// People with a paid order on that day.
    pub buyers: i64,
    /// Those whose first paid order was on that day.
    pub new_buyers: i64,
}

/// A period's figures, whole and by day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// The whole period.
    pub figures: Figures,
    /// Its days.
    pub days: Vec<Day>,
}

/// What is counted of one person.
#[derive(Debug, Clone, Copy)]
struct Person {
    /// When the first paid order became a sale.
    first: u32,
    /// Paid orders in each period; two stand for all above.
    orders: [u8; PERIODS],
    /// The period of the first, or [`ELSEWHEN`].
    new_in: u8,
}

const NOBODY: Person = Person { first: u32::MAX, orders: [0; PERIODS], new_in: ELSEWHEN };

/// Not in any of the periods.
const ELSEWHEN: u8 = u8::MAX;

impl Person {
    fn is_new_in(&self, period: usize) -> bool {
        usize::from(self.new_in) == period
    }
}

/// Sums that are too large for an amount while they are added up.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    paid: i128,
    refunded: i128,
    adjusted: i128,
    new_paid: i128,
}

/// The figures of three periods of equal length that follow each other, by the seconds at which
/// their days begin and the last ends.
#[must_use]
pub fn measure(sales: impl Iterator<Item = Sale>, starts: &[u32]) -> [Measured; PERIODS] {
    let days = starts.len().saturating_sub(1) / PERIODS;
    let mut count = Count::new(starts, days);
    sales.for_each(|sale| count.take(sale));
    count.finish()
}

struct Count<'a> {
    starts: &'a [u32],
    /// Days of each period.
    length: usize,
    days: Vec<(Day, Sums)>,
    figures: [Figures; PERIODS],
    people: Vec<Person>,
    /// Of each day, the person of each paid order and what was paid.
    bought: Vec<Vec<(u32, i64)>>,
}

impl<'a> Count<'a> {
    fn new(starts: &'a [u32], length: usize) -> Self {
        Self {
            starts,
            length,
            days: vec![Default::default(); length * PERIODS],
            figures: Default::default(),
            people: Vec::new(),
            bought: vec![Vec::new(); length * PERIODS],
        }
    }

    /// The day of a moment within the periods.
    fn day(&self, at: u32) -> Option<usize> {
        let (first, last) = (*self.starts.first()?, *self.starts.last()?);
        if at < first || at >= last {
            return None;
        }
        // Days of 24 hours lead to the day or, beside a change of the clock, next to it.
        let mut day = usize::try_from((at - first) / DAY_SECONDS).ok()?.min(self.days.len());
        while self.starts.get(day).is_none_or(|start| *start > at) {
            day = day.checked_sub(1)?;
        }
        while self.starts.get(day + 1).is_some_and(|next| *next <= at) {
            day += 1;
        }
        (day < self.days.len()).then_some(day)
    }

    fn take(&mut self, sale: Sale) {
        let paid = sale.is_paid();
        let person = sale.person as usize;
        if paid && person > 0 {
            self.meet(person, sale.sold);
        }
        if sale.kind == ORDER
            && let Some(day) = self.day(sale.placed)
            && let Some(figures) = self.figures.get_mut(day / self.length)
        {
            figures.placed_orders += 1;
            figures.unpaid_orders += i64::from(sale.status == PLACED && !paid);
        }
        let Some(day) = self.day(sale.sold) else { return };
        if let Some((figures, sums)) = self.days.get_mut(day) {
            figures.orders += i64::from(paid);
            sums.paid += i128::from(sale.paid_minor);
            sums.refunded += i128::from(sale.refunded_minor);
            sums.adjusted += i128::from(sale.adjusted_minor);
        }
        let period = day / self.length;
        if let Some(figures) = self.figures.get_mut(period) {
            figures.refunds += i64::from(sale.is_refund());
        }
        if paid && person > 0 {
            if let Some(bought) = self.bought.get_mut(day) {
                bought.push((sale.person, sale.paid_minor));
            }
            let orders = self.people.get_mut(person).and_then(|who| who.orders.get_mut(period));
            if let Some(orders) = orders {
                *orders = (*orders + 1).min(2);
            }
        }
    }

    fn meet(&mut self, person: usize, at: u32) {
        if self.people.len() <= person {
            self.people.resize(person + 1, NOBODY);
        }
        if let Some(person) = self.people.get_mut(person) {
            person.first = person.first.min(at);
        }
    }

    fn finish(mut self) -> [Measured; PERIODS] {
        self.first_days();
        self.buyers_by_day();
        let mut figures = std::mem::take(&mut self.figures);
        for (period, figures) in figures.iter_mut().enumerate() {
            self.people_of(period, figures);
            self.money_of(period, figures);
        }
        let mut days = self.days.chunks(self.length.max(1));
        figures.map(|figures| {
            let days = days.next().unwrap_or_default().iter();
            Measured { figures, days: days.map(|(day, sums)| sums.shown(*day)).collect() }
        })
    }

    /// Whose first paid order lies in which period, and on which day.
    fn first_days(&mut self) {
        let mut people = std::mem::take(&mut self.people);
        for person in &mut people {
            let Some(day) = self.day(person.first) else { continue };
            person.new_in = u8::try_from(day / self.length).unwrap_or(ELSEWHEN);
            if let Some((figures, _)) = self.days.get_mut(day) {
                figures.new_buyers += 1;
            }
        }
        self.people = people;
    }

    /// People by day, each once, and the money of those whose first paid order lies in the period.
    fn buyers_by_day(&mut self) {
        let mut counted_on = vec![u32::MAX; self.people.len()];
        let bought = std::mem::take(&mut self.bought);
        for ((day, bought), (figures, sums)) in (0_u32..).zip(bought).zip(&mut self.days) {
            let period = day as usize / self.length;
            for (person, paid) in bought {
                let place = person as usize;
                if self.people.get(place).is_some_and(|who| who.is_new_in(period)) {
                    sums.new_paid += i128::from(paid);
                }
                if let Some(last) = counted_on.get_mut(place).filter(|last| **last != day) {
                    *last = day;
                    figures.buyers += 1;
                }
            }
        }
    }

    fn people_of(&self, period: usize, figures: &mut Figures) {
        let (mut repeaters, mut last, mut back) = (0, 0, 0);
        for person in &self.people {
            let orders = |period: usize| person.orders.get(period).copied().unwrap_or_default();
            let own = orders(period);
            if own > 0 {
                figures.buyers += 1;
                figures.new_buyers += i64::from(person.is_new_in(period));
                repeaters += i64::from(own > 1);
            }
            if period.checked_sub(1).is_some_and(|before| orders(before) > 0) {
                last += 1;
                back += i64::from(own > 0);
            }
        }
        let share =
            |part: i64, whole: i64| (whole > 0).then(|| ratio(i128::from(part), i128::from(whole)));
        figures.returning_buyers = figures.buyers - figures.new_buyers;
        figures.repeat_rate = share(repeaters, figures.buyers);
        figures.return_rate = share(back, last);
    }

    fn money_of(&self, period: usize, figures: &mut Figures) {
        let mut sums = Sums::default();
        for (day, own) in self.days.chunks(self.length.max(1)).nth(period).unwrap_or_default() {
            figures.orders += day.orders;
            sums.paid += own.paid;
            sums.refunded += own.refunded;
            sums.adjusted += own.adjusted;
            sums.new_paid += own.new_paid;
        }
        figures.paid_minor = amount(sums.paid);
        figures.refunded_minor = amount(sums.refunded);
        figures.adjusted_minor = amount(sums.adjusted);
        figures.net_minor = sums.net();
        figures.new_paid_minor = amount(sums.new_paid);
        figures.order_value_minor = each(sums.paid, figures.orders);
        figures.spend_per_buyer_minor = each(sums.paid, figures.buyers);
    }
}

impl Sums {
    fn net(&self) -> i64 {
        amount(self.paid - self.refunded + self.adjusted)
    }

    fn shown(&self, day: Day) -> Day {
        Day {
            paid_minor: amount(self.paid),
            net_minor: self.net(),
            refunded_minor: amount(self.refunded),
            ..day
        }
    }
}

/// A sum as an amount; one beyond all amounts is the largest.
fn amount(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

/// What falls to each of `count`, rounded half away from zero.
fn each(sum: i128, count: i64) -> Option<i64> {
    let count = i128::from(count);
    (count > 0).then(|| amount((sum * 2 + count * sum.signum()) / (count * 2)))
}
