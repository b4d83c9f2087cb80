use base::Time;

use super::{Channel, Consents, bits, last, of_bits, said};

#[test]
fn answers_are_read_in_both_languages() {
    for (raw, wanted) in [
        ("同意", Some(true)),
        ("是", Some(true)),
        ("TRUE", Some(true)),
        ("opt-in", Some(true)),
        ("已退订", Some(false)),
        ("否", Some(false)),
        ("unsubscribed", Some(false)),
        ("TD", Some(false)),
        ("t", Some(false)),
        ("拒收", Some(false)),
        ("看情况", None),
        ("", None),
    ] {
        let traits = vec![
            ("consent_sms".to_owned(), raw.to_owned()),
            ("consent_pigeon".to_owned(), "yes".to_owned()),
        ];
        let found: Consents = said(&traits).collect();
        let wanted: Consents = wanted.map(|given| (Channel::Sms, given)).into_iter().collect();
        assert_eq!(found, wanted, "{raw}");
    }
}

#[test]
fn the_last_statement_holds_and_doubt_is_a_no() {
    let traits = |answer: &str| vec![("consent_sms".to_owned(), answer.to_owned())];
    let (yes, no) = (traits("同意"), traits("退订"));
    let at = |micros: i64| Some(Time::from_micros(micros));
    for (statements, wanted) in [
        ([(at(1), &yes), (at(2), &no)], false),
        ([(at(2), &yes), (at(1), &no)], true),
        ([(at(1), &yes), (at(1), &no)], false),
        ([(None, &yes), (None, &no)], false),
        ([(None, &no), (at(1), &yes)], true),
    ] {
        let forwards = last(statements.iter().map(|(at, said)| (*at, said.as_slice())));
        let backwards = last(statements.iter().rev().map(|(at, said)| (*at, said.as_slice())));
        assert_eq!((forwards.get(&Channel::Sms), &forwards), (Some(&wanted), &backwards));
    }
}

#[test]
fn bits_are_what_was_said() {
    for code in 0..27 {
        let answer = |place: u32| [None, Some(true), Some(false)][code / 3_usize.pow(place) % 3];
        let all: Consents = (0..)
            .zip(Channel::ALL)
            .filter_map(|(place, channel)| Some((channel, answer(place)?)))
            .collect();
        assert_eq!(of_bits(bits(&all)), all);
    }
}
