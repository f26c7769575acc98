//! Lengths of time and instants of a play: seconds, exact, with one text form that parses back.

use std::fmt;
use std::str::FromStr;

/// A length of time, or an instant counted from the beginning: whole seconds and a fraction of one.
///
/// Text: `90`, `90s`, `30m`, `1h`, `3d`, `4d12h`, `1h0m1s`, and with a fraction `4350+1/3` or `1h+1/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    seconds: u32,
    numerator: u32,
    denominator: u32,
}

/// What [`Length`] accepts, for error messages.
pub const ACCEPTED: &str = "a length of time such as 90, 90s, 30m, 1h, 3d or 4d12h";

/// Parts of a second that are accepted at most.
pub const FINEST: u32 = 10_000;

/// Units with their letters, greatest first.
const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Length {
    /// No time at all.
    pub const ZERO: Length = Length::seconds(0);

    /// Whole seconds.
    pub const fn seconds(seconds: u32) -> Length {
        Length { seconds, numerator: 0, denominator: 1 }
    }

    /// So many parts of a second each of which is the `per_second`th part; None if it is too long or too fine.
    pub fn parts(parts: u64, per_second: u32) -> Option<Length> {
        if per_second == 0 || per_second > FINEST {
            return None;
        }
        let seconds = u32::try_from(parts / u64::from(per_second)).ok()?;
        let rest = (parts % u64::from(per_second)) as u32;
        let shared = gcd(rest, per_second);
        Some(Length { seconds, numerator: rest / shared, denominator: per_second / shared })
    }

    /// The nearest length whose denominator is at most [`FINEST`] and as small as a thousandth of a part allows.
    pub fn nearest(seconds: f64) -> Option<Length> {
        let close = |&denominator: &u32| {
            let parts = seconds * f64::from(denominator);
            (parts - parts.round()).abs() < 1e-3
        };
        let per_second = (1..=FINEST).find(close).unwrap_or(FINEST);
        let parts = (seconds * f64::from(per_second)).round();
        (0.0..9e15).contains(&parts).then(|| Length::parts(parts as u64, per_second)).flatten()
    }

    /// The whole seconds.
    pub const fn whole(&self) -> u32 {
        self.seconds
    }

    /// Into how many parts a second has to be cut for this length.
    pub const fn denominator(&self) -> u32 {
        self.denominator
    }

    /// In parts of a second; None where `per_second` is too coarse, or the number too great.
    pub fn in_parts(&self, per_second: u32) -> Option<u32> {
        if !per_second.is_multiple_of(self.denominator) {
            return None;
        }
        let fraction = self.numerator * (per_second / self.denominator);
        self.seconds.checked_mul(per_second)?.checked_add(fraction)
    }

    /// `h:mm:ss`, or `d+h:mm:ss` from a day on; a fraction follows as ` n/d`.
    pub fn as_clock(&self) -> String {
        let (days, rest) = (self.seconds / 86_400, self.seconds % 86_400);
        let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
        let mut text = format!("{hours}:{minutes:02}:{seconds:02}");
        if days > 0 {
            text = format!("{days}+{text}");
        }
        if self.numerator > 0 {
            text += &format!(" {}/{}", self.numerator, self.denominator);
        }
        text
    }
}

/// The greatest number that divides both; at least 1.
pub fn gcd(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.seconds;
        for (letter, size) in UNITS {
            let count = rest / size;
            rest %= size;
            if count > 0 {
                write!(f, "{count}{letter}")?;
            }
        }
        if self.seconds == 0 {
            f.write_str("0s")?;
        }
        match self.numerator {
            0 => Ok(()),
            numerator => write!(f, "+{numerator}/{}", self.denominator),
        }
    }
}

/// The text is no [`Length`]; what would be is [`ACCEPTED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLength;

impl FromStr for Length {
    type Err = NoLength;

    fn from_str(text: &str) -> Result<Length, NoLength> {
        let (whole, fraction) = match text.split_once('+') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let seconds = whole_seconds(whole).ok_or(NoLength)?;
        let Some(fraction) = fraction else { return Ok(Length::seconds(seconds)) };
        let (numerator, denominator) = fraction.split_once('/').ok_or(NoLength)?;
        let (numerator, denominator) = (number(numerator).ok_or(NoLength)?, number(denominator).ok_or(NoLength)?);
        if numerator >= denominator {
            return Err(NoLength);
        }
        let parts = u64::from(seconds) * u64::from(denominator) + u64::from(numerator);
        Length::parts(parts, denominator).ok_or(NoLength)
    }
}

/// Digits alone: no sign, no blank.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// `90`, or counts with letters of falling size.
fn whole_seconds(text: &str) -> Option<u32> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let (mut rest, mut total, mut units) = (text, 0_u32, UNITS.iter());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let letter = rest[end..].chars().next()?;
        let (_, size) = units.find(|(unit, _)| *unit == letter)?;
        total = total.checked_add(number(&rest[..end])?.checked_mul(*size)?)?;
        rest = &rest[end + letter.len_utf8()..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        let cases = [
            ("90", 90, "1m30s"),
            ("90s", 90, "1m30s"),
            ("30m", 1_800, "30m"),
            ("1h", 3_600, "1h"),
            ("3d", 259_200, "3d"),
            ("4d12h", 388_800, "4d12h"),
            ("1h0m1s", 3_601, "1h1s"),
            ("0", 0, "0s"),
        ];
        for (text, seconds, canonical) in cases {
            let length: Length = text.parse().unwrap();
            assert_eq!((length.whole(), length.to_string().as_str()), (seconds, canonical), "{text}");
            assert_eq!(canonical.parse(), Ok(length));
        }
        let third: Length = "1h+2/6".parse().unwrap();
        assert_eq!((third.to_string().as_str(), third.in_parts(6)), ("1h+1/3", Some(21_602)));
        assert_eq!(third.in_parts(2), None);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "h", "1", "-1", "1h2h", "1s1h", "1w", " 1", "1h+", "1h+3/2", "1h+1/0", "9999999d", "1.5"] {
            assert_eq!(text.parse::<Length>().is_ok(), text == "1", "{text:?}");
        }
    }

    #[test]
    fn clock_form() {
        let clock = |seconds| Length::seconds(seconds).as_clock();
        assert_eq!([clock(0), clock(3_661), clock(86_400)], ["0:00:00", "1:01:01", "1+0:00:00"]);
        assert_eq!(Length::nearest(4_350.0 + 1.0 / 3.0).unwrap().as_clock(), "1:12:30 1/3");
    }
}
