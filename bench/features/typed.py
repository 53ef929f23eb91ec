"""What people type, drawn from what the city holds: some kinds, each as often as any other."""

import random
import re
import unicodedata

SEED = 7
EACH = 300
# Of a table every so many-th feature is drawn from.
EVERY = 499
# What a search box is asked while the first letters are typed.
SHORT = ["t", "ng", "h", "tr", "k", "12", "phường", "nguyen", "duong tran", "benh vien", "chợ", "kiet"]
NUMBER = re.compile(r"^\S+ ")
ALLEY = re.compile(r"K(\d+)/(?:H(\d+)/)?(\w+) (.*)")


def draw(postgres):
    """Texts by kind."""
    drawn = random.Random(SEED)
    streets = column(postgres, f"SELECT DISTINCT name FROM layer.road_segment WHERE name IS NOT NULL AND feature_id % {EVERY} = 7 ORDER BY 1")
    long = [street for street in streets if any(map(is_long, street.split(" ")))]
    places = column(postgres, "SELECT DISTINCT name FROM layer.public_place WHERE name IS NOT NULL ORDER BY 1")
    wards = column(postgres, "SELECT DISTINCT name FROM layer.admin_unit WHERE name IS NOT NULL ORDER BY 1")
    # In the country an address is a group of houses (tổ) and no door.
    addresses = column(postgres, f"SELECT address FROM layer.parcel WHERE address NOT LIKE 'Tổ %' AND feature_id % {EVERY} = 7 ORDER BY feature_id")
    alleys = [found for found in map(ALLEY.match, addresses) if found]
    parcels = [row.split("|") for row in column(
        postgres, f"SELECT sheet_no, parcel_no, w.name FROM layer.parcel p JOIN layer.admin_unit w ON w.code = p.ward_code "
        f"WHERE p.feature_id % {EVERY} = 7 AND land_use NOT IN ('CQP', 'CAN') ORDER BY p.feature_id")]
    centres = [row.split("|") for row in column(
        postgres, "SELECT round(ST_X(g)::numeric, 6), round(ST_Y(g)::numeric, 6), round(ST_X(p)::numeric, 2), round(ST_Y(p)::numeric, 2) FROM "
        f"(SELECT ST_Centroid(geom) AS p, ST_Transform(ST_Centroid(geom), 4326) AS g FROM layer.parcel WHERE feature_id % {EVERY} = 7 "
        "ORDER BY feature_id) f")]
    kinds = {
        "street": lambda: drawn.choice(streets),
        "without marks": lambda: bare(drawn.choice(streets)),
        "beginning": lambda: beginning(drawn, drawn.choice(streets)),
        "typing error": lambda: misspelled(drawn, drawn.choice(long)),
        "place": lambda: drawn.choice(places),
        "address": lambda: drawn.choice(addresses),
        "address, no ward": lambda: drawn.choice(addresses).split(",")[0],
        "address, no marks": lambda: bare(drawn.choice(addresses)).lower(),
        "kiệt, hẻm": lambda: alley(drawn.choice(alleys)),
        "parcel": lambda: "tờ {} thửa {}".format(*drawn.choice(parcels)),
        "parcel in a ward": lambda: "tờ {} thửa {} {}".format(*drawn.choice(parcels)),
        "street in a ward": lambda: NUMBER.sub("", drawn.choice(addresses)),
        "ward": lambda: drawn.choice(wards),
        "a letter or a word": lambda: drawn.choice(SHORT),
        "WGS 84": lambda: "{1}, {0}".format(*drawn.choice(centres)[:2]),
        "VN-2000": lambda: "{} {}".format(*drawn.choice(centres)[2:]),
    }
    return {kind: [one() for _ in range(EACH)] for kind, one in kinds.items()}


def near(postgres, count):
    """Places that a map may show."""
    rows = column(postgres, f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_Centroid(geom), 4326) AS p FROM layer.parcel "
                            f"WHERE feature_id % {EVERY} = 11 ORDER BY feature_id LIMIT {count}) f")
    return [tuple(map(float, row.split("|"))) for row in rows]


def column(postgres, sql):
    return postgres.ask(sql).splitlines()


def bare(text):
    """Without marks."""
    text = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def beginning(drawn, text):
    return text[: drawn.randrange(2, len(text) + 1)]


def misspelled(drawn, text):
    """Two letters of a long word changed places, or one left out, behind the first; short words are not forgiven an error."""
    words = text.split(" ")
    at = drawn.choice([place for place, word in enumerate(words) if is_long(word)])
    letters = list(words[at])
    error = drawn.randrange(1, len(letters) - 1)
    if drawn.random() < 0.5:
        letters[error], letters[error + 1] = letters[error + 1], letters[error]
    else:
        del letters[error]
    words[at] = "".join(letters)
    return " ".join(words)


def is_long(word):
    """Whether it still has four letters where one is left out."""
    return len(word) >= 5 and word.isalpha()


def alley(found):
    """An address in an alley, as it is said."""
    kiet, hem, house, rest = found.groups()
    return f"{house} hẻm {hem} kiệt {kiet} {rest}" if hem else f"{house} kiệt {kiet} {rest}"
