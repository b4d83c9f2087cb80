//! Crashes: an import that is killed goes on where it was, on both databases; a full disk loses
//! nothing.

use std::process::{Command, Stdio};
use std::time::Duration;

use shuke_tests::{Home, data, json, shuke, skip};

fn shuke_at(home: &Home) -> Command {
    let mut command = shuke();
    command.env("SHUKE_MASTER_KEY", "42".repeat(32));
    if let Some(address) = &home.address {
        command.env("SHUKE_DATABASE", address);
    }
    command
}

fn import(home: &Home, file: &std::path::Path) -> Command {
    let mut command = shuke_at(home);
    command.args(["import", "--json", "--shop", "uk", "--mapping", "online-retail", "--data"]);
    command.arg(home.dir.path()).arg(file);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_goes_on_and_ends_as_if_nothing_had_happened() {
    let Some(file) = data("online_retail/online_retail.csv.zst") else { return };
    for home in Home::each().await {
        // Killed at moments that differ from each other; the last run is left to end.
        for millis in [700, 1_500, 2_300] {
            let mut child =
                import(&home, &file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(millis));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let report = json(&import(&home, &file).output().unwrap());
        assert_eq!(report["rows_read"], 541_909, "{}: {report}", home.kind);
        assert_eq!(report["rows_accepted"], 541_909, "{}", home.kind);
        assert_eq!(report["net_minor"], 974_774_793_i64);
        assert_eq!(report["import"], 1, "it is the same import");
        let mut query = shuke_at(&home);
        query.args(["query", "--json", "--shop", "uk", "--data"]).arg(home.dir.path());
        query.arg("select count(*) as n, sum(amount_minor) as net from order_lines");
        let lines = json(&query.output().unwrap());
        assert_eq!(lines[0]["n"], 541_909, "{}", home.kind);
        assert_eq!(lines[0]["net"], 974_774_793_i64);
        let mut query = shuke_at(&home);
        query.args(["query", "--json", "--shop", "uk", "--data"]).arg(home.dir.path());
        query.arg("select count(*) as n, sum(net_minor) as net from orders");
        let orders = json(&query.output().unwrap());
        assert_eq!((&orders[0]["n"], &orders[0]["net"]), (&25_900.into(), &974_774_793_i64.into()));
    }
}

/// A small file system of its own, unmounted when dropped.
struct Small(tempfile::TempDir);

impl Small {
    fn mount(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(dir.path())
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success()).then_some(Self(dir))
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        let done = Command::new("mount").args(["-o", &size]).arg(self.0.path()).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_the_import_goes_on_when_there_is_space() {
    let Some(file) = data("online_retail/online_retail.csv.zst") else { return };
    let Some(disk) = Small::mount(24) else {
        skip("mounting a small file system needs root");
        return;
    };
    let import = || {
        let mut command = shuke();
        command.args(["import", "--json", "--shop", "uk", "--mapping", "online-retail", "--data"]);
        command.arg(disk.0.path().join("data")).arg(&file);
        command.output().unwrap()
    };
    let full = import();
    let text = String::from_utf8_lossy(&full.stderr).into_owned();
    assert_eq!(full.status.code(), Some(1), "{text}");
    assert!(text.contains("no space left"), "{text}");
    disk.grow(400);
    let report = json(&import());
    assert_eq!(report["rows_accepted"], 541_909);
    assert_eq!(report["net_minor"], 974_774_793_i64);
}
