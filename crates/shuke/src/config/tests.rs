use base::Code;
use expect_test::expect_file;

use super::*;

fn file(text: &str) -> Result<File> {
    Ok(File { path: Some("shuke.toml".into()), values: parse(text)? })
}

#[test]
fn a_file_is_understood_or_refused_with_its_line() {
    let known = file("listen = \"127.0.0.1:9\"\nlog = \"info\" # loud\n").unwrap();
    assert!(known.says("listen") && known.says("log") && !known.says("url"));
    for (text, says) in [
        ("listen = 127.", "line 1: "),
        ("log = \"a\"\n\nlisten", "line 3: "),
        ("listen = [1]", "listen is neither text nor a whole number"),
        ("[oidc]\nissuer = \"a\"", "oidc is neither text nor a whole number"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.message.starts_with(says), "{text:?}: {}", error.message);
        assert_eq!(error.code, Code::BadInput);
    }
}

#[test]
fn a_key_that_there_is_not_is_refused_with_those_that_there_are() {
    let error = file("listn = \"127.0.0.1:9\"").unwrap().apply(crate::usage::root()).unwrap_err();
    assert_eq!(error.to_string(), "shuke.toml: there is no key \"listn\"");
    assert!(error.hint.unwrap().contains("data, database, key_file, listen, url,"));
}

#[test]
fn the_command_line_goes_before_the_file() {
    let known = file("listen = \"127.0.0.1:9\"\nurl = \"https://a.example\"").unwrap();
    let root = crate::usage::command(Lang::English, &known).unwrap();
    let line = ["shuke", COMMAND, "--url", "https://b.example", "--json"];
    let matches = root.clone().try_get_matches_from(line).unwrap();
    let (_, asked) = matches.subcommand().unwrap();
    let shown = show(Lang::English, (&root, &known), asked).unwrap();
    let settings: Vec<serde_json::Value> = serde_json::from_str(&shown).unwrap();
    let of = |key: &str| {
        let found = settings.iter().find(|setting| setting["key"] == key).unwrap();
        (found["value"].clone(), found["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("url"), ("https://b.example".into(), "flag".to_owned()));
    assert_eq!(of("listen"), ("127.0.0.1:9".into(), "file".to_owned()));
    assert_eq!(of("log_format"), ("human".into(), "default".to_owned()));
    assert_eq!(of("oidc_secret").1, "none");
}

#[test]
fn a_file_that_names_the_data_is_enough_for_every_command() {
    let known = file("data = \"/d\"").unwrap();
    for line in ["shuke serve", "shuke import --shop s a.csv", "shuke rfm --shop s"] {
        let root = crate::usage::command(Lang::English, &known).unwrap();
        let matches = root.try_get_matches_from(line.split(' ')).unwrap();
        let (_, own) = matches.subcommand().unwrap();
        assert_eq!(own.get_raw("dir").unwrap().next().unwrap(), "/d", "{line}");
    }
}

#[test]
fn the_pages_of_the_documentation_are_these() {
    for (lang, path) in [
        (Lang::English, "../../../../docs/CONFIGURATION.md"),
        (Lang::Chinese, "../../../../docs/CONFIGURATION.zh-CN.md"),
    ] {
        let root = crate::usage::command(lang, &File::default()).unwrap();
        let args = ["shuke", COMMAND, "--markdown"];
        let matches = root.clone().try_get_matches_from(args).unwrap();
        let (_, asked) = matches.subcommand().unwrap();
        let page = show(lang, (&root, &File::default()), asked).unwrap();
        expect_file![path].assert_eq(&page);
    }
}
