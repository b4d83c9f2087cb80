//! Rust source as far as tidy needs it: code apart from comments and literals, and what is test.

/// A Rust file, taken apart.
pub(crate) struct Source {
    /// The text with every comment and the inside of every literal blanked out; positions in it
    /// are positions in the file.
    pub(crate) code: String,
    /// String literals in order.
    pub(crate) literals: Vec<Literal>,
    /// Lines of `#[cfg(test)]` modules, first and last, both counted from 1.
    tests: Vec<(usize, usize)>,
}

/// A string literal.
pub(crate) struct Literal {
    /// Line on which it starts, from 1.
    pub(crate) line: usize,
    /// Position of its opening quote in the code.
    pub(crate) at: usize,
    /// What stands between the quotes, escapes as written.
    pub(crate) text: String,
}

impl Source {
    /// Takes `text` apart. Text that is not Rust gives nonsense, never a panic.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = Reader { rest: text, line: 1, code: String::new(), literals: Vec::new() };
        while reader.step() {}
        let Reader { code, literals, .. } = reader;
        let tests = test_modules(&code);
        Self { code, literals, tests }
    }

    /// Whether a line belongs to a test module of the file.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.tests.iter().any(|&(first, last)| (first..=last).contains(&line))
    }

    /// Lines of code that are not test, numbered from 1.
    pub(crate) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .zip(1..)
            .map(|(text, line)| (line, text))
            .filter(|(line, _)| !self.is_test(*line))
    }

    /// Every function with a body: its name, its first line and how many lines it has.
    pub(crate) fn functions(&self) -> Vec<(String, usize, usize)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            let before = self.code.get(..at).unwrap_or_default();
            let after = self.code.get(at + 3..).unwrap_or_default();
            let name: String = after.chars().take_while(|&c| is_word(c)).collect();
            if name.is_empty() || before.chars().next_back().is_some_and(is_word) {
                continue;
            }
            if let Some(body) = body(after) {
                let first = before.matches('\n').count() + 1;
                found.push((name, first, body.matches('\n').count() + 1));
            }
        }
        found
    }
}

/// From the start of `after` to the closing brace of the first block in it; nothing when a
/// semicolon ends the item before any block.
fn body(after: &str) -> Option<&str> {
    let mut braces = 0_usize;
    let mut brackets = 0_usize;
    for (at, c) in after.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if braces == 0 && brackets == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return after.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

fn test_modules(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("#[cfg(test)]") {
        let first = code.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let after = code.get(at + "#[cfg(test)]".len()..).unwrap_or_default();
        let lines = body(after).map_or(0, |body| body.matches('\n').count());
        found.push((first, first + lines));
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    code: String,
    literals: Vec<Literal>,
}

impl Reader<'_> {
    /// Takes one comment, literal or character; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        let in_word = self.code.chars().next_back().is_some_and(is_word);
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(end);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some(hashes) = raw_string(self.rest).filter(|_| !in_word) {
            let open = self.rest.find('"').unwrap_or_default() + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            let inside = self.rest.get(open..).and_then(|text| text.find(&close));
            self.literal(open, inside, close.len());
        } else if first == '"' {
            self.literal(1, closing_quote(self.rest), 1);
        } else if let Some(length) = character(self.rest).filter(|_| first == '\'') {
            self.blank(length);
        } else {
            self.keep(first.len_utf8());
        }
        true
    }

    fn literal(&mut self, open: usize, inside: Option<usize>, close: usize) {
        let inside = inside.unwrap_or(self.rest.len() - open);
        let text = self.rest.get(open..open + inside).unwrap_or_default().to_owned();
        self.literals.push(Literal { line: self.line, at: self.code.len(), text });
        self.keep(open);
        self.blank(inside);
        self.keep(close.min(self.rest.len()));
    }

    fn keep(&mut self, bytes: usize) {
        let (text, rest) = self.rest.split_at(bytes);
        self.line += text.matches('\n').count();
        self.code.push_str(text);
        self.rest = rest;
    }

    /// Moves on; line breaks stay, everything else becomes a blank for each byte.
    fn blank(&mut self, bytes: usize) {
        let (text, rest) = self.rest.split_at(bytes);
        self.line += text.matches('\n').count();
        self.code.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// Bytes of the block comment at the start of `text`; comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// How many hashes guard the raw string at the start of `text`, if one starts there.
fn raw_string(text: &str) -> Option<usize> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let hashes = after.chars().take_while(|&c| c == '#').count();
    after.get(hashes..)?.starts_with('"').then_some(hashes)
}

/// Bytes between the quote at the start of `text` and the one that closes it.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at - 1),
            _ => {}
        }
    }
    None
}

/// Bytes of the character literal at the start of `text`; nothing for a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        let escape = chars.next()?;
        let close = text.get(escape.0 + escape.1.len_utf8()..)?.find('\'')?;
        return Some(escape.0 + escape.1.len_utf8() + close + 1);
    }
    chars.next().filter(|&(_, c)| c == '\'').map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x\"y")"#, r#"f("    ")"#),
            ("r#\"a\"b\"# z", "r#\"   \"# z"),
            ("'\\'' 'a 'b'", "     'a    "),
            ("let x = var\"t\";", "let x = var\" \";"),
            ("\"open", "\"    "),
        ];
        for (text, code) in cases {
            assert_eq!(Source::read(text).code, code, "{text}");
        }
    }

    #[test]
    fn literals_keep_their_line_and_text() {
        let source = Source::read("a\n\"x\ny\" \"z\"");
        let found: Vec<_> = source.literals.iter().map(|l| (l.line, l.text.as_str())).collect();
        assert_eq!(found, [(2, "x\ny"), (3, "z")]);
    }

    #[test]
    fn functions_are_measured_to_their_closing_brace() {
        let text =
            "trait T { fn none(&self); }\nfn one() { \"}\"; }\nfn three(a: [u8; 2]) {\n {}\n}\n";
        let functions = Source::read(text).functions();
        assert_eq!(functions, [("one".to_owned(), 2, 1), ("three".to_owned(), 3, 3)]);
    }

    #[test]
    fn test_modules_are_known() {
        let source =
            Source::read("a\n#[cfg(test)]\nmod tests {\n  b\n}\nc\n#[cfg(test)]\nmod t;\nd");
        let product: Vec<_> = source.product_lines().map(|(line, _)| line).collect();
        assert_eq!(product, [1, 6, 8, 9]);
    }
}
