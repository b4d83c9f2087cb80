//! What a shop decides from the command line: the rules of RFM, and who is one person.

use std::process::Output;

use serde_json::{Value, json};
use shuke_tests::{Home, file, json as answer, run, text};

const ORDERS: &str = "order_id,customer_id,sku,quantity,price,placed_at,status
A1,ann,s1,1,100.00,2025-03-01 10:00:00,paid
A2,ann,s1,1,100.00,2025-04-01 10:00:00,paid
A3,ann,s1,1,100.00,2025-05-01 10:00:00,paid
B1,bob,s1,1,500.00,2025-05-20 10:00:00,paid
C1,cat,s1,1,20.00,2024-01-01 10:00:00,paid
";
const DAY: [&str; 2] = ["--as-of", "2025-06-01"];
const CUTS: [&str; 6] =
    ["--r-cuts", "30,90,180,365", "--f-cuts", "1,2,3,6", "--m-cuts", "50,100.00,300,1000"];

async fn imported() -> Home {
    let home = Home::sqlite().await;
    let path = file(&home, "orders.csv", ORDERS);
    let done = run(home.dir.path(), &["import", "--shop", "s", path.to_str().unwrap()]);
    assert!(done.status.success(), "{:?}", text(&done));
    home
}

fn rfm(home: &Home, rules: &[&[&str]]) -> Output {
    run(home.dir.path(), &[&["rfm", "--shop", "s"], &rules.concat()[..]].concat())
}

/// Scores with customers, as a run tells them.
fn matrix(home: &Home, rules: &[&[&str]]) -> Value {
    let run = answer(&rfm(home, &[rules, &[&["--json"]]].concat()));
    let cell = |cell: &Value| json!([cell["r"], cell["f"], cell["m"], cell["customers"]]);
    run["matrix"].as_array().unwrap().iter().map(cell).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_sets_the_rules_of_rfm() {
    let home = imported().await;
    let fixed = json!([[1, 1, 1, 1], [4, 3, 3, 1], [5, 1, 4, 1]]);
    let usual = matrix(&home, &[&DAY]);
    assert_ne!(usual, fixed);
    assert_eq!(matrix(&home, &[&DAY, &CUTS]), fixed);
    assert_eq!(matrix(&home, &[&DAY]), usual, "a run that is not saved changes nothing");
    // From 3 April on there is one order of ann's, and bob's.
    let window = [&DAY[..], &CUTS, &["--window", "60"]];
    assert_eq!(matrix(&home, &window), json!([[4, 1, 2, 1], [5, 1, 4, 1]]));

    assert_eq!(matrix(&home, &[&DAY, &CUTS, &["--save"]]), fixed);
    assert_eq!(matrix(&home, &[&DAY]), fixed, "a saved run sets the rules");
    let said = text(&rfm(&home, &[&DAY])).1;
    assert!(said.contains("cuts are the shop's own"), "{said}");
    // Today all of them bought more than a year ago.
    let sql = "select external_id, r, f, m, stratum from customers order by 1";
    let scores = text(&run(home.dir.path(), &["query", "--shop", "s", "--csv", sql])).1;
    let expected = "external_id,r,f,m,stratum
ann,1,3,3,rescue\nbob,1,1,4,key_rescue\ncat,1,1,1,rescue\n";
    assert_eq!(scores, expected);
    let high = rfm(&home, &[&DAY, &["--high", "mean", "--window", "60", "--save"]]);
    let said = text(&high).1;
    assert!(said.contains("the last 60 days count; above the mean is high; cuts"), "{said}");
    // Outside the window nobody has a score.
    let sql = "select count(*) as n from customers where stratum is not null";
    let (_, scored, _) = text(&run(home.dir.path(), &["query", "--shop", "s", "--csv", sql]));
    assert_eq!(scored, "n\n0\n", "the window ends today");
    let back = ["--quantiles", "--window", "0", "--high", "score", "--save"];
    assert_eq!(matrix(&home, &[&DAY, &back]), usual);
    assert_eq!(matrix(&home, &[&DAY]), usual);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_make_no_sense_are_refused() {
    let home = imported().await;
    for (rules, code, words) in [
        (
            vec!["--r-cuts", "90,30,180,365", "--f-cuts", "1,2,3,6", "--m-cuts", "1,2,3,4"],
            1,
            "increase",
        ),
        (vec!["--r-cuts", "30,90,180", "--f-cuts", "1,2,3,6", "--m-cuts", "1,2,3,4"], 1, "not 3"),
        (
            vec!["--r-cuts", "30,90,180,365", "--f-cuts", "1,2,3,6", "--m-cuts", "1,2,x,4"],
            1,
            "--m-cuts",
        ),
        (vec!["--r-cuts", "30,90,180,365"], 2, "required"),
        (vec!["--window", "99999"], 1, "36525"),
        (vec!["--high", "low"], 2, "--high"),
        (vec!["--quantiles", "--r-cuts", "1,2,3,4"], 2, "cannot be used"),
    ] {
        let (exit, out, err) = text(&rfm(&home, &[&rules, &["--save"]]));
        assert_eq!((exit, out.as_str()), (Some(code), ""), "{rules:?}");
        assert!(err.contains(words), "{rules:?}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_decides_who_is_one_person() {
    let home = imported().await;
    let identity = |rest: &[&str]| {
        let done = run(home.dir.path(), &[&["identity", "--shop", "s"], rest].concat());
        let (code, out, err) = text(&done);
        (code, format!("{out}{err}"))
    };
    assert_eq!(identity(&[]), (Some(0), "no customers were merged\n".to_owned()));
    let sql = "select customer_id, external_id, orders from customers order by 2";
    let people = || text(&run(home.dir.path(), &["query", "--shop", "s", "--csv", sql])).1;
    let three = "customer_id,external_id,orders\n1,ann,3\n2,bob,1\n3,cat,1\n";
    assert_eq!(people(), three);
    let (code, said) = identity(&["--together", "1", "2"]);
    assert!(code == Some(0) && said.ends_with("2 → 1  a person decided\n"), "{said}");
    assert_eq!(people(), "customer_id,external_id,orders\n1,ann,4\n3,cat,1\n");
    let (_, said) = identity(&["--apart", "2", "1", "--json"]);
    let merges: Value = serde_json::from_str(&said).unwrap();
    assert!(merges[0]["undone_at"].is_string(), "{merges}");
    assert_eq!(people(), three);
    assert_eq!(identity(&["--customer", "3"]).1, "no customers were merged\n");
    for (rest, code, words) in [
        (&["--together", "1", "9"][..], 1, "no customer 9"),
        (&["--together", "1", "1"], 1, "with itself"),
        (&["--together", "1"], 2, "takes 2 values, not 1"),
        (&["--apart", "1", "2", "--together", "1", "2"], 2, "cannot be used"),
    ] {
        let (exit, said) = identity(rest);
        assert!(exit == Some(code) && said.contains(words), "{rest:?}: {said}");
    }
}
