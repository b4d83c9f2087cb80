//! What a code looks like.
//!
//! The code of a number is that number and forty zero bits, mixed by a permutation that only the
//! shop's key makes: sixteen letters and digits in which nothing of the number shows. Taking one
//! apart tells at once whether it is one, so a wrong guess costs no look at the database, and of
//! 2⁴⁰ guesses one is a number at all. Codes that people choose are found by their **word**: the
//! code without what is misread or left out.

use std::hash::Hasher;

use siphasher::sip::SipHasher24;

/// What codes are written in: Crockford's 32 letters and digits, without I, L, O and U.
pub const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code that was made of a number.
pub const CODE_CHARS: usize = 16;
/// Letters that stand together in such a code as it is shown.
const GROUP_CHARS: usize = 4;
/// Characters of a word at the most.
pub const WORD_CHARS_MAX: usize = 40;
/// Characters of a word at least: a shorter one is guessed.
pub const WORD_CHARS_MIN: usize = 4;
/// Bits of each half of what is mixed.
const HALF_BITS: u32 = 40;
const HALF: u64 = (1 << HALF_BITS) - 1;
/// How often the halves are mixed; four would do against who sees codes of chosen numbers (Luby
/// and Rackoff, 1988), and nobody chooses numbers here.
const ROUNDS: u64 = 8;
/// Bits of a letter.
const LETTER_BITS: u32 = 5;

/// Makes codes of numbers, and numbers of codes, by a shop's key.
#[derive(Clone, Copy)]
pub struct Cipher(u64, u64);

impl Cipher {
    /// By the 16 bytes of a key.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Self {
        let both = u128::from_le_bytes(key);
        let low = u64::try_from(both & u128::from(u64::MAX)).unwrap_or_default();
        let high = u64::try_from(both >> 64).unwrap_or_default();
        Self(low, high)
    }

    fn round(self, round: u64, half: u64) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.0, self.1);
        hasher.write_u64(round);
        hasher.write_u64(half);
        hasher.finish() & HALF
    }

    /// The code of a number from 1 to 2⁴⁰ − 1, as it is shown.
    #[must_use]
    pub fn code(self, number: i64) -> String {
        let (mut left, mut right) = (u64::try_from(number).unwrap_or_default() & HALF, 0);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        let bits = (u128::from(left) << HALF_BITS) | u128::from(right);
        let mut text = String::with_capacity(CODE_CHARS + CODE_CHARS / GROUP_CHARS);
        for place in 0..CODE_CHARS {
            if place > 0 && place.is_multiple_of(GROUP_CHARS) {
                text.push('-');
            }
            let after = u32::try_from(CODE_CHARS - 1 - place).unwrap_or_default();
            let letter = (bits >> (after * LETTER_BITS)) & 31;
            let letter = usize::try_from(letter).ok().and_then(|at| LETTERS.get(at));
            text.push(char::from(letter.copied().unwrap_or_default()));
        }
        text
    }

    /// The number of a code by its word; none where it is no code of this shop.
    #[must_use]
    pub fn number(self, word: &str) -> Option<i64> {
        if word.len() != CODE_CHARS {
            return None;
        }
        let mut bits = 0_u128;
        for byte in word.bytes() {
            let letter = LETTERS.iter().position(|own| *own == byte)?;
            bits = (bits << LETTER_BITS) | u128::try_from(letter).ok()?;
        }
        let mut left = u64::try_from(bits >> HALF_BITS).ok()? & HALF;
        let mut right = u64::try_from(bits & u128::from(HALF)).ok()?;
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        i64::try_from(left).ok().filter(|number| right == 0 && *number > 0)
    }
}

/// A code without what is misread, left out or put in: `spring-1o`, `SPRlNG 10` and `SPR1NG10` are
/// one word; none for what is no code.
#[must_use]
pub fn word(text: &str) -> Option<String> {
    let mut word = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter.to_ascii_uppercase() {
            ' ' | '-' => {}
            'O' => word.push('0'),
            'I' | 'L' => word.push('1'),
            plain if plain.is_ascii_alphanumeric() || plain == '_' => word.push(plain),
            other if other.is_alphanumeric() && !other.is_ascii() => word.push(other),
            _ => return None,
        }
    }
    let length = word.chars().count();
    (WORD_CHARS_MIN..=WORD_CHARS_MAX).contains(&length).then_some(word)
}
