"""Whether both servers send the same: a race over different features would say nothing.

Fetches tiles of each zoom from both and compares, layer by layer, how many features they hold and
how long they are.
"""

from collections import defaultdict

import layers
import mvt
import servers
from city import LAYERS, zoom_of

ZOOMS = range(13, 17)
TILES_A_ZOOM = 25
# Bytes may differ by so much: rounding, order of keys, vertices on a straight line.
TOLERANCE = 0.10


def run(city, report, _seconds):
    """Compares, reports; says so where the two differ by more than the tolerance."""
    sums = defaultdict(lambda: [0, 0, 0, 0])
    with servers.urbis(city, 0, city.plain_layers) as ours, servers.martin(city, 0) as theirs:
        for tile in (tile for zoom in ZOOMS for tile in city.distinct([zoom])[:TILES_A_ZOOM]):
            for offset, server in ((0, ours), (2, theirs)):
                found = mvt.layers(server.fetch(server.tile_path(LAYERS, tile)))
                for name, (features, length) in found.items():
                    sums[zoom_of(tile), name][offset] += features
                    sums[zoom_of(tile), name][offset + 1] += length
    report.heading("Same features, same bytes")
    report.paragraph(
        f"Decoded, the {TILES_A_ZOOM} fullest tiles a zoom; ours with thinning and joining off "
        f"(bench/tiles/layers.py), layers from zoom {layers.MINZOOM}."
    )
    headings = ["zoom", "layer", "features", "of martin", "bytes", "of martin", "bytes to martin's"]
    rows = [[*key, *counts[:1], counts[2], counts[1], counts[3], ratio(counts)] for key, counts in sorted(sums.items())]
    report.table(headings, rows)
    total = [sum(counts[index] for counts in sums.values()) for index in range(4)]
    verdict = "same" if abs(total[1] / total[3] - 1) <= TOLERANCE else "NOT the same"
    report.line(f"bytes to martin's, z13-16 {ratio(total)}x ({verdict}; features {total[0] / total[2]:.4f}x)")


def ratio(counts):
    """Our bytes over theirs."""
    return f"{counts[1] / counts[3]:.3f}" if counts[3] else "-"
