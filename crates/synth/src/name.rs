//! Made-up names. Each says that it is made up, for names of real people look the same.

use crate::random::Random;

/// Stands behind every name of a person or an organisation.
pub(crate) const MADE_UP: &str = "(giả lập)";

const FAMILIES: [&str; 14] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
    "Dương", "Lý",
];
const MIDDLES: [&str; 12] =
    ["Văn", "Thị", "Hữu", "Thanh", "Minh", "Ngọc", "Quang", "Đức", "Thu", "Xuân", "Kim", "Công"];
const GIVEN: [&str; 24] = [
    "An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoa", "Hùng",
    "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Phúc", "Quân", "Sơn", "Thảo", "Yến",
];
const TRADES: [&str; 6] = ["Thương mại", "Xây dựng", "Dịch vụ", "Đầu tư", "Du lịch", "Vận tải"];
const WORDS: [&str; 8] = [
    "Sông Xanh",
    "Nắng Mới",
    "Biển Lặng",
    "Hoa Cát",
    "Gió Nam",
    "Đá Trắng",
    "Mây Chiều",
    "Cầu Vồng",
];

/// A person who does not exist.
pub(crate) fn person(random: &mut Random) -> String {
    let (family, middle) = (random.pick(&FAMILIES), random.pick(&MIDDLES));
    format!("{family} {middle} {} {MADE_UP}", random.pick(&GIVEN))
}

/// A company that does not exist.
pub(crate) fn company(random: &mut Random) -> String {
    let (trade, word) = (random.pick(&TRADES), random.pick(&WORDS));
    format!("Công ty {trade} {word} {MADE_UP}")
}
