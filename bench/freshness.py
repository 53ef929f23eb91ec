#!/usr/bin/env python3
"""Time from a commit in psql to the tile that shows it, over HTTP.

    bench/freshness.py BASE_URL DATABASE_URL [EDITS]

Renames one building over and over and fetches its tile until the new name is in it. Prints the
median, the 95th percentile and the longest time in milliseconds; each includes the commit itself,
psql's answer and the fetch. Not a test: it judges nothing.
"""

import http.client
import statistics
import subprocess
import sys
import time
from urllib.parse import urlsplit

# An edit that takes longer will not come.
LONGEST_S = 30

TILE = """SELECT format('16/%s/%s', floor((ST_X(p) + 180) / 360 * 65536),
  floor((1 - asinh(tan(radians(ST_Y(p)))) / pi()) / 2 * 65536)), feature_id
  FROM (SELECT feature_id, ST_Transform(ST_PointOnSurface(geom), 4326) AS p
        FROM layer.building ORDER BY feature_id LIMIT 1) AS f;"""


def main(base, database_url, edits="50"):
    psql = subprocess.Popen(
        ["psql", "-X", "-A", "-t", "-q", "-d", database_url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )
    tile, feature = ask(psql, TILE).split("|")
    before = ask(psql, f"SELECT quote_nullable(name) FROM layer.building WHERE feature_id = {feature};")
    node = http.client.HTTPConnection(urlsplit(base).netloc)
    times = []
    for edit in range(int(edits)):
        name = f"urbis freshness {edit} {time.time_ns()}"
        start = time.perf_counter()
        ask(psql, f"UPDATE layer.building SET name = '{name}' WHERE feature_id = {feature}; SELECT 1;")
        while name.encode() not in fetch(node, f"/tiles/building/{tile}"):
            if time.perf_counter() - start > LONGEST_S:
                sys.exit(f"edit {edit} is not in tile {tile} after {LONGEST_S} s")
        times.append((time.perf_counter() - start) * 1000)
    ask(psql, f"UPDATE layer.building SET name = {before} WHERE feature_id = {feature}; SELECT 1;")
    psql.stdin.close()
    times.sort()
    print(f"commit to tile: median {statistics.median(times):.1f} ms, "
          f"p95 {times[int(len(times) * 0.95) - 1]:.1f} ms, longest {times[-1]:.1f} ms, {len(times)} edits")


def ask(psql, sql):
    psql.stdin.write(sql + "\n")
    psql.stdin.flush()
    return psql.stdout.readline().strip()


def fetch(node, path):
    node.request("GET", path)
    return node.getresponse().read()


if __name__ == "__main__":
    main(*sys.argv[1:])
