//! Names of columns where a name has ten characters at most: those of a dBASE table.

/// Longest name, bytes. The format keeps eleven, the last of which is zero.
const MAX_LEN: usize = 10;

/// Short names for long ones, each different from all others whatever the case of its letters.
///
/// A name that fits is kept. One that does not is cut, and where that is taken already, cut more and
/// numbered: `height_above_ground`, `height_above_sea` are `height_abo`, `height_a_1`.
pub(crate) fn short_names(names: &[&str]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::with_capacity(names.len());
    // Whole names first: none of them gives way to a cut one.
    let whole: Vec<&str> = names.iter().copied().filter(|name| fits(name)).collect();
    for name in names {
        let is_free = |short: &str, taken: &[String]| {
            let is_same = |other: &str| other.eq_ignore_ascii_case(short);
            !taken.iter().any(|other| is_same(other)) && !whole.iter().any(|other| is_same(other))
        };
        if fits(name) && !taken.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            taken.push((*name).to_owned());
            continue;
        }
        let numbered = (0_u32..).map(|number| {
            let ending = if number == 0 { String::new() } else { format!("_{number}") };
            format!("{}{ending}", cut(name, MAX_LEN - ending.len()))
        });
        let short = numbered.into_iter().find(|short| is_free(short, &taken));
        taken.extend(short);
    }
    taken
}

fn fits(name: &str) -> bool {
    name.len() <= MAX_LEN
}

/// The start of a text, no longer than so many bytes, ending between two letters.
pub(crate) fn cut(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_short_and_different() {
        let names = ["feature_id", "name", "height_above_ground", "height_above_sea", "height_abo"];
        let expected = ["feature_id", "name", "height_a_1", "height_a_2", "height_abo"];
        assert_eq!(short_names(&names), expected);
        let many: Vec<String> = (0..120).map(|n| format!("an_attribute_number_{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let mut short = short_names(&many);
        assert!(short.iter().all(|name| name.len() <= MAX_LEN));
        short.sort();
        short.dedup();
        assert_eq!(short.len(), 120);
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(cut("Đường", 1), "");
        assert_eq!(cut("Đường", 2), "Đ");
        assert_eq!(cut("Đường", 4), "Đư");
        assert_eq!(cut("ab", 5), "ab");
    }
}
