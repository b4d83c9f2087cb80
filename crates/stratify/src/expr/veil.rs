//! What a shop keeps to itself, as far as conditions read it.
//!
//! Rows of a private kind of events are there for conditions that name the kind, and for no others:
//! so who counts "any event" counts what everybody sees. Whoever names one asks about something
//! private, and so does whoever asks for carts where these are.

use lake::mask::Texts;
use perceive::privacy::Privacy;

use super::behaviour::Steps;
use super::{Check, Collection, Expr};

/// The private kinds of events whose rows some conditions on events leave out.
pub(super) fn veiled(rows: &Expr, hidden: &[String]) -> Vec<String> {
    let left_out = hidden.iter().filter(|kind| !names(rows, kind, false));
    left_out.cloned().collect()
}

/// Whether conditions on events ask for a kind by its name.
fn names(rows: &Expr, kind: &str, not: bool) -> bool {
    match rows {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().any(|part| names(part, kind, not)),
        Expr::Not(part) => names(part, kind, !not),
        Expr::Rule(rule) if rule.field.name == "event" && !not => match &rule.check {
            Check::Text(texts @ (Texts::Is(_) | Texts::Among(_))) => texts.hold(kind),
            _ => false,
        },
        Expr::Rule(_) | Expr::Did(_) => false,
    }
}

/// Whether conditions read what a shop keeps to itself; segments that they name aside.
#[must_use]
pub fn reads_private(expr: &Expr, privacy: &Privacy) -> bool {
    let mut found = false;
    expr.each_leaf(&mut |leaf| found |= leaf_reads(leaf, privacy));
    found
}

/// The same of one condition.
pub(super) fn leaf_reads(leaf: &Expr, privacy: &Privacy) -> bool {
    match leaf {
        Expr::Did(behaviour) => steps_read(&behaviour.steps, privacy),
        _ => false,
    }
}

fn steps_read(steps: &Steps, privacy: &Privacy) -> bool {
    let own = match steps.of {
        Collection::Cart => privacy.hides_carts(),
        Collection::Events => privacy.events.iter().any(|kind| names(&steps.rows, kind, false)),
        Collection::Purchases | Collection::Orders | Collection::Refunds => false,
    };
    own || steps.then.as_ref().is_some_and(|then| steps_read(&then.steps, privacy))
}
