"""What the network's time is worth: how often the straight line sends the wrong unit, and what that
costs; dry, and with 15 round floods."""

import math

from exact import first_of

RANKS = (0.5, 0.95)


def run(networks, report):
    report.heading("What it is worth")
    rows = []
    for network in networks:
        for words, times in (("dry", network.ours["all"]), ("flooded", network.ours["all_flooded"])):
            rows.append([network.name, words, *row(network, times)])
    report.table(["network", "", "the line's unit is not the first", "or cannot come", "seconds lost, median / 95 %",
                  "line's rank of the first, 95 % / most", "first unit changed by the flood", "cut off by it"], rows)
    shares = ", ".join(f"{network.name} {network.ours['flooded_share'] * 100:.1f} %" for network in networks)
    report.paragraph(f"Arcs under water: {shares}.")
    for network in networks:
        found = row(network, network.ours["all"])
        report.line(f"value, {network.name}: the line is wrong in {found[0]}, {found[2]} s lost (median / 95 %)")


def row(network, times):
    """The cells of one network in one state."""
    wrong = stuck = asked = changed = cut = 0
    lost, ranks = [], []
    for incident, dry, found in zip(network.cases["incidents"], network.ours["all"], times):
        first = first_of(found)
        was = first_of(dry)
        cut += was is not None and first is None
        changed += was is not None and first is not None and was != first
        if first is None:
            continue
        asked += 1
        by_line = sorted(range(len(found)), key=lambda unit: metres(network.cases["units"][unit], incident))
        nearest = by_line[0]
        ranks.append(by_line.index(first) + 1)
        if found[nearest] is None:
            stuck += 1
        elif found[nearest] > found[first]:
            wrong += 1
            lost.append((found[nearest] - found[first]) / 1000)
    lost.sort()
    ranks.sort()
    at = lambda values, share: values[min(int(len(values) * share), len(values) - 1)] if values else 0
    seconds = " / ".join(f"{at(lost, share):.0f}" for share in RANKS)
    count = len(times)
    return [f"{wrong / max(asked, 1) * 100:.1f} %", f"{stuck / max(asked, 1) * 100:.1f} %", seconds,
            f"{at(ranks, 0.95)} / {ranks[-1] if ranks else 0}", f"{changed / count * 100:.1f} %", f"{cut / count * 100:.1f} %"]


def metres(one, other):
    """On the plane around both; enough to order what is near."""
    mid = math.radians((one["lat"] + other["lat"]) / 2)
    x = (one["lon"] - other["lon"]) * 111_320 * math.cos(mid)
    return math.hypot(x, (one["lat"] - other["lat"]) * 111_320)
