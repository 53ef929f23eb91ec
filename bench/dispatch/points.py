"""Units and incidents inside of streets: our times against pgRouting's, which splits the arcs there."""

import csv
import json
import math
import subprocess

EDGES = "SELECT id, source, target, cost, reverse_cost FROM peer.chain"
TOLERANCE_MS = 1


def run(networks, report, postgres, speeds):
    """Each unit to its incident, one point on one arc each; restrictions of turns are left out."""
    report.heading("Places inside of streets")
    rows, worst, beyond, asked = [], 0, 0, 0
    for network in networks:
        cases = json.loads((network.folder / "points.json").read_text())
        chains = load(postgres, network.folder / "chains.csv", speeds)
        theirs = ask(postgres, cases, chains)
        for stand, oneway, pairs in kinds(cases, theirs):
            differences = [abs(ours - found) for ours, found in pairs if ours is not None and found is not None]
            one_alone = sum((ours is None) != (found is None) for ours, found in pairs)
            most = max(differences, default=0)
            too_much = one_alone + sum(difference > TOLERANCE_MS for difference in differences)
            rows.append([network.name, stand, "one-way" if oneway else "two-way", len(pairs), most, one_alone])
            worst, beyond, asked = max(worst, most), beyond + too_much, asked + len(pairs)
    report.table(["network", "the unit is", "the incident's street", "cases", "largest difference, ms", "reached by one alone"], rows)
    report.paragraph("pgRouting is told the time of each arc as it follows from the lengths and classes of its pieces, and of each place "
                     "the share of that time at which it lies; from those it has no millisecond of ours.")
    report.line(f"inside streets: {beyond} of {asked:,} times are more than {TOLERANCE_MS} ms from pgr_withPointsCost's, the largest difference {worst} ms")


def load(postgres, file, speeds):
    """The table of arcs with times of our own making; the pieces of each by its number."""
    chains = {}
    with open(file) as rows:
        lines = []
        for row in csv.DictReader(rows):
            pieces = [(int(length), speeds[kind]) for length, kind in (piece.split(":") for piece in row["chain"].split())]
            chains[int(row["id"])] = pieces
            lines.append(f"{row['id']},{row['source']},{row['target']},{sum(map(milliseconds, pieces)) / 1000}")
    postgres.ask(
        "CREATE EXTENSION IF NOT EXISTS pgrouting; CREATE SCHEMA IF NOT EXISTS peer; DROP TABLE IF EXISTS peer.chain, peer.inside; "
        "CREATE TABLE peer.chain (id bigint PRIMARY KEY, source bigint, target bigint, cost float8, reverse_cost float8 DEFAULT -1); "
        "CREATE TABLE peer.inside (incident int, pid bigint, edge_id bigint, fraction float8)")
    copy = [*postgres.psql(), "-c", "\\copy peer.chain (id, source, target, cost) FROM STDIN WITH (FORMAT csv)"]
    subprocess.run(copy, input="\n".join(lines) + "\n", text=True, check=True)
    return chains


def milliseconds(piece):
    """A piece of one speed takes whole milliseconds."""
    length_mm, speed_kmh = piece
    return math.floor(length_mm * 3.6 / speed_kmh + 0.5)


def share(pieces, offset_mm):
    """The share of an arc's time at which a place lies."""
    before = 0
    for piece in pieces:
        if offset_mm <= piece[0]:
            return (before + milliseconds(piece) * offset_mm / piece[0]) / sum(map(milliseconds, pieces))
        before += milliseconds(piece)
        offset_mm -= piece[0]
    raise SystemExit("a place behind the end of its arc")


def ask(postgres, cases, chains):
    """Whole milliseconds of each unit by incident; `None` where there is no way."""
    found = []
    for number, incident in enumerate(cases):
        places = [incident, *incident["units"]]
        rows = [f"({number}, {pid}, {place['arc']}, {share(chains[place['arc']], place['offset_mm'])!r})" for pid, place in enumerate(places, 1)]
        units = ",".join(str(-pid) for pid in range(2, len(places) + 1))
        answer = postgres.ask(
            f"INSERT INTO peer.inside VALUES {','.join(rows)}; "
            f"SELECT start_pid, agg_cost FROM pgr_withPointsCost('{EDGES}', 'SELECT pid, edge_id, fraction FROM peer.inside WHERE incident = {number}', "
            f"ARRAY[{units}]::bigint[], -1::bigint, directed => true, driving_side => 'b')")
        times = dict(line.split("|") for line in answer.splitlines())
        found.append([round(float(times[str(-pid)]) * 1000) if str(-pid) in times else None for pid in range(2, len(places) + 1)])
    return found


def kinds(cases, theirs):
    """Pairs of our and their times by how the unit stands to the incident, and by its street."""
    sorted_out = {}
    for incident, times in zip(cases, theirs):
        for unit, found in zip(incident["units"], times):
            sorted_out.setdefault((unit["stand"], incident["is_oneway"]), []).append((unit["ms"], found))
    return [(stand, oneway, pairs) for (stand, oneway), pairs in sorted(sorted_out.items())]
