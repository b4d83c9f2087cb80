//! What the program tells those who watch it: lines of JSON, and traces for a collector.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::Value;
use shuke_tests::{Home, Server, shuke, shuke_at, text};

/// A collector that hands on the spans that it is sent, and its address.
fn collector() -> (String, mpsc::Receiver<Span>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in listener.incoming() {
            let mut line = line.unwrap();
            let mut bytes = Vec::new();
            let mut part = [0_u8; 4096];
            let body = loop {
                let count = line.read(&mut part).unwrap();
                bytes.extend_from_slice(&part[..count]);
                let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
                let Some(head) = head else { continue };
                let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.unwrap().trim().parse().unwrap();
                assert!(text.starts_with("post /v1/traces "), "{text}");
                if bytes.len() >= head + 4 + length {
                    break bytes[head + 4..].to_vec();
                }
            };
            let sent = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
            let scopes = sent.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
            for span in scopes.flat_map(|scope| scope.spans) {
                // Nobody listens any more when the test has seen enough.
                let _ = sender.send(span);
            }
            // Only now: a program that was answered may end, and the test looks at what is here.
            line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap();
        }
    });
    (address, receiver)
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|own| own.key == key)?;
    Some(format!("{:?}", found.value))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_traced_and_goes_on_with_its_caller_s_trace() {
    let home = Home::sqlite().await;
    let (address, spans) = collector();
    let server = Server::by(shuke_at(&home), &home, &["--otlp", &address]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let head = format!("GET /api/v1/start\ntraceparent: 00-{trace}-b7ad6b7169203331-01");
    assert_eq!(server.ask(&head, "").status, 200);
    assert_eq!(server.get("/nowhere/at/all", "").status, 200, "the console");
    server.stop();
    let spans: Vec<Span> = spans.try_iter().collect();
    let of = |name: &str| spans.iter().find(|span| span.name == name);
    let start = of("GET /api/v1/start").unwrap_or_else(|| panic!("{spans:?}"));
    assert_eq!(base::hex(&start.trace_id), trace);
    assert_eq!(base::hex(&start.parent_span_id), "b7ad6b7169203331");
    assert!(attribute(start, "http.response.status_code").unwrap().contains("200"));
    assert!(attribute(start, "request").is_some(), "{start:?}");
    assert!(of("fold").is_some(), "what is taken in is traced, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_lines_of_json_where_that_is_asked_for() {
    let home = Home::sqlite().await;
    let mut command = shuke_at(&home);
    command.args(["--log-format", "json", "--log", "debug", "import", "--shop", "s", "--data"]);
    let output = command.arg(home.dir.path()).arg("no-such-file.csv").output().unwrap();
    let (code, _, err) = text(&output);
    assert_eq!(code, Some(1), "{err}");
    let (err, said) = err.split_once("\nshuke: ").expect("people are told, too");
    assert!(said.contains("no-such-file.csv"), "{said}");
    let lines: Vec<Value> = err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    assert!(lines.iter().any(|line| line["code"] == "not_found"), "{err}");
    for line in &lines {
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
    for (args, says) in [
        (["--log", "shuke=loud"], "--log: \"shuke=loud\" is no level"),
        (["--otlp", "127.0.0.1:4318"], "--otlp: is no address"),
        (["--otlp", "ftp://127.0.0.1"], "is no address of HTTP"),
        (["--log-format", "xml"], "is not a value of --log-format"),
    ] {
        let (code, _, err) = text(&shuke().args(args).arg("openapi").output().unwrap());
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(says), "{err}");
    }
}
