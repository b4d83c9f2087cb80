//! Imports as people make them in the console: a file that is sent, looked at, tried, taken in,
//! stopped, gone on with and undone; and lists that leave as files.

use std::io::{Read, Write};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server};

/// How often a job is looked at before it is given up.
const LOOKS_MAX: usize = 1_800;
/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(100);

const ORDERS: &str = "订单号,手机号,商品编码,商品名称,数量,单价,付款时间,状态\n\
    A1,13800138000,S1,面霜,2,50.00,2025-03-01 10:00:00,已付款\n\
    A2,13900139000,S2,口红,1,80.50,2025-03-02 11:00:00,已付款\n\
    A3,13800138000,S1,面霜,x,50.00,2025-03-03 12:00:00,已付款\n";

/// Sends a file.
fn send(server: &Server, person: &Person, name: &str, bytes: &[u8]) -> (u16, Value) {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let head = format!("POST /api/v1/uploads?name={name} HTTP/1.1\n{}", person.headers());
    let head = head.replace("application/json", "application/octet-stream");
    let answer = server.answer(&head.replace('\n', "\r\n"), bytes);
    (answer.status, answer.json())
}

/// What came of a job.
fn ended(server: &Server, person: &Person, job: &Value) -> Value {
    let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    for _ in 0..LOOKS_MAX {
        let job = server.look(person, &path).json();
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return job;
        }
        sleep(PAUSE);
    }
    unreachable!("{path} did not end")
}

/// What the columns of a file are taken for.
fn proposed(sent: &Value) -> Vec<Value> {
    let columns = sent["columns"].as_array().unwrap().iter();
    columns.map(|column| json!({ "name": column["name"], "field": column["field"] })).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_tried_taken_in_and_undone() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "花店");
        let (status, sent) = send(&server, &owner, "三月订单.csv", ORDERS.as_bytes());
        assert_eq!((status, sent["encoding"].as_str()), (200, Some("utf-8")), "{sent}");
        let fields: Vec<&str> = sent["columns"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|c| c["field"].as_str())
            .collect();
        let want = [
            "order",
            "identifier:phone",
            "sku",
            "title",
            "quantity",
            "unit_price",
            "paid_at",
            "status",
        ];
        assert_eq!(fields, want, "{}: {sent}", home.kind);
        let columns = proposed(&sent);
        let form = json!({ "uploads": [sent["upload_id"]], "columns": columns });

        let seen = server.send(&owner, "POST /api/v1/imports/preview", &form).json();
        let cell = |row: usize, field: &str| {
            let cells = seen["rows"][row]["cells"].as_array().unwrap().iter();
            cells.clone().find(|c| c["field"] == field).map(|c| c["value"].clone())
        };
        assert_eq!(cell(0, "identifier:phone"), Some(json!("+86138****8000")), "{seen}");
        assert_eq!(cell(1, "amount"), Some(json!("80.50 CNY")));
        assert_eq!(cell(1, "paid_at"), Some(json!("2025-03-02 11:00:00")), "by the shop's clock");
        assert_eq!(seen["rows"][2]["problem"]["column"], "数量", "{seen}");

        let trial = json!({ "uploads": form["uploads"], "columns": columns, "dry_run": true });
        let trial = server.send(&owner, "POST /api/v1/imports", &trial).json();
        let told = ended(&server, &owner, &trial);
        assert_eq!(told["state"], "done", "{told}");
        assert_eq!(told["result"]["rows_accepted"], 2, "{told}");
        assert_eq!(server.look(&owner, "/api/v1/imports").json()["data"], json!([]));

        let begun = server.send(&owner, "POST /api/v1/imports", &form);
        assert_eq!(begun.status, 200, "{begun:?}");
        let begun = begun.json();
        assert_eq!(ended(&server, &owner, &begun)["state"], "done");
        let path = format!("/api/v1/imports/{}", begun["import_id"].as_str().unwrap());
        let import = server.look(&owner, &path).json();
        assert_eq!(import["state"], "done", "{import}");
        let totals = ["rows_read", "rows_rejected", "orders", "customers", "net_minor"];
        let totals: Vec<i64> = totals.map(|name| import[name].as_i64().unwrap()).into();
        assert_eq!(totals, [3, 1, 2, 2, 18_050], "{import}");
        let rejects = server.look(&owner, &format!("{path}/rejects")).json();
        assert_eq!(rejects["data"][0]["line"], 4, "{rejects}");
        let file = server.look(&owner, &format!("{path}/rejects/file"));
        assert!(file.body.contains("三月订单.csv,4,数量,x"), "{file:?}");
        assert_eq!(server.look(&owner, "/api/v1/orders").json()["total"], 2);

        let undone = server.send(&owner, &format!("POST {path}/undo"), &json!({})).json();
        assert_eq!(ended(&server, &owner, &undone)["state"], "done");
        assert_eq!(server.look(&owner, &path).json()["state"], "undone");
        assert_eq!(server.look(&owner, "/api/v1/orders").json()["total"], 0);
        let deeds = server.look(&owner, "/api/v1/audit?action=import").json();
        let deeds: Vec<&str> =
            deeds["data"].as_array().unwrap().iter().filter_map(|d| d["action"].as_str()).collect();
        assert_eq!(deeds, ["import.undo", "import.begin"]);
    }
}

/// What is said to somebody who means to send a file of so many bytes and has sent none of them.
fn announce(server: &Server, person: &Person, bytes: u64) -> String {
    let head = format!(
        "POST /api/v1/uploads?name=orders.csv HTTP/1.1\n{}\nHost: x\nConnection: close\n\
         Content-Length: {bytes}\n\n",
        person.headers()
    );
    let head = head.replace("application/json", "application/octet-stream");
    let mut line = server.connect();
    line.write_all(head.replace('\n', "\r\n").as_bytes()).unwrap();
    let mut told = String::new();
    line.read_to_string(&mut told).unwrap();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_it_comes() {
    const FILE_BYTES: u64 = 2 << 30;
    const SHOP_BYTES: u64 = 8 << 30;
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let owner = server.begin(&home, "花店");
    let told = announce(&server, &owner, FILE_BYTES + 1);
    assert!(told.starts_with("HTTP/1.1 413") && told.contains("2 GB"), "{told}");
    let folder = home.dir.path().join("uploads").join(&owner.shop).join("00".repeat(16));
    std::fs::create_dir_all(&folder).unwrap();
    let long = std::fs::File::create(folder.join("long.csv")).unwrap();
    long.set_len(SHOP_BYTES - 10).unwrap();
    let (status, told) = send(&server, &owner, "三月订单.csv", ORDERS.as_bytes());
    assert_eq!(status, 413, "{told}");
    assert!(told.to_string().contains("8 GB"), "{told}");
    let left = std::fs::read_dir(folder.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "what was refused leaves nothing");
    long.set_len(0).unwrap();
    assert_eq!(send(&server, &owner, "三月订单.csv", ORDERS.as_bytes()).0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_goes_on() {
    // So many that whoever cancels at once is in time: a job looks once a second.
    const ROWS: u64 = 60_000;
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "花店");
        let mut text = String::from("订单号,手机号,金额,付款时间\n");
        for at in 0..ROWS {
            text += &format!("B{at},138{:08},12.00,2025-03-01 10:00:00\n", at % 5_000);
        }
        let (status, sent) = send(&server, &owner, "many.csv", text.as_bytes());
        assert_eq!(status, 200, "{sent}");
        let form = json!({ "uploads": [sent["upload_id"]], "mapping": "orders" });
        let begun = server.send(&owner, "POST /api/v1/imports", &form).json();
        let path = format!("/api/v1/imports/{}", begun["import_id"].as_str().unwrap());
        let twice = server.send(&owner, "POST /api/v1/imports", &form);
        assert_eq!(twice.status, 409, "{twice:?}");
        assert_eq!(server.send(&owner, &format!("POST {path}/cancel"), &json!({})).status, 204);
        let stopped = ended(&server, &owner, &begun);
        assert_eq!(stopped["state"], "cancelled", "{stopped}");
        let import = server.look(&owner, &path).json();
        assert_eq!(import["state"], "cancelled", "{import}");
        assert!(import["rows_read"].as_u64().unwrap() < ROWS, "{import}");
        let again = server.send(&owner, &format!("POST {path}/resume"), &json!({})).json();
        assert_eq!(ended(&server, &owner, &again)["state"], "done");
        let import = server.look(&owner, &path).json();
        let (read, orders) = (&import["rows_accepted"], &import["orders"]);
        assert_eq!((read, orders), (&json!(ROWS), &json!(ROWS)), "{import}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_refused_in_the_readers_language() {
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let owner = server.begin(&home, "花店");
    assert_eq!(send(&server, &owner, "empty.csv", b"").0, 400);
    assert_eq!(send(&server, &owner, "..", b"a,b\n1,2\n").0, 400);
    let (status, said) = send(&server, &owner, "picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!(status, 415, "{said}");
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let page = vec![b'a'; 1 << 20];
    for _ in 0..256 {
        std::io::Write::write_all(&mut bomb, &page).unwrap();
    }
    let (status, said) = send(&server, &owner, "bomb.csv.gz", &bomb.finish().unwrap());
    assert_eq!(status, 413, "{said}");
    let left = std::fs::read_dir(home.dir.path().join("uploads").join(&owner.shop)).unwrap();
    assert_eq!(left.count(), 0, "nothing of them stays");

    let form = json!({ "uploads": ["00"], "mapping": "orders" });
    let refused = server.send(&owner, "POST /api/v1/imports", &form);
    assert_eq!(
        (refused.status, refused.json()["error"]["field"].as_str()),
        (404, Some("upload_id"))
    );
    let head = owner.headers() + "\nAccept-Language: zh-CN,zh;q=0.9,en;q=0.8";
    let refused = server.ask(&format!("POST /api/v1/imports\n{head}"), &form.to_string());
    assert_eq!(refused.json()["error"]["message"], "没有这个文件", "{refused:?}");
    assert_eq!(refused.header("content-language"), Some("zh-CN"));

    let (_, sent) = send(&server, &owner, "a.csv", ORDERS.as_bytes());
    for (change, field) in [
        (json!({ "mapping": "nonsense" }), "mapping"),
        (json!({}), "mapping"),
        (json!({ "columns": [{ "name": "订单号", "field": "nonsense" }] }), "columns"),
        (json!({ "columns": [{ "name": "没有", "field": "order" }] }), "columns"),
        (json!({ "mapping": "online-retail" }), "currency"),
    ] {
        let mut form = json!({ "uploads": [sent["upload_id"]] });
        form.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = server.send(&owner, "POST /api/v1/imports", &form);
        assert!((400..500).contains(&refused.status), "{change}: {refused:?}");
        assert_eq!(refused.json()["error"]["field"], field, "{change}: {refused:?}");
    }
    let another = json!({
        "name": "theirs", "currency": "CNY", "time_zone": "UTC", "language": "en",
    });
    let made = server.send(&owner, "POST /api/v1/shops", &another).json();
    let theirs = Person { shop: made["shop_id"].as_str().unwrap().to_owned(), ..owner.clone() };
    let form = json!({ "uploads": [sent["upload_id"]], "mapping": "orders" });
    let refused = server.send(&theirs, "POST /api/v1/imports", &form);
    assert_eq!(refused.status, 404, "another shop's file is not there: {refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_leaves_as_a_file_that_no_spreadsheet_runs() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "花店");
        let text = ORDERS.replace("面霜", "=HYPERLINK(1)").replace(",x,", ",1,");
        let (_, sent) = send(&server, &owner, "a.csv", text.as_bytes());
        let form = json!({ "uploads": [sent["upload_id"]], "mapping": "orders" });
        let begun = server.send(&owner, "POST /api/v1/imports", &form).json();
        assert_eq!(ended(&server, &owner, &begun)["state"], "done");
        let rows = |kind: &str, query: &str| {
            let form = json!({ "kind": kind, "query": query });
            let begun = server.send(&owner, "POST /api/v1/exports", &form);
            assert_eq!(begun.status, 200, "{begun:?}");
            assert_eq!(ended(&server, &owner, &begun.json())["state"], "done");
            let id = begun.json()["job_id"].as_str().unwrap().to_owned();
            let file = server.look(&owner, &format!("/api/v1/exports/{id}"));
            assert_eq!(file.status, 200, "{file:?}");
            assert_eq!(file.header("content-type"), Some("text/csv;charset=utf-8"));
            let text = file.body.strip_prefix('\u{feff}').expect("a mark").to_owned();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let products = rows("products", "");
        assert!(products.iter().any(|line| line.contains(",'=HYPERLINK(1),")), "{products:?}");
        assert_eq!(rows("orders", "").len(), 1 + 3);
        assert_eq!(rows("orders", "net_min=9000&sort=-net_minor").len(), 1 + 1);
        // Customers are listed from memory, which follows within seconds.
        let soon = (0..LOOKS_MAX).find(|_| {
            sleep(PAUSE);
            rows("customers", "q=13900139000").len() == 1 + 1
        });
        assert!(soon.is_some(), "{}", home.kind);
        let wrong = json!({ "kind": "orders", "query": "colour=red" });
        let refused = server.send(&owner, "POST /api/v1/exports", &wrong);
        assert_eq!(
            (refused.status, refused.json()["error"]["field"].as_str()),
            (400, Some("colour"))
        );
    }
}
