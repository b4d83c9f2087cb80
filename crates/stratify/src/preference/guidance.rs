//! What the shop wants said to the customers of a province or with a tag.

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use store::Cx;

/// The setting's name.
pub const SETTING: &str = "guidance";
/// Lines at the most.
const LINES_MAX: usize = 200;
/// Characters of a line at the most.
const TEXT_CHARS_MAX: usize = 200;
/// Characters of a province at the most.
const PROVINCE_CHARS_MAX: usize = 64;

/// To whom something is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// Customers of a province, by its name.
    Province,
    /// Customers with a tag, by its number.
    Tag,
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// By what customers are chosen.
    pub on: On,
    /// Its value.
    pub value: String,
    /// What is said.
    pub text: String,
}

/// A shop's own lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guidance {
    /// The lines, in the shop's order.
    pub lines: Vec<Line>,
}

impl Guidance {
    /// What the context's shop wants said.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn load(cx: &Cx) -> Result<Self> {
        store::setting::get(&mut cx.read().await?, SETTING).await
    }

    /// The same without space around anything, where it can be kept.
    ///
    /// # Errors
    /// `bad_input` for an empty or overlong line, too many, two for the same, or a tag that the
    /// shop does not have.
    pub async fn checked(mut self, cx: &Cx) -> Result<Self> {
        let wrong = |at: usize, name: &str, text: String| {
            Err(Error::bad(text).field(format!("lines[{at}].{name}")))
        };
        if self.lines.len() > LINES_MAX {
            return Err(Error::bad(format!("has at most {LINES_MAX} lines")).field("lines"));
        }
        let tags = crate::tag::list(cx).await?;
        let mut seen: Vec<(On, String)> = Vec::new();
        for (at, line) in self.lines.iter_mut().enumerate() {
            for text in [&mut line.value, &mut line.text] {
                *text = text.trim().to_owned();
            }
            if !(1..=TEXT_CHARS_MAX).contains(&line.text.chars().count()) {
                return wrong(at, "text", format!("has 1 to {TEXT_CHARS_MAX} characters"));
            }
            let chars = line.value.chars().count();
            match line.on {
                On::Province if !(1..=PROVINCE_CHARS_MAX).contains(&chars) => {
                    return wrong(at, "value", format!("has 1 to {PROVINCE_CHARS_MAX} characters"));
                }
                On::Tag if !tags.iter().any(|tag| tag.number.to_string() == line.value) => {
                    return wrong(at, "value", "there is no such tag".to_owned());
                }
                On::Province | On::Tag => {}
            }
            let own = (line.on, line.value.clone());
            if seen.contains(&own) {
                return wrong(at, "value", "has a line already".to_owned());
            }
            seen.push(own);
        }
        Ok(self)
    }

    /// The lines for somebody: those of their tags first, which say more of them than a province.
    #[must_use]
    pub fn of(&self, province: Option<&str>, tags: &[i64]) -> Vec<&Line> {
        let tagged = |line: &&Line| {
            line.on == On::Tag && tags.iter().any(|number| number.to_string() == line.value)
        };
        let local = |line: &&Line| line.on == On::Province && Some(line.value.as_str()) == province;
        let tagged = self.lines.iter().filter(tagged);
        tagged.chain(self.lines.iter().filter(local)).collect()
    }
}
