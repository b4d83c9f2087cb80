//! The rules that deeds become.

use serde_json::{Value, json};

use super::amount::Amount;
use super::lexicon::{Deed, Test, Unit};
use super::vocabulary::{Means, Vocabulary};

/// What somebody did.
pub(super) struct Act {
    pub(super) deed: Deed,
    pub(super) not: bool,
    pub(super) window: Option<Value>,
    pub(super) objects: Objects,
    pub(super) amount: Option<Amount>,
}

/// What something was done with: each name as the things it may mean.
#[derive(Default)]
pub(super) struct Objects {
    names: Vec<Vec<Test>>,
    /// Whether it was done with each of them, not with some.
    pub(super) all: bool,
}

impl Objects {
    pub(super) fn add(&mut self, means: &[Means]) {
        let things = means.iter().filter_map(|means| match means {
            Means::Thing(test) => Some(test.clone()),
            Means::Customer(_) => None,
        });
        self.names.push(things.collect());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// The collection that a deed is in, and what its rows must be.
fn rows(deed: Deed) -> (&'static str, Vec<Value>) {
    let event =
        |name: &str| ("events", vec![json!({"field": "event", "operator": "=", "value": name})]);
    let money =
        |field: &str| ("orders", vec![json!({"field": field, "operator": ">", "value": 0})]);
    match deed {
        Deed::Bought | Deed::Spent => ("purchases", vec![]),
        Deed::Ordered => ("orders", vec![]),
        Deed::Paid => money("paid_minor"),
        Deed::Refunded => money("refunded_minor"),
        Deed::InCart => ("cart", vec![]),
        Deed::Viewed => event("Product Viewed"),
        Deed::Added => event("Product Added"),
        Deed::Favourited => event("Product Added to Wishlist"),
        Deed::Reviewed => event("Product Reviewed"),
        Deed::Searched => event("Products Searched"),
        Deed::Chatted => event("chat.said"),
        Deed::Visited => ("", vec![]),
    }
}

fn time_of(collection: &str) -> &'static str {
    crate::expr::Collection::named(collection).map_or("", crate::expr::Collection::time)
}

/// The rule of what somebody did; none where that makes no sense.
pub(super) fn rule(act: &Act, vocabulary: &Vocabulary) -> Option<Value> {
    let Act { deed, not, window, objects, amount } = act;
    if *deed == Deed::Visited {
        return visited(act);
    }
    // Orders have no lines to look at.
    let deed = match deed {
        Deed::Ordered | Deed::Paid if !objects.is_empty() => Deed::Bought,
        other => *other,
    };
    if deed == Deed::Refunded && !objects.is_empty() {
        return None;
    }
    if deed == Deed::Spent && objects.is_empty() && window.is_none() {
        let (operator, value) = money(amount.as_ref()?, vocabulary)?;
        return Some(opposite(
            json!({"field": "net_minor", "operator": operator, "value": value}),
            *not,
        ));
    }
    if objects.all && objects.names.len() > 1 {
        let each = objects.names.iter().map(|name| {
            let one = Objects { names: vec![name.clone()], all: false };
            done(deed, (window, &one, amount.as_ref()), vocabulary)
        });
        let each: Vec<Value> = each.collect::<Option<_>>()?;
        let all = json!({"combinator": "and", "rules": each});
        return Some(opposite(all, *not));
    }
    let plain = amount.is_none();
    let mut rule = done(deed, (window, objects, amount.as_ref()), vocabulary)?;
    if *not && plain {
        rule.as_object_mut()?.insert("match".to_owned(), json!({"mode": "none"}));
        return Some(rule);
    }
    Some(opposite(rule, *not))
}

fn opposite(rule: Value, not: bool) -> Value {
    if not { json!({"combinator": "and", "not": true, "rules": [rule]}) } else { rule }
}

/// Operator and value of an amount of money.
fn money(amount: &Amount, vocabulary: &Vocabulary) -> Option<(String, Value)> {
    amount.compared(">=", |(digits, after)| vocabulary.minor(digits, after))
}

fn done(
    deed: Deed,
    (window, objects, amount): (&Option<Value>, &Objects, Option<&Amount>),
    vocabulary: &Vocabulary,
) -> Option<Value> {
    let (collection, mut rows) = rows(deed);
    rows.extend(things(objects)?);
    if let Some(window) = window {
        let time = time_of(collection);
        rows.push(json!({"field": time, "operator": "within", "value": window}));
    }
    let of = |of: &str, field: &str, said: (String, Value)| {
        let (operator, value) = said;
        json!({"of": of, "field": field, "operator": operator, "value": value})
    };
    let rows = json!({"combinator": "and", "rules": rows});
    let mut rule = json!({"field": collection, "operator": "=", "value": rows});
    let (key, how) = match (deed, amount, amount.and_then(|amount| amount.unit)) {
        (Deed::Spent, amount, _) => {
            ("measure", of("sum", "amount_minor", money(amount?, vocabulary)?))
        }
        (_, None, _) => ("match", json!({"mode": "some"})),
        (Deed::Bought, Some(amount), Some(Unit::Money)) => {
            ("measure", of("sum", "amount_minor", money(amount, vocabulary)?))
        }
        (Deed::Bought | Deed::InCart, Some(amount), Some(Unit::Pieces)) => {
            ("measure", of("sum", "quantity", amount.whole(">=")?))
        }
        // Two lines of one order are one purchase.
        (Deed::Bought, Some(amount), _) => {
            ("measure", of("distinct", "order_id", amount.whole(">=")?))
        }
        (_, Some(_), Some(Unit::Money | Unit::Percent | Unit::Score)) => return None,
        (_, Some(amount), _) => ("match", amount.matched()?),
    };
    rule.as_object_mut()?.insert(key.to_owned(), how);
    Some(rule)
}

/// What the rows must be of, if anything was said.
fn things(objects: &Objects) -> Option<Option<Value>> {
    let tests: Vec<&Test> = objects.names.iter().flatten().collect();
    Some(match tests.as_slice() {
        [] => None,
        [one] => Some(one.rule()),
        several => {
            let first = several.first()?;
            let alike =
                several.iter().all(|test| test.field == first.field && test.operator == "=");
            if alike {
                let values: Vec<&Value> = several.iter().map(|test| &test.value).collect();
                Some(json!({"field": first.field, "operator": "in", "value": values}))
            } else {
                let rules: Vec<Value> = several.iter().map(|test| test.rule()).collect();
                Some(json!({"combinator": "or", "rules": rules}))
            }
        }
    })
}

/// What somebody mostly buys.
pub(super) fn favourite(objects: &Objects) -> Option<Value> {
    let tests = objects.names.iter().flatten().filter_map(|test| {
        let field = match test.field.as_str() {
            "category" => "favourite_category",
            "brand" => "favourite_brand",
            _ => return None,
        };
        Some(Test { field: field.to_owned(), ..test.clone() })
    });
    let own = Objects { names: vec![tests.collect()], all: false };
    things(&own)?
}

/// When somebody was here.
fn visited(act: &Act) -> Option<Value> {
    if !act.objects.is_empty() || act.amount.is_some() {
        return None;
    }
    let field = "last_visit_at";
    let never = json!({"field": field, "operator": "null", "value": null});
    Some(match (&act.window, act.not) {
        (None, false) => json!({"field": field, "operator": "notNull", "value": null}),
        (None, true) => never,
        (Some(window), false) => json!({"field": field, "operator": "within", "value": window}),
        (Some(window), true) => json!({"combinator": "or", "rules": [
            {"field": field, "operator": "notWithin", "value": window}, never]}),
    })
}
