"""What the whole city takes in memory, by layer where the server tells it."""

import re

import servers
from city import LAYERS, OPEN_LAYERS

# In /metrics: a gauge for each layer and part of it.
BYTES = re.compile(r'urbis_layer_bytes\{.*?layer="(\w+)".*\}')


def run(city, report, _seconds):
    """Resident memory after the load, its peak, and bytes per feature."""
    with servers.urbis(city, 0) as ours:
        ours.fetch(ours.tile_path(OPEN_LAYERS, city.distinct([14])[0]))
        rss, peak, started = ours.rss_mb(), ours.peak_mb(), ours.started_s
        metrics = ours.metrics(city.key())
    bytes_of = dict.fromkeys(LAYERS, 0.0)
    for name, value in metrics.items():
        if (match := BYTES.match(name)) and match[1] in bytes_of:
            bytes_of[match[1]] += value
    rows = []
    for name in LAYERS:
        features = int(city.postgres.ask(f"SELECT count(*) FROM layer.{name}"))
        told = f"{bytes_of[name] / max(features, 1):.0f}" if bytes_of[name] else "not told"
        rows.append([name, f"{features:,}", told])
    features = sum(int(row[1].replace(",", "")) for row in rows)
    report.heading("Memory")
    report.paragraph(f"Resident {rss:,.0f} MB, peak {peak:,.0f} MB, ready after {started:.1f} s on one core with PostgreSQL on all.")
    report.table(["layer", "features", "bytes a feature"], [*rows, ["resident, all", f"{features:,}", f"{rss * 2**20 / features:.0f}"]])
    report.line(f"memory full city {rss / 1024:.2f} GB")
