//! What a measurement was made on.

use crate::proc::{self, About, Outcome, Places};
use crate::setup;
use std::path::Path;
use std::process::Command;

/// Name and value of each fact.
pub(crate) type Facts = Vec<(&'static str, String)>;

/// Date, machine and versions.
pub(crate) fn facts(places: &Places, python: &Path) -> Outcome<Facts> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty", "--tags"]).current_dir(&places.root);
    let versions = "import platform; print('Python', platform.python_version())";
    let python = proc::read(Command::new(python).args(["-c", versions]))?;
    Ok(vec![
        ("date", jiff::Zoned::now().date().to_string()),
        ("commit", proc::read(&mut git)?.trim().to_owned()),
        ("machine", machine()?),
        ("kernel", line_of("/proc/sys/kernel/osrelease")?),
        ("compiler", proc::read(Command::new("rustc").arg("--version"))?.trim().to_owned()),
        ("peers", format!("{}, {}", python.trim(), setup::PEERS.join(", ").replace("==", " "))),
    ])
}

fn machine() -> Outcome<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").about("/proc/cpuinfo")?;
    let memory = std::fs::read_to_string("/proc/meminfo").about("/proc/meminfo")?;
    let cores = std::thread::available_parallelism().about("number of cores")?;
    let model = field(&cpu, "model name").unwrap_or("unknown processor");
    let kib = field(&memory, "MemTotal").and_then(|text| text.strip_suffix(" kB"));
    let gib = kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / (1024 * 1024);
    Ok(format!("{model}, {cores} cores, {gib} GiB"))
}

fn line_of(path: &str) -> Outcome<String> {
    Ok(std::fs::read_to_string(path).about(path)?.trim().to_owned())
}

/// The first value of `name : value` lines.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let text = "model\t: 85\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: other\n";
        assert_eq!(field(text, "model name"), Some("Some CPU @ 2 GHz"));
        assert_eq!(field(text, "none"), None);
    }
}
