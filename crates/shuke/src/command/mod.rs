//! The commands. Each says what it does through a [`Console`], so that it runs the same for this
//! terminal and for another process that asks through the socket.

mod doctor;
mod import;
mod query;
mod rfm;
mod serve;

use base::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use store::socket;

use crate::cli::{Cli, Command, Data, Import, Rfm};
use crate::console::{self, Console, Message};
use crate::place::{Place, Writer};

/// A command that writes, as it is sent to the process that holds the lock.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// `shuke import`
    Import(Box<Import>),
    /// `shuke rfm --save`
    Rfm(Rfm),
}

/// Runs the command line.
///
/// # Errors
/// What the command reports.
pub async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Import(import) => match &import.suggest {
            Some(path) => local(|console| import::suggest(path.clone(), console)).await,
            None => write(import.data.clone(), Asked::Import(absolute(*import)?)).await,
        },
        Command::Rfm(rfm) if rfm.save => write(rfm.data.clone(), Asked::Rfm(rfm)).await,
        Command::Rfm(rfm) => {
            let place = Place::read(&rfm.data).await?;
            local(|console| rfm::run(place, rfm, console)).await
        }
        Command::Query(query) => {
            let place = Place::read(&query.data).await?;
            local(|console| query::run(place, query, console)).await
        }
        Command::Serve(serve) => serve::run(&serve.data).await,
        Command::Migrate(migrate) => {
            let writer = Writer::open(&migrate.data).await?.ok_or_else(|| held(&migrate.data))?;
            writer.place.close().await;
            Ok(())
        }
        Command::Doctor(doctor) => {
            let place = Place::read(&doctor.data).await?;
            local(|console| doctor::run(place, doctor.replay, console)).await
        }
    }
}

/// Paths mean the same in another process only when they are absolute.
fn absolute(mut import: Import) -> Result<Box<Import>> {
    for path in &mut import.files {
        *path = std::path::absolute(&*path)?;
    }
    if let Some(mapping) = &mut import.mapping
        && std::path::Path::new(mapping).is_file()
    {
        *mapping = std::path::absolute(&*mapping)?.display().to_string();
    }
    Ok(Box::new(import))
}

fn held(data: &Data) -> Error {
    Error::new(Code::Busy, format!("another process writes {}", data.dir.display()))
        .hint("stop it first")
}

/// Runs a command and prints what it says.
async fn local<F>(command: impl FnOnce(Console) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let (console, messages) = Console::new();
    let (done, printed) = tokio::join!(command(console), console::print(messages));
    done?;
    printed
}

/// Runs a command that writes: here when this process gets the lock, else in the process that
/// holds it.
async fn write(data: Data, asked: Asked) -> Result<()> {
    if let Some(writer) = Writer::open(&data).await? {
        let done = local(|console| perform(writer.place.clone(), asked, console)).await;
        writer.place.close().await;
        return done;
    }
    let Some(mut line) = socket::call(&data.dir).await? else { return Err(held(&data)) };
    line.send(&asked).await?;
    let mut bar = None;
    while let Some(message) = line.receive::<Message>().await? {
        console::show(&mut bar, message)?;
    }
    Ok(())
}

/// Does what was asked.
async fn perform(place: Place, asked: Asked, console: Console) -> Result<()> {
    match asked {
        Asked::Import(import) => import::run(place, *import, console).await,
        Asked::Rfm(rfm) => rfm::run(place, rfm, console).await,
    }
}
