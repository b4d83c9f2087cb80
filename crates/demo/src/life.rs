//! Somebody's life with the shop: visits, registering, and in what order things are drawn.

use std::sync::Arc;

use crate::calendar::{DAY, day_of};
use crate::catalogue::{Likes, Ware};
use crate::draw::{Draw, Purpose};
use crate::event::{Event, Telling, What};
use crate::person::Bent;
use crate::shop::{Fate, Shop};
use crate::wares::CATEGORIES;
use crate::words;

/// Longest visit in seconds. Who registers in their first visit does so after it.
pub(crate) const VISIT: i64 = 540;

/// A life while it is told.
#[derive(Debug)]
pub(crate) struct Life<'a> {
    /// The shop.
    pub(crate) shop: &'a Shop,
    /// What is settled about the person.
    pub(crate) fate: &'a Fate,
    /// The person's own stream.
    pub(crate) draw: Draw,
    likes: Likes,
    events: Vec<Event>,
    /// From when on the second device is used.
    second: Option<i64>,
    /// Orders so far, paid or not.
    pub(crate) orders: u32,
    /// Carts so far.
    pub(crate) carts: u32,
    /// Chats and complaints so far.
    pub(crate) talks: u32,
}

/// Everything that happens to the customer at `index`, in no particular order.
pub(crate) fn events(shop: &Shop, index: u32) -> Vec<Event> {
    let fate = shop.fate(index);
    let mut life = Life::of(shop, &fate);
    life.arrive();
    for (at, moment) in fate.paid.iter().enumerate() {
        life.buy(at, *moment);
    }
    if fate.paid.is_empty() {
        life.not_buying();
    } else {
        life.lapse();
    }
    life.events
}

impl<'a> Life<'a> {
    fn of(shop: &'a Shop, fate: &'a Fate) -> Self {
        let index = u64::from(fate.person.index);
        let mut draw = Draw::of(shop.plan.seed, index, Purpose::Life);
        let later = draw.between(DAY, 60 * DAY);
        let second = fate.registered.filter(|_| fate.person.devices.1).map(|from| from + later);
        Self {
            shop,
            fate,
            draw,
            likes: fate.person.likes(),
            events: Vec::new(),
            second,
            orders: 0,
            carts: 0,
            talks: 0,
        }
    }

    /// Puts down what happens at `moment`; what comes after the last day does not happen.
    pub(crate) fn say(&mut self, moment: i64, device: Option<u8>, what: What) {
        let end = self.shop.calendar.end() * 1000;
        let said = moment * 1000 + self.draw.between(0, 999);
        let delay = what.delay(&mut self.draw);
        if said >= end {
            return;
        }
        let left = u32::try_from(end - 1 - said).unwrap_or(u32::MAX);
        let since = if device == Some(1) { self.second } else { self.fate.registered };
        self.events.push(Event {
            said,
            delay: delay.min(left),
            customer: self.fate.person.index,
            place: self.events.len() as u32,
            device: device.map(|number| self.fate.person.device(number)),
            signed: device.is_none() || since.is_some_and(|since| moment >= since),
            what,
        });
    }

    /// The device of a visit at `moment`.
    pub(crate) fn device(&mut self, moment: i64) -> u8 {
        let other = self.second.is_some_and(|from| moment > from + VISIT);
        u8::from(other && self.draw.chance(0.3))
    }

    /// What the person chooses on the day of `moment`.
    pub(crate) fn choose(&mut self, moment: i64) -> Option<(Arc<Ware>, i64)> {
        let (calendar, day) = (&self.shop.calendar, day_of(moment));
        let taste = (&self.likes, self.fate.person.price_sensitivity);
        let ware = self.shop.catalogue.choose(taste, (calendar, day), &mut self.draw)?;
        let price = ware.price_on(calendar, day);
        Some((ware, price))
    }

    /// A moment up to `days` before or after `moment`, when the person was there already.
    pub(crate) fn around(&mut self, moment: i64, (from, to): (i64, i64)) -> i64 {
        let day = day_of(moment + self.draw.between(from * DAY, to * DAY));
        let earliest = self.fate.person.first_seen + 2 * 3600;
        let drawn = self.shop.calendar.moment(day, &mut self.draw);
        drawn.max(earliest + self.draw.between(0, 7200))
    }

    /// The first visit, and what comes of it.
    fn arrive(&mut self) {
        let first = self.fate.person.first_seen;
        let views = 1 + self.draw.runs(0.4, 5);
        self.visit(first, views);
        if let Some(registered) = self.fate.registered {
            self.say(registered, Some(0), What::Identify(Telling::All));
            if let Some(by) = self.fate.introduced_by {
                self.say(registered + 5, None, What::Introduced(by));
            }
        }
        if let Some(second) = self.second {
            // A page is seen before it is known whose browser this is.
            if let Some(page) = words::PAGES.first() {
                self.say(second - 20, Some(1), What::Page(page, None));
            }
            self.say(second, Some(1), What::Identify(Telling::Number));
        }
    }

    /// A visit that looks at so many products. Returns its device.
    pub(crate) fn visit(&mut self, start: i64, views: usize) -> u8 {
        let device = self.device(start);
        self.enter(start, device);
        let pause = (VISIT - 60) / (views as i64 + 1);
        for view in 1..=views as i64 {
            let at = start + view * pause + self.draw.between(0, pause / 3);
            self.look(at, device);
        }
        device
    }

    /// The first page of a visit.
    pub(crate) fn enter(&mut self, start: i64, device: u8) {
        let response = self.fate.person.message_response;
        let known = self.fate.registered.is_some_and(|since| start > since);
        let campaign = if known {
            let led = self.draw.chance(0.05 + 0.45 * response);
            led.then(|| self.one_of(&words::MESSAGES)).flatten()
        } else {
            let led = self.draw.chance(0.55);
            led.then(|| self.one_of(&words::ADVERTS)).flatten()
        };
        if let Some(page) = self.one_of(&words::PAGES) {
            self.say(start, Some(device), What::Page(page, campaign));
        }
        if self.draw.chance(0.18) {
            let search = self.draw.pick(&words::SEARCHES);
            self.say(start + 12, Some(device), What::Searched(search));
        } else if self.draw.chance(0.22) {
            let at = self.draw.weighted(CATEGORIES.iter().map(|category| category.weight));
            let category = CATEGORIES.get(at).map_or("", |category| category.name);
            self.say(start + 12, Some(device), What::Listed(category));
        }
    }

    fn look(&mut self, moment: i64, device: u8) {
        let Some((ware, price)) = self.choose(moment) else { return };
        if self.draw.chance(0.07) {
            let wished = What::Wished(Arc::clone(&ware), price);
            self.say(moment + 8, Some(device), wished);
        }
        self.say(moment, Some(device), What::Viewed(ware, price));
    }

    /// One of a table.
    pub(crate) fn one_of<T>(&mut self, table: &'static [T]) -> Option<&'static T> {
        table.get(self.draw.below(table.len() as u64) as usize)
    }

    /// Visits and carts of those who never pay.
    fn not_buying(&mut self) {
        let bent = self.fate.person.bent;
        let first = self.fate.person.first_seen;
        for _ in 0..self.draw.runs(0.45, 8) {
            let moment = self.around(first, (0, 200));
            let views = 1 + self.draw.runs(0.4, 5);
            self.visit(moment, views);
        }
        let carts = match bent {
            Bent::Look => 0,
            Bent::Carry | Bent::Order => 1 + self.draw.runs(0.4, 5),
            Bent::Buy => self.draw.runs(0.3, 3),
        };
        for _ in 0..carts {
            let moment = self.around(first, (0, 120));
            self.abandon(moment);
        }
        if bent == Bent::Order && self.fate.registered.is_some() {
            for _ in 0..=self.draw.runs(0.3, 3) {
                let moment = self.around(first, (0, 90));
                self.unpaid(moment);
            }
        }
    }

    /// Visits after the last order.
    fn lapse(&mut self) {
        let Some(last) = self.fate.paid.last().copied() else { return };
        for _ in 0..self.draw.runs(0.35, 6) {
            let moment = self.around(last, (2, 150));
            let views = 1 + self.draw.runs(0.4, 4);
            self.visit(moment, views);
        }
    }
}
