//! What a command says while it runs, and to whom: this terminal, or another process.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use base::{Code, Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use perceive::import::Progress;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::lang::Lang;
use crate::text;

/// Messages that wait for a slow terminal at most.
const MESSAGES_MAX: usize = 256;

/// Something that a command says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    /// How far it is.
    Progress(Progress),
    /// How far messages are, as the above: its rows are messages, its bytes are time.
    Messages(Progress),
    /// A part of its answer, for standard output.
    Answer(String),
    /// It was refused; in English, as every error is until it is shown.
    Refused {
        /// The code's name.
        code: String,
        /// What.
        message: String,
        /// Where.
        field: Option<String>,
        /// What to do.
        hint: Option<String>,
        /// What lies beneath, when the refusal does not say it.
        cause: Option<String>,
    },
}

impl Message {
    /// The message of an error.
    pub(crate) fn refused(error: Error) -> Self {
        let cause = error.cause.filter(|_| error.code == Code::Internal);
        Self::Refused {
            code: error.code.name().to_owned(),
            message: error.message,
            field: error.field,
            hint: error.hint,
            cause: cause.map(|cause| cause.to_string()),
        }
    }
}

/// Where a command's messages go, and in which language.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    lang: Lang,
    messages: mpsc::Sender<Message>,
}

impl Console {
    /// A console and the end where its messages come out.
    pub(crate) fn new(lang: Lang) -> (Self, mpsc::Receiver<Message>) {
        let (messages, receiver) = mpsc::channel(MESSAGES_MAX);
        (Self { lang, messages }, receiver)
    }

    /// The language of whoever reads here.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    /// Says how far it is; left out when the other end is slow.
    pub(crate) fn progress(&self, progress: Progress) {
        // A lost one is made good by the next.
        let _ = self.messages.try_send(Message::Progress(progress));
    }

    /// Says how far messages are; left out when the other end is slow.
    pub(crate) fn messages(&self, progress: Progress) {
        let _ = self.messages.try_send(Message::Messages(progress));
    }

    /// A part of the answer.
    pub(crate) async fn answer(&self, text: impl Into<String>) {
        let _ = self.messages.send(Message::Answer(text.into())).await;
    }
}

/// Prints messages on this terminal until there are no more.
pub(crate) async fn print(lang: Lang, mut messages: mpsc::Receiver<Message>) -> Result<()> {
    let mut bar: Option<ProgressBar> = None;
    while let Some(message) = messages.recv().await {
        show(&mut bar, lang, message)?;
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(())
}

/// Prints one message; a refusal becomes an error.
pub(crate) fn show(bar: &mut Option<ProgressBar>, lang: Lang, message: Message) -> Result<()> {
    match message {
        Message::Progress(progress) => {
            advance(bar, progress, |rate| text::progress(lang, &progress, rate));
        }
        Message::Messages(progress) => {
            advance(bar, progress, |rate| text::demo::progress(lang, &progress, rate));
        }
        Message::Answer(text) => {
            clear(bar);
            put(&mut std::io::stdout().lock(), &text)?;
        }
        Message::Refused { code, message, field, hint, cause } => {
            clear(bar);
            // These two are told in ways of their own.
            let told = [Code::WrongUse, Code::Internal].into_iter().find(|c| c.name() == code);
            let error = Error::new(told.unwrap_or(Code::Conflict), message);
            return Err(Error { field, hint, cause: cause.map(Into::into), ..error });
        }
    }
    Ok(())
}

fn put(out: &mut impl Write, text: &str) -> Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever read the answer has seen enough.
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

fn clear(bar: &mut Option<ProgressBar>) {
    if let Some(bar) = bar.take() {
        bar.finish_and_clear();
    }
}

fn advance(bar: &mut Option<ProgressBar>, progress: Progress, told: impl Fn(u64) -> String) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let bar = bar.get_or_insert_with(|| {
        let bar = ProgressBar::new(progress.bytes_total);
        let style = "{bar:30} {percent:>3} %  {msg}  {elapsed_precise} → {eta_precise}";
        bar.set_style(
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar
    });
    bar.set_position(progress.bytes_done);
    let seconds = bar.elapsed().as_secs_f64();
    if seconds > 0.0 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate for people to read"
        )]
        let rate = (progress.rows as f64 / seconds) as u64;
        bar.set_message(told(rate));
    }
}

/// One line and a hint on standard error; the exit code of a refusal.
pub(crate) fn refuse(lang: Lang, error: &Error) -> ExitCode {
    tracing::debug!(code = error.code.name(), "{}", error.chain());
    // Nobody is left to tell when standard error is gone.
    let _ = put(&mut std::io::stderr().lock(), &text::refusal(lang, error));
    ExitCode::from(if error.code == Code::WrongUse { 2 } else { 1 })
}
