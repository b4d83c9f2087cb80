//! Puts the built console where the binary takes it from; an empty folder when it was not built, so
//! that the binary builds without Node.js.

use std::path::Path;
use std::{env, fs, io};

const BUILT: &str = "../../web/dist";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={BUILT}");
    #[expect(clippy::disallowed_methods, reason = "how a build script is told where to write")]
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR"))?;
    let folder = Path::new(&out).join("console");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let built = Path::new(BUILT);
    if built.is_dir() { copy(built, &folder) } else { Ok(()) }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
