//! Microseconds since 1970, or since the beginning of a simulation, as a person reads them.

/// The time of day, in UTC or since the beginning of a day.
pub fn clock(micros: i64) -> String {
    let second = micros.div_euclid(1_000_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// Date and time of day with milliseconds; what is less than ten years counts as days since the beginning.
pub fn date(micros: i64) -> String {
    let (day, milli) = (micros.div_euclid(86_400_000_000), micros.div_euclid(1000).rem_euclid(1000));
    let time = format!("{}.{milli:03}", clock(micros));
    if day < 3650 {
        return format!("day {day} {time}");
    }
    // Days since 0000-03-01, in eras of 400 years (Howard Hinnant's algorithm).
    let days = day + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {time} UTC")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(951_782_400_000_000), "2000-02-29 00:00:00.000 UTC");
        assert_eq!(date(1_795_467_379_250_000), "2026-11-23 20:56:19.250 UTC");
        assert_eq!(date(90_061_000_000), "day 1 01:01:01.000");
    }
}
