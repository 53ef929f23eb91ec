//! Reasons in words: "gần hơn 400 m, nhưng Hàm Nghi ngập 0,4 m từ 14:05".

use urbis_catalog::Title;

use super::Reason;
use crate::candidates::{Beyond, ConditionSummary, EffectSummary};
use crate::language::{Clock, Speech};
use crate::{Language, Sentence};

/// Conditions that a sentence names; the others it counts.
const NAMED: usize = 2;

/// What a sentence knows beside the reason.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling<'a> {
    /// The moment of the answer.
    pub clock: Clock,
    /// How much nearer by line the unit is than the first one; not positive: it is not nearer.
    pub nearer_m: Option<f64>,
    /// What the unit's vehicle is called.
    pub vehicle: &'a Title,
    /// Of one that is later than all that were looked at.
    pub beyond: Option<Beyond>,
}

impl Reason {
    /// The reason in both languages.
    pub(crate) fn sentence(&self, telling: &Telling<'_>) -> Sentence {
        Sentence::of(|language| self.tell(telling, language))
    }

    fn tell(&self, telling: &Telling<'_>, language: Language) -> String {
        /// Less is within what a position is worth.
        const WORTH_SAYING_M: f64 = 5.0;
        let cause = self.cause(telling, language);
        match telling.nearer_m.filter(|nearer| *nearer >= WORTH_SAYING_M) {
            None => cause,
            Some(nearer) => {
                let nearer = language.length(nearer);
                match language {
                    Language::Vi => format!("gần hơn {nearer}, nhưng {cause}"),
                    Language::En => format!("{nearer} nearer, but {cause}"),
                }
            }
        }
    }

    fn cause(&self, telling: &Telling<'_>, language: Language) -> String {
        match self {
            Self::Unavailable { status, .. } => status_in_words(status, language).to_owned(),
            Self::OtherService { agency, .. } => {
                format!("{} {agency}", language.choose("thuộc", "it belongs to"))
            }
            Self::OtherProfile { .. } => match language {
                Language::Vi => format!("là {}", telling.vehicle.vi.to_lowercase()),
                Language::En => format!("it is of another kind: {}", telling.vehicle.en),
            },
            Self::UnknownProfile { profile } => match language {
                Language::Vi => format!("không rõ loại xe '{profile}'"),
                Language::En => format!("its kind of vehicle, '{profile}', is not known"),
            },
            Self::LacksCapability { missing, .. } => {
                format!("{} {}", language.choose("không có", "it lacks"), missing.join(", "))
            }
            Self::PositionTooOld { age_s, limit_s, .. } => too_old(*age_s, *limit_s, language),
            Self::OffRoad => {
                language.choose("không ở gần đường nào", "it is near no road").to_owned()
            }
            Self::NoWay => language
                .choose("không có đường cho loại xe này tới đó", "no road for it leads there")
                .to_owned(),
            Self::CutOff { behind_without: Some(behind), .. } => match language {
                Language::Vi => {
                    format!(
                        "không tới được; nếu mọi đường đều thông cũng chỉ tới sau {behind} xe khác"
                    )
                }
                Language::En => format!(
                    "it cannot get there, and would come after {behind} others if all roads were clear"
                ),
            },
            Self::CutOff { conditions, .. } => {
                let list = list_of(conditions, telling.clock, language);
                format!("{}: {list}", language.choose("không tới được", "it cannot get there"))
            }
            Self::SlowerBecause { conditions, eta_s, rank, rank_without, .. } => {
                let list = list_of(conditions, telling.clock, language);
                let arrives = arrives(*eta_s, telling.beyond, language);
                let ranks = ranks(*rank, *rank_without, telling.beyond, language);
                format!("{list}; {arrives}{ranks}")
            }
            Self::SlowerByRoad { eta_s, behind_first_s, .. } => {
                slower(*eta_s, *behind_first_s, telling.beyond, language)
            }
        }
    }
}

/// A status as a person on duty says it; an unknown word stays as it is.
fn status_in_words(status: &str, language: Language) -> &str {
    match status {
        "available" => language.choose("đang sẵn sàng", "it is available"),
        "assigned" => language.choose("đã nhận nhiệm vụ khác", "it is assigned elsewhere"),
        "en_route" => {
            language.choose("đang tới một hiện trường khác", "it is on its way to another scene")
        }
        "on_scene" => language.choose("đang ở một hiện trường khác", "it is at another scene"),
        "to_hospital" => {
            language.choose("đang đưa người tới bệnh viện", "it is taking someone to hospital")
        }
        "returning" => language.choose("đang quay về", "it is returning"),
        "out_of_service" => language.choose("đang ngừng phục vụ", "it is out of service"),
        other => other,
    }
}

fn too_old(age_s: f64, limit_s: f64, language: Language) -> String {
    let (age, limit) = (language.duration(age_s), language.duration(limit_s));
    match language {
        Language::Vi => format!("vị trí đã cũ {age} (cho phép {limit})"),
        Language::En => format!("its position is {age} old (limit {limit})"),
    }
}

fn arrives(eta_s: Option<f64>, beyond: Option<Beyond>, language: Language) -> String {
    let Some(eta_s) = eta_s else {
        let eta = language.duration(whole_minutes(beyond.map_or(0.0, |beyond| beyond.eta_s)));
        return match language {
            Language::Vi => format!("ít nhất {eta} mới tới"),
            Language::En => format!("it takes {eta} at least"),
        };
    };
    let eta = language.duration(eta_s);
    match language {
        Language::Vi => format!("tới sau {eta}"),
        Language::En => format!("it arrives in {eta}"),
    }
}

/// Rounded down, as what is said of it holds "at least"; less than a minute in seconds.
fn whole_minutes(seconds: f64) -> f64 {
    const MINUTE_S: f64 = 60.0;
    let unit = if seconds < MINUTE_S { 1.0 } else { MINUTE_S };
    (seconds / unit).floor() * unit
}

fn ranks(
    rank: Option<usize>,
    rank_without: usize,
    beyond: Option<Beyond>,
    language: Language,
) -> String {
    let rank = match (rank, language) {
        (Some(rank), Language::Vi) => format!("thứ {rank}"),
        (Some(rank), Language::En) => format!("no. {rank}"),
        (None, _) => after_others(beyond, language),
    };
    match language {
        Language::Vi => format!(" ({rank}, nếu thông thì thứ {rank_without})"),
        Language::En => format!(" ({rank}, no. {rank_without} if it were clear)"),
    }
}

fn slower(
    eta_s: Option<f64>,
    behind_s: Option<f64>,
    beyond: Option<Beyond>,
    language: Language,
) -> String {
    let longer = language.choose("đường đi xa hơn", "its way by road is longer");
    let arrives = arrives(eta_s, beyond, language);
    let behind = match (behind_s.map(|behind_s| language.duration(behind_s)), language) {
        (Some(behind), Language::Vi) => format!("chậm hơn xe đầu {behind}"),
        (Some(behind), Language::En) => format!("{behind} after the first"),
        (None, _) => after_others(beyond, language),
    };
    format!("{longer}: {arrives}, {behind}")
}

/// How many are before one that is later than all that were looked at.
fn after_others(beyond: Option<Beyond>, language: Language) -> String {
    let others = beyond.map_or(0, |beyond| beyond.rank);
    match language {
        Language::Vi => format!("sau {others} xe khác"),
        Language::En => format!("after {others} others"),
    }
}

/// The first conditions by name and how many there are beside.
pub(crate) fn list_of(conditions: &[ConditionSummary], clock: Clock, language: Language) -> String {
    let named = conditions.iter().take(NAMED).map(|one| one_of(one, clock, language));
    let mut list: Vec<String> = named.collect();
    let others = conditions.len().saturating_sub(NAMED);
    if others > 0 {
        list.push(match language {
            Language::Vi => format!("và {others} chỗ khác"),
            Language::En => format!("and {others} more"),
        });
    }
    list.join(", ")
}

fn one_of(condition: &ConditionSummary, clock: Clock, language: Language) -> String {
    let unnamed = language.choose("một đường không tên", "an unnamed road");
    let road = if condition.title.is_empty() { unnamed } else { &condition.title };
    let what = match condition.effect {
        EffectSummary::Hidden => {
            return language
                .choose("một hạn chế nội bộ", "a restriction that is not public")
                .to_owned();
        }
        EffectSummary::Closed => {
            let why = cause_in_words(&condition.cause, language);
            format!("{}{why}", language.choose("bị cấm", "is closed"))
        }
        EffectSummary::Depth { depth_m } => {
            let depth = language.depth(depth_m);
            match language {
                Language::Vi => format!("ngập {depth}"),
                Language::En => format!("is under {depth} of water"),
            }
        }
        EffectSummary::SpeedFactor { speed_factor } => {
            let share = (speed_factor * 100.0).round();
            match language {
                Language::Vi => format!("chỉ còn {share} % tốc độ"),
                Language::En => format!("is down to {share} % of its speed"),
            }
        }
        EffectSummary::Speed { speed_kmh } => {
            let speed = language.decimal(speed_kmh);
            match language {
                Language::Vi => format!("chỉ còn {speed} km/h"),
                Language::En => format!("is down to {speed} km/h"),
            }
        }
    };
    let since = condition.since_at.map_or_else(String::new, |since| {
        let time = language.time_of_day(since, clock);
        format!(" {} {time}", language.choose("từ", "since"))
    });
    format!("{road} {what}{since}")
}

/// Why a road is closed, as the closures layer codes it; nothing for what it does not know.
fn cause_in_words(cause: &str, language: Language) -> &str {
    match cause {
        "works" => language.choose(" vì thi công", " for works"),
        "flood" => language.choose(" vì ngập", " by flood"),
        "landslide" => language.choose(" vì sạt lở", " by a landslide"),
        "accident" => language.choose(" vì tai nạn", " by an accident"),
        "event" => language.choose(" vì sự kiện", " for an event"),
        "obstacle" => language.choose(" vì vật cản", " by an obstacle"),
        "order" => language.choose(" theo lệnh", " by order"),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use urbis_model::Moment;

    use super::*;

    fn ham_nghi(effect: EffectSummary) -> ConditionSummary {
        ConditionSummary {
            title: "Hàm Nghi".to_owned(),
            cause: "flood".to_owned(),
            effect,
            since: None,
            until: None,
            source: "live",
            source_id: "a".to_owned(),
            reported_age_s: None,
            since_at: Some(Moment(7 * 3_600_000_000 + 300_000_000)),
        }
    }

    fn told(reason: &Reason, nearer_m: f64) -> Sentence {
        told_beyond(reason, nearer_m, None)
    }

    fn told_beyond(reason: &Reason, nearer_m: f64, beyond: Option<Beyond>) -> Sentence {
        let vehicle = Title { vi: "Xe thang".to_owned(), en: "Ladder truck".to_owned() };
        let offset = "+07:00".parse().expect("an offset");
        let clock = Clock { now: Moment(8 * 3_600_000_000), offset };
        reason.sentence(&Telling { clock, nearer_m: Some(nearer_m), vehicle: &vehicle, beyond })
    }

    #[test]
    fn a_flooded_street_is_named_with_its_depth_and_the_time_of_day() {
        let reason = Reason::CutOff {
            conditions: vec![ham_nghi(EffectSummary::Depth { depth_m: 0.4 })],
            rank_without: Some(1),
            eta_s_without: Some(60.0),
            behind_without: None,
        };
        let sentence = told(&reason, 402.0);
        assert_eq!(
            sentence.vi,
            "gần hơn 400 m, nhưng không tới được: Hàm Nghi ngập 0,4 m từ 14:05"
        );
        assert_eq!(
            sentence.text(Language::En),
            "400 m nearer, but it cannot get there: Hàm Nghi is under 0.4 m of water since 14:05"
        );
    }

    #[test]
    fn conditions_beyond_the_second_are_counted() {
        let one = ham_nghi(EffectSummary::Closed);
        let reason = Reason::SlowerBecause {
            conditions: vec![one.clone(), one.clone(), one.clone(), one],
            rank: Some(7),
            rank_without: 1,
            eta_s_without: 60.0,
            eta_s: Some(360.0),
        };
        let closed = "Hàm Nghi bị cấm vì ngập từ 14:05";
        assert_eq!(
            told(&reason, 0.0).vi,
            format!(
                "{closed}, {closed}, và 2 chỗ khác; tới sau 6 phút (thứ 7, nếu thông thì thứ 1)"
            )
        );
    }

    #[test]
    fn of_one_that_is_later_than_all_others_the_least_is_told() {
        let beyond = Some(Beyond { eta_s: 599.0, rank: 10 });
        let (eta_s, rank) = (None, None);
        let slower = Reason::SlowerByRoad { eta_s, rank, rank_without: None, behind_first_s: None };
        let said = told_beyond(&slower, 400.0, beyond);
        let nearer = "400 m nearer, but its way by road is longer: ";
        assert_eq!(said.en, format!("{nearer}it takes 9 min at least, after 10 others"));
        let cut_off = Reason::CutOff {
            conditions: Vec::new(),
            rank_without: None,
            eta_s_without: None,
            behind_without: Some(6),
        };
        assert_eq!(
            told(&cut_off, 0.0).en,
            "it cannot get there, and would come after 6 others if all roads were clear"
        );
        let conditions = vec![ham_nghi(EffectSummary::Closed)];
        let because =
            Reason::SlowerBecause { conditions, rank, rank_without: 2, eta_s, eta_s_without: 60.0 };
        assert_eq!(
            told_beyond(&because, 0.0, beyond).vi,
            "Hàm Nghi bị cấm vì ngập từ 14:05; ít nhất 9 phút mới tới (sau 10 xe khác, nếu thông \
             thì thứ 2)"
        );
    }

    #[test]
    fn a_vehicle_of_another_kind_is_called_by_its_name() {
        let reason = Reason::OtherProfile { profile: "ladder".to_owned(), rank_without: None };
        assert_eq!(told(&reason, 1_240.0).vi, "gần hơn 1,2 km, nhưng là xe thang");
    }
}
