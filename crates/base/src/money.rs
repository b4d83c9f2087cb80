//! Money in whole minor units, and points. No floating point comes near either.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Decimal, Error, Result};

/// An ISO 4217 currency by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The currencies in use (ISO 4217).
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND \
    BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF \
    DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD \
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW \
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR \
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN \
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED \
    VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

impl Currency {
    /// Renminbi.
    pub const CNY: Self = Self(*b"CNY");

    /// Digits after the point that amounts of this currency have (ISO 4217).
    #[must_use]
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// The country (ISO 3166-1 alpha-2) whose currency this is; none for one of several countries.
    /// ISO 4217 makes a code of the country's two letters and one more.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.code().get(..2).filter(|country| !country.starts_with('X') && *country != "EU")
    }

    /// An amount in minor units, rounded half away from zero.
    ///
    /// # Errors
    /// `bad_input` when it does not fit 64 bits.
    pub fn minor(self, amount: Decimal) -> Result<i64> {
        amount.to_scale(self.exponent())
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = CODES.split(' ').find(|known| known.eq_ignore_ascii_case(text));
        let code = known.and_then(|known| <[u8; 3]>::try_from(known.as_bytes()).ok());
        code.map(Self).ok_or_else(|| {
            Error::bad(format!("{text:?} is not the code of a currency"))
                .field("currency")
                .hint("use an ISO 4217 code such as CNY, USD or GBP")
        })
    }
}

impl TryFrom<String> for Currency {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units (cents, fen, pence); negative when owed the other way.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// `1,234.50 CNY`, with thousands and the currency's own number of decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let unit = 10_u64.pow(exponent);
        let size = self.minor.unsigned_abs();
        if self.minor < 0 {
            f.write_str("-")?;
        }
        f.write_str(&thousands(size / unit))?;
        if exponent > 0 {
            write!(f, ".{:0width$}", size % unit, width = exponent as usize)?;
        }
        write!(f, " {}", self.currency)
    }
}

/// A whole number with commas between groups of three digits.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Loyalty points, or any other counted unit that is not money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Points(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_currency_s_own_decimals() {
        let show = |minor, code: &str| Money { minor, currency: code.parse().unwrap() }.to_string();
        assert_eq!(show(123_456_789, "CNY"), "1,234,567.89 CNY");
        assert_eq!(show(-5, "GBP"), "-0.05 GBP");
        assert_eq!(show(1234, "jpy"), "1,234 JPY");
        assert_eq!(show(1234, "KWD"), "1.234 KWD");
    }

    #[test]
    fn refuses_what_is_no_currency() {
        assert!("人民币".parse::<Currency>().is_err());
        assert!("CN".parse::<Currency>().is_err());
    }
}
