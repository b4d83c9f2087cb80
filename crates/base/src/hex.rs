//! Bytes as text.

/// Two lower-case hexadecimal digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xF));
    }
    text
}

/// The bytes of hexadecimal digits, of either case; none where the text is something else.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|half| u8::try_from(half).ok());
    let byte = |&[high, low]: &[u8; 2]| Some(digit(high)? << 4 | digit(low)?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_become_the_bytes_that_they_were() {
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        assert_eq!(super::unhex(&super::hex(&bytes)), Some(bytes));
        assert_eq!(super::unhex("00AF"), Some(vec![0x00, 0xAF]));
        for wrong in ["0", "0g", "é0", "+1"] {
            assert_eq!(super::unhex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=u8::MAX {
            assert_eq!(super::hex(&[byte]), format!("{byte:02x}"));
        }
        assert_eq!(super::hex(&[0x00, 0xAF]), "00af");
    }
}
