#!/usr/bin/env python3
"""Shape of streets: degrees, lengths, dead ends, alleys and blocks, made-up beside real.

    bench/synthetic_shape.py SYNTH_DIR [PICTURE]

SYNTH_DIR is what `urbis synth --to DIR` wrote. The real streets are those of
data/danang/haichau.osm.pbf: highways that carry vehicles, cut at shared nodes. Prints one table,
and draws degrees and lengths of both into PICTURE (default docs/images/synthetic-shape.svg).
Needs ogr2ogr and nothing else.
"""

import json
import math
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARRIES = {
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
    "living_street", "service", "road", "track", "motorway_link", "trunk_link", "primary_link",
    "secondary_link", "tertiary_link",
}
# The part of the made-up city that is compared: the dense centre, as the real extract.
CENTRE = (108.2208, 16.0605)
REACH_M = 1500
EDGES = [0, 5, 10, 20, 30, 40, 60, 80, 120, 160, 240, 480, 1e9]


def features(path, layer=None, where=None):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.geojson"
        command = ["ogr2ogr", "-q", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=8", str(out), str(path)]
        command += [layer] if layer else []
        command += ["-where", where] if where else []
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return json.loads(out.read_text())["features"]


def lines(feature):
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]


def metres(a, b):
    x = (b[0] - a[0]) * 111_320 * math.cos(math.radians(a[1]))
    return math.hypot(x, (b[1] - a[1]) * 110_640)


def cut(streets):
    """Cuts lines at every place that several of them have, or that ends one."""
    seen = Counter()
    for line, _ in streets:
        seen.update(set(map(tuple, line)))
        seen.update([tuple(line[0]), tuple(line[-1])])
    pieces = []
    for line, is_alley in streets:
        piece = [tuple(line[0])]
        for place in map(tuple, line[1:]):
            piece.append(place)
            if seen[place] > 1:
                pieces.append((piece, is_alley))
                piece = [place]
        if len(piece) > 1:
            pieces.append((piece, is_alley))
    return pieces


def faces(pieces):
    """Areas of the bounded faces of the streets, square metres."""
    around = defaultdict(list)
    for piece, _ in pieces:
        for line in (piece, piece[::-1]):
            east = (line[1][0] - line[0][0]) * math.cos(math.radians(line[0][1]))
            around[line[0]].append((math.atan2(line[1][1] - line[0][1], east), tuple(line)))
    following = {}
    for node, starts in around.items():
        starts.sort()
        for number, (_, line) in enumerate(starts):
            # Who comes back along this line goes on by the next one clockwise.
            following[line[::-1]] = starts[number - 1][1]
    areas, seen = [], set()
    for first in following:
        if first in seen:
            continue
        ring, line = [], first
        while line not in seen:
            seen.add(line)
            ring.extend(line[:-1])
            line = following[line]
        x0, y0 = ring[0]
        flat = [((x - x0) * 111_320 * math.cos(math.radians(y0)), (y - y0) * 110_640) for x, y in ring]
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(flat, flat[1:] + flat[:1])) / 2
        if area > 50:
            areas.append(area)
    return sorted(areas)


def shape(streets):
    pieces = cut(streets)
    degrees = Counter()
    for piece, _ in pieces:
        degrees.update([piece[0], piece[-1]])
    # A place where a street merely changes its name or class is no junction.
    count = Counter(min(degree, 5) for degree in degrees.values() if degree != 2)
    total = sum(count.values())
    lengths = [sum(metres(a, b) for a, b in zip(piece, piece[1:])) for piece, _ in pieces]
    histogram = [sum(low <= length < high for length in lengths) for low, high in zip(EDGES, EDGES[1:])]
    alley_m = sum(length for length, (_, is_alley) in zip(lengths, pieces) if is_alley)
    areas = faces(pieces)
    quantile = lambda share: areas[int(share * (len(areas) - 1))] if areas else 0
    ordered = sorted(lengths)
    return {
        "pieces": len(pieces),
        "km": sum(lengths) / 1000,
        "degree": {degree: count[degree] / total for degree in (1, 3, 4, 5)},
        "dead_end_share": count[1] / total,
        "alley_share": alley_m / sum(lengths),
        "median_m": ordered[len(ordered) // 2],
        "lengths": [value / len(lengths) for value in histogram],
        "block_m2": [quantile(share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)],
    }


def real():
    streets = []
    for feature in features(ROOT / "data/danang/haichau.osm.pbf", "lines", "highway IS NOT NULL"):
        if feature["properties"]["highway"] in CARRIES:
            is_alley = feature["properties"]["highway"] == "service"
            streets += [(line, is_alley) for line in lines(feature)]
    return streets


def synthetic(folder):
    streets = []
    for feature in features(Path(folder) / "road_segment.fgb"):
        key = feature["properties"]["osm_id"]
        flawed = key.count("-") > 3
        if not flawed and feature["geometry"] and metres(lines(feature)[0][0], CENTRE) < REACH_M:
            streets += [(line, feature["properties"].get("service") == "alley") for line in lines(feature)]
    return streets


def bars(left, top, title, names, real_shares, made_shares):
    width, height = 400, 180
    high = max(real_shares + made_shares) or 1
    step = width / len(names)
    parts = [f'<text x="{left}" y="{top - 12}" class="t">{title}</text>']
    for number, name in enumerate(names):
        x = left + number * step
        for offset, share, colour in ((0.08, real_shares[number], "#4a6fa5"), (0.48, made_shares[number], "#9a6bd0")):
            bar = share / high * height
            parts.append(
                f'<rect x="{x + offset * step:.1f}" y="{top + height - bar:.1f}" width="{0.38 * step:.1f}" '
                f'height="{bar:.1f}" fill="{colour}"/>'
            )
        parts.append(f'<text x="{x + step / 2:.1f}" y="{top + height + 16}" class="n">{name}</text>')
    parts.append(f'<line x1="{left}" y1="{top + height}" x2="{left + width}" y2="{top + height}" stroke="#888"/>')
    return parts


def draw(path, measured, made):
    names = [f"{low}–{high}" if high < 1e9 else f"{low}+" for low, high in zip(EDGES, EDGES[1:])]
    degrees = (1, 3, 4, 5)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 290" font-family="sans-serif">',
        "<style>.t{font-size:14px;fill:#222}.n{font-size:10px;fill:#444;text-anchor:middle}.l{font-size:12px;fill:#222}</style>",
        '<rect width="900" height="290" fill="#fff"/>',
    ]
    parts += bars(30, 50, "Junctions by number of streets", ["1 (dead end)", "3", "4", "5+"],
                  [measured["degree"][d] for d in degrees], [made["degree"][d] for d in degrees])
    parts += bars(470, 50, "Streets between junctions by length (m)", names, measured["lengths"], made["lengths"])
    for x, colour, words in ((30, "#4a6fa5", "real: OpenStreetMap, Hải Châu, © OpenStreetMap contributors"),
                             (470, "#9a6bd0", "made up: urbis synth, within 1.5 km of the same centre")):
        parts.append(f'<rect x="{x}" y="264" width="12" height="12" fill="{colour}"/>'
                     f'<text x="{x + 18}" y="275" class="l">{words}</text>')
    path.write_text("\n".join(parts + ["</svg>"]) + "\n")


def main():
    measured, made = shape(real()), shape(synthetic(sys.argv[1]))
    for name in ("pieces", "km", "dead_end_share", "alley_share", "median_m"):
        print(f"{name:16} real {measured[name]:10.2f}   made up {made[name]:10.2f}")
    for degree in (1, 3, 4, 5):
        print(f"degree {degree:9} real {measured['degree'][degree]:10.3f}   made up {made['degree'][degree]:10.3f}")
    for number, share in enumerate((10, 25, 50, 75, 90)):
        print(f"block m2, {share:3} % real {measured['block_m2'][number]:9.0f}   made up {made['block_m2'][number]:10.0f}")
    picture = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs/images/synthetic-shape.svg"
    draw(picture, measured, made)


main()
