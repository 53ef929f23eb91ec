//! What a road is called, and how its name stands in a sentence.

/// The first words of names that say what kind of road it is, in lower case: no `đường` stands
/// before them.
const KINDS: [&str; 26] = [
    "đường",
    "phố",
    "đại lộ",
    "quốc lộ",
    "tỉnh lộ",
    "hương lộ",
    "xa lộ",
    "cao tốc",
    "liên lộ",
    "kiệt",
    "hẻm",
    "ngõ",
    "ngách",
    "lối",
    "cầu",
    "hầm",
    "đèo",
    "phà",
    "bến",
    "nút giao",
    "vòng xuyến",
    "vòng xoay",
    "bùng binh",
    "quảng trường",
    "đê",
    "ngã",
];

/// A road as the roads layer describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Street {
    /// The name in Vietnamese, else the number of the road.
    pub(super) vi: Option<String>,
    /// The name in English, else that in Vietnamese, else the number of the road.
    pub(super) en: Option<String>,
    pub(super) is_roundabout: bool,
    pub(super) is_bridge: bool,
    pub(super) is_tunnel: bool,
    pub(super) is_ferry: bool,
}

/// A name in a Vietnamese sentence: `đường Trần Phú`, `cầu Rồng`, `kiệt 12 Ông Ích Khiêm`, `QL14B`.
pub(super) fn vietnamese(name: &str) -> String {
    let lower = name.to_lowercase();
    let starts_with = |kind: &&str| {
        let rest = lower.strip_prefix(*kind);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    if KINDS.iter().any(starts_with) {
        return lower_first(name);
    }
    if is_number(name) { name.to_owned() } else { format!("đường {name}") }
}

/// Says whether a name is said to be a bridge's.
pub(super) fn names_bridge(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.starts_with("cầu ") || lower.ends_with(" bridge")
}

/// Says whether a name is said to be a tunnel's.
pub(super) fn names_tunnel(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.starts_with("hầm ") || lower.ends_with(" tunnel")
}

/// `QL14B`, `ĐT.601`, `AH1`, `K12 Ông Ích Khiêm`: letters, then digits, in the first word.
fn is_number(name: &str) -> bool {
    let first = name.split_whitespace().next().unwrap_or_default();
    first.starts_with(char::is_alphabetic) && first.contains(|c: char| c.is_ascii_digit())
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_is_called_duong_unless_its_name_says_what_it_is() {
        for (name, expected) in [
            ("Nguyễn Văn Linh", "đường Nguyễn Văn Linh"),
            ("2 Tháng 9", "đường 2 Tháng 9"),
            ("Đường Số 5", "đường Số 5"),
            ("Cầu Rồng", "cầu Rồng"),
            ("Cầu", "cầu"),
            ("Cầu Rồng mới", "cầu Rồng mới"),
            ("Kiệt 12 Ông Ích Khiêm", "kiệt 12 Ông Ích Khiêm"),
            ("Quốc lộ 1A", "quốc lộ 1A"),
            ("QL14B", "QL14B"),
            ("ĐT.601", "ĐT.601"),
            ("K12 Ông Ích Khiêm", "K12 Ông Ích Khiêm"),
            // A person's name that only begins like a kind of road.
            ("Ngõa Long", "đường Ngõa Long"),
            ("Lê Duẩn", "đường Lê Duẩn"),
        ] {
            assert_eq!(vietnamese(name), expected);
        }
    }

    #[test]
    fn a_bridge_is_known_by_its_name_in_both_languages() {
        assert!(names_bridge("Cầu Rồng") && names_bridge("Dragon Bridge"));
        assert!(
            !names_bridge("Cầu") && !names_bridge("Cao Thắng") && !names_bridge("Bridge Street")
        );
    }
}
