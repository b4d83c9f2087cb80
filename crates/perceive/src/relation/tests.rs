use std::collections::{BTreeSet, HashSet};

use base::Entropy;
use proptest::prelude::*;
use store::key::Sealer;

use super::rule::{HOUSEHOLD_MAX, Hash, Kind, Person, crowded, sort, tie};
use super::{introducer, recipient};
use crate::order::Recipient;
use crate::record::{Contact, CustomerRow, Identifier};

fn hash(of: u8) -> Hash {
    vec![of; 16]
}

fn to(phone: u8, name: u8, place: u8) -> Recipient {
    let some = |of: u8| (of > 0).then(|| hash(of));
    Recipient { phone: some(phone), name: some(name), place: some(place) }
}

/// Somebody with phone 1 and name 1.
fn somebody(went: Vec<Recipient>) -> Person {
    sort(1, HashSet::from([hash(1)]), Some(&hash(1)), went)
}

#[test]
fn what_goes_elsewhere_to_somebody_else_is_a_gift() {
    // Phone, name and place of the recipient; whether that is a home, family or a gift.
    let home = || to(1, 1, 10);
    let cases: [(Recipient, [usize; 3]); 8] = [
        (to(1, 1, 11), [2, 0, 0]),
        (to(1, 0, 11), [2, 0, 0]),
        (to(0, 1, 11), [2, 0, 0]),
        // A second phone of one's own, or a nickname on the parcel.
        (to(2, 1, 11), [2, 0, 0]),
        (to(1, 2, 11), [2, 0, 0]),
        (to(2, 2, 10), [1, 1, 0]),
        (to(2, 2, 11), [1, 0, 1]),
        (to(0, 0, 11), [1, 0, 0]),
    ];
    for (one, [homes, family, gifts]) in cases {
        let person = somebody(vec![home(), one.clone()]);
        let found = [person.homes.len(), person.family.len(), person.gifts.len()];
        assert_eq!(found, [homes, family, gifts], "{one:?}");
    }
    let unknown = sort(1, HashSet::new(), None, vec![to(2, 2, 11)]);
    assert!(unknown.gifts.is_empty(), "of whom nothing is known, nothing is said");
}

#[test]
fn a_receiver_counts_once() {
    let went = vec![to(1, 1, 10), to(2, 2, 11), to(2, 3, 12), to(0, 4, 13), to(0, 4, 13)];
    assert_eq!(somebody(went).gifts.len(), 2);
    // Who lives there is given presents on holiday, too.
    let went = vec![to(1, 1, 10), to(2, 2, 10), to(2, 2, 11)];
    assert!(somebody(went).gifts.is_empty());
}

#[test]
fn nobody_lives_in_an_office() {
    let at_work = |number: i64| {
        let own = hash(u8::try_from(number).unwrap());
        let phone = HashSet::from([own.clone()]);
        sort(number, phone, None, vec![Recipient { phone: Some(own), ..to(0, 0, 99) }])
    };
    let few: Vec<Person> = (1..=HOUSEHOLD_MAX as i64).map(at_work).collect();
    assert_eq!(tie(&few[0], &few[1], &crowded(few.iter())), Some(Kind::Household));
    let many: Vec<Person> = (1..=HOUSEHOLD_MAX as i64 + 1).map(at_work).collect();
    assert_eq!(tie(&many[0], &many[1], &crowded(many.iter())), None);
}

#[test]
fn a_place_is_the_same_however_it_is_written() {
    let sealer = Sealer::scratch(&Entropy::seeded(7));
    let place = |address: &str| {
        let contact = Contact { address: Some(address.to_owned()), ..Contact::default() };
        recipient(&sealer, &contact).unwrap().place
    };
    assert_eq!(place("广州市 天河路１号 3-502"), place("广州市天河路1号3－502"));
    assert_ne!(place("广州市天河路1号3-502"), place("广州市天河路1号3-503"));
    assert_eq!(
        recipient(&sealer, &Contact { address: Some("自提".to_owned()), ..Contact::default() }),
        None
    );
    assert_eq!(recipient(&sealer, &Contact::default()), None);
    // What a platform has hidden is many people's.
    let hidden = Contact {
        name: Some("张*".to_owned()),
        phone: None,
        address: Some("广东省广州市天河区****".to_owned()),
    };
    assert_eq!(recipient(&sealer, &hidden), None);
}

#[test]
fn an_introducer_is_named_by_account_phone_or_card() {
    let row = |namespace: &str, name: &str, value: &str| CustomerRow {
        identifiers: vec![Identifier { namespace: namespace.to_owned(), value: "x".to_owned() }],
        traits: vec![("size".to_owned(), "L".to_owned()), (name.to_owned(), value.to_owned())],
        ..CustomerRow::default()
    };
    let cases = [
        (row("external", "introduced_by", " C12 "), Some(("external", "C12"))),
        (row("taobao", "introduced_by", "小小鱼"), Some(("taobao", "小小鱼"))),
        (row("phone", "introduced_by", "小小鱼"), Some(("external", "小小鱼"))),
        (row("external", "introduced_by", "138 1234 5678"), Some(("phone", "+8613812345678"))),
        (row("external", "introduced_by", "a@B.com"), Some(("email", "a@b.com"))),
        (row("external", "introduced_by_card", "8866"), Some(("card", "8866"))),
        (row("external", "introduced_by_phone", "C12"), None),
        (row("external", "introduced_by_channel", "抖音"), None),
        (row("external", "introduced_by", "10023.0"), Some(("external", "10023"))),
        (row("external", "introduced_by", "无"), None),
        (row("external", "introduced_by", "  "), None),
    ];
    for (row, wanted) in cases {
        let found =
            introducer(&row.traits, &row.identifiers).map(|found| (found.namespace, found.value));
        let wanted = wanted.map(|(namespace, value)| (namespace.to_owned(), value.to_owned()));
        assert_eq!(found, wanted, "{:?}", row.traits);
    }
}

fn person(number: i64) -> impl Strategy<Value = Person> {
    let went = prop::collection::vec((0..5_u8, 0..3_u8, 0..5_u8), 0..6);
    let phones = prop::collection::hash_set(1..5_u8, 0..3);
    (phones, prop::option::of(1..3_u8), went).prop_map(move |(phones, name, went)| {
        let went = went.into_iter().map(|(phone, name, place)| to(phone, name, place));
        let name = name.map(hash);
        sort(number, phones.into_iter().map(hash).collect(), name.as_ref(), went.collect())
    })
}

proptest! {
    /// What somebody is to me, I am to them the other way, unless each gives to the other.
    #[test]
    fn ties_go_both_ways(mine in person(1), other in person(2)) {
        let none = HashSet::new();
        match (tie(&mine, &other, &none), tie(&other, &mine, &none)) {
            (Some(Kind::Receiver), back) => {
                prop_assert!(matches!(back, Some(Kind::Giver | Kind::Receiver)));
            }
            (one, back) => prop_assert_eq!(one.map(Kind::other_way), back),
        }
    }

    /// The order in which deliveries are looked at changes nothing.
    #[test]
    fn deliveries_are_a_set(went in prop::collection::vec((0..5_u8, 0..3_u8, 0..5_u8), 0..8)) {
        let all: Vec<Recipient> =
            went.into_iter().map(|(phone, name, place)| to(phone, name, place)).collect();
        let back: Vec<Recipient> = all.iter().rev().cloned().collect();
        let twice: Vec<Recipient> = all.iter().chain(&back).cloned().collect();
        let one = somebody(all);
        prop_assert_eq!(&somebody(back), &one);
        let set: BTreeSet<_> = one.family.iter().collect();
        let twice = somebody(twice);
        prop_assert_eq!(twice.family.iter().collect::<BTreeSet<_>>(), set);
        prop_assert_eq!((twice.homes, twice.gifts), (one.homes, one.gifts));
    }
}
