//! The header that makes a download of an answer.

/// Both spellings of the name: old programs read the first, all others the second.
pub(super) fn attachment(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_. ()[]".contains(c) {
            c
        } else {
            '_'
        }
    };
    let ascii: String = name.chars().map(plain).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_download_name_cannot_break_out_of_its_header() {
        let header = attachment("Übung \"1\"\r\nX: y.mp4");
        assert!(header.starts_with("attachment; filename=\"_bung _1___X_ y.mp4\"; "));
        assert!(header.ends_with("filename*=UTF-8''%C3%9Cbung%20%221%22%0D%0AX%3A%20y.mp4"));
    }
}
