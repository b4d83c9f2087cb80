//! A person walks through the console in Chromium, from the first start to signing out, and looks
//! at every page in both languages, in the light and in the dark. Slow, because it is the real
//! browser, the real server and the demo shop's two years.

use std::path::Path;
use std::process::Command;

use shuke_tests::{Home, Server, chromium, data, node, user};

/// The export whose figures are known.
const EXPORT: &str = "taobao_export/ExportOrderList_synthetic.csv";
/// Where pictures of the pages are kept, below the folder that cargo builds into.
const PICTURES: &str = "console";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_walks_through_the_console() {
    let (Some((node, packages)), Some(chromium)) = (node(), chromium()) else { return };
    let Some(export) = data(EXPORT) else { return };
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let link = user(&home, &["--begin"]);
    let token = link.trim().strip_prefix("/start#").expect("a token");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PICTURES);
    std::fs::create_dir_all(&folder).unwrap();
    let mut walk = Command::new(node);
    walk.env("NODE_PATH", packages.join("node_modules"));
    walk.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("console/walk.cjs"));
    walk.arg(chromium).arg(format!("http://{}", server.address)).arg(token);
    walk.arg(export).arg(&folder);
    let done = walk.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let why = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{why}");
    println!("{said}");
}
