//! The last value, for rows that repeat it.

/// A value with the texts that it was read from: rows of one order repeat most of their cells.
#[derive(Debug)]
pub struct Memo<T> {
    texts: String,
    ends: Vec<usize>,
    value: Option<T>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self { texts: String::new(), ends: Vec::new(), value: None }
    }
}

impl<T> Memo<T> {
    /// The value, if these are the texts that it was read from.
    pub fn get<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Option<&T> {
        let value = self.value.as_ref()?;
        let (mut start, mut ends) = (0, self.ends.iter());
        for text in texts {
            let end = *ends.next()?;
            if self.texts.get(start..end) != Some(text) {
                return None;
            }
            start = end;
        }
        ends.next().is_none().then_some(value)
    }

    /// Remembers a value in place of the one before.
    pub fn put<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>, value: T) {
        self.texts.clear();
        self.ends.clear();
        for text in texts {
            self.texts.push_str(text);
            self.ends.push(self.texts.len());
        }
        self.value = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;

    #[test]
    fn only_the_same_texts_find_the_value() {
        let mut memo = Memo::default();
        assert_eq!(memo.get([]), None, "nothing is remembered yet");
        memo.put(["ab", "", "c"], 1);
        assert_eq!(memo.get(["ab", "", "c"]), Some(&1));
        for other in [&["a", "b", "c"][..], &["ab", "", "c", ""], &["ab", ""], &["ab", "c", ""]] {
            assert_eq!(memo.get(other.iter().copied()), None, "{other:?}");
        }
        memo.put([], 2);
        assert_eq!((memo.get([]), memo.get(["ab", "", "c"])), (Some(&2), None));
    }
}
