//! Sentences in the two languages of the city, and how each writes numbers and times of day.

use serde::{Deserialize, Serialize};
use urbis_catalog::UtcOffset;
use urbis_model::Moment;
use urbis_network::Language;

/// One statement in both languages, without a full stop; `{"vi": ..., "en": ...}` in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Sentence {
    /// Asks for the sentence in each language.
    pub(crate) fn of(tell: impl Fn(Language) -> String) -> Self {
        Self { vi: tell(Language::Vi), en: tell(Language::En) }
    }

    /// It in one language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

/// The moment of an answer on the clock of the city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub now: Moment,
    pub offset: UtcOffset,
}

/// How a language says things.
pub(crate) trait Speech: Copy {
    /// The one of two texts that is in this language.
    fn choose<'a>(self, vi: &'a str, en: &'a str) -> &'a str;
    /// A number with one decimal at most: `0,4` in Vietnamese, `0.4` in English.
    fn decimal(self, number: f64) -> String;
    /// A depth of water to the centimetre, which is what vehicles' limits are compared with:
    /// `0,34 m`, `0,4 m`.
    fn depth(self, metres: f64) -> String;
    /// A length on the ground: tens of metres below a kilometre, tenths of kilometres above.
    fn length(self, metres: f64) -> String;
    /// A span of time: seconds below a minute, minutes and seconds below ten, then minutes.
    fn duration(self, seconds: f64) -> String;
    /// The time of day in the city, `14:05`; with the day where it is not today's:
    /// `14:05 ngày 21/11` in Vietnamese, `14:05 on 21 Nov` in English.
    fn time_of_day(self, at: Moment, clock: Clock) -> String;
}

impl Speech for Language {
    fn choose<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }

    fn decimal(self, number: f64) -> String {
        let text = format!("{:.1}", (number * 10.0).round() / 10.0);
        let text = text.strip_suffix(".0").unwrap_or(&text);
        text.replace('.', self.choose(",", "."))
    }

    fn depth(self, metres: f64) -> String {
        let text = format!("{metres:.2}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        format!("{} m", text.replace('.', self.choose(",", ".")))
    }

    fn length(self, metres: f64) -> String {
        const KILOMETRE_M: f64 = 1_000.0;
        const NEAR_M: f64 = 100.0;
        match metres {
            m if m < NEAR_M => format!("{m:.0} m"),
            m if (m / 10.0).round() * 10.0 < KILOMETRE_M => {
                format!("{:.0} m", (m / 10.0).round() * 10.0)
            }
            m => format!("{} km", self.decimal(m / KILOMETRE_M)),
        }
    }

    fn duration(self, seconds: f64) -> String {
        const MINUTE_S: u64 = 60;
        let whole = seconds.max(0.0).round() as u64;
        let (minutes, rest) = (whole / MINUTE_S, whole % MINUTE_S);
        let minute = self.choose("phút", "min");
        let second = self.choose("giây", "s");
        match minutes {
            0 => format!("{rest} {second}"),
            1..10 if rest > 0 => format!("{minutes} {minute} {rest} {second}"),
            1..10 => format!("{minutes} {minute}"),
            _ => format!("{} {minute}", (whole + MINUTE_S / 2) / MINUTE_S),
        }
    }

    fn time_of_day(self, at: Moment, clock: Clock) -> String {
        const MICROS: i64 = 1_000_000;
        let local = |moment: Moment| {
            let seconds = moment.0.div_euclid(MICROS) + i64::from(clock.offset.seconds());
            chrono::DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc())
        };
        let Some(time) = local(at) else { return "?".to_owned() };
        let is_today = local(clock.now).is_some_and(|now| now.date() == time.date());
        let form = match (is_today, self) {
            (true, _) => "%H:%M",
            (false, Self::Vi) => "%H:%M ngày %-d/%-m",
            (false, Self::En) => "%H:%M on %-d %b",
        };
        time.format(form).to_string()
    }
}

/// RFC 3339 in the city's time, to the second; what the fields of an answer hold beside sentences.
pub(crate) fn rfc3339(at: Moment, offset: UtcOffset) -> String {
    let zone = chrono::FixedOffset::east_opt(offset.seconds());
    let utc = chrono::DateTime::from_timestamp_micros(at.0);
    match (zone, utc) {
        (Some(zone), Some(utc)) => {
            utc.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn hanoi() -> UtcOffset {
        "+07:00".parse().expect("an offset")
    }

    #[test]
    fn vietnamese_writes_a_comma_and_english_a_point() {
        assert_eq!(Language::Vi.decimal(0.4), "0,4");
        assert_eq!(Language::En.decimal(0.44), "0.4");
        assert_eq!(Language::Vi.decimal(2.0), "2");
    }

    #[test]
    fn depths_are_said_to_the_centimetre() {
        let said = [0.04, 0.34, 0.4, 0.0, 1.0, 10.0, 1.256].map(|m| Language::Vi.depth(m));
        assert_eq!(said, ["0,04 m", "0,34 m", "0,4 m", "0 m", "1 m", "10 m", "1,26 m"]);
        assert_eq!(Language::En.depth(0.34), "0.34 m");
    }

    #[test]
    fn lengths_are_as_coarse_as_one_says_them() {
        let said = [7.4, 99.9, 404.0, 996.0, 2_340.0].map(|m| Language::Vi.length(m));
        assert_eq!(said, ["7 m", "100 m", "400 m", "1 km", "2,3 km"]);
    }

    #[test]
    fn durations_are_as_coarse_as_one_says_them() {
        let said = [8.0, 120.0, 130.2, 754.0].map(|s| Language::En.duration(s));
        assert_eq!(said, ["8 s", "2 min", "2 min 10 s", "13 min"]);
    }

    #[test]
    fn a_time_is_told_on_the_clock_of_the_city_and_with_its_day_where_it_is_not_today() {
        // 1970-01-01T07:05Z is 14:05 in Hanoi; 20 hours later is the day after there.
        let at = Moment(7 * HOUR + HOUR / 12);
        let clock = |now: i64| Clock { now: Moment(now), offset: hanoi() };
        assert_eq!(Language::Vi.time_of_day(at, clock(at.0 + HOUR)), "14:05");
        let later = clock(at.0 + 20 * HOUR);
        assert_eq!(Language::Vi.time_of_day(at, later), "14:05 ngày 1/1");
        assert_eq!(Language::En.time_of_day(at, later), "14:05 on 1 Jan");
        assert_eq!(rfc3339(at, hanoi()), "1970-01-01T14:05:00+07:00");
    }
}
