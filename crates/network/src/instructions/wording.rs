//! The sentence for a manoeuvre, in Vietnamese and in English.
//!
//! Lengths are rounded as people say them; the numbers beside the sentence are exact.

use super::manoeuvre::{Heading, Manoeuvre, Sharpness, Side};
use super::street;

/// The language of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// What a sentence is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken<'a> {
    pub(super) manoeuvre: Manoeuvre,
    /// The road that is driven from here on, as the layer spells it in the language.
    pub(super) street: Option<&'a str>,
    /// Until the next manoeuvre.
    pub(super) length_mm: u64,
}

impl Language {
    /// The sentence for a manoeuvre.
    pub(super) fn say(self, spoken: Spoken<'_>) -> String {
        match self {
            Self::Vi => vietnamese(spoken),
            Self::En => english(spoken),
        }
    }
}

fn vietnamese(spoken: Spoken<'_>) -> String {
    let Spoken { manoeuvre, street, length_mm } = spoken;
    let is_bridge = street.is_some_and(street::names_bridge);
    let name = street.map(street::vietnamese);
    let with = |word: &str| phrase(word, name.as_deref());
    let onto = with(if is_bridge { "lên" } else { "vào" });
    let action = match manoeuvre {
        Manoeuvre::Arrive(side) => return arrive_vi(side).to_owned(),
        Manoeuvre::Depart(heading) => {
            format!("Xuất phát về hướng {}{}", heading_vi(heading), with("trên"))
        }
        Manoeuvre::Turn(side, sharpness) => format!("{}{onto}", turn_vi(side, sharpness)),
        Manoeuvre::Straight => format!("Tiếp tục đi thẳng{onto}"),
        Manoeuvre::Roundabout(Some(exit)) => {
            format!("Tại vòng xuyến, đi theo lối ra thứ {}{onto}", ordinal_vi(exit))
        }
        Manoeuvre::Roundabout(None) => "Đi vào vòng xuyến".to_owned(),
        Manoeuvre::UTurn => format!("Quay đầu xe{}", with("trên")),
        Manoeuvre::Bridge if is_bridge => format!("Đi thẳng{}", with("qua")),
        Manoeuvre::Bridge => format!("Đi thẳng qua cầu{}", with("trên")),
        Manoeuvre::Tunnel => match name.as_deref().filter(|name| name.starts_with("hầm")) {
            Some(tunnel) => format!("Đi thẳng qua {tunnel}"),
            None => format!("Đi thẳng qua hầm{}", with("trên")),
        },
        Manoeuvre::Ferry => match name.as_deref().filter(|name| name.starts_with("phà")) {
            Some(ferry) => format!("Lên {ferry}"),
            None => format!("Lên phà{}", phrase("tuyến", street)),
        },
    };
    format!("{action}, đi {}", length_vi(length_mm))
}

/// A word and a name after what was said; nothing where there is no name.
fn phrase(word: &str, name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(" {word} {name}"))
}

fn english(spoken: Spoken<'_>) -> String {
    let Spoken { manoeuvre, street, length_mm } = spoken;
    let with = |word: &str| phrase(word, street);
    let action = match manoeuvre {
        Manoeuvre::Arrive(side) => return arrive_en(side).to_owned(),
        Manoeuvre::Depart(heading) => format!("Head {}{}", heading_en(heading), with("on")),
        Manoeuvre::Turn(side, sharpness) => {
            format!("{}{}", turn_en(side, sharpness), with("onto"))
        }
        Manoeuvre::Straight => format!("Continue straight{}", with("onto")),
        Manoeuvre::Roundabout(Some(exit)) => {
            format!("At the roundabout, take the {} exit{}", ordinal_en(exit), with("onto"))
        }
        Manoeuvre::Roundabout(None) => "Enter the roundabout".to_owned(),
        Manoeuvre::UTurn => format!("Make a U-turn{}", with("on")),
        Manoeuvre::Bridge => match street.filter(|name| street::names_bridge(name)) {
            Some(name) => format!("Cross {name}"),
            None => format!("Cross the bridge{}", with("on")),
        },
        Manoeuvre::Tunnel => match street.filter(|name| street::names_tunnel(name)) {
            Some(name) => format!("Go through {name}"),
            None => format!("Go through the tunnel{}", with("on")),
        },
        Manoeuvre::Ferry => street
            .map_or_else(|| "Take the ferry".to_owned(), |name| format!("Take the ferry {name}")),
    };
    let joint = match manoeuvre {
        Manoeuvre::Depart(_) | Manoeuvre::Straight | Manoeuvre::Ferry => " for",
        Manoeuvre::Bridge | Manoeuvre::Tunnel => ",",
        _ => " and continue for",
    };
    format!("{action}{joint} {}", length_en(length_mm))
}

const fn turn_vi(side: Side, sharpness: Sharpness) -> &'static str {
    match (side, sharpness) {
        (Side::Left, Sharpness::Slight) => "Chếch sang trái",
        (Side::Left, Sharpness::Plain) => "Rẽ trái",
        (Side::Left, Sharpness::Sharp) => "Rẽ ngoặt sang trái",
        (Side::Right, Sharpness::Slight) => "Chếch sang phải",
        (Side::Right, Sharpness::Plain) => "Rẽ phải",
        (Side::Right, Sharpness::Sharp) => "Rẽ ngoặt sang phải",
    }
}

const fn turn_en(side: Side, sharpness: Sharpness) -> &'static str {
    match (side, sharpness) {
        (Side::Left, Sharpness::Slight) => "Bear left",
        (Side::Left, Sharpness::Plain) => "Turn left",
        (Side::Left, Sharpness::Sharp) => "Turn sharp left",
        (Side::Right, Sharpness::Slight) => "Bear right",
        (Side::Right, Sharpness::Plain) => "Turn right",
        (Side::Right, Sharpness::Sharp) => "Turn sharp right",
    }
}

const fn arrive_vi(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "Đến nơi, điểm đến ở bên trái",
        Some(Side::Right) => "Đến nơi, điểm đến ở bên phải",
        None => "Đến nơi",
    }
}

const fn arrive_en(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "You have arrived, your destination is on the left",
        Some(Side::Right) => "You have arrived, your destination is on the right",
        None => "You have arrived",
    }
}

const fn heading_vi(heading: Heading) -> &'static str {
    match heading {
        Heading::North => "bắc",
        Heading::NorthEast => "đông bắc",
        Heading::East => "đông",
        Heading::SouthEast => "đông nam",
        Heading::South => "nam",
        Heading::SouthWest => "tây nam",
        Heading::West => "tây",
        Heading::NorthWest => "tây bắc",
    }
}

const fn heading_en(heading: Heading) -> &'static str {
    match heading {
        Heading::North => "north",
        Heading::NorthEast => "north-east",
        Heading::East => "east",
        Heading::SouthEast => "south-east",
        Heading::South => "south",
        Heading::SouthWest => "south-west",
        Heading::West => "west",
        Heading::NorthWest => "north-west",
    }
}

fn ordinal_vi(exit: u8) -> String {
    const WORDS: [&str; 10] =
        ["nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    let word = usize::from(exit).checked_sub(1).and_then(|index| WORDS.get(index));
    word.map_or_else(|| exit.to_string(), |word| (*word).to_owned())
}

fn ordinal_en(exit: u8) -> String {
    let ending = match (exit % 10, exit % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{exit}{ending}")
}

fn length_vi(length_mm: u64) -> String {
    length_en(length_mm).replace('.', ",")
}

/// To 5 m below 100 m, to 10 m below 1 km, to 100 m below 10 km, then to 1 km.
fn length_en(length_mm: u64) -> String {
    let metres = |step: u64| (length_mm + step * 500) / (step * 1000) * step;
    match length_mm {
        0..97_500 => format!("{} m", metres(5).max(5)),
        97_500..995_000 => format!("{} m", metres(10)),
        995_000..9_950_000 => {
            let hundreds = metres(100) / 100;
            let (whole, tenth) = (hundreds / 10, hundreds % 10);
            if tenth == 0 { format!("{whole} km") } else { format!("{whole}.{tenth} km") }
        }
        9_950_000.. => format!("{} km", metres(1000) / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(manoeuvre: Manoeuvre, street: Option<&str>, length_mm: u64) -> [String; 2] {
        let spoken = Spoken { manoeuvre, street, length_mm };
        [Language::Vi.say(spoken), Language::En.say(spoken)]
    }

    #[test]
    fn every_manoeuvre_reads_as_a_native_would_say_it() {
        let linh = Some("Nguyễn Văn Linh");
        let turn = Manoeuvre::Turn;
        for (manoeuvre, street, vi, en) in [
            (
                turn(Side::Right, Sharpness::Plain),
                linh,
                "Rẽ phải vào đường Nguyễn Văn Linh, đi 350 m",
                "Turn right onto Nguyễn Văn Linh and continue for 350 m",
            ),
            (
                turn(Side::Left, Sharpness::Plain),
                None,
                "Rẽ trái, đi 350 m",
                "Turn left and continue for 350 m",
            ),
            (
                turn(Side::Left, Sharpness::Slight),
                linh,
                "Chếch sang trái vào đường Nguyễn Văn Linh, đi 350 m",
                "Bear left onto Nguyễn Văn Linh and continue for 350 m",
            ),
            (
                turn(Side::Right, Sharpness::Slight),
                Some("Kiệt 12 Ông Ích Khiêm"),
                "Chếch sang phải vào kiệt 12 Ông Ích Khiêm, đi 350 m",
                "Bear right onto Kiệt 12 Ông Ích Khiêm and continue for 350 m",
            ),
            (
                turn(Side::Left, Sharpness::Sharp),
                Some("QL14B"),
                "Rẽ ngoặt sang trái vào QL14B, đi 350 m",
                "Turn sharp left onto QL14B and continue for 350 m",
            ),
            (
                turn(Side::Right, Sharpness::Sharp),
                linh,
                "Rẽ ngoặt sang phải vào đường Nguyễn Văn Linh, đi 350 m",
                "Turn sharp right onto Nguyễn Văn Linh and continue for 350 m",
            ),
            (
                turn(Side::Right, Sharpness::Plain),
                Some("Cầu Rồng"),
                "Rẽ phải lên cầu Rồng, đi 350 m",
                "Turn right onto Cầu Rồng and continue for 350 m",
            ),
            (
                Manoeuvre::Depart(Heading::NorthEast),
                linh,
                "Xuất phát về hướng đông bắc trên đường Nguyễn Văn Linh, đi 350 m",
                "Head north-east on Nguyễn Văn Linh for 350 m",
            ),
            (
                Manoeuvre::Straight,
                linh,
                "Tiếp tục đi thẳng vào đường Nguyễn Văn Linh, đi 350 m",
                "Continue straight onto Nguyễn Văn Linh for 350 m",
            ),
            (
                Manoeuvre::Roundabout(Some(2)),
                linh,
                "Tại vòng xuyến, đi theo lối ra thứ hai vào đường Nguyễn Văn Linh, đi 350 m",
                "At the roundabout, take the 2nd exit onto Nguyễn Văn Linh and continue for 350 m",
            ),
            (
                Manoeuvre::Roundabout(Some(1)),
                None,
                "Tại vòng xuyến, đi theo lối ra thứ nhất, đi 350 m",
                "At the roundabout, take the 1st exit and continue for 350 m",
            ),
            (
                Manoeuvre::Roundabout(None),
                linh,
                "Đi vào vòng xuyến, đi 350 m",
                "Enter the roundabout and continue for 350 m",
            ),
            (
                Manoeuvre::UTurn,
                linh,
                "Quay đầu xe trên đường Nguyễn Văn Linh, đi 350 m",
                "Make a U-turn on Nguyễn Văn Linh and continue for 350 m",
            ),
            (
                Manoeuvre::Bridge,
                Some("Cầu Sông Hàn"),
                "Đi thẳng qua cầu Sông Hàn, đi 350 m",
                "Cross Cầu Sông Hàn, 350 m",
            ),
            (
                Manoeuvre::Bridge,
                linh,
                "Đi thẳng qua cầu trên đường Nguyễn Văn Linh, đi 350 m",
                "Cross the bridge on Nguyễn Văn Linh, 350 m",
            ),
            (Manoeuvre::Bridge, None, "Đi thẳng qua cầu, đi 350 m", "Cross the bridge, 350 m"),
            (
                Manoeuvre::Tunnel,
                Some("Hầm Hải Vân"),
                "Đi thẳng qua hầm Hải Vân, đi 350 m",
                "Go through Hầm Hải Vân, 350 m",
            ),
            (
                Manoeuvre::Tunnel,
                linh,
                "Đi thẳng qua hầm trên đường Nguyễn Văn Linh, đi 350 m",
                "Go through the tunnel on Nguyễn Văn Linh, 350 m",
            ),
            (
                Manoeuvre::Ferry,
                Some("Tiên Sa - Cù Lao Chàm"),
                "Lên phà tuyến Tiên Sa - Cù Lao Chàm, đi 350 m",
                "Take the ferry Tiên Sa - Cù Lao Chàm for 350 m",
            ),
            (
                Manoeuvre::Ferry,
                Some("Phà Sơn Trà"),
                "Lên phà Sơn Trà, đi 350 m",
                "Take the ferry Phà Sơn Trà for 350 m",
            ),
            (Manoeuvre::Ferry, None, "Lên phà, đi 350 m", "Take the ferry for 350 m"),
            (Manoeuvre::Arrive(None), None, "Đến nơi", "You have arrived"),
            (
                Manoeuvre::Arrive(Some(Side::Left)),
                None,
                "Đến nơi, điểm đến ở bên trái",
                "You have arrived, your destination is on the left",
            ),
            (
                Manoeuvre::Arrive(Some(Side::Right)),
                None,
                "Đến nơi, điểm đến ở bên phải",
                "You have arrived, your destination is on the right",
            ),
        ] {
            assert_eq!(say(manoeuvre, street, 352_000), [vi, en]);
        }
    }

    #[test]
    fn lengths_are_rounded_as_people_say_them() {
        for (length_mm, vi) in [
            (0, "5 m"),
            (12_400, "10 m"),
            (12_500, "15 m"),
            (97_499, "95 m"),
            (97_500, "100 m"),
            (354_999, "350 m"),
            (994_999, "990 m"),
            (995_000, "1 km"),
            (1_249_999, "1,2 km"),
            (1_250_000, "1,3 km"),
            (9_949_999, "9,9 km"),
            (9_950_000, "10 km"),
            (12_500_000, "13 km"),
        ] {
            assert_eq!(length_vi(length_mm), vi, "{length_mm}");
            assert_eq!(length_en(length_mm), vi.replace(',', "."), "{length_mm}");
        }
    }

    #[test]
    fn exits_are_counted_in_words_in_vietnamese_and_in_numbers_in_english() {
        for (exit, vi, en) in [
            (3, "ba", "3rd"),
            (4, "tư", "4th"),
            (10, "mười", "10th"),
            (11, "11", "11th"),
            (12, "12", "12th"),
            (21, "21", "21st"),
            (112, "112", "112th"),
        ] {
            assert_eq!((ordinal_vi(exit).as_str(), ordinal_en(exit).as_str()), (vi, en));
        }
    }
}
