//! What calls are about, from the tables into a register.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base::Result;
use perceive::identity;
use store::{Cx, Tx};

use super::call::Call;
use super::register::Register;
use super::rule::Terms;
use super::sql::{self, register as rows};
use super::text::Cipher;

/// Versions of terms of a shop that are remembered at the most.
const TERMS_MAX: usize = 10_000;

/// What of a shop never changes.
#[derive(Default)]
pub(super) struct Known {
    cipher: Option<Cipher>,
    terms: HashMap<(i64, i64), Arc<Terms>>,
}

impl Known {
    /// What makes the shop's codes.
    pub(super) async fn cipher(&mut self, tx: &mut Tx, cx: &Cx) -> Result<Cipher> {
        if let Some(cipher) = self.cipher {
            return Ok(cipher);
        }
        Ok(*self.cipher.insert(super::cipher(tx, cx).await?))
    }
}

/// Puts all that calls are about into a register, and lets go of locks whose time is over.
pub(super) async fn load(
    tx: &mut Tx,
    cx: &Cx,
    register: &mut Register,
    calls: &[Call],
    known: &mut Known,
) -> Result<()> {
    let mut causes: BTreeSet<&str> = calls.iter().map(|call| call.cause.as_str()).collect();
    causes.extend(calls.iter().filter_map(Call::refers));
    let (mut numbers, mut uses) = (BTreeSet::new(), BTreeSet::new());
    for own in rows::of_causes(tx, &causes).await? {
        numbers.insert(own.code);
        uses.extend(own.usage);
        register.load_move(own);
    }
    let named = calls.iter().filter_map(Call::named).map(|own| own.word.as_str());
    numbers.extend(words(tx, cx, register, (named.collect(), &mut *known)).await?);
    for code in rows::of_numbers(tx, &numbers).await? {
        register.load_code(code);
    }
    if !uses.is_empty() {
        for own in rows::uses_of_numbers(tx, &uses).await? {
            register.load_use(own);
        }
    }
    let mut coupons: BTreeSet<i64> = register.codes.values().map(|code| code.coupon).collect();
    coupons.extend(calls.iter().filter_map(Call::claims));
    due(tx, register, &coupons).await?;
    load_coupons(tx, register, &coupons, known).await?;
    people(tx, register, calls).await?;
    register.lapse();
    Ok(())
}

/// The numbers of codes that words lead to.
async fn words(
    tx: &mut Tx,
    cx: &Cx,
    register: &mut Register,
    (named, known): (BTreeSet<&str>, &mut Known),
) -> Result<BTreeSet<i64>> {
    let (mut numbers, mut chosen) = (BTreeSet::new(), BTreeSet::new());
    if named.is_empty() {
        return Ok(numbers);
    }
    let cipher = known.cipher(tx, cx).await?;
    for word in named {
        match cipher.number(word) {
            Some(number) => {
                numbers.insert(number);
                register.words.insert(word.to_owned(), number);
            }
            None if word.is_empty() => {}
            None => {
                chosen.insert(word);
            }
        }
    }
    if !chosen.is_empty() {
        for (word, number) in rows::of_words(tx, &chosen).await? {
            numbers.insert(number);
            register.words.insert(word, number);
        }
    }
    Ok(numbers)
}

/// Locks whose time is over, with their codes.
async fn due(tx: &mut Tx, register: &mut Register, coupons: &BTreeSet<i64>) -> Result<()> {
    if coupons.is_empty() {
        return Ok(());
    }
    let due = rows::due(tx, coupons, register.now).await?;
    let codes = due.iter().map(|own| own.code);
    let codes: BTreeSet<i64> = codes.filter(|code| !register.codes.contains_key(code)).collect();
    if !codes.is_empty() {
        for code in rows::of_numbers(tx, &codes).await? {
            register.load_code(code);
        }
    }
    for own in due {
        register.load_use(own);
    }
    Ok(())
}

async fn load_coupons(
    tx: &mut Tx,
    register: &mut Register,
    coupons: &BTreeSet<i64>,
    known: &mut Known,
) -> Result<()> {
    if coupons.is_empty() {
        return Ok(());
    }
    let mut versions: BTreeSet<(i64, i64)> =
        register.codes.values().map(|code| (code.coupon, code.version)).collect();
    for stand in sql::stands(tx, coupons).await? {
        versions.insert((stand.number, stand.in_force));
        register.load_coupon(stand);
    }
    let missing: BTreeSet<(i64, i64)> =
        versions.iter().filter(|own| !known.terms.contains_key(*own)).copied().collect();
    if !missing.is_empty() {
        if known.terms.len() >= TERMS_MAX {
            known.terms.clear();
        }
        known.terms.extend(sql::terms(tx, &missing).await?);
    }
    for version in versions {
        if let Some(terms) = known.terms.get(&version) {
            register.load_terms(version, Arc::clone(terms));
        } else if let Some((_, terms)) = sql::terms(tx, &BTreeSet::from([version])).await?.pop() {
            register.load_terms(version, terms);
        }
    }
    Ok(())
}

/// Who is whom, and what they have had of coupons that count people.
async fn people(tx: &mut Tx, register: &mut Register, calls: &[Call]) -> Result<()> {
    let customers: BTreeSet<i64> = calls.iter().filter_map(|call| call.customer).collect();
    if customers.is_empty() {
        return Ok(());
    }
    let mut labels = customers.clone();
    labels.extend(register.codes.values().filter_map(|code| code.holder));
    let labels: Vec<i64> = labels.into_iter().collect();
    register.persons.extend(identity::persons(tx, &labels).await?);
    let counts = |coupon: &i64| {
        let stand = register.coupons.get(coupon);
        let terms = stand.and_then(|own| register.terms.get(&(own.number, own.in_force)));
        terms.is_some_and(|terms| terms.counts_people())
    };
    let taking = register.codes.values().filter(|code| code.takes()).map(|code| code.coupon);
    let claimed = calls.iter().filter_map(Call::claims);
    let coupons: BTreeSet<i64> = taking.chain(claimed).filter(counts).collect();
    if coupons.is_empty() {
        return Ok(());
    }
    let person = |label: &i64| register.persons.get(label).copied().unwrap_or(*label);
    let persons: BTreeSet<i64> = customers.iter().map(person).collect();
    had(tx, register, (&coupons, &persons)).await
}

/// Puts in what people have had of coupons.
pub(super) async fn had(
    tx: &mut Tx,
    register: &mut Register,
    (coupons, persons): (&BTreeSet<i64>, &BTreeSet<i64>),
) -> Result<()> {
    let mut labels = persons.clone();
    for (label, person) in identity::numbers(tx, persons).await? {
        register.persons.insert(label, person);
        labels.insert(label);
    }
    let labels: Vec<i64> = labels.into_iter().collect();
    for (coupon, label, day, count) in rows::had(tx, coupons, &labels).await? {
        let person = register.persons.get(&label).copied().unwrap_or(label);
        let day = i32::try_from(day).unwrap_or_default();
        let days = register.had.entry((coupon, person)).or_default();
        *days.entry(day).or_default() += count;
    }
    Ok(())
}
