//! Cases of stages.

use super::rule::{Bought, Setting, Stage, learn, stage};
use super::*;

#[test]
fn a_stage_follows_from_orders_and_days() {
    let setting = Setting::default();
    let of = |orders, since_last, gap| Bought { orders, since_last, gap };
    for (bought, known, want) in [
        (of(0, 0, None), false, Stage::Visitor),
        (of(0, 0, None), true, Stage::Prospect),
        (of(1, 0, None), true, Stage::New),
        (of(1, 30, None), false, Stage::New),
        (of(1, 31, None), true, Stage::Active),
        (of(2, 3, Some(20)), true, Stage::Active),
        (of(3, 3, Some(20)), true, Stage::Loyal),
        (of(9, 90, Some(20)), true, Stage::Loyal),
        (of(9, 91, Some(20)), true, Stage::AtRisk),
        (of(9, 180, Some(200)), true, Stage::AtRisk),
        (of(1, 181, None), true, Stage::Dormant),
        (of(5, 365, Some(1)), true, Stage::Dormant),
        (of(5, 366, Some(1)), true, Stage::Lost),
        (of(2, 5, Some(181)), true, Stage::WonBack),
        (of(2, 5, Some(180)), true, Stage::Active),
    ] {
        assert_eq!(stage(bought, known, &setting), want, "{bought:?}");
    }
}

#[test]
fn days_are_learned_from_those_who_came_back() {
    assert_eq!(learn(vec![10; 99]), None);
    let learned = learn((1..=200).rev().collect()).unwrap();
    assert_eq!(
        learned,
        Learned { intervals: 200, at_risk_days: 150, dormant_days: 180, lost_days: 195 }
    );
    let setting = Setting { learned: true, new_days: 160, ..Setting::default() };
    let with = setting.with(Some(learned));
    assert_eq!((with.at_risk_days, with.dormant_days, with.lost_days), (160, 180, 195));
    assert_eq!(Setting::default().with(Some(learned)), Setting::default());
}

#[test]
fn limits_must_increase() {
    let good = Setting::default();
    assert!(good.check().is_ok());
    for (setting, field) in [
        (Setting { new_days: 0, ..good }, "new_days"),
        (Setting { at_risk_days: 10, ..good }, "at_risk_days"),
        (Setting { dormant_days: 50, ..good }, "dormant_days"),
        (Setting { lost_days: 100_000, ..good }, "lost_days"),
        (Setting { loyal_orders: 1, ..good }, "loyal_orders"),
    ] {
        assert_eq!(setting.check().unwrap_err().field.as_deref(), Some(field));
    }
}

#[test]
fn months_end_on_their_last_day() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let want = ["2026-01-31", "2026-02-28", "2026-03-15"].map(day);
    assert_eq!(ends(day("2026-03-15"), 2), want);
}
