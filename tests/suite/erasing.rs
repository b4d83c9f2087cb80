//! A person who is erased is gone: from the store, from what is imported again, and from a backup
//! that is restored, on both databases; and a backup brings everything else back.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use shuke_tests::{Home, Person, Server, dump, import, keys, same, shuke, shuke_at, state, text};
use sqlx::{AssertSqlSafe, Connection, Executor};
use store::Cx;

/// What is personal of the one who is erased.
const SECRETS: [&str; 8] = [
    "张三丰秘密",
    "13912345678",
    "secret@example.com",
    "1987-06-15",
    "秘密路77号",
    "收件秘密人",
    "评价内容秘密",
    "聊天秘密",
];
/// What is personal of another, who stays.
const OTHER: &str = "李四光别人";

/// Files of both, and their mappings.
const FILES: [(&str, &str); 3] = [
    (
        "customers",
        "客户编号,姓名,手机号,邮箱,生日,地址
c1,张三丰秘密,13912345678,secret@example.com,1987-06-15,广东省深圳市秘密路77号
c2,李四光别人,13800138000,other@example.com,,
",
    ),
    (
        "orders",
        "订单号,客户编号,手机号,商品编码,数量,单价,下单时间,订单状态,收货人,收货地址,联系手机
O1,c1,13912345678,s1,1,10.00,2025-03-01 10:00:00,已付款,收件秘密人,浙江省杭州市秘密路77号,13912345678
O2,c2,13800138000,s1,2,10.00,2025-03-02 10:00:00,已付款,,,
",
    ),
    (
        "reviews",
        "评价ID,客户编号,商品编码,评分,评价内容,评价时间
R1,c1,s1,5,评价内容秘密,2025-03-05 10:00:00
",
    ),
];

/// A shop of the two, with the files from which it came in a folder of their own.
async fn shop(home: &Home, files: &Path) -> Cx {
    let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
    for (mapping, rows) in FILES {
        let path = files.join(format!("{mapping}.csv"));
        std::fs::write(&path, rows).unwrap();
        import(home, "s", mapping, &[path]).await.unwrap();
    }
    cx
}

/// The owner of a server to which the shop belongs.
fn owner(home: &Home, server: &Server) -> Person {
    let begun = server.begin(home, "another");
    let made = server.look(&begun, "/api/v1/session").json();
    let shops = made["shops"].as_array().unwrap();
    assert_eq!(shops.len(), 2, "who begins owns every shop: {made}");
    let own = shops.iter().find(|shop| shop["name"] == "s").unwrap();
    Person { shop: own["shop_id"].as_str().unwrap().to_owned(), ..begun }
}

/// The number of the customer with that number of the shop's own.
fn customer(server: &Server, owner: &Person, external: &str) -> String {
    for _ in 0..200 {
        let list = server.look(owner, "/api/v1/customers?limit=10").json();
        let mut rows = list["data"].as_array().into_iter().flatten();
        if let Some(row) = rows.find(|row| row["external_id"] == external) {
            return row["customer_id"].as_str().unwrap().to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    unreachable!("{external} is not listed");
}

fn assert_gone(told: &str, place: &str) {
    let found: Vec<&str> = SECRETS.into_iter().filter(|secret| told.contains(secret)).collect();
    assert!(found.is_empty(), "{place} tells {found:?}");
    assert!(told.contains(OTHER), "{place}: the other one stays");
}

/// Asserts that no file under a folder tells a secret as it lies there; how many files there are.
fn files_tell_nothing(dir: &Path) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            seen += files_tell_nothing(&path);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let found = SECRETS.iter().find(|secret| {
                bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
            });
            assert_eq!(found, None, "{}", path.display());
            seen += 1;
        }
    }
    seen
}

pub(crate) fn done(output: &Output) -> String {
    let (code, out, err) = text(output);
    assert_eq!(code, Some(0), "{out}{err}");
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_is_gone_from_the_store_and_does_not_come_back() {
    for home in Home::each().await {
        let (kind, files) = (home.kind, tempfile::tempdir().unwrap());
        let cx = shop(&home, files.path()).await;
        let before = state(&cx, &home.lake).await.unwrap();
        let here = SECRETS.iter().filter(|secret| before.contains(*secret)).count();
        assert_eq!(here, 6, "{kind}: what is sealed can be opened: {before}");
        let log = files.path().join("server.log");
        let mut command = shuke_at(&home);
        command.env("SHUKE_LOG", "trace").stderr(std::fs::File::create(&log).unwrap());
        let server = Server::by(command, &home, &[]);
        let owner = owner(&home, &server);
        let id = customer(&server, &owner, "c1");
        let path = format!("/api/v1/customers/{id}");
        let form = json!({ "kind": "customers", "query": "q=13912345678" });
        assert_eq!(server.send(&owner, "POST /api/v1/exports", &form).status, 200);
        let note = json!({ "text": "聊天秘密" });
        let noted = server.send(&owner, &format!("POST {path}/notes"), &note);
        assert_eq!(noted.status, 200, "{noted:?}");

        let form = |reason: &str, confirm: &str| json!({ "reason": reason, "confirm": confirm });
        let erase = format!("POST {path}/erase");
        for (wrong, field) in [(form("", &id), "reason"), (form("asked for it", "0"), "confirm")] {
            let refused = server.send(&owner, &erase, &wrong);
            assert_eq!(refused.status, 400, "{refused:?}");
            assert_eq!(refused.json()["error"]["field"], field);
        }
        let told = server.send(&owner, &erase, &form("asked for it", &id));
        assert_eq!(told.status, 200, "{told:?}");
        let told = told.json();
        let counts = ["keys_destroyed", "statements", "contacts", "words", "notes"];
        let counts = counts.map(|name| told[name].as_u64().unwrap());
        assert_eq!(counts, [1, 1, 1, 1, 1], "{kind}: {told}");
        assert_eq!(server.send(&owner, &erase, &form("again", &id)).status, 409);

        let profile = server.look(&owner, &format!("{path}/profile")).json();
        assert!(!profile["erased_at"].is_null(), "{profile}");
        assert_eq!(profile["customer"]["net_minor"], 1_000, "what was paid stays");
        assert_eq!(profile["customer"]["has_phone"], false, "{profile}");
        let privacy = server.look(&owner, "/api/v1/privacy").json();
        assert_eq!(privacy["certificates"][0]["customer_id"], id, "{privacy}");
        let found = server.look(&owner, "/api/v1/customers?q=13912345678").json();
        let named = found.to_string().contains("c1");
        assert!(!named, "{kind}: {found}");

        let key = keys(&home, &["--shop", "s"])[0]["write_key"].as_str().unwrap().to_owned();
        let again = json!({ "writeKey": key, "batch": [{ "type": "identify", "messageId": "i1",
            "userId": "c1", "traits": { "name": "张三丰秘密", "phone": "13912345678",
            "address": "秘密路77号" } }] });
        assert_eq!(server.ask("POST /v1/batch", &again.to_string()).status, 200);
        server.stop();
        for (mapping, _) in FILES {
            let path = files.path().join(format!("{mapping}.csv"));
            import(&home, "s", mapping, &[path]).await.unwrap();
        }
        let after = state(&cx, &home.lake).await.unwrap();
        assert_gone(&after, kind);
        let raw = dump(&home.cx).await.unwrap();
        assert_gone(&(String::from_utf8_lossy(&raw).into_owned() + OTHER), kind);
        let list = std::fs::read_to_string(home.dir.path().join("erased.jsonl")).unwrap();
        assert_eq!(list.lines().count(), 1, "{list}");
        let said = std::fs::read_to_string(&log).unwrap();
        assert!(said.contains("ready"), "the server wrote down what it did: {said}");
        assert_gone(&(said + OTHER), "the log");
        let seen = files_tell_nothing(home.dir.path());
        assert!(seen > 10, "{kind}: there are files of the lake and the store: {seen}");
    }
}

/// A home into which `home` can be restored: nothing is there yet.
pub(crate) async fn elsewhere(home: &Home, number: u32) -> (tempfile::TempDir, Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let Some(address) = &home.address else { return (dir, None) };
    let (server, options) = address.split_once('?').unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    let schema = options.rsplit_once('=').unwrap().1;
    let name = format!("restored_{schema}_{number}");
    let mut open = sqlx::PgConnection::connect(server).await.unwrap();
    open.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    (dir, Some(format!("{host}/{name}?{options}")))
}

/// What `shuke restore` says.
pub(crate) fn restore(
    at: &(tempfile::TempDir, Option<String>),
    key: &str,
    args: &[&str],
) -> Output {
    let mut command = shuke();
    command.env("SHUKE_MASTER_KEY", key.repeat(32));
    if let Some(address) = &at.1 {
        command.env("SHUKE_DATABASE", address);
    }
    command.arg("restore").arg("--data").arg(at.0.path()).args(args).output().unwrap()
}

fn assert_refused(output: &Output, why: &str) {
    let (code, _, err) = text(output);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains(why), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_all_back_but_who_was_erased_since() {
    for home in Home::each().await {
        let (kind, files) = (home.kind, tempfile::tempdir().unwrap());
        let cx = shop(&home, files.path()).await;
        let before = state(&cx, &home.lake).await.unwrap();
        let server = Server::start(&home);
        let to = files.path().join("backup");
        let to = to.to_str().unwrap();
        let back_up = || {
            let mut command = shuke_at(&home);
            command.arg("backup").arg("--data").arg(home.dir.path()).args(["--to", to]);
            command.output().unwrap()
        };
        assert!(done(&back_up()).contains("read back"), "{kind}: while it is served");
        assert_refused(&back_up(), "holds something already");
        let owner = owner(&home, &server);
        let system = server.look(&owner, "/api/v1/system").json();
        assert!(!system["last_backup_at"].is_null(), "{system}");
        let id = customer(&server, &owner, "c1");
        let form = json!({ "reason": "asked for it", "confirm": id });
        let erase = format!("POST /api/v1/customers/{id}/erase");
        assert_eq!(server.send(&owner, &erase, &form).status, 200);
        server.stop();

        let there = elsewhere(&home, 1).await;
        assert_refused(&restore(&there, "42", &["--from", to]), "--nobody-erased");
        let list = home.dir.path().join("erased.jsonl");
        let told = ["--from", to, "--erased", list.to_str().unwrap()];
        assert_refused(&restore(&there, "43", &told), "master key");
        assert!(done(&restore(&there, "42", &told)).contains("applied again 1"), "{kind}");
        assert_refused(&restore(&there, "42", &told), "there already");
        let restored = Home::of(there, kind).await;
        let after = state(&restored.cx.of(cx.shop), &restored.lake).await.unwrap();
        assert_gone(&after, kind);

        let there = elsewhere(&home, 2).await;
        done(&restore(&there, "42", &["--from", to, "--nobody-erased"]));
        let restored = Home::of(there, kind).await;
        let after = state(&restored.cx.of(cx.shop), &restored.lake).await.unwrap();
        same(&[before, after], kind);
        let server = Server::start(&restored);
        assert_eq!(server.ask("GET /readyz", "").status, 200);
        server.stop();

        let table = Path::new(to).join("lake/order_lines/_delta_log/00000000000000000000.json");
        let mut bytes = std::fs::read(&table).unwrap();
        bytes[0] ^= 1;
        std::fs::write(&table, bytes).unwrap();
        let there = elsewhere(&home, 3).await;
        let damaged = restore(&there, "42", &["--from", to, "--nobody-erased"]);
        assert_refused(&damaged, "is not as it was backed up");
        let left = std::fs::read_dir(there.0.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            left.iter().all(|name| name == "lock"),
            "{kind}: nothing half done stays: {left:?}"
        );
        std::fs::remove_file(Path::new(to).join("backup.json")).unwrap();
        let unfinished = restore(&there, "42", &["--from", to, "--nobody-erased"]);
        assert_refused(&unfinished, "no whole backup");
    }
}
