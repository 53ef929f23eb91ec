#!/usr/bin/env python3
"""A fixed list of tile addresses to ask every server for: none empty, dense places more often.

    bench/tile_paths.py DATABASE_URL [--count N] [--seed N] > bench/tile_paths.txt

Draws features at random from the tables of schema layer (the draw is a hash of key and seed, so
that the same city gives the same list), and for each a zoom from 8 to 16; the tile is the one that
the feature's middle lies in. So a tile comes as often as it has features. One `z/x/y` a line.
Needs psql and nothing else.
"""

import argparse
import math
import random
import subprocess

ZOOMS = range(8, 17)
# Share of the draws from each table, and its key.
TABLES = {"parcel": (0.4, "parcel_id"), "building": (0.3, "osm_id"), "road_segment": (0.3, "osm_id")}


def places(url, table, key, count, seed):
    sql = (
        f"SELECT round(ST_X(p)::numeric, 7), round(ST_Y(p)::numeric, 7) FROM (SELECT "
        f"ST_Transform(ST_Centroid(ST_Envelope(geom)), 4326) AS p FROM layer.{table} "
        f"ORDER BY md5({key} || '{seed}'), {key} LIMIT {count}) drawn"
    )
    done = subprocess.run(["psql", "-XAt", "-F", ",", url, "-c", sql], check=True, capture_output=True, text=True)
    return [tuple(map(float, line.split(","))) for line in done.stdout.splitlines()]


def tile(lon, lat, zoom):
    size = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{zoom}/{int((lon + 180) / 360 * size)}/{int(y * size)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    dice = random.Random(asked.seed)
    paths = []
    for table, (share, key) in TABLES.items():
        for lon, lat in places(asked.url, table, key, int(asked.count * share), asked.seed):
            paths.append(tile(lon, lat, dice.choice(ZOOMS)))
    dice.shuffle(paths)
    print("\n".join(paths))


main()
