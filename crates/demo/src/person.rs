//! Who somebody is: what they tell the shop, and the hidden parameters that they live by.

use base::Date;

use crate::calendar::{Calendar, DAY, day_of};
use crate::catalogue::Likes;
use crate::draw::{Draw, Purpose};
use crate::event::Device;
use crate::facts;
use crate::region;
use crate::wares::CATEGORIES;
use crate::words;

/// Kinds of phones and of computers.
const PHONES: u64 = words::PHONES.len() as u64;
const COMPUTERS: u64 = words::COMPUTERS.len() as u64;

/// What somebody comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bent {
    /// To buy, sooner or later.
    Buy,
    /// To order without ever paying.
    Order,
    /// To fill carts.
    Carry,
    /// To look around.
    Look,
}

/// A customer with the hidden parameters.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Their place among the customers, from 0.
    pub(crate) index: u32,
    /// What they come for.
    pub(crate) bent: Bent,
    /// The moment of their first visit.
    pub(crate) first_seen: i64,
    /// Paid orders per day while they last.
    pub(crate) purchase_rate: f64,
    /// Days from the first order until they drop out.
    pub(crate) lifetime_days: f64,
    /// From 0 to 1: how much sales and low prices draw them.
    pub(crate) price_sensitivity: f64,
    /// From 0 to 1: how much a message draws them.
    pub(crate) message_response: f64,
    /// From 0 to 1: how much a coupon draws them.
    pub(crate) coupon_response: f64,
    /// Their favourite categories, as positions among the categories.
    pub(crate) taste: [usize; 2],
    /// Province and city.
    pub(crate) place: (&'static str, &'static str),
    /// Family name and given name.
    pub(crate) name: (&'static str, &'static str),
    /// Whether a woman.
    pub(crate) woman: bool,
    /// Day of birth.
    pub(crate) birthday: Date,
    /// Whether the first device is a phone, and whether there is a second one of the other kind.
    pub(crate) devices: (bool, bool),
    /// Kind of phone and of computer, as positions among the phones and then the computers.
    pub(crate) models: (u8, u8),
    /// Whether they register when they do not buy at once.
    pub(crate) registers: bool,
    /// Whether they give an email address, their birthday, and take a card.
    pub(crate) gives: [bool; 3],
}

impl Person {
    /// The customer at `index`.
    pub(crate) fn draw(seed: u64, index: u32, calendar: &Calendar) -> Self {
        let draw = &mut Draw::of(seed, u64::from(index), Purpose::Person);
        let bent = bent(draw);
        let day = calendar.arrival(draw);
        let woman = draw.chance(0.82);
        let place = region::place(draw);
        let likes = likes(place.0, woman);
        let price_sensitivity = draw.unit();
        let response = draw.unit();
        let age = 18 + draw.below(22).min(draw.below(40));
        let born = calendar.opening - (age * 365 + draw.below(365)) as i32;
        let mobile = draw.chance(facts::MOBILE);
        Self {
            index,
            bent,
            first_seen: calendar.moment(day, draw),
            purchase_rate: draw.gamma(facts::RATE.1, facts::RATE.0),
            lifetime_days: {
                let rate = draw.gamma(facts::DROPOUT.1, facts::DROPOUT.0);
                draw.exponential(1.0 / rate.max(1e-6))
            },
            price_sensitivity,
            message_response: response * response,
            coupon_response: 0.6 * price_sensitivity + 0.4 * draw.unit(),
            taste: [0; 2].map(|_| draw.weighted(likes.iter().copied())),
            place,
            name: region::name(woman, draw),
            woman,
            birthday: Date(born),
            devices: (mobile, draw.chance(0.3)),
            models: (draw.below(PHONES) as u8, (PHONES + draw.below(COMPUTERS)) as u8),
            registers: draw.chance(match bent {
                Bent::Look => 0.35,
                _ => 0.6,
            }),
            gives: [draw.chance(0.25), draw.chance(0.8), draw.chance(0.75)],
        }
    }

    /// How much they like each category, by season.
    pub(crate) fn likes(&self) -> Likes {
        let base = likes(self.place.0, self.woman);
        let mut seasons: Likes = [[0; CATEGORIES.len()]; 4];
        for (season, weights) in seasons.iter_mut().enumerate() {
            for (at, (weight, category)) in weights.iter_mut().zip(&CATEGORIES).enumerate() {
                let favourite = self.taste.iter().filter(|taste| **taste == at).count() as u32;
                let percent = category.seasons.get(season).copied().unwrap_or(100);
                *weight = base.get(at).copied().unwrap_or(0) * percent / 100 * (1 + 3 * favourite);
            }
        }
        seasons
    }

    /// The day of the first visit.
    pub(crate) fn first_day(&self) -> i32 {
        day_of(self.first_seen)
    }

    /// Days from the first order on which they still buy, in whole days.
    pub(crate) fn days(&self) -> i32 {
        self.lifetime_days.min(100_000.0) as i32
    }

    /// The moment at which they drop out when their first order is at `first`.
    pub(crate) fn gone(&self, first: i64) -> i64 {
        first + (self.lifetime_days.min(100_000.0) * DAY as f64) as i64
    }

    /// Whether the device of this number is a phone.
    pub(crate) fn is_phone(&self, number: u8) -> bool {
        self.devices.0 == (number == 0)
    }

    /// The device of this number.
    pub(crate) fn device(&self, number: u8) -> Device {
        let (phone, computer) = self.models;
        Device { number, model: if self.is_phone(number) { phone } else { computer } }
    }
}

/// The number at the shop of the customer at `index`.
pub(crate) fn user_id(index: u32) -> String {
    format!("U{}", 1_000_001 + u64::from(index))
}

fn bent(draw: &mut Draw) -> Bent {
    if !draw.chance(facts::NEVER_BUY) {
        return Bent::Buy;
    }
    match draw.below(10) {
        0 | 1 => Bent::Order,
        2..=4 => Bent::Carry,
        _ => Bent::Look,
    }
}

/// How much people of a province and a gender like each category, whatever the season.
fn likes(province: &str, woman: bool) -> [u32; CATEGORIES.len()] {
    let mut weights = [0; CATEGORIES.len()];
    for (weight, category) in weights.iter_mut().zip(&CATEGORIES) {
        let [women, men] = category.genders;
        let liked =
            |fact: &&facts::Liking| (fact.province, fact.category) == (province, category.name);
        let region = facts::LIKINGS.iter().find(liked).map_or(100, |fact| fact.percent);
        *weight = category.weight * if woman { women } else { men } * region / 100;
    }
    weights
}
