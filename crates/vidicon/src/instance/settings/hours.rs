//! Hours of the day as an administrator types them.

/// `22:00-06:30`, as minutes of the day in UTC.
pub fn read_hours(text: &str) -> Option<(i64, i64)> {
    let minutes = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        let two = |text: &str, below: i64| {
            let number: i64 = text.parse().ok()?;
            (text.len() == 2 && (0..below).contains(&number)).then_some(number)
        };
        Some(two(hours, 24)? * 60 + two(minutes, 60)?)
    };
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minutes(from)?, minutes(to)?);
    (from != to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "22",
            "22:00",
            "24:00-01:00",
            "1:00-2:00",
            "03:00-03:00",
            "03:60-04:00",
        ] {
            assert_eq!(read_hours(text), None, "{text}");
        }
        assert_eq!(read_hours("22:00 - 06:30"), Some((1320, 390)));
    }
}
