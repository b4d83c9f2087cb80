use std::collections::BTreeMap;

use base::{Code, Time, Zone};
use proptest::prelude::*;

use super::books::Books;
use super::expiry::{Expiry, Round, Span};
use super::rule::{Account, Booked, Lot};
use super::{Act, House, Intent, Matter, Owner, Short, Unit};

const NOW: i64 = 1_000;

fn books() -> Books {
    Books::new(Time::from_micros(NOW), (1, 1))
}

fn intent(cause: &str, labels: &[i64], amount: i64, act: Act) -> Intent {
    Intent {
        unit: Unit::Points,
        labels: labels.to_vec(),
        amount,
        act,
        cause: cause.to_owned(),
        source: (Matter::Order, 7),
        reason: String::new(),
        at: Time::from_micros(NOW),
        renews: None,
    }
}

fn credit(until: Option<i64>) -> Act {
    let expires_at = until.map(Time::from_micros);
    Act::Credit { from: House::Issued, expires_at, pending: None }
}

fn debit(short: Short) -> Act {
    Act::Debit { to: House::Redeemed, short, first: None, hold: None }
}

fn back(of: &str, until: Option<i64>) -> Act {
    Act::Back { of: of.to_owned(), until: until.map(Time::from_micros) }
}

fn void(of: &str) -> Act {
    Act::Void { of: of.to_owned(), until: Some(Time::from_micros(NOW + 60)) }
}

fn account(books: &Books, label: i64) -> Account {
    let own = |own: &&Account| own.owner == Owner::Customer(label) && own.unit == Unit::Points;
    books.accounts().find(own).cloned().unwrap()
}

fn house(books: &Books, house: House) -> i64 {
    let own = |own: &&Account| own.owner == Owner::House(house);
    books.accounts().find(own).map_or(0, Account::balance)
}

/// What remains in lots: when it runs out, and how much.
fn lots(books: &Books) -> Vec<(Option<i64>, i64)> {
    let there = books.lots().filter(|lot| lot.remaining > 0);
    there.map(|lot| (lot.expires_at.map(Time::micros), lot.remaining)).collect()
}

/// The laws that hold after every step.
fn check_laws(books: &Books) {
    let mut sides: BTreeMap<Unit, (i64, i64)> = BTreeMap::new();
    for account in books.accounts() {
        let (debits, credits) = sides.entry(account.unit).or_default();
        *debits += account.debits;
        *credits += account.credits;
        let lots = books.lots().filter(|lot| lot.account == account.number);
        let lots: Vec<i64> = lots.map(|lot| lot.remaining).collect();
        if matches!(account.owner, Owner::House(_)) {
            assert!(lots.is_empty(), "{account:?}");
            continue;
        }
        let there: i64 = lots.iter().sum();
        assert_eq!(account.balance() - account.held, there - account.owed, "{account:?}");
        assert!(account.owed >= 0 && account.held >= 0 && account.pending >= 0, "{account:?}");
    }
    for (unit, (debits, credits)) in sides {
        assert_eq!(debits, credits, "{unit:?}");
    }
    let mut ends: BTreeMap<(Unit, Time), i64> = BTreeMap::new();
    for lot in books.lots() {
        let unit = books.account(lot.account).unwrap().unit;
        if let Some(at) = lot.expires_at {
            *ends.entry((unit, at)).or_default() += lot.remaining;
        }
    }
    let told = books.done().ends.iter().filter(|(_, sum)| **sum != 0).map(|(at, sum)| (*at, *sum));
    ends.retain(|_, sum| *sum != 0);
    assert!(told.eq(ends), "what runs out when is counted as it changes");
    for lot in books.lots() {
        assert!((0..=lot.amount).contains(&lot.remaining), "{lot:?}");
    }
}

#[test]
fn what_ends_first_is_spent_first_and_goes_back_where_it_came_from() {
    let mut books = books();
    books.book(&intent("a", &[1], 50, credit(None))).unwrap();
    books.book(&intent("b", &[1], 30, credit(Some(3_000)))).unwrap();
    books.book(&intent("c", &[1], 20, credit(Some(2_000)))).unwrap();
    books.book(&intent("gone", &[1], 9, credit(Some(NOW)))).unwrap();
    let spent = books.book(&intent("s", &[1], 60, debit(Short::Refuse))).unwrap();
    assert_eq!((spent.amount, spent.again), (60, false));
    assert_eq!(lots(&books), [(None, 40), (Some(NOW), 9)]);
    books.book(&intent("r1", &[1], 25, back("s", None))).unwrap();
    assert_eq!(lots(&books), [(None, 50), (Some(3_000), 15), (Some(NOW), 9)]);
    let much = books.book(&intent("r2", &[1], 36, back("s", None))).unwrap_err();
    assert_eq!((much.code, much.message.as_str()), (Code::Conflict, "only 35 can be given back"));
    books.book(&intent("r3", &[1], 35, back("s", None))).unwrap();
    assert_eq!(lots(&books), [(None, 50), (Some(3_000), 30), (Some(2_000), 20), (Some(NOW), 9)]);
    assert_eq!(books.lapse(account(&books, 1).number, 1), 9);
    assert_eq!((account(&books, 1).balance(), house(&books, House::Expired)), (100, 9));
    check_laws(&books);
}

#[test]
fn a_person_spends_from_all_of_their_numbers() {
    let mut books = books();
    books.book(&intent("a", &[1], 50, credit(Some(5_000)))).unwrap();
    books.book(&intent("b", &[2], 50, credit(Some(2_000)))).unwrap();
    let less = books.book(&intent("s", &[2, 1], 101, debit(Short::Refuse))).unwrap_err();
    assert_eq!(less.message, "only 100 of 101 are there");
    let spent = books.book(&intent("s", &[2, 1], 70, debit(Short::Refuse))).unwrap();
    assert_eq!(spent.transfers.len(), 2, "one for each account");
    assert_eq!((account(&books, 1).balance(), account(&books, 2).balance()), (30, 0));
    let again = books.book(&intent("s", &[2, 1], 70, debit(Short::Refuse))).unwrap();
    assert_eq!(again, Booked { again: true, ..spent });
    let other = books.book(&intent("s", &[2, 1], 71, debit(Short::Refuse))).unwrap_err();
    assert_eq!((other.code, other.field.as_deref()), (Code::Conflict, Some("cause")));
    books.book(&intent("r", &[2, 1], 70, back("s", None))).unwrap();
    assert_eq!((account(&books, 1).balance(), account(&books, 2).balance()), (50, 50));
    check_laws(&books);
}

#[test]
fn what_was_spent_already_is_owed_or_let_go() {
    let mut books = books();
    books.book(&intent("a", &[1], 50, credit(None))).unwrap();
    books.book(&intent("s", &[1], 40, debit(Short::Refuse))).unwrap();
    let first =
        |short| Act::Debit { to: House::Issued, short, first: Some("a".to_owned()), hold: None };
    books.book(&intent("owed", &[1], 30, first(Short::Owe))).unwrap();
    assert_eq!((account(&books, 1).balance(), account(&books, 1).owed), (-20, 20));
    books.book(&intent("let", &[1], 5, first(Short::Forgive))).unwrap();
    assert_eq!((account(&books, 1).balance(), house(&books, House::Forgiven)), (-20, -5));
    books.book(&intent("b", &[1], 25, credit(Some(9_000)))).unwrap();
    assert_eq!(account(&books, 1).owed, 0);
    assert_eq!(lots(&books), [(Some(9_000), 5)], "what is owed goes first");
    check_laws(&books);
}

#[test]
fn what_is_expected_or_held_is_closed_once() {
    let mut books = books();
    let expected = Act::Credit {
        from: House::Issued,
        expires_at: Some(Time::from_micros(9_000)),
        pending: Some(None),
    };
    books.book(&intent("e", &[1], 50, expected)).unwrap();
    assert_eq!((account(&books, 1).balance(), account(&books, 1).pending), (0, 50));
    books.book(&intent("p", &[], 0, Act::Post("e".to_owned()))).unwrap();
    assert_eq!((account(&books, 1).balance(), account(&books, 1).pending), (50, 0));
    let closed = books.book(&intent("v", &[], 0, void("e"))).unwrap_err();
    assert_eq!(closed.code, Code::Conflict);
    let held = Act::Debit {
        to: House::Redeemed,
        short: Short::Refuse,
        first: None,
        hold: Some(Some(Time::from_micros(2_000))),
    };
    books.book(&intent("h", &[1], 30, held.clone())).unwrap();
    assert_eq!((account(&books, 1).balance(), account(&books, 1).held), (50, 30));
    let less = books.book(&intent("s", &[1], 21, debit(Short::Refuse))).unwrap_err();
    assert_eq!(less.message, "only 20 of 21 are there");
    books.book(&intent("hv", &[], 0, void("h"))).unwrap();
    assert_eq!(lots(&books), [(Some(9_000), 50)]);
    books.book(&intent("h2", &[1], 30, held)).unwrap();
    let early = books.book(&intent("b", &[1], 1, back("h2", None))).unwrap_err();
    assert_eq!(early.message, "only 0 can be given back");
    books.book(&intent("h2p", &[], 0, Act::Post("h2".to_owned()))).unwrap();
    books.book(&intent("h2b", &[1], 30, back("h2", None))).unwrap();
    assert_eq!(lots(&books), [(Some(9_000), 50)]);
    check_laws(&books);
}

#[test]
fn an_id_stands_for_one_thing() {
    let mut books = books();
    books.book(&intent("a", &[1], 50, credit(None))).unwrap();
    books.book(&intent("b", &[1], 50, credit(None))).unwrap();
    books.book(&intent("s1", &[1], 10, debit(Short::Refuse))).unwrap();
    books.book(&intent("s2", &[1], 10, debit(Short::Refuse))).unwrap();
    books.book(&intent("r", &[1], 5, back("s1", None))).unwrap();
    let other = |intent: Intent| {
        let refused = books.clone().book(&intent).unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::Conflict, Some("cause")));
    };
    other(intent("a", &[1], 50, debit(Short::Refuse)));
    other(intent("a", &[2], 50, credit(None)));
    other(intent("r", &[1], 5, back("s2", None)));
    other(Intent { unit: Unit::Stored, ..intent("a", &[1], 50, credit(None)) });
    other(Intent { source: (Matter::Order, 8), ..intent("a", &[1], 50, credit(None)) });
    let theirs = books.book(&intent("r2", &[2], 5, back("s1", None))).unwrap_err();
    assert_eq!((theirs.code, theirs.field.as_deref()), (Code::NotFound, Some("of")));
}

#[test]
fn what_has_run_out_comes_back_for_a_while() {
    let mut early = books();
    early.book(&intent("a", &[1], 10, credit(Some(NOW + 1)))).unwrap();
    early.book(&intent("s", &[1], 10, debit(Short::Refuse))).unwrap();
    let mut late = Books::new(Time::from_micros(NOW + 5), (10, 10));
    early.accounts().for_each(|own| late.load_account(own.clone()));
    early.lots().for_each(|own| late.load_lot(own.clone()));
    early.done().transfers.iter().for_each(|own| late.load_transfer(own.clone(), false));
    early.done().parts.iter().for_each(|own| late.load_part(*own));
    late.book(&intent("r", &[1], 10, back("s", Some(NOW + 100)))).unwrap();
    assert_eq!(lots(&late), [(Some(NOW + 100), 10)]);
    assert_eq!(account(&late, 1).balance(), 10);
}

#[test]
fn days_on_which_things_run_out() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let year = |round| Expiry::Rolling { count: 1, span: Span::Year, round };
    let days = |days: &[&str]| Expiry::Calendar {
        days: days.iter().map(|day| (*day).to_owned()).collect(),
    };
    let month = Expiry::Rolling { count: 1, span: Span::Month, round: Round::Day };
    let quarter = Expiry::Rolling { count: 1, span: Span::Month, round: Round::Quarter };
    let cases = [
        (Expiry::Never, "2026-03-05T10:00:00Z", None),
        (year(Round::Day), "2024-02-29T10:00:00Z", Some("2025-02-28")),
        (year(Round::Month), "2026-03-05T10:00:00Z", Some("2027-03-31")),
        (year(Round::Year), "2026-03-05T10:00:00Z", Some("2027-12-31")),
        // 00:30 of the next day in the shop.
        (month.clone(), "2026-01-30T16:30:00Z", Some("2026-02-28")),
        (quarter, "2026-03-05T10:00:00Z", Some("2026-06-30")),
        (days(&["06-30", "12-31"]), "2026-03-05T10:00:00Z", Some("2026-06-30")),
        (days(&["06-30", "12-31"]), "2026-06-30T10:00:00Z", Some("2026-06-30")),
        (days(&["06-30"]), "2026-07-01T10:00:00Z", Some("2027-06-30")),
        (days(&["02-29"]), "2026-01-01T10:00:00Z", Some("2026-02-28")),
        (days(&["02-29"]), "2027-03-01T10:00:00Z", Some("2028-02-29")),
    ];
    for (expiry, at, last) in cases {
        let own = expiry.of(&zone, at.parse().unwrap()).unwrap();
        let last_day = own.map(|own| zone.date(own.plus(-1)).to_string());
        assert_eq!(last_day.as_deref(), last, "{expiry:?} of {at}");
        assert_eq!(expiry.renewed(&zone, at.parse().unwrap()).unwrap(), None);
    }
    assert_eq!(month.of(&zone, Time::from_micros(i64::MAX)).unwrap_err().code, Code::BadInput);
}

/// What a random step does, by the causes of earlier ones.
#[derive(Debug, Clone)]
enum Step {
    Credit(i64, Option<i64>, bool),
    Debit(i64, Short, bool),
    Close(usize, bool),
    Back(usize, i64),
    Take(usize, i64, Short),
    Lapse,
    Renew(i64),
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let short = prop_oneof![Just(Short::Refuse), Just(Short::Owe), Just(Short::Forgive)];
    let until = prop::option::of(NOW - 5..NOW + 50);
    let step = prop_oneof![
        (1_i64..100, until, any::<bool>()).prop_map(|(a, u, p)| Step::Credit(a, u, p)),
        (1_i64..80, short.clone(), any::<bool>()).prop_map(|(a, s, h)| Step::Debit(a, s, h)),
        (0_usize..20, any::<bool>()).prop_map(|(of, post)| Step::Close(of, post)),
        (0_usize..20, 1_i64..60).prop_map(|(of, a)| Step::Back(of, a)),
        (0_usize..20, 1_i64..60, short).prop_map(|(of, a, s)| Step::Take(of, a, s)),
        Just(Step::Lapse),
        (NOW..NOW + 90).prop_map(Step::Renew),
    ];
    prop::collection::vec((1_i64..4, step), 1..30)
}

fn to_intent(number: usize, who: i64, step: &Step) -> Option<Intent> {
    let cause = number.to_string();
    let of = |of: &usize| of.to_string();
    // Two of the three numbers are one person's.
    let labels: &[i64] = match who {
        1 => &[1, 2],
        2 => &[2, 1],
        _ => &[3],
    };
    let own = |amount, act| Some(intent(&cause, labels, amount, act));
    match step {
        Step::Credit(amount, until, pending) => {
            let expires_at = until.map(Time::from_micros);
            let pending = pending.then_some(None);
            own(*amount, Act::Credit { from: House::Issued, expires_at, pending })
        }
        Step::Debit(amount, short, hold) => {
            let hold = hold.then_some(None);
            own(*amount, Act::Debit { to: House::Redeemed, short: *short, first: None, hold })
        }
        Step::Close(n, true) => own(0, Act::Post(of(n))),
        Step::Close(n, false) => own(0, void(&of(n))),
        Step::Back(n, amount) => own(*amount, back(&of(n), Some(NOW + 60))),
        Step::Take(n, amount, short) => {
            let (to, first) = (House::Issued, Some(of(n)));
            own(*amount, Act::Debit { to, short: *short, first, hold: None })
        }
        Step::Renew(until) => {
            let renews = Some(Time::from_micros(*until));
            // Of these some are refused: there is not always so much.
            let amount = *until - NOW + 1;
            Some(Intent { renews, ..intent(&cause, labels, amount, debit(Short::Refuse)) })
        }
        Step::Lapse => None,
    }
}

proptest! {
    #[test]
    fn whatever_is_booked_the_books_close(steps in steps()) {
        let mut books = books();
        for (number, (who, step)) in steps.iter().enumerate() {
            let Some(intent) = to_intent(number, *who, step) else {
                let accounts: Vec<i64> = books.accounts().map(|own| own.number).collect();
                for account in accounts {
                    books.lapse(account, 0);
                }
                check_laws(&books);
                continue;
            };
            let before: Vec<Account> = books.accounts().cloned().collect();
            let lots: Vec<Lot> = books.lots().cloned().collect();
            let booked = books.book(&intent);
            check_laws(&books);
            let after: Vec<Account> = books.accounts().cloned().collect();
            match booked {
                Ok(first) => {
                    let again = books.book(&intent).unwrap();
                    prop_assert_eq!(again, Booked { again: true, ..first });
                }
                Err(_) => {
                    let kept = after.iter().filter(|own| before.contains(own)).count();
                    prop_assert_eq!(kept, before.len(), "what is refused changes nothing");
                    prop_assert!(books.lots().eq(&lots), "nor does it touch a lot");
                }
            }
            let now: Vec<Account> = books.accounts().cloned().collect();
            prop_assert_eq!(now, after, "what is repeated changes nothing");
        }
    }

    #[test]
    fn giving_back_in_parts_ends_where_giving_back_at_once_does(
        lots in prop::collection::vec((1_i64..50, prop::option::of(NOW + 1..NOW + 90)), 1..6),
        cuts in prop::collection::vec(1_i64..30, 0..8),
    ) {
        let total: i64 = lots.iter().map(|(amount, _)| amount).sum();
        let spent = (total * 2 / 3).max(1);
        let start = || {
            let mut books = books();
            for (number, (amount, until)) in lots.iter().enumerate() {
                let who = if number % 2 == 0 { 1 } else { 2 };
                let name = format!("l{number}");
                books.book(&intent(&name, &[who], *amount, credit(*until))).unwrap();
            }
            books.book(&intent("s", &[1, 2], spent, debit(Short::Refuse))).unwrap();
            books
        };
        let mut whole = start();
        whole.book(&intent("r", &[1, 2], spent, back("s", None))).unwrap();
        let mut parts = start();
        let mut left = spent;
        for (number, cut) in cuts.iter().chain([&i64::MAX]).enumerate() {
            let amount = left.min(*cut);
            if amount > 0 {
                let name = format!("r{number}");
                parts.book(&intent(&name, &[1, 2], amount, back("s", None))).unwrap();
                left -= amount;
            }
        }
        prop_assert_eq!(whole.lots().collect::<Vec<_>>(), parts.lots().collect::<Vec<_>>());
        let balances = |books: &Books| books.accounts().map(Account::balance).collect::<Vec<_>>();
        prop_assert_eq!(balances(&whole), balances(&parts));
    }
}
