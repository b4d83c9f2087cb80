use super::gather::Products;
use super::{Asked, CODES_MAX, Line, check, of_level};
use crate::offer::cart::LINES_MAX;
use crate::offer::stack::Kind;
use crate::tier::plan::rule::Benefits;

fn line(sku: &str) -> Line {
    Line { sku: sku.to_owned(), pieces: 1, ..Line::default() }
}

#[test]
fn questions_that_will_not_do_say_which_part() {
    let good = Asked { lines: vec![line("a")], ..Asked::default() };
    assert!(check(&good).is_ok());
    let cases = [
        (Asked { lines: Vec::new(), ..good.clone() }, "lines"),
        (Asked { lines: vec![line("a"); LINES_MAX + 1], ..good.clone() }, "lines"),
        (Asked { codes: vec!["A".to_owned(); CODES_MAX + 1], ..good.clone() }, "codes"),
        (Asked { points: -1, ..good.clone() }, "points"),
        (Asked { points: 5, ..good.clone() }, "customer"),
    ];
    for (asked, field) in cases {
        let error = check(&asked).expect_err(field);
        assert_eq!(error.field.as_deref(), Some(field));
    }
    let with = Asked { points: 5, buyer: Some((1, false)), ..good };
    assert!(check(&with).is_ok());
}

#[test]
fn a_level_brings_what_its_benefits_say() {
    let level = || Some((7, "gold".to_owned()));
    let kinds = |benefits: &Benefits| -> Vec<Kind> {
        of_level(level(), benefits).iter().map(|own| own.key.kind).collect()
    };
    assert!(kinds(&Benefits::default()).is_empty());
    let both = Benefits { discount: 500, free_shipping: true, ..Benefits::default() };
    assert_eq!(kinds(&both), [Kind::MemberPrice, Kind::MemberShipping]);
    assert!(of_level(None, &both).is_empty());
    for own in of_level(level(), &both) {
        own.terms.check().expect("terms that will do");
    }
}

#[test]
fn goods_that_nobody_knows_need_a_price() {
    let known = Products::default();
    let error = known.line(&line("new"), None).expect_err("no price");
    assert!(error.to_string().contains("does not know this sku"), "{error}");
    let priced = Line { unit_minor: Some(990), ..line("new") };
    let bought = known.line(&priced, Some((1, 5))).expect("a line");
    assert_eq!((bought.product, bought.unit_minor, bought.list_minor), (0, 990, None));
    assert!(bought.on_sale.is_empty());
}
