//! Carts and orders, from the first look to what is sent back.

use std::sync::Arc;

use base::Date;

use crate::calendar::{DAY, day_of};
use crate::delivery::delivery;
use crate::event::{Cart, Item, Order, Refund, Telling, What, sum};
use crate::life::{Life, VISIT};

/// Carts left, visits and unpaid orders that come with one paid order.
const WITH_ONE_ORDER: usize = 12;

/// One more cart is left, and one more order not paid, with these probabilities. Those who never
/// buy do so, too, and a part of the orders has no cart: all together it comes to the planted
/// shares.
const LEAVES: f64 = 0.525;
const FORGETS: f64 = 0.097;

/// Visits to a cart that begin on one of the shop's pages; the others begin at a product.
const ENTERS: f64 = 0.5;

/// From how many fen on shipping is free, and what it costs below.
const SHIPPING: (i64, i64) = (9900, 800);

impl Life<'_> {
    /// A paid order and what goes on around it.
    pub(crate) fn buy(&mut self, at: usize, paid: i64) {
        self.order(at, paid);
        for _ in 0..self.draw.runs(LEAVES, WITH_ONE_ORDER) {
            let moment = self.around(paid, (-25, 10));
            self.abandon(moment);
        }
        for _ in 0..self.draw.runs(FORGETS, WITH_ONE_ORDER) {
            let moment = self.around(paid, (0, 30)).max(paid + 3600);
            self.unpaid(moment);
        }
        for _ in 0..self.draw.runs(0.3, WITH_ONE_ORDER) {
            let moment = self.around(paid, (-20, 5));
            let views = 1 + self.draw.runs(0.4, 5);
            self.visit(moment, views);
        }
    }

    /// What is bought at once.
    fn items(&mut self, moment: i64) -> Vec<Item> {
        let lines = 1 + self.draw.weighted([66, 22, 8, 4].into_iter());
        let mut items: Vec<Item> = Vec::with_capacity(lines);
        for _ in 0..lines {
            let quantity = if self.draw.chance(0.92) { 1 } else { self.draw.between(2, 3) };
            let Some((ware, price)) = self.choose(moment) else { continue };
            if items.iter().all(|item| item.ware.product.sku != ware.product.sku) {
                items.push(Item { ware, price, quantity });
            }
        }
        items
    }

    /// A cart of which nothing comes.
    pub(crate) fn abandon(&mut self, start: i64) {
        let device = self.device(start);
        if self.draw.chance(ENTERS) {
            self.enter(start, device);
        }
        let items = self.items(start);
        let cart = self.fill(&items, (start, device));
        let all = Arc::new(Cart { number: cart, order: None, items });
        if self.draw.chance(0.3) {
            self.say(start + 400, Some(device), What::CartViewed(Arc::clone(&all)));
        }
        let known = self.fate.registered.is_some_and(|since| start > since);
        if known && self.draw.chance(0.2) {
            self.say(start + 450, Some(device), What::Checkout(all));
        }
    }

    /// Looks at most of `items` and puts them into a new cart, sometimes with one that is taken out
    /// again.
    fn fill(&mut self, items: &[Item], (start, device): (i64, u8)) -> u32 {
        let number = self.carts;
        self.carts += 1;
        let one = |item: Item| Arc::new(Cart { number, order: None, items: vec![item] });
        for (at, item) in (0..).zip(items) {
            let moment = start + 40 + at * 70;
            // The others come out of a list.
            if self.draw.chance(0.7) {
                self.say(moment, Some(device), What::Viewed(Arc::clone(&item.ware), item.price));
            }
            self.say(moment + 25, Some(device), What::Added(one(item.clone())));
        }
        if self.draw.chance(0.08) {
            let regret = self.choose(start).map(|(ware, price)| Item { ware, price, quantity: 1 });
            let new = |other: &Item| items.iter().all(|item| !Arc::ptr_eq(&item.ware, &other.ware));
            if let Some(item) = regret.filter(new) {
                let cart = one(item);
                self.say(start + 330, Some(device), What::Added(Arc::clone(&cart)));
                self.say(start + 370, Some(device), What::Removed(cart));
            }
        }
        number
    }

    /// The visit that ends with an order at `placed`. None when there is nothing to buy.
    fn place(&mut self, placed: i64) -> Option<Arc<Order>> {
        let items = self.items(placed);
        if items.is_empty() {
            return None;
        }
        let start = placed - VISIT;
        let device = self.device(start);
        if self.draw.chance(ENTERS) {
            self.enter(start, device);
        }
        let id = self.order_id(placed);
        let carted = self.draw.chance(0.7);
        let number = if carted { Some(self.fill(&items, (start, device))) } else { None };
        if let (None, Some(item)) = (number, items.first()) {
            let viewed = What::Viewed(Arc::clone(&item.ware), item.price);
            self.say(start + 60, Some(device), viewed);
        }
        if let Some(number) = number {
            let order = Some(id.clone());
            let cart = Arc::new(Cart { number, order, items: items.clone() });
            if self.draw.chance(0.35) {
                self.say(placed - 90, Some(device), What::CartViewed(Arc::clone(&cart)));
            }
            self.say(placed - 40, Some(device), What::Checkout(cart));
        }
        let mobile = self.fate.person.is_phone(device);
        let channel = match (mobile, self.draw.below(10)) {
            (true, 0..=4) => "小程序",
            (true, 5..=8) => "App",
            _ => "官网",
        };
        let shipping = if sum(&items) >= SHIPPING.0 { 0 } else { SHIPPING.1 };
        let to = delivery(self.shop, &self.fate.person, self.orders);
        let order = Arc::new(Order { id, items, shipping, channel, to });
        self.say(placed, Some(device), What::Placed(Arc::clone(&order)));
        Some(order)
    }

    /// An order's number: the day on which it is placed, who places it and how many they placed.
    fn order_id(&mut self, placed: i64) -> String {
        let date = Date(day_of(placed)).civil();
        self.orders += 1;
        let (person, count) = (self.fate.person.index, self.orders);
        let (year, month, day) = (date.year() % 100, date.month(), date.day());
        format!("{year:02}{month:02}{day:02}{person:07}{count:04}")
    }

    /// An order that is closed because nobody pays.
    pub(crate) fn unpaid(&mut self, moment: i64) {
        let earliest = self.fate.registered.map_or(moment, |since| since + 2 * VISIT);
        let placed = moment.max(earliest);
        let Some(order) = self.place(placed) else { return };
        let waits = if self.draw.chance(0.7) { DAY } else { self.draw.between(600, DAY) };
        self.say(placed + waits, None, What::Cancelled(order));
    }

    /// The paid order `at`, counted from 0.
    fn order(&mut self, at: usize, paid: i64) {
        let hesitates = at > 0 && self.draw.chance(0.08);
        let gap =
            if hesitates { self.draw.between(3600, 36_000) } else { self.draw.between(20, 600) };
        let earliest = self.fate.registered.unwrap_or(paid) + VISIT + 20;
        let placed = (paid - gap).max(earliest.min(paid - 20));
        let Some(order) = self.place(placed) else { return };
        self.ask_before(placed - VISIT - 200);
        self.say(paid, None, What::Paid(Arc::clone(&order)));
        let level = match at + 1 {
            3 => Some("铜牌会员"),
            8 => Some("钻石会员"),
            _ => None,
        };
        if let Some(level) = level {
            self.say(paid + 10, None, What::Identify(Telling::Level(level)));
        }
        self.deliver(order, paid);
    }

    /// From payment on: shipped, received, sent back, talked about.
    fn deliver(&mut self, order: Arc<Order>, paid: i64) {
        let day = self.shop.calendar.day(day_of(paid));
        let rush = day.of_year == 11 && (10..=13).contains(&day.date);
        let hours = if rush { (20, 96) } else { (4, 40) };
        let shipped = paid + self.draw.between(hours.0 * 3600, hours.1 * 3600);
        self.say(shipped, None, What::Shipped(Arc::clone(&order)));
        self.ask_after(&order, (paid, shipped));
        let prompt = self.draw.chance(0.6);
        let hours = if prompt { self.draw.between(30, 144) } else { self.draw.between(230, 250) };
        let received = shipped + hours * 3600;
        let draw = &mut self.draw;
        let back = |item: &&Item| draw.chance(f64::from(item.ware.returned) / 1000.0);
        let back: Vec<Item> = order.items.iter().filter(back).cloned().collect();
        if !back.is_empty() && back.len() == order.items.len() {
            let sent_back = shipped + self.draw.between(3 * DAY, 9 * DAY);
            let total = sum(&back);
            let refund = Refund { order, items: back, total };
            self.say(sent_back, None, What::Refunded(Arc::new(refund)));
            return;
        }
        self.say(received, None, What::Received(Arc::clone(&order)));
        self.review(&order, &back, received);
        let total = if back.is_empty() {
            let adjusted = self.draw.chance(0.01);
            let most = (sum(&order.items) / 4).min(2000);
            if adjusted { most / 10 * 10 } else { 0 }
        } else {
            sum(&back)
        };
        if total > 0 {
            let later = received + self.draw.between(DAY, 6 * DAY);
            let refund = Refund { order, items: back, total };
            self.say(later, None, What::Refunded(Arc::new(refund)));
        }
    }
}
