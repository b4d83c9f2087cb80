//! A connection that asks a server and waits for the whole answer.

use base::{Error, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::now;

/// Bytes of an answer at the most.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A connection that looks.
pub(crate) struct Eye {
    line: TcpStream,
    /// What follows the path in every request.
    head: String,
    /// The last answer, and where its body begins.
    answer: Vec<u8>,
    body: usize,
}

impl Eye {
    /// Opens the line; `headers` go with each request, each with its end of line.
    pub(crate) async fn connect(address: &str, headers: &str) -> Result<Self> {
        let line = TcpStream::connect(address).await?;
        line.set_nodelay(true)?;
        let head = format!("HTTP/1.1\r\nHost: {address}\r\n{headers}");
        Ok(Self { line, head, answer: Vec::new(), body: 0 })
    }

    /// Looks at a path: the status, and how long the whole answer took, in milliseconds.
    pub(crate) async fn look(&mut self, path: &str) -> Result<(u16, f64)> {
        self.ask(("GET", path), "").await
    }

    /// Sends something; as [`Eye::look`].
    pub(crate) async fn ask(
        &mut self,
        (method, path): (&str, &str),
        sent: &str,
    ) -> Result<(u16, f64)> {
        let began = now();
        let length = match sent.len() {
            0 => String::new(),
            length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
        };
        let request = format!("{method} {path} {}{length}\r\n{sent}", self.head);
        self.line.write_all(request.as_bytes()).await?;
        self.answer.clear();
        let (mut end, mut status) = (None, 0);
        while end.is_none_or(|end| self.answer.len() < end) {
            if self.line.read_buf(&mut self.answer).await? == 0 {
                return Err(Error::bad("the server hung up"));
            }
            if self.answer.len() > ANSWER_BYTES_MAX {
                return Err(Error::bad("an answer is too long"));
            }
            let head = self.answer.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(head) = head.filter(|_| end.is_none()) else { continue };
            self.body = head + 4;
            let text = self.head_of_answer().to_lowercase();
            status = text.get(9..12).and_then(|code| code.parse().ok()).unwrap_or_default();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            end = Some(self.body + length);
        }
        Ok((status, began.elapsed().as_secs_f64() * 1e3))
    }

    /// Sends something that must be answered well: what was answered, and how long it took.
    pub(crate) async fn must(&mut self, what: (&str, &str), sent: &str) -> Result<(Value, f64)> {
        let (status, wait) = self.ask(what, sent).await?;
        let body = self.answer.get(self.body..).unwrap_or_default();
        if !(200..300).contains(&status) {
            let told = String::from_utf8_lossy(body);
            return Err(Error::bad(format!("{} was answered by {status}: {told}", what.1)));
        }
        Ok((serde_json::from_slice(body).unwrap_or_default(), wait))
    }

    fn head_of_answer(&self) -> String {
        String::from_utf8_lossy(self.answer.get(..self.body).unwrap_or_default()).into_owned()
    }

    /// A header of the last answer.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = self.head_of_answer();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }
}
