//! What 64 clients send to an endpoint of Segment's wire format: batches of 100 events of about
//! 400 bytes, each event with a message id that nobody has seen.

use std::fmt::Write;
use std::io::BufRead;
use std::time::Duration;

use base::{Error, Result};
use base64::Engine;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use crate::{answer, now, scatter};

/// Clients that send at once.
const CONNECTIONS: u64 = 64;
/// Events of a batch.
const BATCH_EVENTS: u64 = 100;
/// Where an event's message id stands until it has one.
const BLANK: &str = "00000000-0000-4000-8000-000000000000";
/// Bytes of an answer's head at the most.
const HEAD_BYTES_MAX: usize = 8 << 10;
/// Floods that a quiet shop lives through, with quiet before each; the median counts.
const FLOODS: usize = 5;
/// How often the quiet shop sends, in the measurement of a flood.
const QUIET_PAUSE: Duration = Duration::from_millis(10);

/// Where to send, and as whom.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Target {
    /// Host and port
    #[arg(long)]
    pub(crate) address: String,
    /// A write key
    #[arg(long)]
    pub(crate) key: String,
}

/// Sends so many events a second for so many seconds; how many were taken.
pub(crate) async fn steady(
    target: Target,
    number: u64,
    (rate, seconds): (u64, u64),
) -> Result<u64> {
    let mut client = Client::connect(&target, number, BATCH_EVENTS).await?;
    let (batches, mut taken) = (rate * seconds / BATCH_EVENTS, 0);
    let pause = Duration::from_micros(1_000_000 * BATCH_EVENTS / rate);
    let mut next = tokio::time::Instant::now();
    for _ in 0..batches {
        if matches!(client.send().await?, Told::Taken) {
            taken += BATCH_EVENTS;
        }
        next += pause;
        sleep_until(next).await;
    }
    Ok(taken)
}

/// Sends, once for each line of input, `batches` batches on each connection.
pub(crate) async fn accept(target: &Target, batches: u64) -> Result<()> {
    let mut clients = Vec::new();
    for number in 0..CONNECTIONS {
        clients.push(Client::connect(target, number, BATCH_EVENTS).await?);
    }
    for line in std::io::stdin().lock().lines() {
        line?;
        let started = now();
        let mut tasks = JoinSet::new();
        for mut client in std::mem::take(&mut clients) {
            tasks.spawn(async move {
                for _ in 0..batches {
                    match client.send().await? {
                        Told::Taken => {}
                        told => return Err(Error::bad(format!("the server said {told:?}"))),
                    }
                }
                Ok(client)
            });
        }
        while let Some(done) = tasks.join_next().await {
            clients.push(done.map_err(|cause| Error::internal("a client stopped", cause))??);
        }
        let elapsed = started.elapsed().as_secs_f64() * 1e3;
        let check = json!({ "events": CONNECTIONS * BATCH_EVENTS * batches });
        answer("accept", ("elapsed", elapsed, "ms"), &check)?;
    }
    Ok(())
}

/// How long a shop that sends an event now and then waits for its answer, alone and beside
/// another that sends as fast as it may.
pub(crate) async fn flood(target: &Target, flood: &str, seconds: u64, rude: bool) -> Result<()> {
    let time = Duration::from_secs(seconds);
    let other = Target { key: flood.to_owned(), ..target.clone() };
    let mut quiet = Client::connect(target, CONNECTIONS, 1).await?;
    let mut rounds = Vec::new();
    for _ in 0..FLOODS {
        let alone = quiet.listen(time).await?;
        let mut tasks = JoinSet::new();
        for number in 0..CONNECTIONS {
            let mut client = Client::connect(&other, number, BATCH_EVENTS).await?;
            tasks.spawn(async move { client.flood(rude).await });
        }
        let beside = quiet.listen(time).await?;
        tasks.shutdown().await;
        rounds.push((beside / alone, alone, beside));
    }
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ratios: Vec<f64> = rounds.iter().map(|(ratio, ..)| *ratio).collect();
    let (ratio, alone, beside) = rounds.get(FLOODS / 2).copied().unwrap_or_default();
    let check = json!({ "alone": alone, "beside": beside, "rounds": ratios });
    answer("flood", ("p99 beside over p99 alone", ratio, "×"), &check)
}

/// What a server answers.
#[derive(Debug)]
enum Told {
    Taken,
    /// Come again after so many seconds.
    Later(u64),
    Refused(u16),
}

struct Client {
    line: TcpStream,
    request: Vec<u8>,
    /// Where in the request the message ids stand.
    ids: Vec<usize>,
    number: u64,
    sent: u64,
    head: Vec<u8>,
}

impl Client {
    async fn connect(target: &Target, number: u64, events: u64) -> Result<Self> {
        let line = TcpStream::connect(&target.address).await?;
        line.set_nodelay(true)?;
        let request = request(target, number, events);
        let ids = request.match_indices(BLANK).map(|(at, _)| at).collect();
        Ok(Self { line, request: request.into(), ids, number, sent: 0, head: Vec::new() })
    }

    /// Sends the batch with new message ids.
    async fn send(&mut self) -> Result<Told> {
        for (place, &at) in (0_u64..).zip(&self.ids) {
            let id = ((self.number << 40) | (self.sent << 10)) + place;
            let id = format!("{:016x}{:016x}", scatter(id, 1), scatter(id, 2));
            let slot = self.request.get_mut(at..at + BLANK.len()).unwrap_or_default();
            // A random UUID has its dashes, its version and its variant in their places.
            let free = (0_usize..)
                .zip(slot.iter_mut())
                .filter(|(at, byte)| **byte != b'-' && ![14, 19].contains(at));
            for ((_, byte), digit) in free.zip(id.bytes()) {
                *byte = digit;
            }
        }
        self.sent += 1;
        self.line.write_all(&self.request).await?;
        self.hear().await
    }

    async fn hear(&mut self) -> Result<Told> {
        self.head.clear();
        let end = loop {
            let end = self.head.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            let read = self.line.read_buf(&mut self.head).await?;
            if read == 0 || self.head.len() > HEAD_BYTES_MAX {
                return Err(Error::bad("the server hung up"));
            }
        };
        let head = String::from_utf8_lossy(self.head.get(..end).unwrap_or_default()).to_lowercase();
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.and_then(|value| value.trim().parse::<u64>().ok())
        };
        let body = usize::try_from(field("content-length").unwrap_or_default()).unwrap_or(0);
        while self.head.len() < end + body {
            if self.line.read_buf(&mut self.head).await? == 0 {
                return Err(Error::bad("the server hung up"));
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(match status {
            Some(200) => Told::Taken,
            Some(429) => Told::Later(field("retry-after").unwrap_or(1)),
            status => Told::Refused(status.unwrap_or_default()),
        })
    }

    /// The time within which 99 of 100 sends are answered, in milliseconds.
    async fn listen(&mut self, time: Duration) -> Result<f64> {
        let (started, mut next) = (now(), tokio::time::Instant::now());
        let mut waits = Vec::new();
        while started.elapsed() < time {
            let at = now();
            if let Told::Refused(status) = self.send().await? {
                return Err(Error::bad(format!("the quiet shop was told {status}")));
            }
            waits.push(at.elapsed().as_secs_f64() * 1e3);
            next += QUIET_PAUSE;
            sleep_until(next).await;
        }
        waits.sort_by(f64::total_cmp);
        Ok(waits.get(waits.len() * 99 / 100).copied().unwrap_or_default())
    }

    /// Sends until it is stopped; waits when it is told to, unless it is rude.
    async fn flood(&mut self, rude: bool) -> Result<()> {
        loop {
            if let Told::Later(seconds) = self.send().await?
                && !rude
            {
                sleep(Duration::from_secs(seconds)).await;
            }
        }
    }
}

/// A request as Segment's clients send it.
fn request(target: &Target, number: u64, events: u64) -> String {
    let batch: Vec<String> =
        (0..events).map(|place| event(number * BATCH_EVENTS + place)).collect();
    let body =
        format!("{{\"batch\":[{}],\"sentAt\":\"2026-01-01T00:00:00.000Z\"}}", batch.join(","));
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{}:", target.key));
    let mut request = String::new();
    // Writing to a String cannot fail.
    let _ok = write!(
        request,
        "POST /v1/batch HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        target.address,
        body.len(),
    );
    request
}

/// Something that a visitor does, in about 400 bytes.
fn event(seed: u64) -> String {
    let (user, product) = (scatter(seed, 3) % 1_000_000, scatter(seed, 4) % 5_000);
    let price = scatter(product, 5) % 900 + 9;
    format!(
        "{{\"type\":\"track\",\"messageId\":\"{BLANK}\",\"userId\":\"u{user:06}\",\
         \"event\":\"Product Viewed\",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\
         \"context\":{{\"library\":{{\"name\":\"analytics-node\",\"version\":\"3.1.0\"}},\
         \"page\":{{\"url\":\"https://shop.example/products/{product:05}\"}}}},\
         \"properties\":{{\"product_id\":\"SKU-{product:05}\",\"name\":\"真丝连衣裙 {product:05}\",\
         \"category\":\"女装\",\"brand\":\"云\",\"price\":{price}.00,\"quantity\":1}}}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_about_400_bytes() {
        for seed in 0..1_000 {
            let length = event(seed).len();
            assert!((380..=420).contains(&length), "{length}");
        }
    }
}
