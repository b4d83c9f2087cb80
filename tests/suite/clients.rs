//! The clients that shops already have, unchanged, with only the host set: Segment's for Node.js,
//! Python and the browser, and RudderStack's for Node.js and Python.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use shuke_tests::{Home, Line, Server, chromium, json, node, python, run, text};

/// How long history may lag behind, in looks of [`LOOK`].
const LOOKS_MAX: u32 = 300;
const LOOK: Duration = Duration::from_millis(200);

/// What drives the clients.
struct Tools {
    node: std::path::PathBuf,
    packages: std::path::PathBuf,
    python: std::path::PathBuf,
    chromium: std::path::PathBuf,
}

impl Tools {
    fn find() -> Option<Self> {
        let (node, packages) = node()?;
        Some(Self { node, packages, python: python()?, chromium: chromium()? })
    }

    /// A client that tells `story` to the server.
    fn client(&self, name: &str, story: &str, (address, key): (&str, &str)) -> Client {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        let (kind, how) = name.split_once(' ').unwrap_or((name, ""));
        let mut command = match kind {
            "segment-python" | "rudder-python" => {
                let mut command = Command::new(&self.python);
                let package = kind.replace("rudder-", "rudderstack-").replace("-python", "");
                command.arg(folder.join("client.py"));
                command.arg(format!("{package}.analytics")).arg(how);
                command
            }
            _ => {
                let mut command = Command::new(&self.node);
                command.env("NODE_PATH", self.packages.join("node_modules"));
                command.arg(folder.join(format!("{kind}.cjs")));
                if kind == "browser" {
                    command.arg(how);
                }
                command
            }
        };
        command.arg(format!("http://{address}")).arg(key).arg(folder.join(story));
        if kind == "browser" {
            command.arg(&self.chromium);
        }
        Client::start(name, &mut command)
    }
}

/// A client that runs.
struct Client {
    name: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Client {
    fn start(name: &str, command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a client");
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { name: name.to_owned(), child, input, output: BufReader::new(output) }
    }

    /// Waits until it says so.
    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word, "{}", self.name);
    }

    fn go_on(&mut self) {
        writeln!(self.input).unwrap();
    }

    fn end(mut self) {
        assert!(self.child.wait().unwrap().success(), "{}", self.name);
    }
}

fn shop(name: &str) -> String {
    name.replace(' ', "-")
}

/// The write keys of a shop for each client.
fn keys<'a>(home: &Home, clients: &[&'a str]) -> BTreeMap<&'a str, String> {
    let key = |name: &&'a str| {
        let answer = json(&run(home.dir.path(), &["key", "--shop", &shop(name), "--json"]));
        (*name, answer[0]["write_key"].as_str().unwrap().to_owned())
    };
    clients.iter().map(key).collect()
}

fn rows(home: &Home, name: &str, sql: &str) -> Vec<String> {
    let (code, out, err) =
        text(&run(home.dir.path(), &["query", "--shop", &shop(name), "--csv", sql]));
    assert_eq!(code, Some(0), "{name}: {err}");
    out.lines().skip(1).map(str::to_owned).collect()
}

/// Waits until that many events of a shop are in history.
fn settle(home: &Home, name: &str, events: usize) {
    for _ in 0..LOOKS_MAX {
        if rows(home, name, "select count(*) from events") == [events.to_string()] {
            return;
        }
        std::thread::sleep(LOOK);
    }
    let there = rows(home, name, "select event, message_id from events");
    unreachable!("{name}: {events} events are not in history: {there:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_shops_have_tell_their_story() {
    const CLIENTS: [&str; 7] = [
        "segment",
        "browser tell",
        "segment-python plain",
        "segment-python gzip",
        "rudder",
        "rudder-python plain",
        "rudder-python gzip",
    ];
    let Some(tools) = Tools::find() else { return };
    let home = Home::sqlite().await;
    let keys = keys(&home, &CLIENTS);
    let server = Server::start(&home);
    let start = |name: &&str| tools.client(name, "story.json", (&*server.address, &*keys[*name]));
    let clients: Vec<Client> = CLIENTS.iter().map(start).collect();
    clients.into_iter().for_each(Client::end);
    for name in CLIENTS {
        settle(&home, name, 7);
        for (sql, expected) in [
            (
                "select external_id, orders, paid_orders, net_minor, gender, has_phone, has_email
                    from customers",
                &["ann,1,1,61900,female,true,true"][..],
            ),
            ("select external_id, kind, status, paid_minor from orders", &["A1,order,paid,61900"]),
            (
                "select p.sku, p.title, p.category, p.brand, l.quantity, l.amount_minor
                    from order_lines l join products p on p.product_id = l.product_id
                    order by p.sku",
                &["s1,真丝连衣裙 👗,女装,云,2,60000", "s2,护手霜 🧴,,,1,900"],
            ),
            (
                "select e.event, count(*) from events e
                    join customers c on c.customer_id = e.customer_id
                    where e.channel <> 'bot' group by e.event order by e.event",
                &[
                    "Order Completed,1",
                    "Page Viewed,1",
                    "Product Viewed,1",
                    "Screen Viewed,1",
                    "customer.aliased,1",
                    "customer.grouped,1",
                    "customer.identified,1",
                ],
            ),
            (
                "select count(*) from events where properties like '%\"name\":\"首页\"%'
                    and properties like '%\"category\":\"店铺\"%'
                    and properties like '%\"title\":\"首页 🏮\"%'",
                &["1"],
            ),
            ("select count(*) from events where properties like '%utm_source%'", &["0"]),
        ] {
            assert_eq!(rows(&home, name, sql), expected, "{name}: {sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_say_while_the_server_is_away_arrives_once() {
    const CLIENTS: [&str; 8] = [
        "segment",
        "segment-python plain",
        "segment-python gzip",
        "browser stay",
        "browser leave",
        "rudder",
        "rudder-python plain",
        "rudder-python gzip",
    ];
    let Some(tools) = Tools::find() else { return };
    let home = Home::sqlite().await;
    let keys = keys(&home, &CLIENTS);
    let server = Server::start(&home);
    let address = server.address.clone();
    let start = |name: &&&str| tools.client(name, "queue.json", (&*address, &*keys[**name]));
    let (browsers, others): (Vec<&&str>, Vec<&&str>) =
        CLIENTS.iter().partition(|name| name.starts_with("browser"));
    // Without its settings a browser's client sends nothing, and asks for them only once.
    let mut clients: Vec<Client> = browsers.iter().map(start).collect();
    clients.iter_mut().for_each(|client| client.hear("loaded"));
    server.stop();
    clients.iter_mut().for_each(Client::go_on);
    clients.extend(others.iter().map(start));
    clients.iter_mut().for_each(|client| client.hear("queued"));
    // Long enough for each to have tried and failed.
    std::thread::sleep(Duration::from_secs(1));
    let _server = Server::at(&home, &address);
    clients.iter_mut().filter(|client| client.name.starts_with("browser")).for_each(Client::go_on);
    clients.into_iter().for_each(Client::end);
    for name in CLIENTS {
        settle(&home, name, 5);
        let sql = "select count(distinct e.message_id), count(distinct p.sku) from events e
            join products p on p.product_id = e.product_id";
        assert_eq!(rows(&home, name, sql), ["5,5"], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_come_again_when_they_are_told_to_wait() {
    const CLIENTS: [&str; 3] = ["segment", "segment-python gzip", "browser tell"];
    let Some(tools) = Tools::find() else { return };
    let home = Home::sqlite().await;
    let mut keys = keys(&home, &CLIENTS);
    for (name, key) in &mut keys {
        let args = ["key", "--shop", &shop(name), "--pace", "5", "--json"];
        *key = json(&run(home.dir.path(), &args))[0]["write_key"].as_str().unwrap().to_owned();
    }
    let server = Server::start(&home);
    let page = |n: usize| format!(r#"{{"type":"page","messageId":"m{n}","userId":"u"}}"#);
    let batch: Vec<String> = (0..20).map(page).collect();
    // Two seconds' worth on top of what a second allows, and a while for the clients to start in.
    for key in keys.values() {
        assert_eq!(Line::open(&server.address, key).unwrap().batch(&batch).unwrap(), 200);
    }
    let start = |name: &&str| tools.client(name, "queue.json", (&*server.address, &*keys[*name]));
    let clients: Vec<Client> = CLIENTS.iter().map(start).collect();
    clients.into_iter().for_each(Client::end);
    for name in CLIENTS {
        settle(&home, name, 25);
    }
}
