//! Plurals, grouping of figures and units, as each of our languages does them.

/// The plural category of a whole number (CLDR).
pub fn plural(language: &str, number: u64) -> &'static str {
    match (language, number) {
        ("ar", 0) => "zero",
        ("ar", 2) => "two",
        ("ar", n) if (3..=10).contains(&(n % 100)) => "few",
        ("ar", n) if n != 1 && (11..=99).contains(&(n % 100)) => "many",
        ("fr", 0) | (_, 1) => "one",
        _ => "other",
    }
}

/// A whole number with the separator of the language.
pub fn grouped(language: &str, number: u64) -> String {
    let digits = number.to_string();
    let separator = match language {
        "fr" => '\u{202f}',
        "de" => '.',
        // Spanish leaves four figures together.
        "es" if digits.len() <= 4 => return digits,
        "es" => '\u{a0}',
        _ => ',',
    };
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// The message that carries the unit, and the figure for it: `4.2` of `size-gb`.
pub fn size(language: &str, bytes: i64) -> (&'static str, String) {
    const UNITS: [(&str, i64); 4] = [
        ("size-tb", 1_000_000_000_000),
        ("size-gb", 1_000_000_000),
        ("size-mb", 1_000_000),
        ("size-kb", 1_000),
    ];
    let bytes = bytes.max(0);
    let Some((key, unit)) = UNITS.iter().find(|(_, unit)| bytes >= *unit) else {
        return ("size-b", bytes.to_string());
    };
    let tenths = (bytes.saturating_mul(10) + unit / 2) / unit;
    let text = if tenths < 100 && tenths % 10 != 0 {
        let point = if matches!(language, "fr" | "de" | "es") {
            ','
        } else {
            '.'
        };
        format!("{}{point}{}", tenths / 10, tenths % 10)
    } else {
        ((tenths + 5) / 10).to_string()
    };
    (key, text)
}

/// Year, month and day of a time, in UTC.
pub fn day(at: base::clock::Millis) -> Option<(i32, u8, u8)> {
    let time = time::OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).ok()?;
    Some((time.year(), u8::from(time.month()), time.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals() {
        let arabic = [0, 1, 2, 3, 10, 11, 99, 100, 103].map(|n| plural("ar", n));
        assert_eq!(
            arabic,
            [
                "zero", "one", "two", "few", "few", "many", "many", "other", "few"
            ]
        );
        assert_eq!(
            (plural("fr", 0), plural("de", 0), plural("en", 1)),
            ("one", "other", "one")
        );
    }

    #[test]
    fn figures() {
        assert_eq!(grouped("en", 1_234_567), "1,234,567");
        assert_eq!(grouped("es", 1234), "1234");
        assert_eq!(size("en", 999), ("size-b", "999".into()));
        assert_eq!(size("de", 4_200_000_000), ("size-gb", "4,2".into()));
        assert_eq!(size("en", 64_000_000), ("size-mb", "64".into()));
    }
}
