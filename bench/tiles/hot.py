"""Hot tiles: caches on, a list as the web asks it (Zipf), against martin and against bare axum."""

import shutil

import load
import machine
import servers
from city import LAYERS

ZOOMS = range(13, 17)
REQUESTS = 50_000
TILES = 2_000
USERS = 100
CACHE_MB = 2_048
ENCODINGS = ("identity", "gzip")


def run(city, report, seconds):
    """All three serve the same list; bare axum serves our own bytes."""
    tiles = city.zipf(ZOOMS, REQUESTS, TILES)
    with servers.urbis(city, CACHE_MB, city.plain_layers) as ours:
        files = keep(city, ours, set(tiles))
        found = measure(ours, tiles, seconds, ENCODINGS)
    with servers.martin(city, CACHE_MB) as theirs:
        found |= measure(theirs, tiles, seconds, ENCODINGS)
    with servers.bare(files) as bare:
        found |= measure(bare, tiles, seconds, ENCODINGS[:1])
    report.heading("Hot tiles, Zipf")
    cache = f"caches of {CACHE_MB} MB" if servers.has_cache() else f"ours has no cache yet, martin's {CACHE_MB} MB"
    report.paragraph(f"{len(set(tiles))} tiles z13-16, exponent 1, {USERS} users, {cache}; PostgreSQL on all cores.")
    report.table(["server", "encoding", *load.HEADINGS], [[*key, *outcome.cells()] for key, outcome in found.items()])
    ours = found["urbis", "identity"].requests_s
    report.line(f"hot zipf {ours / found['martin', 'identity'].requests_s:.2f}x martin")
    report.line(f"hot zipf, gzip {found['urbis', 'gzip'].requests_s / found['martin', 'gzip'].requests_s:.2f}x martin")
    report.line(f"hot zipf {ours / found['bare', 'identity'].requests_s:.2f}x bare axum")


def keep(city, server, tiles):
    """Writes our answers as files for bare axum; returns their folder."""
    folder = city.folder / "bare"
    shutil.rmtree(folder, ignore_errors=True)
    for tile in tiles:
        path = folder / ",".join(LAYERS) / tile
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(server.fetch(server.tile_path(LAYERS, tile)))
    return folder


def measure(server, tiles, seconds, encodings):
    """Every tile once, then the load; by server and encoding."""
    paths, found = [server.tile_path(LAYERS, tile) for tile in tiles], {}
    for encoding in encodings:
        for path in sorted(set(paths)):
            server.fetch(path, **{"Accept-Encoding": encoding})
        found[server.name, encoding] = load.run(server, paths, USERS, seconds, encoding)
    return found
