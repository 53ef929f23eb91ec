"""All features of the layer: how fast, against psql's copy, and what the server's memory does meanwhile."""

import json
import threading
import time
from contextlib import contextmanager

from pages import BAR, STRIDE, coordinates, next_query
from questions import ITEMS, LAYER, SEEN, count, rows

DOWNLOAD = f"/ogc/collections/{LAYER}/download?f=geojson"
# Over so many features memory is watched; of them every so many-th is looked at number by number.
WATCHED = 1_000_000
EVERY = 97
# What may come and go with one stream, MB.
FLAT_MB = 64
SLOW_S = 20
SLOW_MB_S = 2
SAMPLE_S = 0.05
START = b'{"type":"Feature","id":'


def run(bench, report):
    """The whole layer by links and, where there is one, by download."""
    report.heading("Whole layer")
    psql_before = bench.psql.worked_s()
    theirs_s = bench.psql.copy(rows("true")) / 1e3
    table = [["psql \\copy", f"{theirs_s:.1f}", f"{bench.features / theirs_s:,.0f}", f"{bench.psql.worked_s() - psql_before:.1f}", "", "", "", ""]]
    ways = {f"links, pages of {STRIDE:,}": by_links}
    if has_download(bench):
        ways["download"] = by_download
    for name, way in ways.items():
        table.append(measure(bench, report, name, way, theirs_s))
    report.table(["", "s", "features/s", "core s", "MB/s", "ratio", "resident before, most, after, MB", "same rows"], table)
    slow(bench, report, DOWNLOAD if "download" in ways else f"{ITEMS}?limit={STRIDE}")


def measure(bench, report, name, way, theirs_s):
    """A row of the table: one stream timed alone, then one whose features are looked at, which is a slower reader."""
    before = bench.node.worked_s()
    start = time.perf_counter()
    length = sum(map(len, way(bench)))
    taken = time.perf_counter() - start
    core_s = bench.node.worked_s() - before
    with resident(bench.node) as memory:
        seen = Seen()
        for part in way(bench):
            seen.add(part)
            if seen.count >= WATCHED:
                # It may be cut.
                seen.rest = b""
                break
    bench.client.connection.close()
    same = seen.found() == expected(bench, seen)
    ratio = theirs_s / taken
    report.bar(f"whole layer by {name} {ratio:.2f}x psql", ratio >= BAR and same)
    report.bar(f"memory over {seen.count:,} features by {name} +{memory.grown():.0f} MB", memory.grown() <= FLAT_MB)
    return [name, f"{taken:.1f}", f"{bench.features / taken:,.0f}", f"{core_s:.1f}", f"{length / taken / 1e6:.0f}", f"{ratio:.2f}x",
            memory.cells(), "yes" if same else "NO"]


def by_links(bench):
    """Pages as a client gets them."""
    query = f"limit={STRIDE}"
    while query:
        page = bench.client.body(f"{ITEMS}?{query}")
        yield page
        # The links stand behind the features.
        query = next_query(json.loads(b"{" + page[page.rindex(b'"links":['):]))


def has_download(bench):
    """Whether this build of ours can send a layer whole."""
    bench.client.connection.close()
    bench.client.connection.request("HEAD", DOWNLOAD)
    answer = bench.client.connection.getresponse()
    answer.read()
    return answer.status == 200


def by_download(bench):
    """Parts of one answer."""
    answer = bench.client.open(DOWNLOAD)
    while part := answer.read(1 << 20):
        yield part


class Seen:
    """Counts and sums of the features in parts of GeoJSON."""

    def __init__(self):
        self.count = self.ids = self.last = self.looked_at = 0
        self.total = 0.0
        self.rest = b""

    def add(self, part):
        """A part; a feature may be cut at its end."""
        first, *features = (self.rest + part).split(START)
        if not features:
            self.rest = first
            return
        self.rest = START + features[-1]
        for feature in features[:-1]:
            self.look(feature)

    def look(self, feature):
        """The text after the start of a feature."""
        number = int(feature[: feature.index(b",")])
        self.count += 1
        self.ids += number
        self.last = number
        if number % EVERY == 0:
            found, _ = json.JSONDecoder().raw_decode((START + feature).decode())
            total, numbers = coordinates(found["geometry"]["coordinates"])
            self.total += total
            self.looked_at += numbers

    def found(self):
        """Number of features, sum of ids, number of coordinates that were looked at, their sum in degrees."""
        if self.rest.startswith(START):
            self.look(self.rest[len(START):])
            self.rest = b""
        return self.count, self.ids, self.looked_at, round(self.total, 4)


def expected(bench, seen):
    """The same of the table; the sum is ours where it differs by no more than the last digits."""
    found = seen.found()
    passed = f"{SEEN} AND feature_id <= {seen.last}"
    counted, ids = bench.postgres.ask(f"SELECT count(*), sum(feature_id) FROM layer.{LAYER} WHERE {passed}").split("|")
    numbers, total = bench.postgres.ask(
        "SELECT 2 * count(*), sum(ST_X(p) + ST_Y(p)) FROM (SELECT (ST_DumpPoints(ST_Transform(geom, 4326))).geom AS p "
        f"FROM layer.{LAYER} WHERE {passed} AND feature_id % {EVERY} = 0) f").split("|")
    is_near = abs(float(total) - seen.total) <= int(numbers) * 0.5e-7
    return int(counted), int(ids), int(numbers), found[3] if is_near else round(float(total), 4)


class Resident:
    """Memory of the node, sampled."""

    def __init__(self, before):
        self.before, self.most, self.after = before, before, before

    def grown(self):
        return self.most - self.before

    def cells(self):
        return f"{self.before:,.0f}, {self.most:,.0f}, {self.after:,.0f}"


@contextmanager
def resident(node):
    """Samples while it is open."""
    memory, stopped = Resident(node.rss_mb()), threading.Event()

    def sample():
        while not stopped.wait(SAMPLE_S):
            memory.most = max(memory.most, node.rss_mb())

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield memory
    finally:
        stopped.set()
        sampler.join()
        memory.after = node.rss_mb()


def slow(bench, report, path):
    """A client that reads a little at a time, of an answer that is much longer than what it takes."""
    part = 1 << 16
    answer = bench.client.open(path)
    with resident(bench.node) as memory:
        end, taken = time.monotonic() + SLOW_S, 0
        while time.monotonic() < end and (read := len(answer.read(part))):
            taken += read
            time.sleep(part / SLOW_MB_S / 1e6)
    answer.close()
    bench.client.connection.close()
    report.bar(f"memory under a reader of {taken / SLOW_S / 1e6:.1f} MB/s +{memory.grown():.0f} MB", memory.grown() <= FLAT_MB)
