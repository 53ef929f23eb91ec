"""Cold tiles of the whole city at low zooms, with the project's own rules of what is drawn."""

import gzip
import time
from collections import defaultdict

import bare_sql
import load
import servers
from city import OPEN_LAYERS, zoom_of

ZOOMS = range(8, 13)
# A peer draws every feature of a layer from the layer's first zoom on.
MINZOOM = {"parcel": 15, "building": 14, "road_segment": 6, "utility_node": 16}
# A tile of the peer may take many seconds: one of each zoom is enough to see it.
TILES_OF_MARTIN = 1
PATHS = 500


def run(city, report, seconds):
    """p99 under load, every tile's bytes, and martin's time for the fullest tile of each zoom."""
    tiles = city.distinct(ZOOMS)
    with servers.urbis(city, 0) as ours:
        paths = [ours.tile_path(OPEN_LAYERS, tile) for tile in city.paths(ZOOMS, PATHS)]
        load.warm(ours, paths, users=1)
        outcome = load.run(ours, paths, 1, seconds)
        found = fetch_all(ours, tiles)
    with servers.martin(city, 0, MINZOOM) as theirs:
        few = [tile for zoom in ZOOMS for tile in city.distinct([zoom])[:TILES_OF_MARTIN]]
        of_martin = fetch_all(theirs, few)
    report.heading("Low zooms z8-12, cold, 1 user")
    report.paragraph("Ours: every tile drawn once, times over HTTP; martin: the fullest tile of each zoom.")
    report.table(["server", *load.HEADINGS], [["urbis", *outcome.cells()]])
    headings = ["zoom", "tiles", "median ms", "longest ms", "largest bytes", "largest gzip bytes"]
    headings += ["martin: tiles", "median ms", "longest ms", "largest bytes", "largest gzip bytes"]
    rows = [[zoom, *row(found[zoom]), *row(of_martin[zoom])] for zoom in ZOOMS]
    report.table(headings, rows)
    largest = max(size for answers in found.values() for _, _, size in answers)
    largest_martin = max(size for answers in of_martin.values() for _, _, size in answers)
    slowest_martin = max(time_ms for answers in of_martin.values() for time_ms, _, _ in answers)
    report.line(f"cold low zoom p99 {outcome.p99_ms:.1f} ms (martin's slowest tile {slowest_martin:,.0f} ms)")
    report.line(f"cold low zoom largest {largest / 1000:,.0f} KB gzip (martin {largest_martin / 1000:,.0f} KB)")


def fetch_all(server, tiles):
    """Milliseconds, bytes and gzip bytes of each tile, by zoom."""
    found = defaultdict(list)
    for tile in tiles:
        path = server.tile_path(OPEN_LAYERS, tile)
        start = time.perf_counter()
        body = server.fetch(path)
        found[zoom_of(tile)].append(((time.perf_counter() - start) * 1000, len(body), len(gzip.compress(body, 6))))
    return found


def row(answers):
    """The cells of one zoom."""
    if not answers:
        return [0, "-", "-", "-", "-"]
    times = sorted(time_ms for time_ms, _, _ in answers)
    plain, packed = max(size for _, size, _ in answers), max(size for _, _, size in answers)
    return [len(answers), f"{bare_sql.at(times, 0.5):.1f}", f"{times[-1]:.1f}", f"{plain:,}", f"{packed:,}"]
