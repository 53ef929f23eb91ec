"""`ST_AsMVT` with nothing around it: what PostGIS does when no tile server is in the way."""

import shutil
import subprocess
from pathlib import Path

import layers
import load
import machine

# What martin asks for a table in EPSG:3857, as a function of its own so that its plan is kept.
TILE = """
CREATE OR REPLACE FUNCTION peer.tile(z int, x int, y int) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE whole bytea := ''; part bytea;
BEGIN
{parts}
  RETURN whole;
END $$;
"""
PART = """
  IF z >= {minzoom} THEN
    SELECT ST_AsMVT(tile, '{name}', 4096, 'geom', 'gid') INTO part FROM (
      SELECT ST_AsMVTGeom(geom, ST_TileEnvelope(z, x, y), 4096, 64, true) AS geom, {columns}
      FROM peer.{name} WHERE geom && ST_TileEnvelope(z, x, y, margin => 64.0 / 4096)) AS tile;
    whole := whole || coalesce(part, '');
  END IF;
"""
SCRIPT = """\\set tile random(1, {count})
SELECT peer.tile(z, x, y) FROM peer.path WHERE n = :tile;
"""


def measure(city, tiles, users_list, seconds):
    """Tiles a second and times, as pgbench logs them; PostgreSQL on the server's core."""
    prepare(city, tiles)
    script = city.folder / "tile.sql"
    script.write_text(SCRIPT.format(count=len(tiles)))
    city.postgres.pin(machine.SERVER_CORE)
    try:
        run(city, script, users_list[-1], max(5, seconds // 2))
        return {users: run(city, script, users, seconds) for users in users_list}
    finally:
        city.postgres.pin(machine.ALL_CORES)


def prepare(city, tiles):
    """The function and the list, in the database."""
    parts = []
    for name, minzoom in layers.MINZOOM.items():
        columns = city.postgres.ask(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns "
            f"WHERE table_schema = 'peer' AND table_name = '{name}' AND column_name <> 'geom'"
        )
        parts.append(PART.format(name=name, minzoom=minzoom, columns=columns))
    rows = ", ".join(f"({n}, {tile.replace('/', ', ')})" for n, tile in enumerate(tiles, 1))
    city.postgres.ask(
        "SET client_min_messages = warning; " + TILE.format(parts="".join(parts)) + "DROP TABLE IF EXISTS peer.path; "
        "CREATE TABLE peer.path (n int PRIMARY KEY, z int, x int, y int); "
        f"INSERT INTO peer.path VALUES {rows}; ANALYZE peer.path;"
    )


def run(city, script, users, seconds):
    """One load; `bytes each` is not known to pgbench."""
    logs = city.folder / "pgbench"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    command = [
        city.postgres.bin / "pgbench", "-n", "-M", "prepared", "-c", users, "-j", 1, "-T", seconds, "-f", script,
        "-l", "--log-prefix", logs / "log", city.postgres.url,
    ]
    subprocess.run(machine.pinned(machine.LOAD_CORE, command), check=True, capture_output=True)
    times = sorted(latencies_ms(logs))
    return load.Outcome(len(times) / seconds, at(times, 0.5), at(times, 0.99), 0, 0)


def latencies_ms(logs):
    """Third column of pgbench's logs: microseconds."""
    for path in Path(logs).iterdir():
        for line in path.read_text().splitlines():
            yield int(line.split()[2]) / 1000


def at(times, share):
    """A percentile of sorted times."""
    return times[min(int(len(times) * share), len(times) - 1)]
