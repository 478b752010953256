//! Chapters out of a description: lines that begin with a time.

/// A chapter's start in seconds and its title.
pub type Chapter = (i64, String);

const LONGEST_TITLE: usize = 100;

/// The first unbroken run of lines that begin with a time, if there are two or more.
pub fn from_description(description: &str) -> Vec<Chapter> {
    let mut run: Vec<Chapter> = Vec::new();
    for line in description.lines() {
        match chapter(line) {
            Some(chapter) if run.iter().all(|(at, _)| *at != chapter.0) => run.push(chapter),
            _ if run.len() >= 2 => break,
            _ => run.clear(),
        }
    }
    if run.len() < 2 {
        run.clear();
    }
    run.sort_by_key(|(at, _)| *at);
    run
}

fn chapter(line: &str) -> Option<Chapter> {
    let line = line.trim_start_matches([' ', '\t', '-', '*', '(', '[']);
    let end = line
        .find(|c: char| !c.is_ascii_digit() && c != ':')
        .unwrap_or(line.len());
    let (time, title) = line.split_at_checked(end)?;
    let at = seconds(time)?;
    let title = title
        .trim_start_matches([' ', '\t', '-', ')', ']', ':', '–', '—', '|'])
        .trim();
    (!title.is_empty()).then(|| (at, title.chars().take(LONGEST_TITLE).collect()))
}

/// `1:02:03` or `02:03`.
fn seconds(time: &str) -> Option<i64> {
    let parts: Vec<i64> = time
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [minutes, seconds] if *seconds < 60 => minutes.checked_mul(60)?.checked_add(*seconds),
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => {
            hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::from_description;

    #[test]
    fn the_first_run_of_times_makes_chapters() {
        let text = "Hello\n00:00 Start\n1:05 - Middle\n(1:00:00) The end\nBye\n2:00 not this";
        let wanted = [(0, "Start"), (65, "Middle"), (3600, "The end")];
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(at, title)| (*at, (*title).to_owned()))
            .collect();
        assert_eq!(from_description(text), wanted);
    }

    #[test]
    fn one_time_is_no_list_and_nonsense_is_left_alone() {
        assert!(from_description("00:00 Start").is_empty());
        assert!(from_description("1:99 a\n2:75 b").is_empty());
        assert!(from_description("0:00\n0:10").is_empty());
        assert!(from_description("").is_empty());
    }
}
