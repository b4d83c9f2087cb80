//! Decimal numbers as shops write them, exactly.
//!
//! Amounts never pass through floating point: text becomes a [`Decimal`], products of decimals
//! are exact, and the one rounding to a currency's minor unit is [`Decimal::to_scale`].

use crate::{Error, Result};

/// Digits after the point that a decimal may have.
pub const SCALE_MAX: u32 = 12;
/// Digits that a decimal may have in all; keeps every product within 128 bits.
pub const DIGITS_MAX: usize = 18;

/// `units × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// The digits as a whole number.
    pub units: i128,
    /// How many of them stand after the point.
    pub scale: u32,
}

impl Decimal {
    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Self { units: i128::from(value), scale: 0 }
    }

    /// Reads plain decimal text: optional sign, digits, optional point and digits. Thousands
    /// separators, currency signs and exponents are not read here.
    ///
    /// # Errors
    /// `bad_input` when the text is not such a number or has more than [`DIGITS_MAX`] digits.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::bad(format!("{text:?} is not a number"));
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (mut units, mut scale, mut point, mut count) = (0_i128, 0_u32, false, 0_usize);
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    units = units * 10 + i128::from(byte - b'0');
                    count += usize::from(units != 0);
                    scale += u32::from(point);
                }
                b'.' if !point => point = true,
                _ => return Err(wrong()),
            }
            if count > DIGITS_MAX || scale > SCALE_MAX {
                return Err(Error::bad(format!("{text:?} has too many digits")));
            }
        }
        if digits.is_empty() || (point && digits.len() == 1) {
            return Err(wrong());
        }
        Ok(Self { units: if negative { -units } else { units }, scale })
    }

    /// The exact product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self { units: self.units * other.units, scale: self.scale + other.scale }
    }

    /// The number times `10^scale`, rounded half away from zero.
    ///
    /// # Errors
    /// `bad_input` when the result does not fit 64 bits.
    pub fn to_scale(self, scale: u32) -> Result<i64> {
        let too_large = || Error::bad("the amount is too large");
        let units = if scale >= self.scale {
            self.units.checked_mul(10_i128.pow(scale - self.scale)).ok_or_else(too_large)?
        } else {
            let divisor = 10_i128.pow(self.scale - scale);
            (self.units + self.units.signum() * divisor / 2) / divisor
        };
        i64::try_from(units).map_err(|_| too_large())
    }

    /// The number as a whole one.
    ///
    /// # Errors
    /// `bad_input` when it has a fraction or does not fit 64 bits.
    pub fn to_whole(self) -> Result<i64> {
        let divisor = 10_i128.pow(self.scale);
        if self.units % divisor != 0 {
            return Err(Error::bad("is not a whole number"));
        }
        i64::try_from(self.units / divisor).map_err(|_| Error::bad("is too large"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_away_from_zero_once() {
        for (text, cents) in [
            ("2.55", 255),
            ("0.125", 13),
            ("-0.125", -13),
            ("0.124999", 12),
            ("-11062.06", -1_106_206),
            ("5", 500),
            (".5", 50),
            ("5.", 500),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_scale(2).unwrap(), cents, "{text}");
        }
    }

    #[test]
    fn multiplies_exactly() {
        let line = Decimal::parse("0.035").unwrap().times(Decimal::whole(-30));
        assert_eq!(line.to_scale(2).unwrap(), -105);
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", ".", "1.2.3", "一百元", "1e5", "1,000", "12345678901234567890"] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
        assert!(Decimal::parse("1.5").unwrap().to_whole().is_err());
        assert_eq!(Decimal::parse("17850.0").unwrap().to_whole().unwrap(), 17850);
    }
}
