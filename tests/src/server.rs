//! `shuke serve` as a test's own process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::{Home, shuke_at};

/// A running server; it is asked to end when dropped.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
}

impl Server {
    /// Starts a server on a home's data and on a port that is free.
    #[must_use]
    pub fn start(home: &Home) -> Self {
        Self::at(home, "127.0.0.1:0")
    }

    /// Starts a server on a home's data and on that address.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn at(home: &Home, address: &str) -> Self {
        let mut child = shuke_at(home)
            .args(["serve", "--listen", address, "--data"])
            .arg(home.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("it says something");
        let told: Vec<String> =
            BufReader::new(output).lines().take(2).map_while(Result::ok).collect();
        let address = told.get(1).and_then(|line| line.strip_prefix("http://"));
        let address = address.expect("it says where it listens").to_owned();
        Self { child, address }
    }

    /// Status and body of a request's answer.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn ask(&self, head: &str, body: &[u8]) -> (u16, String) {
        let (status, _, body) = self.answer(head, body);
        (status, body)
    }

    /// Status, head and body of a request's answer.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn answer(&self, head: &str, body: &[u8]) -> (u16, String, String) {
        let mut line = TcpStream::connect(&self.address).expect("it listens");
        let length = body.len();
        write!(line, "{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")
            .expect("it reads");
        line.write_all(body).expect("it reads");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer of HTTP");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), head.to_lowercase(), body.to_owned())
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
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        }
        let _ = self.child.wait();
    }
}
