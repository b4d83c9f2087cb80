//! Conditions on real customers: whom they mean is what DuckDB finds in the files that were
//! imported, and what is said of one customer is what is found of all.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use perceive::profile;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use shuke_tests::{Home, python};
use store::Cx;
use store::shop::Shop;
use stratify::carts::Carts;
use stratify::expr::whole::Shop as Whole;
use stratify::expr::{self, Sets, person};
use stratify::gauge::Gauges;
use stratify::mirror::Mirror;
use stratify::rfm;
use stratify::roster::{Kind, Rosters};
use stratify::sales::Sales;

/// Of so many customers, one is asked about.
const EVERY: usize = 487;

/// Conditions with the same question in SQL, and how DuckDB is told what the files say.
pub(crate) struct Set {
    /// `[{"expr", "sql"}]`; in SQL, a condition on a row `c` of the customers.
    cases: &'static str,
    /// What is asked before.
    prelude: &'static str,
    /// Groups of conditions that are drawn; where history is long each takes seconds.
    drawn: usize,
}

pub(crate) const ONLINE_RETAIL: Set = Set {
    cases: include_str!("segmenting/online-retail.json"),
    prelude: include_str!("segmenting/online-retail.sql"),
    drawn: 6,
};

pub(crate) const COMPLETE_JOURNEY: Set = Set {
    cases: include_str!("segmenting/complete-journey.json"),
    prelude: include_str!("segmenting/complete-journey.sql"),
    drawn: 2,
};

const ASK: &str = "
import duckdb, json, sys
asked = json.load(sys.stdin)
duckdb.sql('set enable_progress_bar = false')
duckdb.sql(\"set variable files = '\" + asked['files'] + \"'\")
duckdb.sql(asked['prelude'])
answers = [duckdb.sql('select cast(id as varchar) from c where ' + sql).fetchall()
    for sql in asked['conditions']]
print(json.dumps([[row[0] for row in rows] for rows in answers]))
";

/// Checks that a shop into which the files were imported means by each of the conditions whom
/// DuckDB finds.
pub(crate) async fn agrees(cx: &Cx, home: &Home, shop: &Shop, (set, files): (&Set, &Path)) {
    let Some(python) = python() else { return };
    let cases: Vec<Value> = serde_json::from_str(set.cases).unwrap();
    let conditions: Vec<&str> = cases.iter().map(|case| case["sql"].as_str().unwrap()).collect();
    let asked = serde_json::json!(
        {"prelude": set.prelude, "files": files, "conditions": conditions}
    );
    let theirs = ask(&python, &asked);
    let mut mirror = Mirror::empty(cx.shop);
    mirror.refresh(cx).await.unwrap();
    let scores = rfm::scores(cx, &mirror, &shop.zone).await.unwrap();
    let mut sales = Sales::default();
    sales.refresh(cx).await.unwrap();
    let whole = Whole {
        cx,
        zone: &shop.zone,
        lake: &home.lake,
        mirror: &mirror,
        scores: &scores,
        stages: &[],
        sets: &sets(mirror.people()),
        sales: &sales,
        carts: &Carts::default(),
        threads: 2,
    };
    for (case, theirs) in cases.iter().zip(theirs) {
        let expr = expr::read(&case["expr"]).unwrap();
        let members = whole.members(&expr).await.unwrap();
        assert_eq!(whole.count(&expr).await.unwrap(), members.len());
        let numbers: Vec<i64> = members.iter().map(i64::from).collect();
        let rows = profile::of_numbers(&mut cx.read().await.unwrap(), &numbers).await.unwrap();
        let ours: BTreeSet<String> = rows.into_iter().filter_map(|row| row.external_id).collect();
        let surplus: Vec<_> = ours.difference(&theirs).take(5).collect();
        let missing: Vec<_> = theirs.difference(&ours).take(5).collect();
        assert!(
            ours == theirs && !(ours.is_empty() && case["empty"].is_null()),
            "{} of {}: {} for DuckDB's {}, surplus {surplus:?}, missing {missing:?}: {case}",
            home.kind,
            case["sql"],
            ours.len(),
            theirs.len(),
        );
        for number in (1..=mirror.people()).step_by(EVERY) {
            let reason = person::explain(&whole, &expr, number).await.unwrap();
            let meant = u32::try_from(number).is_ok_and(|number| members.contains(number));
            assert_eq!(reason.held == Some(true), meant, "{number} of {case}: {reason:?}");
        }
    }
    combined(&whole, (&cases, set.drawn)).await;
}

/// Two sets of customers: a segment, and who has a tag.
fn sets(people: i64) -> Sets {
    let every = |step: u32| (1..=u32::try_from(people).unwrap()).filter(move |n| n % step == 0);
    let set = |step: u32| Arc::new(every(step).collect::<RoaringBitmap>());
    let mut gauges = Gauges::default();
    gauges.put("points", every(5).map(|person| (person, i64::from(person % 50) - 5)).collect());
    Sets {
        segments: HashMap::from([(1, set(3))]),
        rosters: Rosters::from([((Kind::Tag, 1), set(4))]),
        gauges,
        ..Sets::default()
    }
}

/// Conditions on what the files do not tell: sets, chance, reach, and what is sealed.
fn beside() -> Vec<Value> {
    let rule = |field: &str, operator: &str, value: Value| {
        json!({"combinator": "and", "rules": [
            {"field": field, "operator": operator, "value": value},
        ]})
    };
    let share = json!({"share": 0.3});
    vec![
        rule("segment", "in", json!([1])),
        rule("tag", "!=", json!(1)),
        rule("points", ">=", json!(10)),
        rule("points", "notBetween", json!([-1, 30])),
        rule("points", "null", Value::Null),
        rule("random.draw", "<", json!(0.4)),
        rule("reachable_email", "=", json!(false)),
        rule("reachable_sms", "=", json!(true)),
        rule("name", "null", Value::Null),
        rule("name", "!=", json!("nobody")),
        rule("phone", "in", json!(["13800138000"])),
        rule("birthday", "anniversary", json!({"next": 30, "unit": "day"})),
        rule("stratum", "in", json!(["key_value", "key_retain"])),
        rule("items", "top", share.clone()),
        json!({"field": "orders", "measure": {"of": "most", "field": "net_minor", "operator": "top",
            "value": share}}),
    ]
}

/// Groups of conditions, and of such groups, drawn by chance: of one customer they say what they
/// mean of all.
async fn combined(whole: &Whole<'_>, (cases, drawn): (&[Value], usize)) {
    let known = cases.iter().map(|case| case["expr"].clone()).chain(beside());
    let leaf = prop::sample::select(known.collect::<Vec<_>>());
    let groups = leaf.prop_recursive(2, 6, 3, |inner| {
        let parts = prop::collection::vec(inner, 1..4);
        (parts, prop::sample::select(vec!["and", "or"]), any::<bool>()).prop_map(
            |(rules, combinator, not)| {
                json!({"combinator": combinator, "not": not, "rules": rules})
            },
        )
    });
    let mut runner = TestRunner::deterministic();
    for _ in 0..drawn {
        let wish = groups.new_tree(&mut runner).unwrap().current();
        let expr = expr::read(&wish).unwrap();
        let members = whole.members(&expr).await.unwrap();
        for number in (1..=whole.mirror.people()).step_by(EVERY * 4) {
            let reason = person::explain(whole, &expr, number).await.unwrap();
            let meant = u32::try_from(number).is_ok_and(|number| members.contains(number));
            assert_eq!(reason.held == Some(true), meant, "{number} of {wish}: {reason:?}");
        }
    }
}

fn ask(python: &Path, asked: &Value) -> Vec<BTreeSet<String>> {
    let mut child = Command::new(python)
        .args(["-c", ASK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), asked).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}
