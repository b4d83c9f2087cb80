//! The writer's door: a Unix socket in the data folder.
//!
//! Another command that must write does not open the store; it sends its arguments through this
//! socket to the process that holds the lock, and prints what comes back. One request a
//! connection: a line of JSON, answered by lines of JSON until the connection closes.

use std::path::Path;

use base::{Code, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

/// The socket's name within the data folder.
pub const FILE: &str = "socket";
/// Bytes of a line at the most.
pub const LINE_BYTES_MAX: u64 = 1 << 20;

/// One end of a conversation.
#[derive(Debug)]
pub struct Line {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Line {
    fn new(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self { reader: BufReader::new(reader), writer }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// `internal` when the other end is gone.
    pub async fn send<T: Serialize>(&mut self, message: &T) -> Result<()> {
        let mut text = serde_json::to_vec(message)
            .map_err(|cause| Error::internal("a message could not be written", cause))?;
        text.push(b'\n');
        Ok(self.writer.write_all(&text).await?)
    }

    /// The next message, or `None` when the other end has closed.
    ///
    /// # Errors
    /// `bad_input` when the line is not such a message or longer than [`LINE_BYTES_MAX`].
    pub async fn receive<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        let mut text = Vec::new();
        let mut limited = (&mut self.reader).take(LINE_BYTES_MAX);
        if limited.read_until(b'\n', &mut text).await? == 0 {
            return Ok(None);
        }
        if text.last() != Some(&b'\n') {
            return Err(Error::new(Code::TooLarge, "a message is too long or was cut off"));
        }
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|cause| Error::bad("a message cannot be read").because(cause))
    }
}

/// Opens the door of `dir`. The caller holds the folder's lock, so a socket that a crashed
/// process left behind is removed.
///
/// # Errors
/// What the file system reports.
pub fn listen(dir: &Path) -> Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join(FILE);
    match std::fs::remove_file(&path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause.into()),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// The next caller.
///
/// # Errors
/// What the operating system reports.
pub async fn accept(listener: &UnixListener) -> Result<Line> {
    let (stream, _) = listener.accept().await?;
    Ok(Line::new(stream))
}

/// Knocks at the door of `dir`; `None` when nobody listens there.
///
/// # Errors
/// What the operating system reports, other than that nobody is there.
pub async fn call(dir: &Path) -> Result<Option<Line>> {
    use std::io::ErrorKind;
    match UnixStream::connect(dir.join(FILE)).await {
        Ok(stream) => Ok(Some(Line::new(stream))),
        Err(cause)
            if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) =>
        {
            Ok(None)
        }
        Err(cause) => Err(cause.into()),
    }
}
