"""Nearest by straight line: ours over HTTP against PostGIS over a unix socket and Redis."""

import json
import random
import subprocess
import time
from pathlib import Path

import load
import machine
from redis import Redis

# Everybody may see it, and the made-up city has none of its own: it is filled with points that there are.
LAYER = "address_point"
SOURCE = "utility_node"
POINTS = 10_000
K = 5
PLACES = 200
SEED = 7
SHOWN_DEADLINE_S = 60


def run(node, report, seconds):
    """`node` answers over HTTP for the same points that the tables hold."""
    report.heading("Nearest by straight line")
    points = fill(node)
    places = draw_places(points)
    radius = reach_of_k(points, places)
    report.paragraph(
        f"{len(points):,} points, k={K}, {PLACES} places near them. Redis finds none without a radius: {radius:,.0f} m is "
        f"the least at which each place has {K}, and so the least that is exact. Server on core {machine.SERVER_CORE}, "
        f"load on core {machine.LOAD_CORE}, 16 clients."
    )
    paths = [f"/nearest/{LAYER}?lon={lon:.6f}&lat={lat:.6f}&limit={K}" for lon, lat in places]
    load.run(node, paths, 16, 3)
    measured = load.run(node, paths, 16, seconds)
    if measured.errors:
        raise SystemExit(f"{measured.errors} answers were none")
    ours = measured.requests_s
    postgis = ask_postgis(node.postgres, places, seconds)
    with Redis() as redis:
        redis.fill(points)
        rates = [redis.reads_s(place, radius, K, 4000) for place in places[:20]]
        theirs = len(rates) / sum(1 / rate for rate in rates)
    report.table(["server", "answers/s"], [
        ["urbis, HTTP, GeoJSON", f"{ours:,.0f}"], ["PostGIS <->, prepared, unix socket", f"{postgis:,.0f}"],
        ["Redis GEOSEARCH, unix socket", f"{theirs:,.0f}"]])
    report.line(f"nearest by line {ours / postgis:.1f}x PostGIS, {ours / theirs:.1f}x Redis")


def fill(node):
    """Fills the layer and waits until the node shows all of it; id, longitude, latitude."""
    node.postgres.ask(
        f"INSERT INTO layer.{LAYER} (geom, osm_id) SELECT geom, 'n' || feature_id FROM layer.{SOURCE} "
        f"WHERE NOT EXISTS (SELECT FROM layer.{LAYER}) ORDER BY feature_id LIMIT {POINTS}")
    points = read_points(node.postgres)
    deadline = time.monotonic() + SHOWN_DEADLINE_S
    while json.loads(node.fetch("/health/ready"))["layers"].get(LAYER) != len(points):
        if time.monotonic() > deadline:
            raise SystemExit(f"the node does not show {len(points)} points of {LAYER}")
        time.sleep(0.05)
    return points


def read_points(postgres):
    """Id, longitude, latitude."""
    rows = postgres.ask(f"SELECT feature_id, ST_X(p), ST_Y(p) FROM (SELECT feature_id, ST_Transform(geom, 4326) AS p FROM layer.{LAYER}) f")
    return [(int(name), float(lon), float(lat)) for name, lon, lat in (row.split("|") for row in rows.splitlines())]


def draw_places(points):
    """Near points: people ask where something is."""
    drawn = random.Random(SEED)
    near = lambda: drawn.choice(points)
    return [(lon + drawn.gauss(0, 0.002), lat + drawn.gauss(0, 0.002)) for _, lon, lat in (near() for _ in range(PLACES))]


def reach_of_k(points, places):
    """The least radius (m) in which each place has K points, a plane's distance with one per cent more."""
    def kth(place):
        lon, lat = place
        steps = sorted(((x - lon) * 0.961) ** 2 + (y - lat) ** 2 for _, x, y in points)
        return steps[K - 1] ** 0.5 * 111_320 * 1.01
    return max(map(kth, places))


def ask_postgis(postgres, places, seconds):
    """Answers a second of the same question by its index, one core, 16 clients."""
    postgres.ask(
        "CREATE SCHEMA IF NOT EXISTS peer; DROP TABLE IF EXISTS peer.point; CREATE TABLE peer.point AS SELECT feature_id AS id, "
        f"ST_Transform(geom, 32649)::geometry(Point, 32649) AS geom FROM layer.{LAYER}; "
        "CREATE INDEX ON peer.point USING gist (geom); ANALYZE peer.point; DROP TABLE IF EXISTS peer.place; "
        "CREATE TABLE peer.place (n int PRIMARY KEY, geom geometry(Point, 32649))")
    rows = ",".join(f"({n}, ST_Transform(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), 32649))" for n, (lon, lat) in enumerate(places))
    postgres.ask(f"INSERT INTO peer.place VALUES {rows}; ANALYZE peer.place")
    script = machine.BENCH / "nearest.sql"
    script.write_text(
        f"\\set n random(0, {len(places) - 1})\n"
        "SELECT id, geom <-> (SELECT geom FROM peer.place WHERE n = :n) AS m FROM peer.point "
        f"ORDER BY geom <-> (SELECT geom FROM peer.place WHERE n = :n) LIMIT {K};\n")
    postgres.pin(machine.SERVER_CORE)
    command = [str(postgres.bin / "pgbench"), "-n", "-M", "prepared", "-c", "16", "-T", str(seconds), "-f", str(script), postgres.url]
    done = subprocess.run(machine.pinned(machine.LOAD_CORE, command), check=True, capture_output=True, text=True, cwd=Path("/"))
    postgres.pin(machine.ALL_CORES)
    return next(float(line.split("=")[1].split()[0]) for line in done.stdout.splitlines() if line.startswith("tps"))
