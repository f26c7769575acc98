//! Times in words.

use crate::capture::Micros;
use crate::refusals::Tally;
use crate::states::SECOND;

/// A length of time, in seconds with one decimal.
pub(crate) fn span(length: Micros) -> String {
    let tenths = length.unsigned_abs().div_ceil(100_000);
    let sign = if length < 0 { "-" } else { "" };
    if length >= Micros::MAX / 8 { "for ever".to_owned() } else { format!("{sign}{}.{} s", tenths / 10, tenths % 10) }
}

/// An instant, from another one.
pub(crate) fn after(instant: Micros, from: Micros) -> String {
    match instant.saturating_sub(from) {
        later if later >= Micros::MAX / 8 => "for ever".to_owned(),
        later if later < 0 => format!("{} ago", span(-later)),
        later => format!("in {}", span(later)),
    }
}

/// An instant that is known to the millisecond, from another one; with all digits where they matter.
pub(crate) fn after_exactly(instant: Micros, from: Micros) -> String {
    match instant.saturating_sub(from) {
        later if later < 2 * SECOND => format!("in {}", exact(later)),
        _ => after(instant, from),
    }
}

/// A lease time.
pub(crate) fn lease(seconds: u32) -> String {
    if seconds == u32::MAX { "ever".to_owned() } else { format!("{seconds} s") }
}

/// Time of day in UTC with milliseconds: what Wireshark shows as UTC time of day.
pub(crate) fn clock(at: Micros) -> String {
    let of_day = (at / SECOND).rem_euclid(86_400);
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", at.rem_euclid(SECOND) / 1000)
}

/// Seconds since 1970 with six decimals.
pub(crate) fn epoch(at: Micros) -> String {
    format!("{}.{:06}", at / SECOND, at.rem_euclid(SECOND))
}

/// A short length of time: seconds with three decimals, rounded up.
pub(crate) fn exact(length: Micros) -> String {
    let milliseconds = length.unsigned_abs().div_ceil(1_000);
    format!("{}.{:03} s", milliseconds / 1000, milliseconds % 1000)
}

/// How often, and from when to when.
pub(crate) fn often(tally: &Tally) -> String {
    match tally.count {
        1 => format!("once, at {}", clock(tally.first.0)),
        count => format!(
            "{count} times in {}, from {} to {}",
            span(tally.length()),
            clock(tally.first.0),
            clock(tally.last.0)
        ),
    }
}

/// By how much a clock differs from another one, in seconds: it is behind where that is positive.
pub(crate) fn behind(least: i64, most: i64) -> String {
    match (least, most) {
        _ if least == most && least < 0 => format!("{} s ahead of", -least),
        _ if least == most => format!("{least} s behind"),
        _ if least >= 0 => format!("{least} to {most} s behind"),
        _ if most <= 0 => format!("{} to {} s ahead of", -most, -least),
        _ => format!("between {} s ahead of and {most} s behind", -least),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_ahead_or_behind() {
        let said = [(70, 70), (-70, -70), (3, 9), (-9, -3), (-2, 5)].map(|(least, most)| behind(least, most));
        let expected = [
            "70 s behind",
            "70 s ahead of",
            "3 to 9 s behind",
            "3 to 9 s ahead of",
            "between 2 s ahead of and 5 s behind",
        ];
        assert_eq!(said, expected);
    }
}
