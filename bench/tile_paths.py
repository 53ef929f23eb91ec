#!/usr/bin/env python3
"""A fixed list of tile addresses to ask every server for: none empty, dense places more often.

    bench/tile_paths.py DATABASE_URL [--count N] [--seed N] > bench/tile_paths_1.txt
    bench/tile_paths.py DATABASE_URL --against bench/tile_paths_1.txt.gz

For each draw a zoom from 8 to 16, deep ones more often as in use, then a feature out of all that
are drawn at that zoom: so a tile comes as often as it has features. A layer's file in layers/ says
from which zoom on a feature is drawn (minzoom, zoom_by, min_size_px), and the tile is the one of a
place on the feature: no tile is empty, but where a server leaves out more than the layer's file
says. A draw is a hash of key, zoom and seed: the same city gives the same list. One `z/x/y` a line.
With --against the list is made anew and compared, its hash printed. Needs psql and nothing else.
"""

import argparse
import gzip
import hashlib
import math
import random
import subprocess
import sys
import tomllib
from pathlib import Path

LAYERS = ["parcel", "building", "road_segment", "utility_node"]
FOLDER = Path(__file__).resolve().parent.parent / "layers"
# Draws of a hundred at each zoom.
ZOOMS = {8: 1, 9: 1, 10: 2, 11: 3, 12: 5, 13: 12, 14: 20, 15: 26, 16: 30}
# A feature must be this much larger than its layer's least size: boxes are measured roughly.
LARGER = 1.1
PLACES = {
    "Point": "geom",
    "MultiLineString": "ST_LineInterpolatePoint(ST_GeometryN(geom, 1), 0.5)",
    "MultiPolygon": "ST_PointOnSurface(ST_MakeValid(geom))",
}


def drawn(layer, definition, zoom):
    """SQL for what a layer draws at a zoom; None where that is nothing."""
    tiles = definition["tiles"]
    if zoom < tiles["minzoom"]:
        return None
    wanted = ["geom IS NOT NULL"]
    if by := tiles.get("zoom_by"):
        known = by["zooms"]
        late = [name for name, first in known.items() if first > zoom]
        early = [name for name, first in known.items() if first <= zoom]
        column = f"coalesce({by['attribute']}, '')"
        quoted = lambda names: ", ".join(f"'{name}'" for name in names) or "NULL"
        wanted.append(f"{column} IN ({quoted(early)})" if by["otherwise"] > zoom
                      else f"{column} NOT IN ({quoted([*late, '-'])})")
    if definition["geometry"] != "Point" and zoom < tiles["maxzoom"]:
        # Metres of the sphere that a pixel of 512 a tile shows at 16 degrees north; degrees where
        # the layer is stored in them.
        metres = LARGER * tiles.get("min_size_px", 0) * 40_075_017 / 512 / 2**zoom * math.cos(math.radians(15))
        least = metres / 106_000 if definition["storage_srid"] == 4326 else metres
        wanted.append(f"greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom)) >= {least}")
    key = definition["key"] if isinstance(definition["key"], str) else definition["key"][0]
    place = PLACES[definition["geometry"]]
    return (
        f"SELECT {key} AS key, '{layer}' AS layer, geom FROM layer.{layer} WHERE {' AND '.join(wanted)}",
        f"WHEN '{layer}' THEN {place}",
    )


def places(url, zoom, count, seed):
    """Places on features that are drawn at a zoom, longitude and latitude."""
    found = []
    for layer in LAYERS:
        definition = tomllib.loads((FOLDER / f"{layer}.toml").read_text())
        found += filter(None, [drawn(layer, definition, zoom)])
    features, place = zip(*found)
    sql = (
        f"SELECT round(ST_X(p)::numeric, 7), round(ST_Y(p)::numeric, 7) FROM (SELECT "
        f"ST_Transform(CASE layer {' '.join(place)} END, 4326) AS p, key FROM (SELECT * FROM "
        f"({' UNION ALL '.join(features)}) every ORDER BY md5(key || '{seed}/{zoom}'), layer, key LIMIT {count}) drawn"
        f") placed ORDER BY key"
    )
    command = ["psql", "-XAt", "-F", ",", "-v", "ON_ERROR_STOP=1", url, "-c", sql]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [tuple(map(float, line.split(","))) for line in done.stdout.splitlines()]


def tile(lon, lat, zoom):
    size = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{zoom}/{int((lon + 180) / 360 * size)}/{int(y * size)}"


def draw(url, count, seed):
    paths = []
    for zoom, share in ZOOMS.items():
        paths += [tile(lon, lat, zoom) for lon, lat in places(url, zoom, count * share // 100, seed)]
    random.Random(seed).shuffle(paths)
    return "".join(f"{path}\n" for path in paths)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--against", type=Path, metavar="FILE")
    asked = parser.parse_args()
    paths = draw(asked.url, asked.count, asked.seed)
    if not asked.against:
        sys.stdout.write(paths)
        return
    kept = asked.against.read_bytes()
    kept = gzip.decompress(kept) if asked.against.suffix == ".gz" else kept
    hashes = [hashlib.sha256(text).hexdigest() for text in (kept, paths.encode())]
    print(f"kept {hashes[0]}\nmade {hashes[1]}")
    sys.exit(hashes[0] != hashes[1])


main()
