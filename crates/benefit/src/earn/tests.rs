//! How much something earns, and that what is booked step by step is what should be there.

use base::{Date, Time, Zone};
use proptest::prelude::*;

use super::rule::{Boost, Caps, Circumstances, Formula, Line, ONCE, Scope, Terms, Trigger, When};
use super::settle::{Move, Wanted, moves};
use super::sql::Given;
use super::stays::{Stated, remaining};
use crate::ledger::books::Books;
use crate::ledger::{Act, House, Intent, Matter, Owner, Short, Unit};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn terms(formula: Formula) -> Terms {
    Terms {
        trigger: Trigger::OrderPaid,
        condition: None,
        formula,
        scope: Scope::default(),
        boosts: Vec::new(),
        caps: Caps::default(),
        wait_days: 0,
        from: day("2026-01-01"),
        to: None,
    }
}

fn line(product: i64, category: &str, pieces: i64, money: i64) -> Line {
    Line { product, category: Some(category.to_owned()), brand: None, pieces, money }
}

#[test]
fn an_amount_is_worth_what_the_rule_says() {
    let a_yuan = Formula::PerMoney { amount: 1, per_minor: 100 };
    let lines = [line(1, "dress", 1, 19_950), line(2, "mask", 3, 5_049)];
    let masks = Scope { categories: vec!["mask".to_owned()], ..Scope::default() };
    let others = Scope { except: true, ..masks.clone() };
    let twice =
        Boost { when: When::Category { categories: vec!["mask".to_owned()] }, times: 2_000 };
    let by_piece = Formula::PerItem { amount: 5 };
    let most = Caps { at_once: Some(100), ..Caps::default() };
    for (terms, times, amount) in [
        (terms(a_yuan), ONCE, 249),
        (terms(a_yuan), 1_500, 374),
        (Terms { scope: masks.clone(), ..terms(a_yuan) }, ONCE, 50),
        (Terms { scope: others, ..terms(a_yuan) }, ONCE, 199),
        (Terms { boosts: vec![twice.clone()], ..terms(a_yuan) }, ONCE, 300),
        (terms(by_piece), ONCE, 20),
        (Terms { scope: masks, boosts: vec![twice], ..terms(by_piece) }, 2_000, 60),
        (terms(Formula::Fixed { amount: 30 }), 2_000, 60),
        (Terms { caps: most, ..terms(a_yuan) }, ONCE, 100),
    ] {
        assert_eq!(terms.amount(&lines, times), amount, "{terms:?}");
    }
    let nothing = [line(1, "dress", 0, 0)];
    assert_eq!(terms(Formula::Fixed { amount: 30 }).amount(&nothing, ONCE), 0);
}

#[test]
fn multipliers_count_on_their_days_and_levels() {
    let boost = |when: When, times: u32| Boost { when, times };
    let own = Terms {
        boosts: vec![
            boost(When::Tier { tiers: vec![3] }, 1_500),
            boost(When::MonthDay { days: vec![8, 31] }, 2_000),
            boost(When::Weekday { days: vec![5] }, 3_000),
            boost(When::Window { from: day("2026-11-10"), to: day("2026-11-12") }, 4_000),
        ],
        ..terms(Formula::Fixed { amount: 1 })
    };
    own.check().unwrap();
    for (on, tier, times) in [
        ("2026-11-02", None, 1_000),
        ("2026-11-02", Some(3), 1_500),
        ("2026-11-02", Some(2), 1_000),
        ("2026-11-08", Some(3), 3_000),
        ("2026-11-06", None, 3_000),
        ("2026-11-12", None, 4_000),
        ("2026-11-13", Some(3), 4_500),
        ("2026-11-30", None, 2_000),
        ("2026-05-08", None, 6_000),
    ] {
        assert_eq!(own.times(Circumstances { day: day(on), tier }), times, "{on} {tier:?}");
    }
}

#[test]
fn what_will_not_do_is_refused_by_its_name() {
    let fixed = Formula::Fixed { amount: 1 };
    let boosts = |when: When, times| vec![Boost { when, times }];
    let streak = |days| Trigger::Streak { event: "Signed In".to_owned(), days };
    let by_money = Formula::PerMoney { amount: 1, per_minor: 0 };
    for (terms, field) in [
        (terms(Formula::Fixed { amount: 0 }), "formula.amount"),
        (terms(by_money), "formula.per_minor"),
        (Terms { trigger: streak(1), ..terms(fixed) }, "trigger.days"),
        (
            Terms {
                trigger: Trigger::Review,
                ..terms(Formula::PerMoney { amount: 1, per_minor: 1 })
            },
            "formula.kind",
        ),
        (Terms { to: Some(day("2025-12-31")), ..terms(fixed) }, "to"),
        (Terms { wait_days: 999, ..terms(fixed) }, "wait_days"),
        (
            Terms { boosts: boosts(When::MonthDay { days: vec![32] }, 1), ..terms(fixed) },
            "boosts[0].when.days",
        ),
        (
            Terms { boosts: boosts(When::Tier { tiers: vec![1] }, 0), ..terms(fixed) },
            "boosts[0].times",
        ),
        (Terms { caps: Caps { a_day: Some(0), ..Caps::default() }, ..terms(fixed) }, "caps.a_day"),
    ] {
        assert_eq!(terms.check().unwrap_err().field.as_deref(), Some(field), "{terms:?}");
    }
}

/// Lines of products that are told apart: product, pieces, money.
fn lines() -> impl Strategy<Value = Vec<Stated>> {
    prop::collection::vec((1_i64..4, 0_i64..50_000), 1..4).prop_map(|all| {
        (1..).zip(all).map(|(product, (pieces, money))| (product, pieces, money)).collect()
    })
}

/// Steps in which what somebody should have becomes another amount, and whether what is expected
/// comes before.
fn steps() -> impl Strategy<Value = Vec<(i64, bool)>> {
    prop::collection::vec((0_i64..500, any::<bool>()), 1..8)
}

proptest! {
    /// Whatever is given back in whichever parts: money adds up, and where all of it came back
    /// nothing stays.
    #[test]
    fn what_remains_of_lines_is_what_was_not_given_back(
        lines in lines(),
        paid in 0_i64..100_000,
        back in 0_i64..120_000,
        of in prop::option::of((0_usize..4, 0_i64..3, 0_i64..50_000)),
    ) {
        let refunds: Vec<Stated> = of
            .and_then(|(at, pieces, money)| Some((lines.get(at)?.0, -pieces, -money)))
            .into_iter()
            .collect();
        let left = remaining(&lines, (paid, back), &refunds);
        let money: i64 = left.iter().map(|own| own.2).sum();
        prop_assert_eq!(money, (paid - back).max(0));
        prop_assert!(left.iter().all(|own| own.1 >= 0 && own.2 >= 0));
        let all = remaining(&lines, (paid, paid), &refunds);
        prop_assert!(all.iter().all(|own| own.2 == 0));
        let whole = |own: &Stated| own.1 == 0 || paid == 0;
        prop_assert!(all.iter().zip(&left).all(|(own, _)| whole(own) || own.2 == 0));
        let rule = terms(Formula::PerMoney { amount: 1, per_minor: 100 });
        let worth = |left: Vec<Stated>| {
            let own = left.into_iter().map(|(product, pieces, money)| Line {
                product, pieces, money, ..Line::default()
            });
            rule.amount(&own.collect::<Vec<_>>(), ONCE)
        };
        prop_assert_eq!(worth(left), (paid - back).max(0) / 100);
    }

    /// Whatever somebody should have in turn, and whether what was expected has come meanwhile:
    /// what they have in the end is the last of it, as if nothing had been before.
    #[test]
    fn what_is_booked_step_by_step_ends_where_it_should(steps in steps(), wait in any::<bool>()) {
        let now: Time = "2026-11-11T04:00:00Z".parse().unwrap();
        let due = wait.then(|| now.plus(10 * 86_400 * 1_000_000));
        let mut books = Books::new(now, (1, 1));
        let mut given: Option<Given> = None;
        let mut open: Option<String> = None;
        let mut last = 0;
        let zone = Zone::named("Asia/Shanghai").unwrap();
        for (amount, comes) in steps {
            if let Some(cause) = open.clone().filter(|_| comes) {
                let of = (0, Act::Post(cause.clone()));
                books.book(&intent(of, format!("due/{cause}"))).unwrap();
                open = None;
            }
            let wanted = Wanted {
                about: "7".to_owned(),
                source: (Matter::Order, 7),
                labels: vec![5],
                amount,
                times: ONCE,
                version: 1,
                at: now,
                day: zone.date(now),
                due_at: due,
            };
            let is_open = given.as_ref().is_some_and(|own| open.as_ref() == Some(&own.cause));
            let (all, after) = moves((1, now), given.as_ref(), &wanted, is_open);
            for own in all {
                let (of, cause) = match own {
                    Move::Void(of) => {
                        open = None;
                        ((0, Act::Void { of: of.clone(), until: None }), format!("{of}/void"))
                    }
                    Move::Give(amount, cause, due) => {
                        open = due.map(|_| cause.clone());
                        let pending = due.map(Some);
                        let act = Act::Credit { from: House::Issued, expires_at: None, pending };
                        ((amount, act), cause)
                    }
                    Move::Take(amount, cause, of) => {
                        let first = Some(of).filter(|of| !of.is_empty());
                        let (to, short) = (House::Issued, Short::Owe);
                        ((amount, Act::Debit { to, short, first, hold: None }), cause)
                    }
                };
                books.book(&intent(of, cause)).unwrap();
            }
            given = Some(after);
            last = amount;
            let own = |owner: Owner| {
                let own = books.accounts().find(|own| own.owner == owner);
                own.map_or((0, 0), |own| (own.balance(), own.pending))
            };
            let (there, expected) = own(Owner::Customer(5));
            prop_assert_eq!(there + expected, last);
            prop_assert_eq!(own(Owner::House(House::Issued)).0, -there);
        }
        prop_assert_eq!(given.map(|own| own.amount), Some(last));
    }
}

fn intent((amount, act): (i64, Act), cause: String) -> Intent {
    Intent {
        unit: Unit::Points,
        labels: vec![5],
        amount,
        act,
        cause,
        source: (Matter::Order, 7),
        reason: String::new(),
        at: "2026-11-11T04:00:00Z".parse().unwrap(),
        renews: None,
    }
}
