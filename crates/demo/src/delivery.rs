//! Where orders go: home, mostly; now and then to a friend as a gift.

use crate::draw::{Draw, Purpose};
use crate::facts;
use crate::person::Person;
use crate::region;
use crate::shop::Shop;

/// Friends to whom somebody sends gifts, at the most.
const FRIENDS: u64 = 2;
/// Roads of every city.
const ROADS: [&str; 12] = [
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "文化路",
    "新华路",
    "长江路",
    "学府路",
    "花园路",
    "滨江大道",
    "兴业街",
];
/// Phones of friends who are no customers begin here, those of customers end before.
const OUTSIDERS: u64 = 8_619_901_000_000;

/// Whom an order goes to, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Name.
    pub(crate) name: String,
    /// Phone in E.164.
    pub(crate) phone: String,
    /// Province and city.
    pub(crate) place: (&'static str, &'static str),
    /// The rest of the address.
    pub(crate) street: String,
}

/// A mobile number for each of a million customers; the step has no divisor in common with a
/// million, so that no two have the same.
pub(crate) fn phone(customer: u32) -> String {
    format!("+8619900{:06}", (u64::from(customer) * 387_421 + 104_729) % 1_000_000)
}

/// Where the order goes that a customer placed as the one of that number.
pub(crate) fn delivery(shop: &Shop, person: &Person, order: u32) -> Delivery {
    let who = u64::from(person.index) << 32 | u64::from(order);
    let draw = &mut Draw::of(shop.plan.seed, who, Purpose::Gifts);
    if draw.chance(facts::GIFTED) {
        let friend = draw.below(FRIENDS).min(draw.below(FRIENDS));
        return gift(shop, person.index, friend);
    }
    at_home(shop, person)
}

/// What goes to a friend: a customer from before, or somebody whom the shop does not know.
fn gift(shop: &Shop, giver: u32, friend: u64) -> Delivery {
    let who = u64::from(giver) << 8 | friend;
    let draw = &mut Draw::of(shop.plan.seed, who, Purpose::Friends);
    let other = u32::try_from(draw.below(u64::from(giver))).unwrap_or(0);
    let lives_with = housemate(shop, giver) == Some(other);
    if giver > 0 && !lives_with && draw.chance(facts::FRIENDS_ARE_CUSTOMERS) {
        return at_home(shop, &Person::draw(shop.plan.seed, other, &shop.calendar));
    }
    let (surname, name) = region::name(draw.chance(0.7), draw);
    Delivery {
        name: format!("{surname}{name}"),
        phone: format!("+{}", OUTSIDERS + (u64::from(giver) * FRIENDS + friend) % 1_000_000),
        place: region::place(draw),
        street: street(draw),
    }
}

/// What goes to a customer's own home.
fn at_home(shop: &Shop, person: &Person) -> Delivery {
    let host = housemate(shop, person.index).map_or(person.index, |other| other.min(person.index));
    let host = (host != person.index).then(|| Person::draw(shop.plan.seed, host, &shop.calendar));
    let host = host.as_ref().unwrap_or(person);
    let draw = &mut Draw::of(shop.plan.seed, u64::from(host.index), Purpose::Home);
    Delivery {
        name: format!("{}{}", person.name.0, person.name.1),
        phone: phone(person.index),
        place: host.place,
        street: street(draw),
    }
}

/// With whom a customer lives: some of those who stand beside each other and live in one province.
pub(crate) fn housemate(shop: &Shop, customer: u32) -> Option<u32> {
    let other = customer ^ 1;
    let draw = &mut Draw::of(shop.plan.seed, u64::from(customer / 2), Purpose::Household);
    if other >= shop.plan.customers || !draw.chance(facts::TOGETHER) {
        return None;
    }
    let province = |index| Person::draw(shop.plan.seed, index, &shop.calendar).place.0;
    (province(customer) == province(other)).then_some(other)
}

fn street(draw: &mut Draw) -> String {
    let road = draw.pick(&ROADS);
    let (number, house) = (1 + draw.below(399), 1 + draw.below(30));
    format!("{road}{number}号{house}栋{}{:02}室", 1 + draw.below(28), 1 + draw.below(4))
}
