//! Names of streets that are nowhere: they sound like Vietnamese ones and are put together at random.

use crate::random::Random;

const FAMILIES: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"];
const MIDDLES: [&str; 10] =
    ["Văn", "Hữu", "Thanh", "Minh", "Ngọc", "Quang", "Đức", "Xuân", "Công", "Đình"];
const GIVEN: [&str; 20] = [
    "An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hải", "Hạnh", "Hiếu", "Hùng", "Khánh", "Lan",
    "Linh", "Long", "Nam", "Phúc", "Quân", "Sơn", "Thảo", "Yến",
];
const PLACES: [&str; 16] = [
    "An Thuận",
    "Bình Hòa",
    "Phước Mỹ",
    "Hòa An",
    "Mỹ Khê",
    "Thanh Sơn",
    "Tân Lập",
    "Đông Hải",
    "Xuân Thiều",
    "Cẩm Nam",
    "Trung Lương",
    "Khuê Đông",
    "Nại Thịnh",
    "Đa Phước",
    "Kim Liên",
    "Vạn Tường",
];

/// The name of a street.
pub(crate) fn street(random: &mut Random) -> String {
    if random.chance(0.45) {
        return format!("{} {}", random.pick(&PLACES), random.whole(1, 48));
    }
    let (family, middle) = (random.pick(&FAMILIES), random.pick(&MIDDLES));
    format!("{family} {middle} {}", random.pick(&GIVEN))
}
