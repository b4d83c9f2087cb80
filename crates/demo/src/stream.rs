//! All messages in the order of receipt, a stretch of time at a time.
//!
//! A life is told again for every stretch and only the part in it is kept, so that memory depends
//! on the length of a stretch and not on how many customers there are.

use std::vec;

use crate::calendar::DAY;
use crate::event::Event;
use crate::life;
use crate::message::message;
use crate::shop::Shop;
use crate::{Message, Plan};

/// Customers whose whole lives fit into one stretch: about a million messages.
const WHOLE_LIVES_MAX: u32 = 25_000;

/// The messages of a shop.
#[derive(Debug)]
pub(crate) struct Stream {
    shop: Shop,
    /// Stretches that are still to come, from the last to the next.
    stretches: Vec<(i64, i64)>,
    events: vec::IntoIter<Event>,
}

impl Stream {
    /// The messages of `plan`.
    pub(crate) fn of(plan: &Plan) -> Self {
        Self::in_stretches(plan, plan.customers.div_ceil(WHOLE_LIVES_MAX))
    }

    /// The same in so many stretches, at least one.
    pub(crate) fn in_stretches(plan: &Plan, count: u32) -> Self {
        let shop = Shop::of(plan);
        let count = i64::from(count.max(1));
        let start = i64::from(shop.calendar.opening) * DAY * 1000;
        let length = shop.calendar.end() * 1000 - start;
        let edge = |at: i64| start + length * at / count;
        let stretches = (0..count).rev().map(|at| (edge(at), edge(at + 1))).collect();
        Self { shop, stretches, events: Vec::new().into_iter() }
    }

    fn events(&self, (from, to): (i64, i64)) -> Vec<Event> {
        let mut events = Vec::new();
        for customer in 0..self.shop.plan.customers {
            if self.shop.first_seen(customer) * 1000 >= to {
                continue;
            }
            let life = life::events(&self.shop, customer);
            events.extend(life.into_iter().filter(|event| (from..to).contains(&event.order().0)));
        }
        events.sort_unstable_by_key(Event::order);
        events
    }
}

impl Iterator for Stream {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(event) = self.events.next() {
                return Some(message(&self.shop, &event));
            }
            let stretch = self.stretches.pop()?;
            self.events = self.events(stretch).into_iter();
        }
    }

    /// Passes messages over without their text.
    fn nth(&mut self, mut count: usize) -> Option<Message> {
        while count >= self.events.len() {
            count -= self.events.len();
            let stretch = self.stretches.pop()?;
            self.events = self.events(stretch).into_iter();
        }
        self.events.nth(count).map(|event| message(&self.shop, &event))
    }
}
