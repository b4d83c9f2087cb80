//! Crashes: an import and an undoing that are killed go on where they were, on both databases; a
//! full disk loses nothing.

use std::process::{Command, Stdio};
use std::time::Duration;

use perceive::import::State;
use shuke_tests::{Home, data, file, json, same, shuke, shuke_at, skip, state};
use store::{Cx, binds};

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

/// Orders of the import that is undone: several times what one transaction takes back.
const UNDONE_ORDERS: usize = 6_000;

/// Orders with what else an import may say, which a few of another import's are among.
fn orders(count: usize) -> String {
    let head = "订单号,客户编号,手机号,商品编码,商品名称,数量,单价,下单时间,订单状态,收货人\n";
    let row = |n: usize| {
        let (who, sku) = (n % 700, n % 31);
        format!(
            "O{n},c{who},1380000{who:04},s{sku},裙{sku},1,{}.00,2025-03-0{} 10:00:00,已付款,人{n}\n",
            1 + n % 90,
            1 + n % 9
        )
    };
    head.to_owned() + &(0..count).map(row).collect::<String>()
}

fn run(home: &Home, args: &[&str]) -> Command {
    let mut command = shuke_at(home);
    command.arg(args[0]).args(["--shop", "s", "--data"]).arg(home.dir.path()).args(&args[1..]);
    command
}

/// Starts an undoing, or goes on with it, and kills it when less than `most` orders are left.
async fn kill_undo(home: &Home, cx: &Cx, number: &str, most: usize) {
    let mut undo = run(home, &["import", "--undo", number])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    loop {
        let sql = "select count(*) from orders where shop_id = $1 and known = $2";
        let mut tx = cx.read().await.unwrap();
        let (left,): (i64,) = tx.one(sql, binds![cx.shop, true]).await.unwrap();
        if usize::try_from(left).unwrap() < most || undo.try_wait().unwrap().is_some() {
            break;
        }
    }
    undo.kill().unwrap();
    undo.wait().unwrap();
    let import = perceive::import::get(cx, number.parse().unwrap()).await.unwrap();
    assert_eq!(import.state, State::Undoing, "{}", home.kind);
}

async fn ends_an_undoing(commands: &[&[&str]]) {
    for home in Home::each().await {
        let few = file(&home, "few.csv", &orders(20));
        let many = file(&home, "many.csv", &orders(UNDONE_ORDERS));
        let (few, many) = (few.to_str().unwrap(), many.to_str().unwrap());
        let first = json(&run(&home, &["import", "--json", few]).output().unwrap());
        assert_eq!(first["rows_accepted"], 20);
        let cx = home.cx.of(store::shop::by_name(&home.cx, "s").await.unwrap().id);
        let alone = state(&cx, &home.lake).await.unwrap();
        for command in commands {
            let report = json(&run(&home, &["import", "--json", many]).output().unwrap());
            let number = report["import"].to_string();
            for most in [UNDONE_ORDERS, UNDONE_ORDERS / 2] {
                kill_undo(&home, &cx, &number, most).await;
            }
            let args: Vec<&str> = command
                .iter()
                .map(|arg| match *arg {
                    "FEW" => few,
                    "NUMBER" => number.as_str(),
                    arg => arg,
                })
                .collect();
            let done = run(&home, &args).output().unwrap();
            let what = format!("{}: {command:?}", home.kind);
            assert!(done.status.success(), "{what}: {}", String::from_utf8_lossy(&done.stderr));
            let import = perceive::import::get(&cx, number.parse().unwrap()).await.unwrap();
            assert_eq!(import.state, State::Undone, "{what}");
            same(&[alone.clone(), state(&cx, &home.lake).await.unwrap()], &what);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_undoing_ends_with_the_next_import_or_when_it_is_asked_for_again() {
    ends_an_undoing(&[&["import", "FEW"], &["import", "--undo", "NUMBER"]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_undoing_ends_with_any_command_that_writes() {
    ends_an_undoing(&[&["rfm", "--save"], &["identity", "--apart", "1", "2"]]).await;
}
