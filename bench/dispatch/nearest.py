"""Nearest by straight line: ours over HTTP against PostGIS over a unix socket and Redis.

Each is asked by the load generator of its kind (wrk, pgbench, redis-benchmark) with as many clients, none of which
sends a second question before the first is answered; all are far from their own limit, which a question of no work
shows. PostGIS is asked three times: for what its index knows of a place that stands in a table, projected beforehand;
for that of a longitude and a latitude, which is what we and Redis are asked; and for the answer that we give. Beside the answers a second
stands what each costs the server's core: that holds on a machine where others work, too.
"""

import json
import random
import re
import subprocess
import time
from pathlib import Path

import load
import machine
from rate import Rate
from redis import Redis

# Everybody may see it, and the made-up city has none of its own: it is filled with points that there are.
LAYER = "address_point"
SOURCE = "utility_node"
POINTS = 10_000
K = 5
# Of one run of pgbench.
MAX_SCRIPTS = 128
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
    before = node.cpu_ticks()
    measured = load.run(node, paths, 16, seconds)
    if measured.errors:
        raise SystemExit(f"{measured.errors} answers were none")
    ours = Rate(measured.requests_s, (node.cpu_ticks() - before) / 100 / (measured.requests_s * seconds))
    prepare_postgis(node.postgres, places)
    bare = ask_postgis(node.postgres, [BARE], seconds)
    asked = ask_postgis(node.postgres, [ASKED.format(lon=lon, lat=lat) for lon, lat in places[:MAX_SCRIPTS]], seconds)
    same = ask_postgis(node.postgres, [SAME], seconds)
    with Redis() as redis:
        redis.fill(points)
        theirs = redis.rate(places[:20], radius, K, 4000)
    idle = [load.run(node, ["/health/live"], 16, 3).requests_s, ask_postgis(node.postgres, ["SELECT 1;\n"], 3).answers_s]
    report.table(["server", "answers/s", "core time each, µs"], [
        ["urbis, HTTP, GeoJSON: attributes, place, metres of the geodesic", *ours.cells()],
        ["PostGIS, id and planar metres, geometry <->, prepared, unix socket", *asked.cells()],
        ["PostGIS, the same of a projected place in a table", *bare.cells()],
        ["PostGIS, the same GeoJSON, geography <->, prepared, unix socket", *same.cells()],
        ["Redis GEOSEARCH, id and metres of a sphere, unix socket", *theirs.cells()]])
    report.paragraph(f"Without work: urbis {idle[0]:,.0f} answers/s (/health/live), PostgreSQL {idle[1]:,.0f} (SELECT 1).")
    report.line(f"nearest by line {ours.times(asked)} PostGIS, {ours.times(theirs)} Redis")
    report.line(f"nearest by line, a projected place in a table: {ours.times(bare)} PostGIS")
    report.line(f"nearest by line, the same answer: {ours.times(same)} PostGIS")


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


# What the index knows of a place: ids and distances on the plane.
BARE = f"""\\set n random(0, {PLACES - 1})
SELECT id, geom <-> (SELECT geom FROM peer.place WHERE n = :n) AS m FROM peer.point
ORDER BY geom <-> (SELECT geom FROM peer.place WHERE n = :n) LIMIT {K};
"""

# The same of a place as a map has it.
POINT = "ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 32649)"
ASKED = f"""\\set lon {{lon}}
\\set lat {{lat}}
SELECT id, geom <-> {POINT} AS m FROM peer.point ORDER BY geom <-> {POINT} LIMIT {K};
"""

# The answer that we give: GeoJSON in EPSG:4326 with all attributes and the geodesic distance.
SAME = f"""\\set n random(0, {PLACES - 1})
SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(ST_AsGeoJSON(f.*, 'geometry', 8)::json ORDER BY f.distance_m))
FROM peer.place s, LATERAL (SELECT p.id, p.osm_id, p.number, p.street, p.name, p.valid_from, p.valid_to,
p.geog::geometry AS geometry, p.geog <-> s.geog AS distance_m FROM peer.point p ORDER BY p.geog <-> s.geog LIMIT {K}) f WHERE s.n = :n;
"""


def prepare_postgis(postgres, places):
    """The points with an index on the plane and one on the ellipsoid; the places."""
    postgres.ask(
        "SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS peer; DROP TABLE IF EXISTS peer.point, peer.place; "
        "CREATE TABLE peer.point AS SELECT feature_id AS id, osm_id, number, street, name, valid_from, valid_to, "
        "ST_Transform(geom, 32649)::geometry(Point, 32649) AS geom, ST_Transform(geom, 4326)::geography(Point, 4326) AS geog "
        f"FROM layer.{LAYER}; "
        "CREATE INDEX ON peer.point USING gist (geom); CREATE INDEX ON peer.point USING gist (geog); ANALYZE peer.point; "
        "CREATE TABLE peer.place (n int PRIMARY KEY, geom geometry(Point, 32649), geog geography(Point, 4326))")
    point = "ST_SetSRID(ST_MakePoint({}, {}), 4326)".format
    rows = ",".join(f"({n}, ST_Transform({point(*place)}, 32649), {point(*place)})" for n, place in enumerate(places))
    postgres.ask(f"INSERT INTO peer.place VALUES {rows}; ANALYZE peer.place")


def ask_postgis(postgres, questions, seconds):
    """The rate of questions drawn from some, one core, 16 clients."""
    scripts = [machine.BENCH / f"nearest-{number}.sql" for number in range(len(questions))]
    for script, text in zip(scripts, questions):
        script.write_text(text)
    postgres.pin(machine.SERVER_CORE)
    before = postgres.cpu_ticks()
    command = [str(postgres.bin / "pgbench"), "-n", "-M", "prepared", "-c", "16", "-T", str(seconds),
               *(word for script in scripts for word in ("-f", str(script))), postgres.url]
    done = subprocess.run(machine.pinned(machine.LOAD_CORE, command), check=True, capture_output=True, text=True, cwd=Path("/"))
    # The sessions' time is counted once they have ended.
    time.sleep(1)
    core_s = (postgres.cpu_ticks() - before) / 100
    postgres.pin(machine.ALL_CORES)
    for script in scripts:
        script.unlink()
    told = dict(re.split(r"[:=] ", line, maxsplit=1) for line in done.stdout.splitlines() if re.search(r"[:=] ", line))
    answers = int(told["number of transactions actually processed"].split("/")[0])
    return Rate(float(told["tps "].split()[0]), core_s / answers)
