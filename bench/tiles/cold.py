"""Cold tiles: no cache on either side, so that every request makes its tile."""

import bare_sql
import load
import machine
import servers
from city import LAYERS

ZOOMS = range(13, 17)
USERS = (1, 10, 100)
ENCODINGS = ("identity", "gzip")
# Long enough to be a sample, short enough to be gone through more than once.
PATHS = 2_000


def run(city, report, seconds):
    """Ours against martin with PostgreSQL on martin's core, and with PostgreSQL on all cores."""
    tiles = city.paths(ZOOMS, PATHS)
    sides = {
        "urbis": measure(servers.urbis(city, 0, city.plain_layers), tiles, seconds),
        f"martin, PostgreSQL on core {machine.SERVER_CORE}": measure_martin(city, tiles, seconds, machine.SERVER_CORE),
        f"martin, PostgreSQL on cores {machine.ALL_CORES}": measure_martin(city, tiles, seconds, machine.ALL_CORES),
    }
    sql = {f"ST_AsMVT by pgbench, core {machine.SERVER_CORE}": bare_sql.measure(city, tiles, USERS, seconds)}
    for encoding in ENCODINGS:
        found = {name: found[encoding] for name, found in sides.items()}
        tell(report, found | (sql if encoding == "identity" else {}), encoding)


def tell(report, sides, encoding):
    """The table of one encoding, and its lines."""
    report.heading(f"Cold tiles z13-16, {encoding}")
    report.paragraph(
        f"{PATHS} draws, layers {', '.join(LAYERS)}; both warm, tile caches off, martin's pool "
        f"{servers.POOL_SIZE}. wrk on core {machine.LOAD_CORE}."
    )
    rows = [[users, name, *found[users].cells()] for users in USERS for name, found in sides.items()]
    report.table(["users", "server", *load.HEADINGS], rows)
    ours, beside, free, *_ = sides.values()
    mark = "" if encoding == "identity" else f", {encoding}"
    for users in USERS:
        word = "user" if users == 1 else "users"
        ratio = ours[users].requests_s / beside[users].requests_s
        other = ours[users].requests_s / free[users].requests_s
        report.line(f"cold {users} {word}{mark} {ratio:.1f}x ({other:.1f}x where PostgreSQL has all cores)")
    report.line(f"cold 100 users{mark} p99 {ours[100].p99_ms:.1f} ms, {ours[100].errors} errors")


def measure_martin(city, tiles, seconds, cores):
    """martin, with PostgreSQL on these cores."""
    city.postgres.pin(cores)
    try:
        return measure(servers.martin(city, 0), tiles, seconds)
    finally:
        city.postgres.pin(machine.ALL_CORES)


def measure(server, tiles, seconds):
    """What a server does, by encoding and number of users."""
    with server as running:
        paths = [running.tile_path(LAYERS, tile) for tile in tiles]
        load.warm(running, paths, seconds=max(5, seconds // 2))
        return {
            encoding: {users: load.run(running, paths, users, seconds, encoding) for users in USERS}
            for encoding in ENCODINGS
        }
