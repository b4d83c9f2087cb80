//! A PostgreSQL cluster of our own in a temporary folder, for as long as a task needs it.
//!
//! The server refuses to be run by root, so root hands the folder to an ordinary user. Dropping
//! the [`Cluster`] stops the server and removes the folder, on success, failure and panic alike.

use crate::proc::{self, About, Fail, Outcome};
use crate::setup;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Attempts at a port: another program may take it between our look and the server's start.
const PORT_ATTEMPTS_MAX: usize = 5;

/// Connections that the server accepts: tests run beside each other, each with its own pool.
const CONNECTIONS_MAX: usize = 300;

/// Users whom root may hand the server to, first choice first.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A running server.
pub(crate) struct Cluster {
    bin: PathBuf,
    user: Option<&'static str>,
    port: u16,
    folder: TempDir,
}

impl Cluster {
    /// Makes and starts a cluster; installs PostgreSQL if there is none.
    pub(crate) fn start() -> Outcome<Self> {
        let bin = setup::postgres()?;
        let folder = tempfile::Builder::new()
            .prefix("shuke-postgres-")
            .tempdir()
            .about("cannot make a temporary folder")?;
        let user = if setup::is_root() { Some(ordinary_user(folder.path())?) } else { None };
        let mut cluster = Self { bin, user, port: 0, folder };
        let data = cluster.data();
        let mut init = cluster.program("initdb");
        init.args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=shuke"]);
        proc::read(init.arg("--pgdata").arg(&data))?;
        for _ in 0..PORT_ATTEMPTS_MAX {
            cluster.port = free_port()?;
            if proc::works(&mut cluster.start_command()) {
                return Ok(cluster);
            }
            proc::check_stop()?;
        }
        let log = std::fs::read_to_string(cluster.folder.path().join("log")).unwrap_or_default();
        Err(Fail::new(format!("PostgreSQL does not start:\n{log}")))
    }

    /// Where to connect; the user may create databases.
    pub(crate) fn url(&self) -> String {
        format!("postgres://shuke@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn start_command(&self) -> Command {
        let folder = self.folder.path().display();
        let options = format!(
            "-p {} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections={CONNECTIONS_MAX}",
            self.port
        );
        let mut start = self.program("pg_ctl");
        start.arg("--pgdata").arg(self.data()).arg("--log").arg(self.folder.path().join("log"));
        start.args(["--wait", "--options", &options, "start"]);
        start
    }

    /// A program of the server, run by its user and in its folder.
    fn program(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = match self.user {
            None => Command::new(program),
            Some(user) => {
                let mut by_user = Command::new("runuser");
                by_user.args(["-u", user, "--"]).arg(program);
                by_user
            }
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            let mut stop = self.program("pg_ctl");
            stop.arg("--pgdata").arg(self.data()).args(["--wait", "--mode=immediate", "stop"]);
            if !proc::works(&mut stop) {
                eprintln!("PostgreSQL in {} did not stop", self.folder.path().display());
            }
        }
    }
}

/// The user that root runs the server as; the folder becomes theirs.
fn ordinary_user(folder: &Path) -> Outcome<&'static str> {
    for user in USERS {
        let id = |flag| proc::read(Command::new("id").args([flag, user])).ok()?.trim().parse().ok();
        if let (Some(uid), Some(gid)) = (id("-u"), id("-g")) {
            std::os::unix::fs::chown(folder, Some(uid), Some(gid)).about(folder.display())?;
            return Ok(user);
        }
    }
    Err(Fail::new(format!(
        "PostgreSQL must not be run by root and there is no user {}: run this as an ordinary user",
        USERS.join(" or ")
    )))
}

/// A loopback port that nobody listens on at this moment.
fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).about("no free port")?;
    Ok(listener.local_addr().about("no free port")?.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_cluster_answers_and_leaves_nothing_behind() {
        let cluster = Cluster::start().expect("cluster");
        let (port, folder) = (cluster.port, cluster.folder.path().to_owned());
        assert!(cluster.url().contains(&port.to_string()));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        drop(cluster);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        assert!(!folder.exists());
    }
}
