"""Many clients ask for one tile that nobody has made yet, at once."""

import asyncio
import time

import servers
from city import LAYERS

CLIENTS = 500
CACHE_MB = 256
# What counts the tiles that were rendered, in /metrics.
BUILDS = "urbis_tile_build_seconds_count"


def run(city, report, _seconds):
    """The fullest z14 tile; builds are counted by the server itself."""
    tile = city.distinct([14])[0]
    report.heading("Stampede")
    rows, builds = [], None
    for server in (servers.urbis(city, CACHE_MB, city.plain_layers), servers.martin(city, CACHE_MB)):
        with server as running:
            path = running.tile_path(LAYERS, tile)
            before = count(running.metrics())
            times, good = asyncio.run(stampede(running.base.split("//")[1], path))
            after = count(running.metrics())
        made = None if after is None else after - (before or 0)
        builds = made if server.name == "urbis" else builds
        told = "not told" if made is None else f"{made:.0f}"
        rows.append([server.name, good, f"{times[len(times) // 2]:.1f}", f"{times[-1]:.1f}", told])
    report.paragraph(f"{CLIENTS} clients connected beforehand, tile {tile}, load on all cores; times from the first request on.")
    report.table(["server", "answers 200", "median ms", "last ms", "builds"], rows)
    report.line(f"stampede {'? builds (the server does not tell)' if builds is None else f'{builds:.0f} build'}")


def count(metrics):
    """Builds so far; `None` where the server does not count them."""
    found = [value for name, value in metrics.items() if name.startswith(BUILDS)]
    return sum(found) if found else None


async def stampede(host, path):
    """Sorted times of the answers in milliseconds, and how many were 200 with a whole body."""
    address, port = host.split(":")
    connections = [await asyncio.open_connection(address, int(port)) for _ in range(CLIENTS)]
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\n\r\n".encode()
    start = time.perf_counter()
    for _, writer in connections:
        writer.write(request)
    answers = await asyncio.gather(*(answer(reader, start) for reader, _ in connections))
    for _, writer in connections:
        writer.close()
    return sorted(time_ms for time_ms, _ in answers), sum(good for _, good in answers)


async def answer(reader, start):
    """When an answer was there, and whether it is a tile."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length")), 0)
    await reader.readexactly(length)
    return (time.perf_counter() - start) * 1000, head.startswith(b"http/1.1 200") and length > 0
