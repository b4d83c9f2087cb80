//! `shuke rotate` beside a server, and after it was interrupted.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::json;
use shuke_tests::{Home, Person, Server, shuke, shuke_at, text, until};

/// The program on a home whose key is in a file.
fn in_file(home: &Home) -> Command {
    let mut command = shuke_at(home);
    command.env_remove("SHUKE_MASTER_KEY");
    command
}

fn rotate(mut command: Command, dir: &Path, args: &[&str]) -> Output {
    command.arg("rotate").arg("--data").arg(dir).args(args).output().unwrap()
}

/// Asserts that the shop is served as before: people, SQL in a process of its own, and events.
fn assert_served(server: &Server, owner: &Person, when: &str) {
    let sql = json!({ "sql": "select count(*) as n from customers" });
    let answer = server.send(owner, "POST /api/v1/query", &sql);
    assert_eq!(answer.status, 200, "{when}: {answer:?}");
    let found = server.look(owner, "/api/v1/customers?q=13800000001");
    assert_eq!(found.status, 200, "{when}: {found:?}");
    assert_eq!(found.json()["data"].as_array().unwrap().len(), 1, "{when}: {found:?}");
}

fn identify(number: u32) -> String {
    json!({
        "type": "identify", "userId": format!("u{number}"), "messageId": format!("m{number}"),
        "traits": { "phone": format!("138{number:08}"), "name": "王小明" },
    })
    .to_string()
}

/// A server with a shop and a customer of a phone number.
fn begun(home: &Home, server: &Server) -> Person {
    let owner = server.begin(home, "a");
    let made = server.send(&owner, "POST /api/v1/sources", &json!({ "name": "web" })).json();
    let key = made["write_key"].as_str().unwrap();
    let body = format!("{{\"writeKey\":\"{key}\",\"batch\":[{}]}}", identify(1));
    assert_eq!(server.ask("POST /v1/batch", &body).status, 200);
    until(|| {
        let found = server.look(&owner, "/api/v1/customers?q=13800000001").json();
        found["data"].as_array().is_some_and(|found| !found.is_empty())
    });
    owner
}

/// Asks and sends until it is told to stop; every request must be served. The number of the last
/// customer that was sent.
fn ask_on(server: &Server, owner: &Person, (stop, asked): (&AtomicBool, &AtomicU32)) -> u32 {
    let made = server.look(owner, "/api/v1/sources").json();
    let key = made["sources"][0]["write_key"].as_str().unwrap();
    let mut number = 1;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let body = format!("{{\"writeKey\":\"{key}\",\"batch\":[{}]}}", identify(number));
        let sent = server.ask("POST /v1/batch", &body);
        assert_eq!(sent.status, 200, "{sent:?}");
        let found = server.look(owner, "/api/v1/customers/1/profile");
        assert_eq!(found.status, 200, "{found:?}");
        asked.fetch_add(1, Ordering::Relaxed);
    }
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_shop_does_not_notice() {
    for home in Home::each().await {
        let (kind, dir) = (home.kind, home.dir.path().to_owned());
        let file = dir.join("master.key");
        std::fs::write(&file, "42".repeat(32)).unwrap();
        let server = Server::by(in_file(&home), &home, &[]);
        let owner = begun(&home, &server);
        let (stop, asked) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            let others = scope.spawn(|| ask_on(&server, &owner, (&stop, &asked)));
            for args in [&["--master"][..], &["--shop", "a"], &["--master"]] {
                let before = asked.load(Ordering::Relaxed);
                let (code, said, err) = text(&rotate(in_file(&home), &dir, args));
                assert_eq!(code, Some(0), "{kind}: {said}{err}");
                assert_served(&server, &owner, kind);
                assert!(asked.load(Ordering::Relaxed) > before, "{kind}: somebody asked meanwhile");
            }
            stop.store(true, Ordering::Relaxed);
            let sent = others.join().unwrap();
            until(|| {
                let found = server.look(&owner, &format!("/api/v1/customers?q=138{sent:08}"));
                found.json()["data"].as_array().is_some_and(|found| found.len() == 1)
            });
        });
        let print = std::fs::read_dir(&dir).unwrap().flatten().map(|entry| entry.file_name());
        let kept = print.filter(|name| name.to_string_lossy().starts_with("master.key."));
        assert_eq!(kept.count(), 2, "the keys before are kept");
        assert_ne!(std::fs::read_to_string(&file).unwrap(), "42".repeat(32));
        server.stop();
        let server = Server::by(in_file(&home), &home, &[]);
        assert_served(&server, &owner, "after a start");
        server.stop();
        let (code, _, err) = text(&rotate(in_file(&home), &dir, &[]));
        assert_eq!(code, Some(2), "which key is not said: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_interrupted_is_ended_by_the_next_start() {
    let home = Home::sqlite().await;
    let dir = home.dir.path().to_owned();
    let (file, next) = (dir.join("master.key"), dir.join("master.key.next"));
    std::fs::write(&file, "42".repeat(32)).unwrap();
    let server = Server::by(in_file(&home), &home, &[]);
    let owner = begun(&home, &server);
    server.stop();
    // Before anything was wrapped.
    std::fs::write(&next, "17".repeat(32)).unwrap();
    let server = Server::by(in_file(&home), &home, &[]);
    assert_served(&server, &owner, "a key that wraps nothing");
    assert!(!next.exists(), "it is gone");
    server.stop();
    let given = dir.join("given");
    std::fs::write(&given, "17".repeat(32)).unwrap();
    let args = ["--master", "--new-key-file", given.to_str().unwrap()];
    assert_eq!(text(&rotate(in_file(&home), &dir, &args)).0, Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "17".repeat(32));
    // A key that is not whole, because the disk was full.
    std::fs::write(&next, "17").unwrap();
    let server = Server::by(in_file(&home), &home, &[]);
    assert_served(&server, &owner, "a key that is not whole");
    assert!(!next.exists(), "it is gone");
    server.stop();
    // After everything was wrapped, before the file had its name.
    std::fs::rename(&file, &next).unwrap();
    std::fs::write(&file, "42".repeat(32)).unwrap();
    let server = Server::by(in_file(&home), &home, &[]);
    assert_served(&server, &owner, "a key that wraps everything");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "17".repeat(32));
    assert!(!next.exists());
    // The same beside the server: the next rotation ends it first, and both keys are kept.
    std::fs::rename(&file, &next).unwrap();
    std::fs::write(&file, "42".repeat(32)).unwrap();
    let (code, _, err) = text(&rotate(in_file(&home), &dir, &["--master"]));
    assert_eq!(code, Some(0), "{err}");
    assert_served(&server, &owner, "after another rotation");
    server.stop();
    let server = Server::by(in_file(&home), &home, &[]);
    assert_served(&server, &owner, "after a start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_environment_is_given_in_a_file() {
    let home = Home::sqlite().await;
    let dir = home.dir.path().to_owned();
    let server = Server::start(&home);
    let owner = begun(&home, &server);
    let (code, _, err) = text(&rotate(shuke_at(&home), &dir, &["--master"]));
    assert_eq!(code, Some(1));
    assert!(err.contains("SHUKE_MASTER_KEY") && err.contains("--new-key-file"), "{err}");
    let given = dir.join("given");
    for (bytes, says) in [("zz", "64 hexadecimal digits"), ("", "64 hexadecimal digits")] {
        std::fs::write(&given, bytes).unwrap();
        let args = ["--master", "--new-key-file", given.to_str().unwrap()];
        let (code, _, err) = text(&rotate(shuke_at(&home), &dir, &args));
        assert!(code == Some(1) && err.contains(says), "{err}");
    }
    std::fs::write(&given, "17".repeat(32)).unwrap();
    let args = ["--master", "--new-key-file", given.to_str().unwrap()];
    assert_eq!(text(&rotate(shuke_at(&home), &dir, &args)).0, Some(0));
    assert_served(&server, &owner, "the server goes on with the new key");
    server.stop();
    let list = |digits: &str| {
        let mut command = shuke();
        command.env("SHUKE_MASTER_KEY", digits.repeat(32)).arg("audit");
        text(&command.arg("--data").arg(&dir).arg("verify").output().unwrap())
    };
    assert_eq!(list("17").0, Some(0), "{:?}", list("17"));
    assert_ne!(list("42").0, Some(0), "the old key opens nothing any more");
}
