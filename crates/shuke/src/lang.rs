//! The language of everything that people read. Program-readable answers have none.

use std::ffi::OsString;

use base::{Code, Error, Result};
use clap::Arg;
use serde::{Deserialize, Serialize};

/// Name of the option.
const OPTION: &str = "--lang";
/// Name of the variable that stands for it.
const VARIABLE: &str = "SHUKE_LANG";

/// A language that Shuke speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Lang {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Lang {
    /// The text of this language.
    pub(crate) fn pick<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        self.pick("zh-CN", "en")
    }

    /// The one of a browser's languages that comes first among those that Shuke speaks, by
    /// `Accept-Language` (RFC 9110, section 12.5.4).
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        let own = |range: &str| {
            let mut parts = range.split(';').map(str::trim);
            let lang = match parts.next()?.split('-').next()? {
                zh if zh.eq_ignore_ascii_case("zh") => Self::Chinese,
                en if en.eq_ignore_ascii_case("en") => Self::English,
                _ => return None,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(Some(1.0), |weight| weight.parse().ok())?;
            (weight > 0.0_f64).then_some((weight, lang))
        };
        let first = header.split(',').filter_map(own).reduce(|best, next| {
            // The first of those that are wished for equally.
            if next.0 > best.0 { next } else { best }
        });
        first.map(|(_, lang)| lang)
    }

    /// The language of that name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let names = [("zh-cn", Self::Chinese), ("en", Self::English)];
        names.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, lang)| lang)
    }
}

/// After every option of a command, which are counted from 0; only help comes later.
pub(crate) const LAST: usize = 900;

/// The option `--lang`. The command line is read with it, so [`asked`] looks for it beforehand.
pub(crate) fn option() -> Arg {
    Arg::new("lang")
        .long("lang")
        .global(true)
        .value_name("zh-CN|en")
        .env(VARIABLE)
        .hide_env(true)
        .display_order(LAST)
        .help("Language of the output; the system's if left out")
}

/// The language that the arguments or else the environment name.
///
/// # Errors
/// `wrong_use` when what they name is none.
pub(crate) fn asked(
    args: &[OsString],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Lang>> {
    let given = option_of(args, OPTION).map(|name| (OPTION, name));
    let set = || variable(VARIABLE).filter(|name| !name.is_empty()).map(|name| (VARIABLE, name));
    let Some((place, name)) = given.or_else(set) else { return Ok(None) };
    Lang::parse(&name).map(Some).ok_or_else(|| {
        Error::new(Code::WrongUse, format!("{name:?} is not a language"))
            .field(place)
            .hint("use zh-CN or en")
    })
}

/// What the last option of that name says. One without a value is for the command line's reader to
/// refuse.
pub(crate) fn option_of(args: &[OsString], option: &str) -> Option<String> {
    let before = args.iter().take_while(|arg| *arg != "--").map(|arg| arg.to_string_lossy());
    let mut found = None;
    let mut next = false;
    for arg in before {
        if next {
            found = Some(arg.clone().into_owned());
        }
        next = arg == option;
        if let Some(value) = arg.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
            found = Some(value.to_owned());
        }
    }
    found
}

/// The language of the system: that of the first locale variable that is set.
pub(crate) fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = names.into_iter().filter_map(variable).find(|locale| !locale.is_empty());
    match set {
        Some(locale) if locale.starts_with("zh") => Lang::Chinese,
        _ => Lang::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_locale_decides_when_nothing_is_asked_for() {
        type Set = &'static [(&'static str, &'static str)];
        let cases: [(Set, Lang); 8] = [
            (&[], Lang::English),
            (&[("LANG", "zh_CN.UTF-8")], Lang::Chinese),
            (&[("LANG", "zh_TW")], Lang::Chinese),
            (&[("LANG", "de_DE.UTF-8")], Lang::English),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], Lang::English),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], Lang::Chinese),
            (&[("LANG", "C"), ("LC_MESSAGES", "zh_CN")], Lang::Chinese),
            (&[("LC_MESSAGES", "en_US"), ("LC_ALL", "zh_CN")], Lang::Chinese),
        ];
        for (set, lang) in cases {
            assert_eq!(of_locale(of(set)), lang, "{set:?}");
        }
    }

    #[test]
    fn the_option_goes_before_the_variable() {
        let none = of(&[]);
        let chinese = of(&[(VARIABLE, "zh-CN")]);
        let asked_by = |line: &str, variable: &dyn Fn(&str) -> Option<String>| {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            asked(&args, variable)
        };
        for (line, lang) in [
            ("rfm --lang en", Some(Lang::English)),
            ("--lang=ZH-cn rfm", Some(Lang::Chinese)),
            ("--lang en rfm --lang zh-CN", Some(Lang::Chinese)),
            ("query --lang", None),
            ("query -- --lang en", None),
            ("query --language en", None),
        ] {
            assert_eq!(asked_by(line, &none).unwrap(), lang, "{line}");
        }
        assert_eq!(asked_by("rfm", &chinese).unwrap(), Some(Lang::Chinese));
        assert_eq!(asked_by("rfm --lang en", &chinese).unwrap(), Some(Lang::English));
        assert_eq!(asked_by("rfm", &of(&[(VARIABLE, "")])).unwrap(), None);
        for (line, field) in [("rfm --lang fr", OPTION), ("rfm --lang=", OPTION)] {
            let error = asked_by(line, &chinese).unwrap_err();
            assert_eq!((error.code, error.field.as_deref()), (Code::WrongUse, Some(field)));
        }
        let error = asked_by("rfm", &of(&[(VARIABLE, "fr")])).unwrap_err();
        assert_eq!(error.to_string(), "SHUKE_LANG: \"fr\" is not a language");
    }
}
