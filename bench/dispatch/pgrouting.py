"""pgRouting over our own junction graph: the same arcs, the same times."""

import subprocess

ARCS = "SELECT id, source, target, cost, reverse_cost FROM peer.arc"


def load(postgres, arcs):
    """The table of arcs: id, source, target, cost in seconds; one direction a row."""
    postgres.ask(
        "CREATE EXTENSION IF NOT EXISTS pgrouting; CREATE SCHEMA IF NOT EXISTS peer; DROP TABLE IF EXISTS peer.arc; "
        "CREATE TABLE peer.arc (id bigint PRIMARY KEY, source bigint, target bigint, cost float8, reverse_cost float8 DEFAULT -1)")
    copy = [*postgres.psql(), "-c", "\\copy peer.arc (id, source, target, cost) FROM STDIN WITH (FORMAT csv, HEADER)"]
    with open(arcs, "rb") as rows:
        subprocess.run(copy, stdin=rows, check=True)
    postgres.ask("ANALYZE peer.arc")


def near(units, incident, k):
    """SQL: the k units whose junction is nearest to the incident's by time."""
    listed = ",".join(map(str, sorted(set(units))))
    return f"SELECT start_vid, agg_cost FROM pgr_dijkstraNearCost('{ARCS}', ARRAY[{listed}]::bigint[], {incident}::bigint, true, {k})"
