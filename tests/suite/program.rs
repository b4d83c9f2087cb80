//! The program as its users meet it: exit codes, errors, the socket, bad input.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use shuke_tests::{Home, file, json, run, shuke, text};

const ORDERS: &str = "order_id,customer_id,phone,sku,title,quantity,price,placed_at,status
A1,ann,13800000001,s1,Silk dress,1,300.00,2025-03-01 10:00:00,paid
A2,bob,,s1,Silk dress,x,310.00,2025-03-02 11:00:00,paid
A3,cat,,s3,Hand cream,3,20.00,2025-04-02 09:00:00,paid
";

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_imports_asks_and_undoes() {
    let home = Home::sqlite().await;
    let path = file(&home, "orders.csv", ORDERS);
    let path = path.to_str().unwrap();
    let dry = run(home.dir.path(), &["import", "--shop", "s", "--dry-run", "--json", path]);
    let dry: Value = serde_json::from_slice(&dry.stdout).expect("a preview");
    assert_eq!(
        (&dry["rows_read"], &dry["rows_accepted"], &dry["orders"]),
        (&3.into(), &2.into(), &2.into())
    );
    assert_eq!(dry["customers"], 2);
    let none = text(&run(home.dir.path(), &["rfm", "--shop", "s"]));
    assert_eq!(none.0, Some(1), "a preview makes no shop: {none:?}");

    let done = run(home.dir.path(), &["import", "--shop", "s", "--json", path]);
    let done: Value = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!((&done["rows_accepted"], &done["rows_rejected"]), (&2.into(), &1.into()));
    assert_eq!(done["gross_minor"], 36_000);
    let rejects = std::fs::read_to_string(done["rejects_file"].as_str().unwrap()).unwrap();
    assert!(rejects.contains("orders.csv,3,quantity,x,"), "{rejects}");
    let dry = run(home.dir.path(), &["import", "--shop", "s", "--dry-run", "--json", path]);
    let dry: Value = serde_json::from_slice(&dry.stdout).expect("a preview");
    assert_eq!((&dry["rows_accepted"], &dry["rows_duplicate"]), (&0.into(), &2.into()));

    let sql = "select external_id, orders, net_minor, has_phone from customers order by 1";
    let (code, out, err) = text(&run(home.dir.path(), &["query", "--shop", "s", "--csv", sql]));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out, "external_id,orders,net_minor,has_phone\nann,1,30000,true\ncat,1,6000,false\n");
    let rfm = run(home.dir.path(), &["rfm", "--shop", "s", "--json"]);
    let rfm: Value = serde_json::from_slice(&rfm.stdout).expect("RFM");
    assert_eq!((&rfm["customers"], rfm["strata"].as_array().unwrap().len()), (&2.into(), 8));

    let undone = run(home.dir.path(), &["import", "--shop", "s", "--undo", "1", "--json"]);
    let undone: Value = serde_json::from_slice(&undone.stdout).expect("a list");
    assert_eq!(undone[0]["state"], "undone");
    let (_, out, _) = text(&run(
        home.dir.path(),
        &["query", "--shop", "s", "--csv", "select count(*) as n from customers"],
    ));
    assert_eq!(out, "n\n0\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_a_line_with_a_hint() {
    let home = Home::sqlite().await;
    let table = file(&home, "orders.csv", ORDERS);
    let page = file(&home, "report.xls", "<html><body><table><tr><td>1</td></tr></table></html>");
    let image = file(&home, "photo.csv", "\u{89}PNG\r\n\u{1a}\n\0\0\0\0");
    let (table, page, image) =
        (table.to_str().unwrap(), page.to_str().unwrap(), image.to_str().unwrap());
    for (args, code, word) in [
        (vec!["import", "--shop", "s", page], 1, "HTML"),
        (vec!["import", "--shop", "s", image], 1, "photo.csv"),
        (vec!["import", "--shop", "s", "/nowhere.csv"], 1, "nowhere.csv"),
        (vec!["import", "--shop", "s", "--mapping", "nobody", table], 1, "no mapping"),
        (vec!["import", "--shop", "s", "--mapping", "taobao-orders", table], 1, "订单编号"),
        (vec!["import", "--shop", "s"], 2, "no file"),
        (vec!["import", table], 2, "--shop"),
        (vec!["import", "--shop", "s", "--undo", "9"], 1, "no shop"),
        (vec!["frobnicate"], 2, "frobnicate"),
    ] {
        let (got, _, err) = text(&run(home.dir.path(), &args));
        assert_eq!(got, Some(code), "{args:?}: {err}");
        assert!(err.contains(word), "{args:?}: {err}");
        assert!(!err.contains("panicked"), "{err}");
    }
    assert!(run(home.dir.path(), &["import", "--shop", "s", table]).status.success());
    for (sql, word) in [
        ("delete from orders", "only"),
        ("select * from nobody", "nobody"),
        ("select nme from customers", "nme"),
        ("select 1; select 2", "one"),
    ] {
        let (got, _, err) = text(&run(home.dir.path(), &["query", "--shop", "s", sql]));
        assert_eq!(got, Some(1), "{sql}: {err}");
        assert!(err.contains(word), "{sql}: {err}");
    }
    let (got, _, err) = text(&run(home.dir.path(), &["rfm", "--shop", "t"]));
    assert_eq!((got, err.contains("there are: s")), (Some(1), true), "{err}");
    let (got, _, err) = text(&run(home.dir.path(), &["rfm", "--shop", "s", "--as-of", "soon"]));
    assert_eq!((got, err.contains("soon")), (Some(2), true), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_process_serves_another_writes_through_it() {
    let home = Home::sqlite().await;
    let path = file(&home, "orders.csv", ORDERS);
    let path = path.to_str().unwrap();
    let mut server = shuke_tests::shuke()
        .env("SHUKE_MASTER_KEY", "42".repeat(32))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(home.dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    let done = text(&run(home.dir.path(), &["import", "--shop", "s", "--json", path]));
    assert_eq!(done.0, Some(0), "{done:?}");
    let report: Value = serde_json::from_str(&done.1).unwrap();
    assert_eq!(report["rows_accepted"], 2);
    let refused =
        text(&run(home.dir.path(), &["import", "--shop", "s", "--mapping", "taobao-orders", path]));
    assert_eq!((refused.0, refused.2.contains("订单编号")), (Some(1), true), "{refused:?}");
    // Whoever asks is answered in their own language, whatever that of the server.
    let chinese =
        |args: &[&str]| text(&run(home.dir.path(), &[args, &["--lang", "zh-CN"]].concat()));
    let list = chinese(&["import", "--shop", "s", "--list"]);
    assert!(list.1.contains("已完成"), "{list:?}");
    let refused = chinese(&["import", "--shop", "s", "--undo", "9"]);
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (Some(1), "shuke：没有编号为 9 的导入\n  → 用 `shuke import --list` 查看已有的导入\n")
    );
    let second = text(&run(home.dir.path(), &["serve", "--listen", "127.0.0.1:0"]));
    assert_eq!((second.0, second.2.contains("another process")), (Some(1), true), "{second:?}");
    let count = text(&run(
        home.dir.path(),
        &["query", "--shop", "s", "--csv", "select count(*) as n from orders"],
    ));
    assert_eq!(count.1, "n\n2\n");
    let pid = server.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    assert!(server.wait().unwrap().success(), "it stops gracefully");
}

/// What a command says to people, on both of its streams.
fn said(home: &Home, lang: &str, args: &[&str]) -> String {
    let (_, out, err) = text(&run(home.dir.path(), &[args, &["--lang", lang]].concat()));
    out + &err
}

#[tokio::test(flavor = "multi_thread")]
async fn each_language_says_everything_and_json_says_the_same_in_both() {
    let home = Home::sqlite().await;
    let path = file(&home, "orders.csv", ORDERS);
    let path = path.to_str().unwrap();
    let is_chinese = |text: &str| text.chars().any(|c| matches!(c, '\u{3000}'..='\u{9fff}'));
    let has_words = |text: &str| {
        let words = text
            .split_whitespace()
            .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase()));
        words
            .filter(|word| !["shuke", "import", "orders", "tables", "describe"].contains(word))
            .count()
            > 1
    };
    for args in [
        &["import", "--shop", "s", "--dry-run", path][..],
        &["import", "--shop", "s", path],
        &["import", "--shop", "s", "--list"],
        &["import", "--suggest", path],
        &["rfm", "--shop", "s"],
        &["query", "--shop", "s", "select 1 as n"],
        &["query", "--shop", "s", "select nme from customers"],
        &["query", "--shop", "s", "delete from orders"],
        &["doctor"],
        &["rfm", "--shop", "nobody"],
        &["import", "--shop", "s", "--undo", "9"],
        &["import", "--shop", "s"],
        &["import", "--shop", "s", "nowhere.csv"],
    ] {
        let (english, chinese) = (said(&home, "en", args), said(&home, "zh-CN", args));
        assert!(!english.is_empty() && !is_chinese(&english), "{args:?}: {english}");
        if args.contains(&"--suggest") {
            // What the shop's own columns are called is not for us to say.
            continue;
        }
        assert!(is_chinese(&chinese) && !has_words(&chinese), "{args:?}: {chinese}");
    }
    for args in [
        &["import", "--shop", "s", "--list", "--json"][..],
        &["rfm", "--shop", "s", "--json"],
        &["query", "--shop", "s", "--json", "select * from customers"],
    ] {
        assert_eq!(said(&home, "en", args), said(&home, "zh-CN", args), "{args:?}");
    }
    let wrong = text(&run(home.dir.path(), &["doctor", "--lang", "fr"]));
    assert_eq!(
        (wrong.0, wrong.2.contains("\"fr\" is not a language")),
        (Some(2), true),
        "{wrong:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_leaves_nothing_behind_and_waits_for_nobody() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::sqlite().await;
    let data = home.dir.path().join("new");
    let path = file(&home, "orders.csv", ORDERS);
    let bare =
        file(&home, "bare.csv", "张三,13800138000,zhang@example.com\n李四,13900139000,li@x.cn\n");
    let (path, bare) = (path.to_str().unwrap(), bare.to_str().unwrap());
    let dry = text(&run(&data, &["import", "--shop", "s", "--dry-run", path]));
    assert_eq!(dry.0, Some(0), "{}", dry.2);
    let (code, _, err) =
        text(&run(&data, &["import", "--shop", "s", "--mapping", "customers", bare]));
    assert!(code == Some(1) && err.contains("first row is data"), "{err}");
    assert!(!err.contains("zhang") && !err.contains("13800138000"), "{err}");
    assert!(!data.exists(), "neither a preview nor a refused file makes a folder");

    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(run(&data, &["import", "--shop", "s", path]).status.success());
    let mode = std::fs::metadata(data.join("store.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others cannot read it");
    let lock = store::lock::Lock::take(&data).unwrap().expect("the lock is free");
    for args in
        [&["import", "--shop", "s", "--list"][..], &["import", "--shop", "s", "--dry-run", path]]
    {
        let (code, _, err) = text(&run(&data, args));
        assert_eq!(code, Some(0), "beside a writer: {err}");
    }
    drop(lock);
    let sql = format!("select 1{}", " + 1".repeat(10_000));
    let (code, _, err) = text(&run(&data, &["query", "--shop", "s", &sql]));
    assert!(code == Some(1) && err.contains("operators"), "{err}");
    let null = json(&run(&data, &["query", "--shop", "s", "--json", "select null as n"]));
    assert!(null[0]["n"].is_null(), "{null}");
}

/// One value of it would take 64 GB: the engine counts it only when it is there.
const HUGE: &str = "with a as (select replace('xxxxxxxxxxxxxxxx', 'x', 'xxxxxxxxxxxxxxxx') as t),
    b as (select replace(t, 'x', t) as t from a), c as (select replace(t, 'x', t) as t from b),
    d as (select replace(t, 'x', t) as t from c) select length(t) from d";

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_makes_huge_values_ends_with_a_line_and_a_hint() {
    let home = Home::sqlite().await;
    let path = file(&home, "orders.csv", ORDERS);
    let dir = home.dir.path();
    let done = run(dir, &["import", "--shop", "s", path.to_str().unwrap()]);
    assert_eq!(text(&done).0, Some(0));
    let (code, out, err) = text(&run(dir, &["query", "--shop", "s", HUGE]));
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("MB of memory") && err.contains("→") && err.lines().count() <= 2, "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_not_read_beside_the_history_of_another() {
    let Some(home) = Home::postgres().await else { return };
    let path = file(&home, "orders.csv", ORDERS);
    let other = tempfile::tempdir().unwrap();
    let said = |dir: &std::path::Path, args: &[&str]| {
        let mut command = shuke();
        command.env("SHUKE_DATABASE", home.address.as_ref().unwrap());
        command.env("SHUKE_MASTER_KEY", "42".repeat(32)).arg(args[0]).arg("--data").arg(dir);
        text(&command.args(&args[1..]).output().unwrap())
    };
    let import = ["import", "--shop", "s", path.to_str().unwrap()];
    assert_eq!(said(home.dir.path(), &import).0, Some(0));
    let count = ["query", "--shop", "s", "--csv", "select count(*) as n from order_lines"];
    assert_eq!(said(home.dir.path(), &count).0, Some(0));
    for args in [&count[..], &import] {
        let (code, _, err) = said(other.path(), args);
        assert!(code == Some(1) && err.contains("history is not in"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_when_others_may_read_the_key() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::sqlite().await;
    let key = home.dir.path().join("master.key");
    std::fs::write(&key, "42".repeat(32)).unwrap();
    for (mode, warned) in [(0o644, true), (0o640, true), (0o600, false)] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let (code, out, _) = text(&run(home.dir.path(), &["doctor"]));
        assert_eq!((code, out.contains("chmod 600")), (Some(0), warned), "{mode:o}: {out}");
    }
}
