"""Candidates over HTTP while positions and road states stream in."""

import json
import random
import shutil
import subprocess
import time
from contextlib import contextmanager

import machine
import paced
import restrictions
from feed import Client, Feed, description, now, position
from grown import SEED, SOURCES, remade, urbis
from paced import percentile
from server import Server

PORT = 8465
UNITS = 100
PLACES = 1000
QUERIES_S = 100
ASKERS = 4
POSITIONS_S = 1000
STATES_S = 100


class Node(Server):
    """Our node over the made-up city, with units and places to ask about."""

    port = PORT

    def __init__(self, postgres, spool):
        command = [machine.URBIS, "--log", "warn", "serve", "--database-url", postgres.url, "--listen", f"127.0.0.1:{PORT}",
                   "--spool-dir", spool]
        super().__init__("urbis", command, f"http://127.0.0.1:{PORT}", health="/health/ready", postgres=postgres)


@contextmanager
def node(postgres, scale):
    """A node that runs, its database grown once."""
    url = ["--database-url", postgres.url]
    with remade(postgres.pgdata.parent / "city.stamp", SOURCES, scale) as is_stale:
        if is_stale:
            postgres.clear()
            urbis("synth", "--seed", SEED, "--scale", scale, *url)
    urbis("migrate", *url)
    made = json.loads(urbis("key", "create", "--level", "internal", "--scope", "read", "--scope", "ingest", "--label", "bench", "--json", *url))
    spool = machine.BENCH / "spool"
    shutil.rmtree(spool, ignore_errors=True)
    postgres.pin(machine.LOAD_CORE)
    running = Node(postgres, spool)
    running.key = made["key"]
    running.roads = places(postgres, PLACES)
    running.units = [(f"bench-{number}", running.roads[number * 7 % PLACES]) for number in range(UNITS)]
    with running:
        client = Client(running)
        profiles = ("ambulance", "pumper")
        client.post("/live/positions", [
            position(unit, place, status="available", unit=description("115" if number % 2 else "114", profiles[1 - number % 2]))
            for number, (unit, place) in enumerate(running.units)])
        restrictions.add(running)
        yield running
    postgres.pin(machine.ALL_CORES)


def places(postgres, count):
    """Places on roads, always the same."""
    rows = postgres.ask(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointN(ST_GeometryN(geom, 1), 1) AS p FROM layer.road_segment "
        "WHERE class IN ('primary', 'secondary', 'tertiary', 'residential', 'unclassified') "
        f"ORDER BY md5(feature_id::text) LIMIT {count}) AS f")
    return [tuple(map(float, row.split("|"))) for row in rows.splitlines()]


def run(node, report, seconds):
    report.heading("Candidates while everything moves")
    client = Client(node)
    report.paragraph(
        f"{restrictions.describe(node)}; {UNITS} units, half of them 114 and half 115; {POSITIONS_S} positions/s in {20} batches and {STATES_S} road "
        f"states/s stream in; {QUERIES_S} questions a second by {ASKERS} clients, k=5, routes and reasons in the answer. Node on core "
        f"{machine.SERVER_CORE}, clients, feed and PostgreSQL on core {machine.LOAD_CORE}.")
    paths = [f"/dispatch/candidates?lon={lon:.6f}&lat={lat:.6f}&limit=5" for lon, lat in node.roads]
    rows = []
    quiet = ask_paced(node, paths, seconds)
    rows.append(["quiet", *cells(quiet), "-"])
    before = node.metrics(node.key)
    with Feed(node, POSITIONS_S, STATES_S) as feed:
        start = time.monotonic()
        moving = ask_paced(node, paths, seconds)
        pace = f"{feed.sent / (time.monotonic() - start):.0f} positions/s, {feed.late} of {feed.batches} batches late"
    after = node.metrics(node.key)
    search_p99 = histogram(before, after, "urbis_dispatch_search_seconds", 0.99)
    explained_p99 = histogram(before, after, "urbis_dispatch_candidates_seconds", 0.99)
    rows.append(["streaming", *cells(moving), pace])
    worst = worst_cases(node, client, rows)
    report.table(["", "questions", "p50 ms", "p99 ms", "most ms", ""], rows)
    report.line(f"candidates p99 search {search_p99} ms, with ways and reasons {explained_p99} ms, HTTP {percentile(moving, 0.99):.1f} ms at {QUERIES_S} q/s")
    report.line(f"worst case p99 {worst:.1f} ms")
    report.line(f"position to visible p99 {visible_position(node, client):.1f} ms")
    report.line(f"closure to visible p99 {visible_closure(node, client):.1f} ms (road state), {visible_edit(node, client):.1f} ms (psql)")


def ask_paced(node, paths, seconds):
    """Sorted milliseconds."""
    return sorted(ms for _, ms in paced.ask(node.port, paths, QUERIES_S, seconds, ASKERS))


def cells(taken):
    return [len(taken), f"{percentile(taken, 0.5):.2f}", f"{percentile(taken, 0.99):.2f}", f"{taken[-1]:.2f}"]


def histogram(before, after, name, share):
    """An upper bound of a percentile in ms, by the buckets that grew in between."""
    def buckets(found):
        prefix = f'{name}_bucket{{le="'
        return {key[len(prefix):-2]: value for key, value in found.items() if key.startswith(prefix)}
    old, new = buckets(before), buckets(after)
    grown = sorted((float(bound), new[bound] - old.get(bound, 0)) for bound in new if bound != "+Inf")
    total = new["+Inf"] - old.get("+Inf", 0)
    for bound, count in grown:
        if count >= share * total:
            return f"<= {bound * 1e3:g}"
    return "above all bounds"


def worst_cases(node, client, rows):
    """Two units free, incidents cut off, all units: the worst p99."""
    drawn = random.Random(SEED)
    asked = drawn.sample(node.roads, 200)
    path = lambda place, limit, more="": f"/dispatch/candidates?lon={place[0]:.6f}&lat={place[1]:.6f}&limit={limit}{more}"
    cases = {"all units, k=100": [path(place, 100) for place in asked]}
    for number in range(2):
        client.post("/live/positions", [position(f"two-{number}", node.roads[number * 400], status="available", unit=description("112", "rescue_truck"))])
    cases["two units free"] = [path(place, 5, "&service=112") for place in asked]
    worst = 0
    for words, paths in cases.items():
        worst = max(worst, tell(rows, words, client, paths))
    islands = asked[:50]
    client.post("/live/road-state", [
        {"id": f"island-{number}", "observed_at": now(), "geometry": {"type": "Point", "coordinates": place}, "radius_m": 60, "closed": True}
        for number, place in enumerate(islands)])
    worst = max(worst, tell(rows, "cut off", client, [path(place, 5) for place in islands]))
    client.post("/live/road-state", [{"id": f"island-{number}", "observed_at": now(), "cleared": True} for number in range(len(islands))])
    return worst


def tell(rows, words, client, paths):
    taken = []
    for path in paths:
        start = time.perf_counter()
        client.fetch("GET", path)
        taken.append((time.perf_counter() - start) * 1e3)
    taken.sort()
    rows.append([words, *cells(taken), ""])
    return percentile(taken, 0.99)


def visible_position(node, client, count=300):
    """From the first byte of a report to the end of the first answer that has it."""
    unit, (lon, lat) = node.units[1]
    taken = []
    for step in range(count):
        place = (round(lon + step * 1e-6, 7), lat)
        start = time.perf_counter()
        client.post("/live/positions", [position(unit, place)])
        while True:
            answer = client.get(f"/dispatch/candidates?lon={lon:.6f}&lat={lat:.6f}&service=115&limit=3")
            seen = [found["position"] for found in [*answer["candidates"], *answer["rejected"]] if found["unit_id"] == unit]
            if seen and abs(seen[0][0] - place[0]) < 5e-8:
                break
        taken.append((time.perf_counter() - start) * 1e3)
    return percentile(sorted(taken), 0.99)


def visible_closure(node, client, count=100):
    """From the first byte of a road state to the end of the first answer of its epoch."""
    lon, lat = node.roads[5]
    taken = []
    for step in range(count):
        state = {"id": "seen", "observed_at": now(), "geometry": {"type": "Point", "coordinates": [lon, lat]}, "radius_m": 40}
        epoch = client.get(candidates(lon, lat))["basis"]["epoch"]
        start = time.perf_counter()
        client.post("/live/road-state", [{**state, "closed": True} if step % 2 == 0 else {"id": "seen", "observed_at": now(), "cleared": True}])
        while client.get(candidates(lon, lat))["basis"]["epoch"] <= epoch:
            pass
        taken.append((time.perf_counter() - start) * 1e3)
    return percentile(sorted(taken), 0.99)


def visible_edit(node, client, count=100):
    """From the start of a psql edit of a closure to the end of the first answer of its revision."""
    lon, lat = node.roads[6]
    session = subprocess.Popen(node.postgres.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    line = f"ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint({lon}, {lat}), ST_MakePoint({lon} + 0.0005, {lat})), 4326))"
    taken = []
    for step in range(count):
        sql = (f"INSERT INTO layer.road_closure (closure_no, cause, vehicle_impact, geom) VALUES ('bench', 'works', 'all-lanes-closed', {line});"
               if step % 2 == 0 else "DELETE FROM layer.road_closure WHERE closure_no = 'bench';")
        before = client.get(candidates(lon, lat))["basis"]["revision"]
        start = time.perf_counter()
        session.stdin.write(sql + "\n")
        session.stdin.flush()
        while client.get(candidates(lon, lat))["basis"]["revision"] <= before:
            pass
        taken.append((time.perf_counter() - start) * 1e3)
    session.stdin.close()
    session.wait()
    return percentile(sorted(taken), 0.99)


def candidates(lon, lat):
    return f"/dispatch/candidates?lon={lon:.6f}&lat={lat:.6f}&service=115&limit=3"
