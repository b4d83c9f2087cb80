//! Which crate may use what: the layers of docs/ARCHITECTURE.md, and the libraries and powers
//! that belong to one place.

use super::{File, Finding};
use cargo_metadata::{Metadata, Package};

/// The crates from the lowest layer up, each with the layer it stands on. A crate may use any
/// crate of a lower layer; `store` and `lake` share one and do not see each other.
const LAYERS: [(&str, u8); 11] = [
    ("base", 0),
    ("store", 1),
    ("lake", 1),
    ("demo", 1),
    ("perceive", 2),
    ("stratify", 3),
    ("benefit", 4),
    ("reach", 5),
    ("assist", 6),
    ("evaluate", 7),
    ("shuke", 8),
];

/// Libraries that only some crates may depend on. A name covers its family: `arrow` is also
/// `arrow-array`. `sqlx` and `arrow` are held to single files by [`in_sources`].
const LIBRARIES: [(&str, &[&str]); 8] = [
    ("axum", &["shuke"]),
    ("sqlx", &["store", "perceive", "stratify", "benefit", "reach", "assist", "evaluate", "shuke"]),
    ("datafusion", &["lake"]),
    ("parquet", &["lake"]),
    ("object_store", &["lake"]),
    ("deltalake", &["lake"]),
    ("ballista", &["lake"]),
    ("arrow", &["lake", "stratify"]),
];

/// Powers that only the binary has.
const POWERS: [(&str, &str); 8] = [
    ("std::env", "take the value as an argument; only the binary reads the environment"),
    ("SystemTime::now", "use cx.now; only the binary reads the clock"),
    ("Instant::now", "measure in the binary or in bench; only the binary reads the clock"),
    ("Timestamp::now", "use cx.now; only the binary reads the clock"),
    ("Zoned::now", "use cx.now; only the binary reads the clock"),
    ("tokio::spawn", "return the future; only the binary spawns loops"),
    ("task::spawn(", "return the future; only the binary spawns loops"),
    ("thread::spawn", "return the work; only the binary spawns loops"),
];

/// Places that have a power all the same: file, power, reason.
const POWERS_GRANTED: [(&str, &str, &str); 1] = [(
    "crates/store/src/tx.rs",
    "tokio::spawn",
    "no loop: one call's rows, for which the transaction waits",
)];

/// Internal and third-party edges that the manifests draw.
pub(crate) fn between_crates(metadata: &Metadata) -> Vec<Finding> {
    let members = metadata.workspace_packages();
    let short = |name: &str| {
        let package = members.iter().find(|package| package.name.as_str() == name)?;
        folder_in_crates(package, metadata)
    };
    let mut findings = Vec::new();
    for package in &members {
        let manifest = package.manifest_path.strip_prefix(&metadata.workspace_root);
        let path = manifest.unwrap_or(&package.manifest_path).as_str();
        let user = folder_in_crates(package, metadata);
        for dependency in &package.dependencies {
            let used = short(&dependency.name);
            let problem = match (&user, &used) {
                (Some(user), Some(used)) => internal(user, used),
                (Some(user), None) => library(user, &dependency.name),
                (None, Some(used)) if package.name.as_str() == "xtask" => {
                    Some(format!("xtask uses {used}: it must build while the crates do not"))
                }
                (None, _) => None,
            };
            findings.extend(problem.map(|what| Finding::new(path, 0, what)));
        }
    }
    findings
}

/// Every library that a crate asks for has its line in the record of dependencies.
pub(crate) fn reasons(metadata: &Metadata, files: &[File]) -> Vec<Finding> {
    let record = files.iter().find(|file| file.path == DEPENDENCIES);
    let text = record.and_then(|file| file.text.as_deref()).unwrap_or_default();
    let members = metadata.workspace_packages();
    let asked = members.iter().flat_map(|package| &package.dependencies);
    let foreign = asked.filter(|dependency| dependency.path.is_none());
    let names = foreign.map(|dependency| dependency.rename.as_ref().unwrap_or(&dependency.name));
    let missing = names.filter(|name| !has_reason(text, name));
    let finding =
        |name: &String| Finding::new(DEPENDENCIES, 0, format!("{name} has no line: say why"));
    missing.map(finding).collect()
}

/// Where each dependency has its reason.
const DEPENDENCIES: &str = "docs/adr/0005-dependencies.md";

fn has_reason(text: &str, name: &str) -> bool {
    let name = format!("`{name}`");
    let mut rows = text.lines().filter_map(|line| line.strip_prefix('|')?.split_once('|'));
    rows.any(|(names, reason)| names.contains(&name) && reason.trim_matches([' ', '|']).len() > 3)
}

/// The folder under `crates/` that a package lives in.
fn folder_in_crates(package: &Package, metadata: &Metadata) -> Option<String> {
    let path = package.manifest_path.strip_prefix(metadata.workspace_root.join("crates")).ok()?;
    path.components().next().map(|folder| folder.to_string())
}

fn internal(user: &str, used: &str) -> Option<String> {
    let layer = |name: &str| LAYERS.iter().find(|(known, _)| *known == name).map(|row| row.1);
    let Some(above) = layer(user) else {
        return Some(format!("crate {user} has no layer: add it to LAYERS with an ADR"));
    };
    let below = layer(used)?;
    (below >= above).then(|| {
        format!("{user} uses {used}, which is not below it: let it learn through facts instead")
    })
}

fn library(user: &str, library: &str) -> Option<String> {
    let (name, allowed) = LIBRARIES.iter().find(|(name, _)| is_family(library, name))?;
    (!allowed.contains(&user)).then(|| {
        format!("{user} depends on {library}: {name} belongs to {}, ask it", allowed.join(", "))
    })
}

fn is_family(library: &str, name: &str) -> bool {
    let rest = library.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// What sources use outside the places where it belongs. Tests are free.
pub(crate) fn in_sources(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        let (Some(name), Some(source)) = (file.crate_name(), &file.rust) else { continue };
        for (line, code) in source.product_lines() {
            let what = [power(file, name, code), misplaced(file, name, code)];
            let found = what.into_iter().flatten();
            findings.extend(found.map(|what| Finding::new(&file.path, line, what)));
        }
    }
    findings
}

fn power(file: &File, name: &str, code: &str) -> Option<String> {
    if name == "shuke" {
        return None;
    }
    let (power, instead) = POWERS.iter().find(|(power, _)| code.contains(power))?;
    let granted = POWERS_GRANTED.iter().any(|(path, what, _)| *path == file.path && what == power);
    (!granted).then(|| format!("{power} outside the binary: {instead}"))
}

fn misplaced(file: &File, name: &str, code: &str) -> Option<String> {
    let in_sql = file.path.ends_with("/sql.rs") || file.path.contains("/sql/");
    if name != "store" && !in_sql && mentions(code, "sqlx") {
        return Some("sqlx outside a noun's sql.rs: move the query there".to_owned());
    }
    let in_mirror = file.path.contains("/mirror/") || file.path.ends_with("/mirror.rs");
    if name == "stratify" && !in_mirror && mentions(code, "arrow") {
        return Some("arrow outside stratify::mirror: ask the mirror for plain columns".to_owned());
    }
    None
}

/// Whether `code` names the crate `name` as the start of a path.
fn mentions(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        let after = code.get(at + name.len()..).unwrap_or_default();
        let starts = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        starts && (after.starts_with("::") || after.starts_with(';'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_uses_only_what_is_below_it() {
        for (user, used, good) in [
            ("store", "base", true),
            ("shuke", "stratify", true),
            ("stratify", "lake", true),
            ("base", "store", false),
            ("lake", "store", false),
            ("perceive", "stratify", false),
            ("sidecar", "base", false),
        ] {
            assert_eq!(internal(user, used).is_none(), good, "{user} uses {used}");
        }
    }

    #[test]
    fn libraries_stay_in_their_crates() {
        for (user, name, good) in [
            ("shuke", "axum", true),
            ("perceive", "axum", false),
            ("perceive", "sqlx", true),
            ("lake", "deltalake-core", true),
            ("stratify", "datafusion", false),
            ("stratify", "arrow", true),
            ("perceive", "arrow-array", false),
            ("perceive", "arrowhead", true),
        ] {
            assert_eq!(library(user, name).is_none(), good, "{user} depends on {name}");
        }
    }

    #[test]
    fn a_dependency_needs_its_reason() {
        let text = "| `csv` | reads CSV |\n| `hmac`, `sha2` | hashes |\n| `zip` | |\n`url`";
        for (name, good) in [("csv", true), ("sha2", true), ("zip", false), ("url", false)] {
            assert_eq!(has_reason(text, name), good, "{name}");
        }
    }

    #[test]
    fn sources_keep_to_their_place() {
        for (path, text, good) in [
            ("crates/perceive/src/order/sql.rs", "use sqlx::FromRow;", true),
            ("crates/perceive/src/order/mod.rs", "use sqlx::FromRow;", false),
            ("crates/perceive/src/order/mod.rs", "// sqlx::FromRow\nlet a = \"sqlx::x\";", true),
            ("crates/stratify/src/mirror/scan.rs", "use arrow::array::Array;", true),
            ("crates/stratify/src/rfm.rs", "use arrow::array::Array;", false),
            ("crates/store/src/tx.rs", "let at = Instant::now();", false),
            ("crates/store/src/tx/tests.rs", "let at = Instant::now();", true),
            ("crates/store/src/tx.rs", "#[cfg(test)]\nmod t {\n Instant::now();\n}", true),
            ("crates/shuke/src/loops.rs", "tokio::spawn(work);", true),
            ("crates/lake/src/write.rs", "tokio::spawn(work);", false),
            ("crates/lake/src/write.rs", "let a = env!(\"CARGO_PKG_VERSION\");", true),
            ("crates/lake/src/write.rs", "std::env::var(\"A\")", false),
        ] {
            let found = in_sources(&[File::new(path, text)]);
            assert_eq!(found.is_empty(), good, "{path}: {text}: {found:?}");
        }
    }
}
