//! Reading an expression: JSON as react-querybuilder writes it, with what it lacks added.
//!
//! A group is `{"combinator": "and" | "or" | "xor", "not": …, "rules": […]}`, or has its
//! combinators between its rules, of which *and* binds more strongly. A rule is `{"field",
//! "operator", "value", "valueSource"}`. What is muted is passed over, and a group without rules
//! holds for everybody.

use base::{Error, Result};
use serde_json::{Map, Value};

use super::behaviour;
use super::check;
use super::field::{self, Collection, Field, Kind};
use super::{Check, Expr, Rule};

/// Rules of an expression, those within behaviours included.
pub const RULES_MAX: usize = 500;
/// Groups within each other.
pub const DEPTH_MAX: usize = 16;
/// Values of a list.
pub const LIST_MAX: usize = 100_000;
/// Characters of a text that is compared with.
pub(super) const TEXT_MAX: usize = 1_000;

pub(super) type Object = Map<String, Value>;

/// Reads an expression.
///
/// # Errors
/// `bad_input`, whose field says where, for what is no expression, for a field or an operator that
/// there is not, and for a value that does not go with them; `too_large` beyond a limit.
pub fn read(value: &Value) -> Result<Expr> {
    let mut reader = Reader { rules: 0 };
    reader.part(value, &Scope { at: String::new(), depth: 0, rows: None })
}

/// Reads the parts of an expression.
pub(super) struct Reader {
    rules: usize,
}

/// Where a part stands.
pub(super) struct Scope {
    /// Its place, as one would write it in the language of the console.
    pub(super) at: String,
    pub(super) depth: usize,
    /// Of what its fields are: of the rows of a collection, or of the customer.
    pub(super) rows: Option<Collection>,
}

impl Scope {
    pub(super) fn within(&self, place: &str) -> Self {
        let dot = if self.at.is_empty() { "" } else { "." };
        Self { at: format!("{}{dot}{place}", self.at), depth: self.depth + 1, rows: self.rows }
    }

    pub(super) fn bad(&self, message: impl Into<String>) -> Error {
        let at = if self.at.is_empty() { "expression" } else { &self.at };
        Error::bad(message).field(at)
    }

    fn field(&self, name: &str, said: Kind) -> Result<Field> {
        let found = match self.rows {
            Some(collection) => collection.field(name, said),
            None => field::of_profile(name),
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = match self.rows {
                Some(rows) => rows.fields().iter().map(|(name, _)| *name).collect(),
                None => {
                    let collections = Collection::ALL.iter().map(|(name, _)| *name);
                    field::profile_fields().map(|(name, _)| name).chain(collections).collect()
                }
            };
            let known = format!("the fields are: {}", names.join(", "));
            self.bad(format!("there is no field {name:?}")).hint(known)
        })
    }
}

impl Reader {
    /// A group or a rule.
    pub(super) fn part(&mut self, value: &Value, scope: &Scope) -> Result<Expr> {
        if scope.depth > DEPTH_MAX {
            return Err(scope.bad(format!("groups are within each other at most {DEPTH_MAX} deep")));
        }
        let object = value.as_object().ok_or_else(|| scope.bad("is no group and no rule"))?;
        if object.contains_key("rules") {
            self.group(object, scope)
        } else {
            self.rule(object, scope)
        }
    }

    fn group(&mut self, object: &Object, scope: &Scope) -> Result<Expr> {
        only(object, &["id", "path", "combinator", "not", "rules", "disabled", "muted"], scope)?;
        let rules = object.get("rules").and_then(Value::as_array);
        let rules = rules.ok_or_else(|| scope.bad("`rules` is no list"))?;
        let mixed = rules.iter().any(Value::is_string);
        let expr =
            if mixed { self.mixed(rules, scope)? } else { self.plain(object, rules, scope)? };
        Ok(match flag(object, "not", scope)? {
            true => Expr::Not(Box::new(expr)),
            false => expr,
        })
    }

    fn plain(&mut self, object: &Object, rules: &[Value], scope: &Scope) -> Result<Expr> {
        let mut parts = Vec::with_capacity(rules.len());
        for (place, rule) in rules.iter().enumerate() {
            let scope = scope.within(&format!("rules[{place}]"));
            if !is_muted(rule) {
                parts.push(self.part(rule, &scope)?);
            }
        }
        let combinator = match object.get("combinator") {
            None | Some(Value::Null) => "and".to_owned(),
            Some(value) => value.as_str().unwrap_or_default().to_ascii_lowercase(),
        };
        match combinator.as_str() {
            _ if parts.is_empty() => Ok(Expr::All(parts)),
            "and" => Ok(Expr::All(parts)),
            "or" => Ok(Expr::Any(parts)),
            "xor" => one_of_two(parts, scope),
            _ => Err(scope.bad("`combinator` is one of: and, or, xor")),
        }
    }

    /// Rules with their combinators between them.
    fn mixed(&mut self, rules: &[Value], scope: &Scope) -> Result<Expr> {
        let mut any = Vec::new();
        let mut all = Vec::new();
        for (place, value) in rules.iter().enumerate() {
            let scope = scope.within(&format!("rules[{place}]"));
            match (place % 2, value.as_str().map(str::to_ascii_lowercase).as_deref()) {
                (0, None) => all.push(self.part(value, &scope)?),
                (1, Some("and")) => {}
                (1, Some("or")) => any.push(Expr::All(std::mem::take(&mut all))),
                (0, _) => return Err(scope.bad("a rule or a group belongs here")),
                _ => return Err(scope.bad("`and` or `or` belongs here")),
            }
        }
        if rules.len().is_multiple_of(2) {
            return Err(scope.bad("a rule or a group is missing after the last combinator"));
        }
        any.push(Expr::All(all));
        Ok(Expr::Any(any))
    }

    fn rule(&mut self, object: &Object, scope: &Scope) -> Result<Expr> {
        self.rules += 1;
        if self.rules > RULES_MAX {
            let text = format!("an expression has at most {RULES_MAX} rules");
            return Err(Error::new(base::Code::TooLarge, text).field("rules"));
        }
        let name = text(object, "field", scope)?;
        if scope.rows.is_none()
            && let Some(collection) = Collection::named(name)
            && (tells_rows(object) || field::of_profile(name).is_none())
        {
            let behaviour = behaviour::wire::read(self, object, collection, scope)?;
            return Ok(Expr::Did(Box::new(behaviour)));
        }
        let known =
            ["id", "path", "field", "operator", "value", "valueSource", "disabled", "muted"];
        only(object, &known, scope)?;
        let operator = text(object, "operator", scope)?;
        let value = object.get("value").unwrap_or(&Value::Null);
        let field = scope.field(name, field::kind_of(operator, value))?;
        if let Some(reach) = field::of_reach(&field.name).filter(|_| scope.rows.is_none()) {
            let wanted = check::read(&field, operator, value, scope)?;
            return Ok(reachable(wanted, reach, scope));
        }
        match object.get("valueSource").and_then(Value::as_str) {
            None | Some("value" | "") => check::read(&field, operator, value, scope),
            Some("field") => {
                let other = value.as_str().unwrap_or_default();
                let other = scope.field(other, field.kind)?;
                let check = fields(&field, operator, other, scope)?;
                Ok(rule(field, check, scope))
            }
            Some(_) => Err(scope.bad("`valueSource` is one of: value, field")),
        }
    }
}

/// Being within reach, or what else a rule on it says: there is an address, and consent was not
/// withdrawn.
fn reachable(wanted: Expr, [address, consent]: [Field; 2], scope: &Scope) -> Expr {
    match wanted {
        Expr::Not(part) => Expr::Not(Box::new(reachable(*part, [address, consent], scope))),
        Expr::Rule(wanted) => match wanted.check {
            Check::Truth(true) => Expr::All(vec![
                rule(address, Check::Truth(true), scope),
                Expr::Any(vec![
                    rule(consent.clone(), Check::Missing(true), scope),
                    rule(consent, Check::Truth(true), scope),
                ]),
            ]),
            Check::Truth(false) => {
                let wanted = Expr::Rule(Box::new(Rule { check: Check::Truth(true), ..*wanted }));
                Expr::Not(Box::new(reachable(wanted, [address, consent], scope)))
            }
            // It is always known.
            Check::Missing(missing) => {
                if missing {
                    Expr::Any(vec![])
                } else {
                    Expr::All(vec![])
                }
            }
            _ => Expr::Rule(wanted),
        },
        other => other,
    }
}

/// A condition on a field.
pub(super) fn rule(field: Field, check: Check, scope: &Scope) -> Expr {
    Expr::Rule(Box::new(Rule { at: scope.at.clone(), field, check }))
}

/// A field compared with another.
fn fields(field: &Field, operator: &str, other: Field, scope: &Scope) -> Result<Check> {
    let compares = matches!(field.kind, Kind::Number | Kind::Time) && field.kind == other.kind;
    // What is worked out stands in no column.
    let column = |own: &Field| match scope.rows {
        Some(_) => own.name != field::DISCOUNT,
        None => field::has_top(&own.name),
    };
    let compares = compares && column(field) && column(&other);
    if !compares {
        let text = format!("{} cannot be compared with {}", field.name, other.name);
        return Err(scope.bad(text).hint("two numbers can, and two times"));
    }
    let ways = if operator == "!=" { Some([true, false, true]) } else { check::ways(operator) };
    let ways = ways.ok_or_else(|| {
        let text = format!("{operator:?} does not compare two fields");
        scope.bad(text).hint("these do: <, <=, =, !=, >=, >")
    })?;
    Ok(Check::Field(other, ways))
}

/// One of two, and not both.
fn one_of_two(parts: Vec<Expr>, scope: &Scope) -> Result<Expr> {
    let not = |part: &Expr| Expr::Not(Box::new(part.clone()));
    match <[Expr; 2]>::try_from(parts) {
        Ok([left, right]) => {
            let neither_alone = Expr::All(vec![left.clone(), not(&right)]);
            Ok(Expr::Any(vec![neither_alone, Expr::All(vec![not(&left), right])]))
        }
        Err(parts) if parts.len() == 1 => Ok(Expr::All(parts)),
        Err(_) => Err(scope.bad("`xor` joins two rules or groups")),
    }
}

/// A text of a rule.
pub(super) fn text<'a>(object: &'a Object, name: &str, scope: &Scope) -> Result<&'a str> {
    let found = object.get(name).and_then(Value::as_str);
    found.ok_or_else(|| scope.bad(format!("`{name}` is missing or no text")))
}

/// Whether a flag is set.
fn flag(object: &Object, name: &str, scope: &Scope) -> Result<bool> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(scope.bad(format!("`{name}` is true or false"))),
    }
}

/// Whether a rule speaks of rows: customers have a field that is called like a collection.
fn tells_rows(object: &Object) -> bool {
    ["match", "measure", "then"].iter().any(|key| object.contains_key(*key))
        || object.get("value").is_some_and(Value::is_object)
}

fn is_muted(value: &Value) -> bool {
    value.get("muted").and_then(Value::as_bool).unwrap_or(false)
}

/// Refuses keys that nothing reads, so that a slip of the pen does not change who is meant.
pub(super) fn only(object: &Object, known: &[&str], scope: &Scope) -> Result<()> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            let known = format!("the keys are: {}", known.join(", "));
            Err(scope.bad(format!("there is no key `{key}`")).hint(known))
        }
    }
}
