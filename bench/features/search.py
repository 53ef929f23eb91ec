"""The search over HTTP: what people type, at a fixed pace."""

import json
import random
import re
from pathlib import Path
from urllib.parse import quote

import paced
import typed

EACH_SECOND = 100
P99_BAR_MS = 30
WARM_S = 5
BUILT = re.compile(r"search index built names=(\d+) addresses=(\d+) parcels=(\d+) bytes=(\d+) duration_ms=(\d+)")
COLOURS = re.compile(r"\x1b\[\d+m")


def run(bench, report, seconds):
    """Asks for all kinds in turns, as a map does: for what lies near, eight results."""
    report.heading("Search")
    texts = typed.draw(bench.postgres)
    places = typed.near(bench.postgres, 500)
    drawn = random.Random(typed.SEED)
    asked = [(kind, text) for kind, words in texts.items() for text in words]
    drawn.shuffle(asked)
    paths = [f"/search?q={quote(text)}&limit=8" + near(drawn.choice(places)) for _, text in asked]
    bench.node.wait_for("/search?q=a")
    names, addresses, parcels, size, duration_ms = built(bench.node)
    report.paragraph(
        f"{len(asked):,} texts of {len(texts)} kinds, drawn with seed {typed.SEED}; {EACH_SECOND} a second for {seconds} s, from when each was "
        f"due. The index has {names:,} names, {addresses:,} addresses and {parcels:,} parcels in {size / 2**20:,.0f} MB, and was built in {duration_ms / 1e3:.1f} s.")
    paced.ask(bench.node.port, paths, EACH_SECOND, WARM_S)
    before = bench.node.worked_s()
    taken = paced.ask(bench.node.port, paths, EACH_SECOND, seconds)
    core_ms = (bench.node.worked_s() - before) / len(taken) * 1e3
    by_kind = {kind: [] for kind in texts}
    for at, ms in taken:
        by_kind[asked[at][0]].append(ms)
    answered = found(bench.node, asked, paths)
    rows = [[kind, len(times), *cells(times), f"{answered[kind]:.0%}"] for kind, times in by_kind.items() if times]
    everything = [ms for _, ms in taken]
    rows.append(["all", len(everything), *cells(everything), ""])
    report.table(["what is typed", "questions", "p50 ms", "p99 ms", "most ms", "found something"], rows)
    p99 = paced.percentile(sorted(everything), 0.99)
    report.bar(f"search p99 {p99:.1f} ms at {EACH_SECOND} q/s, {core_ms:.2f} ms of a core each", p99 < P99_BAR_MS)


def near(place):
    lon, lat = place
    return f"&lon={lon:.4f}&lat={lat:.4f}"


def cells(times):
    times = sorted(times)
    return [f"{paced.percentile(times, 0.5):.2f}", f"{paced.percentile(times, 0.99):.2f}", f"{times[-1]:.2f}"]


def built(node):
    """What the node says of its index: names, addresses, parcels, bytes, milliseconds."""
    lines = COLOURS.sub("", Path(node.log.name).read_text())
    return [int(number) for number in BUILT.search(lines).groups()]


def found(node, asked, paths, each=40):
    """The share of the first texts of each kind that have results."""
    shares = {}
    for (kind, _), path in zip(asked, paths):
        seen = shares.setdefault(kind, [])
        if len(seen) < each:
            seen.append(bool(json.loads(node.fetch(path))["results"]))
    return {kind: sum(seen) / len(seen) for kind, seen in shares.items()}
