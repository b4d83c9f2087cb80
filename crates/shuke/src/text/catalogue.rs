//! The Chinese of sentences that are made elsewhere in English.
//!
//! Every crate speaks English in its errors. At the edge the finished sentence is looked up: a
//! template matches it, what stood in the template's `{}` is looked up in its turn, and goes into
//! the Chinese. A sentence that is not known stays English. `cargo xtask tidy` checks that every
//! sentence of the sources has its entry, and every entry its sentence.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::lang::Lang;

/// How deep sentences are looked up within sentences.
const DEPTH_MAX: usize = 4;

/// The entries as they stand in the file: English to Chinese.
#[derive(Debug, Default, Deserialize)]
struct Entries {
    /// Sentences of the sources.
    messages: BTreeMap<String, String>,
    /// Names of what is wrong; they stand before a message.
    fields: BTreeMap<String, String>,
    /// Comments of the built-in mappings.
    comments: BTreeMap<String, String>,
    /// Sentences of the operating system and of libraries.
    foreign: BTreeMap<String, String>,
}

/// English texts with their Chinese.
#[derive(Debug)]
struct Catalogue {
    fixed: BTreeMap<String, String>,
    /// The most specific first.
    templates: Vec<Template>,
    fields: BTreeMap<String, String>,
}

/// A sentence with places for what differs.
#[derive(Debug)]
struct Template {
    /// What stands between the places; one more than there are places.
    parts: Vec<String>,
    chinese: String,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A test reads the same file.
    Catalogue::new(serde_json::from_str(include_str!("zh.json")).unwrap_or_default())
});

/// A sentence in the language.
pub(crate) fn sentence(lang: Lang, english: &str) -> String {
    match lang {
        Lang::Chinese => CATALOGUE.piece(english, 0),
        Lang::English => english.to_owned(),
    }
}

/// What is wrong, such as a column or an option, in the language.
pub(crate) fn field(lang: Lang, english: &str) -> String {
    let known = CATALOGUE.fields.get(english).filter(|_| lang == Lang::Chinese);
    known.map_or(english, String::as_str).to_owned()
}

/// A mapping with its comments in the language.
pub(crate) fn mapping(lang: Lang, toml: &str) -> String {
    let line = |line: &str| {
        for mark in ["# ! ", "# "] {
            if let Some(comment) = line.strip_prefix(mark) {
                return format!("{mark}{}\n", sentence(lang, comment));
            }
        }
        match line.rsplit_once("  # ") {
            Some((code, comment)) => format!("{code}  # {}\n", sentence(lang, comment)),
            None => format!("{line}\n"),
        }
    };
    toml.lines().map(line).collect()
}

impl Catalogue {
    fn new(entries: Entries) -> Self {
        let all = [entries.messages, entries.comments, entries.foreign];
        let (templates, fixed): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.into_iter().flatten().partition(|(english, _)| english.contains("{}"));
        let mut templates: Vec<Template> = templates
            .into_iter()
            .map(|(english, chinese)| Template {
                parts: english.split("{}").map(str::to_owned).collect(),
                chinese,
            })
            .collect();
        templates.sort_by_key(|template| std::cmp::Reverse(template.weight()));
        Self { fixed, templates, fields: entries.fields }
    }

    /// A sentence or a part of one: translated, in Chinese quotes, or as it is.
    fn piece(&self, text: &str, depth: usize) -> String {
        if let Some(known) = self.fixed.get(text) {
            return known.clone();
        }
        if let Some(inner) = quoted(text) {
            return format!("“{inner}”");
        }
        let found = self.templates.iter().filter(|_| depth < DEPTH_MAX).find_map(|template| {
            let pieces = template.captures(text)?;
            Some(fill(&template.chinese, &pieces, |piece| self.piece(piece, depth + 1)))
        });
        match found {
            Some(chinese) => chinese,
            // The explanation of a parser has several lines.
            None if text.contains('\n') && depth < DEPTH_MAX => {
                let lines = text.lines().map(|line| self.piece(line, depth + 1));
                lines.collect::<Vec<_>>().join("\n")
            }
            None => text.to_owned(),
        }
    }
}

/// The inside of a text that is one quotation, as `{:?}` writes it.
fn quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let bare = inner.replace("\\\\", "").replace("\\\"", "");
    (!bare.contains('"')).then_some(inner)
}

impl Template {
    fn weight(&self) -> usize {
        self.parts.iter().map(String::len).sum()
    }

    /// What stands in the places, when the sentence is of this template.
    fn captures<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, rest) = self.parts.split_first()?;
        let (last, middle) = rest.split_last()?;
        let mut text = text.strip_prefix(first.as_str())?.strip_suffix(last.as_str())?;
        let mut found = Vec::with_capacity(rest.len());
        for part in middle {
            let (before, after) = text.split_once(part.as_str())?;
            found.push(before);
            text = after;
        }
        found.push(text);
        Some(found)
    }
}

/// Puts the pieces into their places: `{}` the next one, `{2}` the second, `{,}` the next one as
/// a list.
fn fill(chinese: &str, pieces: &[&str], translate: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut next = 0;
    for (at, part) in chinese.split('{').enumerate() {
        let (place, literal) = match part.split_once('}') {
            Some((place, literal)) if at > 0 => (Some(place), literal),
            _ => (None, part),
        };
        if let Some(place) = place {
            let number = place.trim_end_matches(',').parse::<usize>().ok();
            let index = number.map_or(next, |number| number.saturating_sub(1));
            next += usize::from(number.is_none());
            let piece = pieces.get(index).copied().unwrap_or_default();
            if place.ends_with(',') {
                join(&mut out, &piece.split(", ").map(&translate).collect::<Vec<_>>().join("、"));
            } else {
                join(&mut out, &translate(piece));
            }
        }
        join(&mut out, literal);
    }
    out
}

/// Appends text; no blank stays between Chinese and Chinese.
fn join(out: &mut String, text: &str) {
    let ends_wide = out.trim_end().ends_with(is_wide);
    let begins_wide = text.trim_start().starts_with(is_wide);
    if ends_wide && begins_wide {
        out.truncate(out.trim_end().len());
        out.push_str(text.trim_start());
    } else {
        out.push_str(text);
    }
}

fn is_wide(c: char) -> bool {
    matches!(c, '“' | '”' | '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(entries: &[(&str, &str)]) -> Catalogue {
        let messages =
            entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Catalogue::new(Entries { messages, ..Entries::default() })
    }

    #[test]
    fn a_sentence_is_matched_and_its_pieces_are_too() {
        let catalogue = catalogue(&[
            ("is empty", "为空"),
            ("is {}, not a table", "这是{}，不是表格"),
            ("a picture", "图片"),
            ("there is no shop {}", "没有名为{}的店铺"),
            ("the shop keeps its figures in {}, not {}", "店铺用 {} 记账，不是 {}"),
            ("{} of {}", "{2} 的 {1}"),
            ("{} has no {}", "{} 没有 {}"),
            ("{} has no {} today", "{} 今天没有 {}"),
            ("there are: {}", "现有：{,}"),
            ("it cannot be read: {}", "读不懂：{}"),
        ]);
        for (english, chinese) in [
            ("is empty", "为空"),
            ("is empty.", "is empty."),
            ("is a picture, not a table", "这是图片，不是表格"),
            ("is a poem, not a table", "这是a poem，不是表格"),
            ("there is no shop \"a \\\"b\\\"\"", "没有名为“a \\\"b\\\"”的店铺"),
            ("there is no shop \"is empty\"", "没有名为“is empty”的店铺"),
            ("the shop keeps its figures in CNY, not USD", "店铺用 CNY 记账，不是 USD"),
            ("the shop keeps its figures in CNY, not a picture", "店铺用 CNY 记账，不是图片"),
            ("a of b", "b 的 a"),
            ("x has no y", "x 没有 y"),
            ("x has no y today", "x 今天没有 y"),
            ("\"x\" has no \"y\"", "“x”没有“y”"),
            ("is empty\nx has no y\n| x", "为空\nx 没有 y\n| x"),
            ("there are: a, b, a picture", "现有：a、b、图片"),
            ("there are: ", "现有："),
            ("it cannot be read: x has no a picture", "读不懂：x 没有图片"),
            ("nothing is known", "nothing is known"),
            ("", ""),
        ] {
            assert_eq!(catalogue.piece(english, 0), chinese, "{english}");
        }
    }

    #[test]
    fn a_piece_within_pieces_has_its_bottom() {
        let catalogue = catalogue(&[("not {}", "非 {}")]);
        let text = catalogue.piece(&"not ".repeat(9), 0);
        assert_eq!(text.matches("非").count(), DEPTH_MAX, "{text}");
    }

    #[test]
    fn the_file_is_read_and_its_chinese_has_the_places_of_its_english() {
        let text = include_str!("zh.json");
        let entries: Entries = serde_json::from_str(text).expect("the catalogue is JSON");
        // What a library says may be left out; what we say may not.
        let ours = [entries.messages, entries.comments];
        for (english, chinese) in ours.into_iter().flatten() {
            let places = english.matches("{}").count();
            let pieces: Vec<String> = (0..places).map(|place| format!("<{place}>")).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let filled = fill(&chinese, &pieces, str::to_owned);
            let told = pieces.iter().all(|piece| filled.contains(piece));
            assert!(told, "{english}: {filled}");
            for half_width in ["{", "}", ", ", "; ", ": "] {
                assert!(!filled.contains(half_width), "{english}: {filled}");
            }
        }
    }

    #[test]
    fn comments_of_a_mapping_are_translated_and_nothing_else() {
        let toml = "# ! no column says who the person is; rows will be anonymous\n\
                    # time_zone = \"Asia/Shanghai\"\n\
                    sku = { column = [\"a # b\"] }  # 60 % sure\n\
                    # unknown: \"x\"\n";
        assert_eq!(mapping(Lang::English, toml), toml);
        let expected = "# ! 没有哪一列能说明客户是谁；导入后都是匿名订单\n\
                        # time_zone = \"Asia/Shanghai\"\n\
                        sku = { column = [\"a # b\"] }  # 把握 60 %\n\
                        # 未识别的列：“x”\n";
        assert_eq!(mapping(Lang::Chinese, toml), expected);
    }
}
