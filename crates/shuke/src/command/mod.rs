//! The commands. Each says what it does through a [`Console`], so that it runs the same for this
//! terminal and for another process that asks through the socket.

mod audit;
mod backup;
mod demo;
mod doctor;
mod identity;
mod import;
mod key;
mod plan;
mod query;
mod quota;
mod rfm;
mod rotate;
mod segment;
mod serve;
mod user;

use std::io::Read;

use base::{Code, Error, Result};
use perceive::plan::SCHEMA_BYTES_MAX;
use serde::{Deserialize, Serialize};
use store::{lock, socket};

use crate::cli::{
    Backup, Cli, Command, Data, Doctor, Identity, Import, Key, Plan, Quota, Rfm, Rotate, Segment,
    User,
};
use crate::console::{self, Console, Message};
use crate::http;
use crate::lang::Lang;
use crate::place::{Place, Writer};

pub(crate) use demo::{fill as fill_demo, new_shop as demo_shop};
pub(crate) use import::{other_currency, refresh, setting};

/// A command that writes, as it is sent to the process that holds the lock.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// `shuke import`
    Import(Box<Import>),
    /// `shuke rfm --save`
    Rfm(Rfm),
    /// `shuke identity --together` and `--apart`
    Identity(Identity),
    /// `shuke doctor --replay`
    Doctor(Doctor),
    /// `shuke key`
    Key(Key),
    /// `shuke plan`
    Plan(Plan),
    /// `shuke user --reset`
    User(User),
    /// `shuke backup`
    Backup(Backup),
    /// `shuke rotate`
    Rotate(Rotate),
    /// `shuke quota`
    Quota(Quota),
    /// `shuke segment count` of a private audience
    Segment(Segment),
}

impl Asked {
    /// Whether it goes on beside what is taken in meanwhile, however long it takes.
    fn goes_beside(&self) -> bool {
        matches!(self, Self::Rotate(_) | Self::Quota(_) | Self::Segment(_))
    }
}

/// What is sent: the command, and the language that its answer is in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    lang: Lang,
    asked: Asked,
}

/// Runs the command line.
///
/// # Errors
/// What the command reports.
pub(crate) async fn run(cli: Cli, lang: Lang) -> Result<()> {
    match cli.command {
        Command::Import(asked) => run_import(*asked, lang).await,
        Command::Rfm(rfm) if rfm.save => write(lang, rfm.of.data.clone(), Asked::Rfm(rfm)).await,
        Command::Rfm(rfm) => look(lang, rfm.of.data.clone(), |at, to| rfm::run(at, rfm, to)).await,
        Command::Identity(identity) if identity.decides() => {
            write(lang, identity.of.data.clone(), Asked::Identity(identity)).await
        }
        Command::Identity(identity) => {
            look(lang, identity.of.data.clone(), |at, to| identity::run(at, identity, to)).await
        }
        Command::Segment(asked) => match segment::prepared(asked).await? {
            (asked, true) => write(lang, asked.of.data.clone(), Asked::Segment(asked)).await,
            (asked, false) => {
                look(lang, asked.of.data.clone(), |at, to| segment::run(at, asked, to)).await
            }
        },
        Command::Query(query) => {
            look(lang, query.of.data.clone(), |at, to| query::run(at, query, to)).await
        }
        Command::Plan(plan) if plan.event.is_some() => {
            write(lang, plan.of.data.clone(), Asked::Plan(stated(plan)?)).await
        }
        Command::Plan(plan) => {
            look(lang, plan.of.data.clone(), |at, to| plan::run(at, plan, to)).await
        }
        Command::User(user) if user.begin || user.reset.is_some() => {
            write(lang, user.data.clone(), Asked::User(user)).await
        }
        Command::User(user) => {
            look(lang, user.data.clone(), |at, to| user::run(at, user, to)).await
        }
        Command::Audit(audit) => look(lang, audit.data, audit::run).await,
        Command::Key(key) => write(lang, key.of.data.clone(), Asked::Key(key)).await,
        Command::Serve(serve) => serve::run(&serve).await,
        Command::Openapi => local(lang, describe).await,
        Command::Demo(demo) => demo::run(&demo, lang).await,
        Command::Backup(backup) => {
            let to = std::path::absolute(&backup.to)?;
            write(lang, backup.data.clone(), Asked::Backup(Backup { to, ..backup })).await
        }
        Command::Rotate(asked) => write(lang, asked.data.clone(), rotation(asked)?).await,
        Command::Quota(quota) if quota.sets() => {
            write(lang, quota.of.data.clone(), Asked::Quota(quota)).await
        }
        Command::Quota(quota) => {
            look(lang, quota.of.data.clone(), |at, to| quota::run(at, quota, to)).await
        }
        Command::Restore(asked) => local(lang, |console| backup::restore(asked, console)).await,
        Command::Migrate(migrate) => {
            let writer = Writer::open(&migrate.data).await?.ok_or_else(|| held(&migrate.data))?;
            writer.place.close().await;
            Ok(())
        }
        Command::Doctor(doctor) if doctor.replay => {
            write(lang, doctor.data.clone(), Asked::Doctor(doctor)).await
        }
        Command::Doctor(doctor) => {
            look(lang, doctor.data.clone(), |at, to| doctor::run(at, doctor, to)).await
        }
    }
}

/// Imports, or says what an import would do.
async fn run_import(asked: Import, lang: Lang) -> Result<()> {
    if let Some(path) = asked.suggest.clone() {
        return local(lang, |console| import::suggest(path, console)).await;
    }
    if asked.list {
        let place = Place::read(&asked.data).await?;
        return local(lang, |console| import::list(place, asked, console)).await;
    }
    if asked.dry_run {
        let place = match Place::read(&asked.data).await {
            Ok(place) => Some(place),
            Err(error) if error.code == Code::NotFound => None,
            Err(error) => return Err(error),
        };
        return local(lang, |console| import::preview(place, asked, console)).await;
    }
    if asked.undo.is_none() {
        import::check(&asked)?;
    }
    write(lang, asked.data.clone(), Asked::Import(absolute(asked)?)).await
}

/// Shows the description of the API.
async fn describe(console: Console) -> Result<()> {
    console.answer(http::document()?).await;
    Ok(())
}

/// A plan's command with the schema that it states.
fn stated(mut plan: Plan) -> Result<Plan> {
    if let Some(path) = &plan.schema {
        plan.text = Some(schema(path)?);
    } else if !plan.remove {
        return Err(Error::new(Code::WrongUse, "says nothing of the event")
            .field("--event")
            .hint("add --schema FILE, or --remove"));
    }
    Ok(plan)
}

/// The text of a schema file.
fn schema(path: &std::path::Path) -> Result<String> {
    let limit = u64::try_from(SCHEMA_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let cannot = |cause| {
        Error::missing(format!("{} cannot be read", path.display()))
            .field("--schema")
            .because(cause)
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(cannot)?;
    file.take(limit).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
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

/// The same for the file with a new key.
fn rotation(rotate: Rotate) -> Result<Asked> {
    let new = rotate.new_key_file.as_ref().map(std::path::absolute).transpose()?;
    Ok(Asked::Rotate(Rotate { new_key_file: new, ..rotate }))
}

fn held(data: &Data) -> Error {
    let dir = data.dir.display();
    let text = match lock::holder(&data.dir) {
        Some(process) => format!("another process ({process}) writes {dir}"),
        None => format!("another process writes {dir}"),
    };
    Error::new(Code::Busy, text).hint("stop it first")
}

/// Runs a command that reads, beside whoever writes, and prints what it says.
async fn look<F>(lang: Lang, data: Data, command: impl FnOnce(Place, Console) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let place = Place::read(&data).await?;
    local(lang, |console| command(place, console)).await
}

/// Runs a command and prints what it says.
async fn local<F>(lang: Lang, command: impl FnOnce(Console) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let (console, messages) = Console::new(lang);
    let (done, printed) = tokio::join!(command(console), console::print(lang, messages));
    done?;
    printed
}

/// Runs a command that writes: here when this process gets the lock, else in the process that
/// holds it.
async fn write(lang: Lang, data: Data, asked: Asked) -> Result<()> {
    if let Some(writer) = Writer::open(&data).await? {
        let done = local(lang, |console| perform(writer.place.clone(), asked, console)).await;
        writer.place.close().await;
        return done;
    }
    let Some(mut line) = socket::call(&data.dir).await? else { return Err(held(&data)) };
    line.send(&Call { lang, asked }).await?;
    let mut bar = None;
    while let Some(message) = line.receive::<Message>().await? {
        console::show(&mut bar, lang, message)?;
    }
    Ok(())
}

/// Does what was asked.
async fn perform(place: Place, asked: Asked, console: Console) -> Result<()> {
    match asked {
        Asked::Import(import) => import::run(place, *import, console).await,
        Asked::Rfm(rfm) => rfm::run(place, rfm, console).await,
        Asked::Identity(identity) => identity::run(place, identity, console).await,
        Asked::Doctor(doctor) => doctor::run(place, doctor, console).await,
        Asked::Key(key) => key::run(place, key, console).await,
        Asked::Plan(plan) => plan::run(place, plan, console).await,
        Asked::User(user) => user::run(place, user, console).await,
        Asked::Backup(asked) => backup::run(place, asked, console).await,
        Asked::Rotate(asked) => rotate::run(place, asked, console).await,
        Asked::Quota(asked) => quota::run(place, asked, console).await,
        Asked::Segment(asked) => segment::run(place, asked, console).await,
    }
}
