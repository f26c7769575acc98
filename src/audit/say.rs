//! Times in words.

use crate::capture::Micros;
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
