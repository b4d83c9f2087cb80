//! People sign in through an OpenID Connect provider: the package `oidc-provider`, with its own
//! pages, in Chromium.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use shuke_tests::{Home, PASSWORD, Server, chromium, node, shuke_at, text};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

/// A provider that runs; it ends with its input.
struct Provider {
    child: Child,
    issuer: String,
}

impl Provider {
    fn start((node, packages): &(PathBuf, PathBuf), address: &str) -> Self {
        let mut command = Command::new(node);
        command.env("NODE_PATH", packages.join("node_modules"));
        command.arg(script("provider.cjs")).arg(format!("http://{address}/api/v1/oidc/back"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        // It goes on talking, and ends when nobody listens.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { child, issuer: line.trim().to_owned() }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens on.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_through_a_provider() {
    let (Some(tools), Some(chromium)) = (node(), chromium()) else { return };
    for home in Home::each().await {
        let (kind, address) = (home.kind, free());
        let provider = Provider::start(&tools, &address);
        let options = ["--listen", &address, "--oidc-issuer", &provider.issuer];
        let options =
            [&options[..], &["--oidc-client", "shuke", "--oidc-name", "Example"]].concat();
        let mut command = shuke_at(&home);
        command.env("SHUKE_OIDC_SECRET", "a secret");
        let server = Server::by(command, &home, &options);
        let owner = server.begin(&home, "花店");
        let other_owner = server.join(&owner, "owner");
        let invite = json!({ "email": "newcomer@shop.example", "role": "analyst" });
        assert_eq!(server.send(&owner, "POST /api/v1/staff/invites", &invite).status, 200);
        let sign_in = |name: &str| -> Value {
            let mut command = Command::new(&tools.0);
            command.env("NODE_PATH", tools.1.join("node_modules"));
            command.arg(script("signing.cjs")).arg(&chromium);
            command.arg(format!("http://{address}")).arg(name);
            let (code, said, err) = text(&command.output().unwrap());
            assert_eq!(code, Some(0), "{kind}: {name}: {said}{err}");
            serde_json::from_str(&said).unwrap()
        };
        // Somebody who has an account under that address, before and after the provider is known.
        for _ in 0..2 {
            let known = sign_in("owner");
            assert_eq!(known["path"], "/products", "{kind}: {known}");
            assert_eq!(known["session"]["user"]["email"], "owner@shop.example", "{kind}");
            assert_eq!(known["session"]["shops"][0]["role"], "owner", "{kind}");
        }
        // Nobody had shown before that the address is theirs: what opened the account does no more.
        assert_eq!(server.look(&owner, "/api/v1/session").status, 401, "{kind}");
        assert_eq!(server.sign_in("owner@shop.example", PASSWORD).status, 401, "{kind}");
        let owner = other_owner;
        let invited = sign_in("newcomer");
        assert_eq!(invited["session"]["user"]["name"], "newcomer", "{kind}: {invited}");
        assert_eq!(invited["session"]["shops"][0]["role"], "analyst", "{kind}");
        // Somebody whom the provider has sent before, and for whom an invitation waits.
        let id = invited["session"]["user"]["user_id"].as_str().unwrap();
        let gone = server.send(&owner, &format!("DELETE /api/v1/staff/{id}"), &Value::Null);
        assert_eq!(gone.status, 204, "{kind}: {gone:?}");
        assert_eq!(
            server.send(&owner, "POST /api/v1/staff/invites", &invite).status,
            200,
            "{kind}"
        );
        assert_eq!(sign_in("newcomer")["session"]["shops"][0]["role"], "analyst", "{kind}");
        for name in ["stranger", "unverified"] {
            let other = sign_in(name);
            assert_eq!(other["path"], "/sign-in", "{kind}: {other}");
            assert!(other["session"].is_null(), "{kind}: {other}");
            assert!(
                other["said"].as_str().unwrap().contains("nobody with your address"),
                "{other}"
            );
        }
        let people = server.look(&owner, "/api/v1/staff").json();
        assert_eq!(people["people"].as_array().unwrap().len(), 3, "{kind}: {people}");
        let deeds = server.look(&owner, "/api/v1/audit").json();
        let joined = deeds["data"].as_array().unwrap().iter();
        assert_eq!(joined.filter(|deed| deed["action"] == "staff.join").count(), 3, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_set_out_does_not_come_back() {
    let home = Home::sqlite().await;
    let nobody = free();
    let issuer = format!("http://{nobody}");
    let options = ["--oidc-issuer", &issuer, "--oidc-client", "shuke"];
    let server = Server::by(shuke_at(&home), &home, &options);
    let name = server.get("/api/v1/start", "").json()["oidc"].clone();
    assert_eq!(name, "127.0.0.1", "without a name it is called by where it is");
    let leads = |path: &str, cookie: &str| {
        let answer = server.ask(&format!("GET {path}\nCookie: {cookie}"), "");
        (answer.status, answer.header("location").unwrap_or_default().to_owned())
    };
    let back = "/api/v1/oidc/back";
    for (query, cookie, failed) in [
        ("?code=1&state=2", "", "strayed"),
        ("?code=1&state=2", "shuke_oidc=00ff", "strayed"),
        ("?code=1&state=2", "shuke_oidc=zz", "strayed"),
        ("?error=access_denied", "", "refused"),
        ("?code=1&state=2&iss=https%3A%2F%2Fevil.example", "", "strayed"),
        ("?code=1&state=2&authuser=0&prompt=none&hd=shop.example", "", "strayed"),
        ("", "", "refused"),
    ] {
        let (status, to) = leads(&format!("{back}{query}"), cookie);
        assert_eq!((status, to), (303, format!("/sign-in?failed={failed}")), "{query}");
    }
    let silent = server.get("/api/v1/oidc", "");
    assert_eq!(silent.status, 429, "the provider does not answer: {silent:?}");
    server.stop();
    let without = Server::start(&home);
    assert_eq!(without.get("/api/v1/oidc", "").status, 404);
    assert!(without.get("/api/v1/start", "").json()["oidc"].is_null());
    for (args, says) in [
        (&["--oidc-client", "a"][..], "--oidc-issuer: needed with"),
        (&["--oidc-issuer", "https://a.example"], "--oidc-client: needed with"),
        (&["--oidc-issuer", "http://a.example", "--oidc-client", "a"], "must begin with https://"),
        (&["--oidc-issuer", "a b", "--oidc-client", "a"], "is no address"),
    ] {
        let mut command = shuke_at(&home);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(home.dir.path());
        let (code, _, err) = text(&command.args(args).output().unwrap());
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(says), "{err}");
    }
}
