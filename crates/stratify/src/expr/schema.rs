//! Expressions as a JSON Schema (draft 2020-12): what a program that writes them may write.
//!
//! It says what [`read`](super::read) takes, field by field and operator by operator, except for
//! what no schema can tell: whether a day exists, a segment is there, or a list is too long in all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::check::UNITS_MAX;
use super::field::{PROPERTY, RANDOM, has_top, operators, profile_fields};
use super::when::HOURS_MAX;
use super::wire::{LIST_MAX, TEXT_MAX};
use super::{Collection, Kind};

/// Operators that compare with one value.
const COMPARE: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
/// Units of time.
const UNITS: [&str; 7] = ["minute", "hour", "day", "week", "month", "quarter", "year"];
/// What a behaviour may be measured by beside a field.
const FIELDLESS: [&str; 4] = ["count", "recent", "first", "last"];
/// What a field of a behaviour may be measured by.
const OF_FIELD: [&str; 5] = ["distinct", "sum", "average", "least", "most"];
/// Every kind of field, with the name of its values.
const KINDS: [(Kind, &str); 8] = [
    (Kind::Number, "number"),
    (Kind::Time, "time"),
    (Kind::Text, "text"),
    (Kind::Truth, "truth"),
    (Kind::Fraction, "number"),
    (Kind::Sealed, "text"),
    (Kind::Day, "day"),
    (Kind::Set, "id"),
];

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let mut defs = json!({
        "part": {"anyOf": [{"$ref": "#/$defs/group"}, {"$ref": "#/$defs/rule"}]},
        "group": group("part"),
        "rule": {"anyOf": rules()},
        "compared": compared(),
    });
    let all = defs.as_object_mut();
    if let Some(all) = all {
        all.extend(values());
        for (name, of) in Collection::ALL {
            all.insert(
                format!("{name}_part"),
                json!({"anyOf": [
                    {"$ref": format!("#/$defs/{name}_group")},
                    {"$ref": format!("#/$defs/{name}_rule")},
                ]}),
            );
            all.insert(format!("{name}_group"), group(&format!("{name}_part")));
            all.insert(format!("{name}_rule"), json!({"anyOf": of_rows(of)}));
            all.insert(format!("{name}_measure"), measure(of));
            all.insert(format!("{name}_then"), then(name));
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Conditions on customers",
        "description": "Rule groups as react-querybuilder writes them. Money is in minor units, \
            times are in the shop's zone, and a missing value is neither equal nor unequal.",
        "$ref": "#/$defs/part",
        "$defs": defs,
    })
}

/// A group of parts, with its combinator before them or between them.
fn group(part: &str) -> Value {
    let part = json!({"$ref": format!("#/$defs/{part}")});
    json!({
        "type": "object",
        "required": ["rules"],
        "additionalProperties": false,
        "properties": {
            "id": true, "path": true, "disabled": true,
            "muted": {"type": "boolean"},
            "combinator": {"enum": ["and", "or", "xor", "AND", "OR", "XOR", null]},
            "not": {"type": ["boolean", "null"]},
            "rules": {"type": "array", "items": {
                "anyOf": [part, {"enum": ["and", "or", "AND", "OR"]}],
            }},
        },
    })
}

/// An object of these members and those that the editor of conditions adds.
fn object(required: &[&str], members: Value) -> Value {
    let mut own = json!({"id": true, "path": true, "disabled": true, "muted": {"type": "boolean"}});
    if let (Some(own), Value::Object(members)) = (own.as_object_mut(), members) {
        own.extend(members);
    }
    json!({
        "type": "object", "required": required, "additionalProperties": false, "properties": own,
    })
}

/// Rules on fields of customers, and what they did.
fn rules() -> Vec<Value> {
    let mut all = Vec::new();
    for (kind, value) in KINDS {
        let of_kind = || profile_fields().filter(move |(_, own)| *own == kind);
        let names: Vec<&str> = of_kind().map(|(name, _)| name).collect();
        let field = match kind {
            Kind::Fraction => json!({"type": "string", "pattern": format!("^{RANDOM}(\\.|$)")}),
            _ => json!({"enum": names}),
        };
        all.extend(of_field((&field, kind, value)));
        let top: Vec<&str> = names.into_iter().filter(|name| has_top(name)).collect();
        if kind == Kind::Number {
            let (field, value) = (json!({"enum": top}), json!({"$ref": "#/$defs/largest"}));
            all.push(rule(&field, &["top"], &value));
        }
    }
    all.push(json!({"$ref": "#/$defs/compared"}));
    for (name, _) in Collection::ALL {
        let of = |what: &str| json!({"$ref": format!("#/$defs/{name}_{what}")});
        let empty = json!({"enum": ["", null]});
        all.push(object(
            &["field"],
            json!({
                "field": {"const": name},
                "operator": {"enum": ["=", "", null]},
                "valueSource": {"enum": ["value", "", null]},
                "value": {"anyOf": [of("part"), empty]},
                "match": {"$ref": "#/$defs/match"},
                "measure": of("measure"),
                "then": {"anyOf": [of_any_then(), {"type": "null"}]},
            }),
        ));
    }
    all
}

/// Rules on fields of rows of a collection.
fn of_rows(of: Collection) -> Vec<Value> {
    let mut all = Vec::new();
    for (kind, value) in KINDS {
        let own = of.fields().iter().filter(|(_, own)| *own == kind);
        let names: Vec<&str> = own.map(|(name, _)| *name).collect();
        if !names.is_empty() {
            all.extend(of_field((&json!({"enum": names}), kind, value)));
        }
        let told = matches!(kind, Kind::Time | Kind::Text | Kind::Truth | Kind::Fraction);
        if of == Collection::Events && told {
            all.extend(of_field((&property(), kind, value)));
        }
    }
    all.push(json!({"$ref": "#/$defs/compared"}));
    all
}

fn property() -> Value {
    json!({"type": "string", "pattern": format!("^{}.", PROPERTY.replace('.', "\\."))})
}

/// The rules on a field of a kind, by what their operators want for a value.
fn of_field((field, kind, value): (&Value, Kind, &str)) -> Vec<Value> {
    let known = operators(kind);
    let of = |wanted: &[&'static str]| -> Vec<&'static str> {
        wanted.iter().copied().filter(|operator| known.contains(operator)).collect()
    };
    let one = json!({"anyOf": [{"$ref": format!("#/$defs/{value}")}, {"type": "null"}]});
    let texts = [
        "contains",
        "doesNotContain",
        "beginsWith",
        "doesNotBeginWith",
        "endsWith",
        "doesNotEndWith",
        "like",
        "notLike",
    ];
    let list = json!({"anyOf": [
        {"type": "array", "maxItems": LIST_MAX, "items": one},
        {"type": ["string", "number", "null"]},
    ]});
    let pair = json!({"anyOf": [
        {"type": "array", "minItems": 2, "maxItems": 2, "items": one},
        {"type": "string", "pattern": ","},
    ]});
    let window = json!({"$ref": "#/$defs/window"});
    let windows = ["within", "notWithin", "anniversary", "lunarAnniversary"];
    let by_value = [
        (of(&COMPARE), one.clone()),
        (of(&texts), one),
        (of(&["in", "notIn"]), list),
        (of(&["between", "notBetween"]), pair),
        (of(&windows), window),
        (of(&["null", "notNull"]), Value::Bool(true)),
    ];
    let some = by_value.into_iter().filter(|(operators, _)| !operators.is_empty());
    some.map(|(operators, value)| rule(field, &operators, &value)).collect()
}

fn rule(field: &Value, operators: &[&str], value: &Value) -> Value {
    object(
        &["field", "operator"],
        json!({
            "field": field,
            "operator": {"enum": operators},
            "valueSource": {"enum": ["value", "", null]},
            "value": value,
        }),
    )
}

/// A field compared with another one.
fn compared() -> Value {
    object(
        &["field", "operator", "value", "valueSource"],
        json!({
            "field": {"type": "string"},
            "operator": {"enum": COMPARE},
            "valueSource": {"const": "field"},
            "value": {"type": "string"},
        }),
    )
}

/// What a measure of rows is and must be.
fn measure(of: Collection) -> Value {
    let mut names: Vec<Value> = of.fields().iter().map(|(name, _)| Value::from(*name)).collect();
    names.sort_by_key(Value::to_string);
    let mut field = vec![json!({"enum": names})];
    if of == Collection::Events {
        field.push(property());
    }
    let kinds = [Kind::Number, Kind::Time, Kind::Fraction];
    let others: BTreeSet<&str> = kinds.iter().flat_map(|kind| operators(*kind)).copied().collect();
    let others: Vec<&str> = others.into_iter().filter(|own| *own != "top").collect();
    let largest = json!({"$ref": "#/$defs/largest"});
    let is = [(others.as_slice(), json!(true)), (["top"].as_slice(), largest)];
    let with = |of: &[&str], field: Option<&Value>, (operators, value): &(&[&str], Value)| {
        let mut required = vec!["of", "operator"];
        let mut members = json!({
            "of": {"enum": of},
            "operator": {"enum": operators},
            "value": value,
            "half_life": {"type": "integer", "minimum": 1},
        });
        if let (Some(field), Some(members)) = (field, members.as_object_mut()) {
            required.push("field");
            members.insert("field".to_owned(), field.clone());
        }
        json!({
            "type": "object", "required": required, "additionalProperties": false,
            "properties": members,
        })
    };
    let field = json!({"anyOf": field});
    let own = is.iter().map(|is| with(&FIELDLESS, None, is));
    let named = is.iter().map(|is| with(&OF_FIELD, Some(&field), is));
    json!({"anyOf": own.chain(named).collect::<Vec<_>>()})
}

fn of_any_then() -> Value {
    let all = Collection::ALL.map(|(name, _)| json!({"$ref": format!("#/$defs/{name}_then")}));
    json!({"anyOf": all})
}

/// What has to follow, or must not.
fn then(name: &str) -> Value {
    json!({
        "type": "object", "required": ["field"], "additionalProperties": false,
        "properties": {
            "field": {"const": name},
            "match": {"type": "object", "properties": {"mode": {"enum": ["some", "none"]}}},
            "value": {"anyOf": [
                {"$ref": format!("#/$defs/{name}_part")}, {"enum": ["", null]},
            ]},
            "within": {"anyOf": [{"$ref": "#/$defs/span"}, {"type": "null"}]},
            "then": {"anyOf": [of_any_then(), {"type": "null"}]},
        },
    })
}

/// A count, as a number or as its text.
fn count(most: u32) -> Value {
    json!({"anyOf": [
        {"type": "integer", "minimum": 0, "maximum": most},
        {"type": "string", "pattern": "^\\s*[0-9]+\\s*$"},
    ]})
}

/// So many units of time under a key; hours and minutes for as long as they are exact.
fn counted(key: &str) -> Value {
    let of = |units: &[&str], most: u32, required: &[&str]| {
        json!({
            "type": "object", "required": required, "additionalProperties": false,
            "properties": {key: count(most), "unit": {"enum": units}},
        })
    };
    let whole = UNITS.get(2..).unwrap_or_default();
    json!({"anyOf": [
        of(whole, UNITS_MAX, &[key]),
        of(&["hour"], HOURS_MAX, &[key, "unit"]),
        of(&["minute"], HOURS_MAX * 60, &[key, "unit"]),
    ]})
}

/// The values of fields, moments and windows.
fn values() -> serde_json::Map<String, Value> {
    let (unit, with) = (json!({"enum": UNITS}), counted);
    let all = json!({
        "number": {"anyOf": [
            {"type": "number"},
            {"type": "string", "pattern": "^\\s*[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?\\s*$"},
        ]},
        "text": {"type": ["string", "number"], "maxLength": TEXT_MAX},
        "truth": {"enum": [true, false, "true", "false"]},
        "id": {"anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": "^\\s*[1-9][0-9]*\\s*$"},
        ]},
        "day": {"type": "string", "pattern": "^\\s*[0-9]{2}-[0-9]{2}\\s*$"},
        "time": {"anyOf": [
            {"type": "string",
             "pattern": "^\\s*(now|today|yesterday|tomorrow|[-+]?[0-9]{4,}-[0-9]{2}-[0-9]{2}.*)$"},
            with("ago"), with("ahead"),
        ]},
        "span": with("count"),
        "window": {"anyOf": [
            {"$ref": "#/$defs/time"}, with("last"), with("next"),
            {"type": "object", "required": ["this"], "additionalProperties": false,
             "properties": {"this": unit}},
            {"type": "object", "required": ["previous"], "additionalProperties": false,
             "properties": {"previous": unit, "count": count(UNITS_MAX)}},
            {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {
                "from": {"anyOf": [{"$ref": "#/$defs/time"}, {"type": "null"}]},
                "to": {"anyOf": [{"$ref": "#/$defs/time"}, {"type": "null"}]},
            }},
            {"type": "object", "required": ["season"], "additionalProperties": false,
             "properties": {"season": {"$ref": "#/$defs/season"}}},
        ]},
        "season": {
            "type": "object", "required": ["from", "to"], "additionalProperties": false,
            "properties": {
                "from": {"$ref": "#/$defs/day"}, "to": {"$ref": "#/$defs/day"},
                "year": {"type": "integer"}, "lunar": {"type": "boolean"},
            },
        },
        "largest": {"anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "object", "required": ["count"], "properties": {
                "count": {"type": "integer", "minimum": 0}}},
            {"type": "object", "required": ["share"], "properties": {
                "share": {"type": "number", "minimum": 0, "maximum": 1}}},
        ]},
        "match": {
            "type": "object", "required": ["mode"], "properties": {
                "mode": {"enum": ["some", "none", "atLeast", "atMost", "exactly"]},
                "threshold": {"$ref": "#/$defs/number"},
            },
        },
    });
    match all {
        Value::Object(all) => all,
        _ => serde_json::Map::new(),
    }
}
