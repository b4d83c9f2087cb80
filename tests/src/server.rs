//! A server of the program, and its answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::{Home, shuke_at};

/// `shuke serve` on a home, on a port of its own; stopped when it goes out of scope.
pub struct Server {
    child: Child,
    /// Where it listens: address and port.
    pub address: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, as they came.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Its body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl Server {
    /// Starts one and waits until it is ready.
    ///
    /// # Panics
    /// When it does not get ready.
    #[must_use]
    pub fn start(home: &Home) -> Self {
        Self::at(home, "127.0.0.1:0")
    }

    /// Starts one that listens on that address.
    ///
    /// # Panics
    /// When it does not get ready.
    #[must_use]
    pub fn at(home: &Home, address: &str) -> Self {
        Self::by(shuke_at(home), home, &["--listen", address])
    }

    /// Starts one by that command on the home's data, with options.
    ///
    /// # Panics
    /// When it does not get ready.
    #[must_use]
    pub fn by(mut command: Command, home: &Home, options: &[&str]) -> Self {
        let free =
            if options.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] };
        let mut child = command
            .arg("serve")
            .args(free)
            .args(options)
            .arg("--data")
            .arg(home.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let told: Vec<String> = lines.take(2).map_while(Result::ok).collect();
        let address = told.get(1).and_then(|line| line.strip_prefix("http://"));
        let address = address.expect("the server says where it listens").to_owned();
        Self { child, address }
    }

    /// A connection to it.
    ///
    /// # Panics
    /// When it does not listen.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).expect("the server listens")
    }

    /// Asks: `head` is the request's first line without the version, and headers below it.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn ask(&self, head: &str, body: &str) -> Answer {
        let mut line = self.connect();
        let (first, headers) = head.split_once('\n').unwrap_or((head, ""));
        let mut request = format!("{first} HTTP/1.1\r\n");
        for header in headers.lines() {
            request += &format!("{header}\r\n");
        }
        if !headers.contains("Host:") {
            request += &format!("Host: {}\r\n", self.address);
        }
        let length = body.len();
        request += &format!("Connection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        // Whoever is refused for the size of a body may be told before all of it is sent.
        let _ = line.write_all(request.as_bytes());
        read(line)
    }

    /// Status and body of the answer to a request of that head, without its end, and body.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn said(&self, head: &str, body: &[u8]) -> (u16, String) {
        let Answer { status, body, .. } = self.answer(head, body);
        (status, body)
    }

    /// As [`Server::said`], the whole answer.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn answer(&self, head: &str, body: &[u8]) -> Answer {
        let mut line = self.connect();
        let length = body.len();
        let rest = format!("Host: x\r\nConnection: close\r\nContent-Length: {length}");
        let _ = line.write_all(format!("{head}\r\n{rest}\r\n\r\n").as_bytes());
        let _ = line.write_all(body);
        read(line)
    }

    /// Gets an address with a key.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn get(&self, path: &str, key: &str) -> Answer {
        self.ask(&format!("GET {path}\nAuthorization: Bearer {key}"), "")
    }

    /// Every row of a list under `/api/v1`, page by page of at most `limit` rows.
    ///
    /// # Panics
    /// When a page is refused, or another than the last is not full.
    #[must_use]
    pub fn walk(&self, key: &str, path: &str, limit: usize) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("/api/v1/{path}{sign}limit={limit}{after}"), key);
            assert_eq!(page.status, 200, "{page:?}");
            let page = page.json();
            let data = page.get("data").and_then(Value::as_array).expect("a list");
            let next = page.get("next").and_then(Value::as_str);
            assert!(data.len() <= limit && (data.len() == limit || next.is_none()));
            rows.extend(data.iter().cloned());
            let Some(next) = next else { return rows };
            after = format!("&after={next}");
        }
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").arg(&pid).status();
    }

    /// Kills it, as a power cut would.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end and waits until it has.
    pub fn stop(self) {
        drop(self);
    }

    /// Waits until it has stopped.
    ///
    /// # Panics
    /// When the system cannot say.
    pub fn stopped(&mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }
}

/// Reads an answer to its end.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn read(mut line: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = line.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A connection that stays open, for many requests.
pub struct Line {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Line {
    /// Opens one that writes with a key.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: &str, key: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), key: key.to_owned() })
    }

    /// The status that a batch of messages is answered with.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn batch(&mut self, messages: &[String]) -> std::io::Result<u16> {
        let gone = || std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
        let body = format!("{{\"writeKey\":\"{}\",\"batch\":[{}]}}", self.key, messages.join(","));
        let head = format!("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {}", body.len());
        self.stream.get_mut().write_all(format!("{head}\r\n\r\n{body}").as_bytes())?;
        let (mut status, mut length) = (None, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(gone());
            }
            let line = line.trim().to_lowercase();
            if status.is_none() {
                status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap_or_default();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        status.ok_or_else(gone)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.terminate();
        }
        let _ = self.child.wait();
    }
}
