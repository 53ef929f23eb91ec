"""A thousand commits a second, and how long each takes to be seen in a tile.

Every commit writes the time into the name of a building: of twenty one lies in a tile that a reader
asks for over and over, the rest anywhere. From stamp to answer is the time; so it holds the commit
itself, and the reader's pause. Measured alone, while a large import writes, and while it is open.
"""

import http.client
import re
import subprocess
import threading
import time

import load
import machine
import servers
from bare_sql import at
from city import LAYERS, envelope

RATE = 1_000
WRITERS = 8
# A session's first commit loads PostGIS and prepares the triggers: what it takes, all of them at once
# on one core, is not what an edit takes.
WARM_UP_S = 2
PAUSE_S = 0.001
STAMP = re.compile(rb"e(\d{16})")
# As many as edit.sql draws from, one in twenty in the tile.
EDITED = 20_000
ONE_IN = 20
PATHS = 2_000


def run(city, report, seconds):
    """All phases; the database is put back as it was."""
    tile = city.distinct([16])[0]
    choose(city, tile)
    city.postgres.pin(machine.LOAD_CORE)
    report.heading(f"Fresh under {RATE} edits a second")
    try:
        with servers.urbis(city, 0, city.plain_layers) as ours:
            phases, quiet, busy = measure(city, ours, tile, seconds)
    finally:
        city.postgres.pin(machine.ALL_CORES)
        restore(city)
    tell(report, tile, phases, quiet, busy)


def measure(city, ours, tile, seconds):
    """Freshness in three states, and cold tiles with and without writers."""
    paths = [ours.tile_path(LAYERS, path) for path in city.paths(range(13, 17), PATHS)]
    load.warm(ours, paths)
    quiet = load.run(ours, paths, 10, seconds)
    phases = {"alone": watch(city, ours, tile, seconds)}
    with Writers(city, seconds):
        busy = load.run(ours, paths, 10, seconds)
    with OpenImport(city) as importing:
        phases["while an import writes"] = watch(city, ours, tile, seconds)
        importing.wait()
        phases[f"while an import of {importing.rows:,} rows is open"] = watch(city, ours, tile, seconds)
    return phases, quiet, busy


def tell(report, tile, phases, quiet, busy):
    """Tables and lines."""
    report.paragraph(
        f"Tile {tile} of layer building asked for every {PAUSE_S * 1000:.0f} ms and a fetch; node on core "
        f"{machine.SERVER_CORE}, PostgreSQL, {WRITERS} writers and reader on core {machine.LOAD_CORE}; fsync on."
    )
    headings = ["state", "commits/s", "seen", "p50 ms", "p99 ms", "longest ms"]
    rows = [[name, f"{rate:.0f}", len(times), f"{at(times, 0.5):.1f}", f"{at(times, 0.99):.1f}", f"{times[-1]:.1f}"]
            for name, (rate, times) in phases.items()]
    report.table(headings, rows)
    report.table(["cold z13-16, 10 users", *load.HEADINGS], [["quiet", *quiet.cells()], [f"{RATE} edits/s", *busy.cells()]])
    for name, (_, times) in phases.items():
        where = "" if name == "alone" else f" {name}"
        report.line(f"fresh under {RATE} edits/s{where} p50 {at(times, 0.5):.1f} ms, p99 {at(times, 0.99):.1f} ms")
    report.line(f"cold p99 during edits {busy.p99_ms / quiet.p99_ms:.2f}x the quiet one")


def choose(city, tile):
    """Table peer.edited: which buildings are edited, and their names before."""
    box = ", ".join(map(str, envelope(tile)))
    city.postgres.ask(f"""
        SET client_min_messages = warning;
        DROP TABLE IF EXISTS peer.edited;
        CREATE TABLE peer.edited AS
        WITH box AS (SELECT ST_Transform(ST_MakeEnvelope({box}, 4326), ST_SRID(geom)) AS geom FROM layer.building LIMIT 1),
        near AS (SELECT feature_id, row_number() OVER (ORDER BY feature_id) - 1 AS at, count(*) OVER () AS rows
                 FROM layer.building b, box WHERE ST_Within(b.geom, box.geom)),
        far AS (SELECT feature_id, row_number() OVER (ORDER BY md5(feature_id::text)) AS n FROM layer.building b, box
                WHERE NOT b.geom && box.geom LIMIT {EDITED}),
        chosen AS (SELECT n, CASE WHEN n % {ONE_IN} = 0 THEN near.feature_id ELSE far.feature_id END AS feature_id
                   FROM far LEFT JOIN near ON n % {ONE_IN} = 0 AND near.at = (n / {ONE_IN}) % near.rows)
        SELECT n, feature_id, name FROM chosen JOIN layer.building USING (feature_id);
        CREATE UNIQUE INDEX ON peer.edited (n);
        ANALYZE peer.edited;""")


def restore(city):
    """The names as they were."""
    city.postgres.ask("""
        UPDATE layer.building b SET name = e.name
        FROM (SELECT DISTINCT feature_id, name FROM peer.edited) e
        WHERE b.feature_id = e.feature_id AND b.name IS DISTINCT FROM e.name;""")
    city.postgres.ask("VACUUM ANALYZE layer.building")


def watch(city, server, tile, seconds):
    """Commits a second that came about, and sorted times from stamp to sight."""
    with Writers(city, seconds) as writers:
        times = Reader(server, f"{server.prefix}/building/{tile}").watch(seconds)
    return writers.rate, sorted(times)


class Writers:
    """Context: pgbench commits at a rate; `rate` is what it reached."""

    def __init__(self, city, seconds):
        script = machine.ROOT / "bench/tiles/edit.sql"
        command = [city.postgres.bin / "pgbench", "-n", "-M", "prepared", "-c", WRITERS, "-j", 1]
        command += ["-R", RATE, "-T", seconds + WARM_UP_S + 1, "-f", script, city.postgres.url]
        self.command = machine.pinned(machine.LOAD_CORE, command)

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(WARM_UP_S)
        return self

    def __exit__(self, *_):
        told, failed = self.process.communicate()
        found = re.search(r"tps = ([\d.]+)", told)
        if not found:
            raise SystemExit(f"the writers failed: {failed}")
        self.rate = float(found[1])


class Reader:
    """Asks for one tile over and over, and notes when each stamp is first seen."""

    def __init__(self, server, path):
        self.connection = http.client.HTTPConnection(server.base.split("//")[1])
        self.path = path

    def watch(self, seconds):
        """Milliseconds from each stamp to the answer that first held it."""
        # Stamps that were there before belong to another phase.
        seen, times = self.stamps(), []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.stamps()
            now = time.time()
            times += [(now - int(stamp) / 1e6) * 1000 for stamp in found - seen]
            seen |= found
            time.sleep(PAUSE_S)
        return times

    def stamps(self):
        self.connection.request("GET", self.path, headers={"Accept-Encoding": "identity"})
        return set(STAMP.findall(self.connection.getresponse().read()))


class OpenImport:
    """Context: a transaction that writes every parcel anew and stays open; rolled back at the end."""

    def __init__(self, city):
        self.city = city
        self.rows = int(city.postgres.ask("SELECT count(*) FROM layer.parcel"))

    def __enter__(self):
        command = machine.pinned(machine.LOAD_CORE, self.city.postgres.psql())
        self.psql = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        columns = self.city.postgres.ask(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns WHERE table_schema = 'layer' "
            "AND table_name = 'parcel' AND column_name NOT IN ('feature_id', 'recorded_from')"
        )
        self.psql.stdin.write(
            "BEGIN; SET LOCAL urbis.bulk_load = 'on';\n"
            f"INSERT INTO layer.parcel ({columns}) SELECT {columns} FROM layer.parcel; SELECT 'written';\n"
        )
        self.written = threading.Thread(target=self.psql.stdout.readline)
        self.written.start()
        return self

    def wait(self):
        """Until every row is written."""
        self.written.join()

    def __exit__(self, *_):
        self.psql.stdin.write("ROLLBACK;\n")
        self.psql.stdin.close()
        self.psql.wait()
        self.city.postgres.ask("VACUUM layer.parcel")
