"""The city whose features are read, grown once a scale."""

import json
import time
from dataclasses import dataclass

import machine
import questions
from grown import SEED, SOURCES, remade, urbis
from node import Client, Node
from psql import Psql


# What the made-up city lacks and people search for, of the bundled city.
BUNDLED = {"admin_unit": ["wards_2025.geojson"], "place_name": ["places.csv"], "public_place": ["haichau.osm.pbf"]}


@dataclass
class Bench:
    """All that a workload needs."""

    postgres: object
    node: Node
    client: Client
    psql: Psql
    # Nothing where it is left out.
    tipg: object
    # Of the layer, those that everybody sees.
    features: int


def grow(postgres, scale):
    """Makes the database, unless what grows it is as it was."""
    with remade(postgres.pgdata.parent / "city.stamp", SOURCES, scale) as is_stale:
        if is_stale:
            start = time.monotonic()
            postgres.clear()
            urbis("synth", "--seed", SEED, "--scale", scale, "--database-url", postgres.url)
            for layer, files in BUNDLED.items():
                urbis("import", layer, *(machine.ROOT / "data/danang" / file for file in files), "--database-url", postgres.url)
            print(f"grown in {time.monotonic() - start:.0f} s", flush=True)
    urbis("migrate", "--database-url", postgres.url)
    # So that no run meets what is left of the growth: dead rows, old statistics, pages that must be written.
    postgres.ask(f"VACUUM ANALYZE layer.{questions.LAYER}; CHECKPOINT")


def describe(bench, scale):
    """What is there."""
    held = json.loads(bench.node.fetch("/health/ready"))["layers"]
    size = bench.postgres.ask(f"SELECT pg_size_pretty(pg_total_relation_size('layer.{questions.LAYER}'))")
    return (
        f"Made-up city, seed {SEED}, scale {scale}: {bench.features:,} {questions.LAYER}s that everybody sees ({size} with indexes), "
        f"{sum(held.values()):,} features in all. Node, PostgreSQL, psql and tipg on all cores; PostgreSQL's buffers hold the layer; "
        f"answers are not packed. The node was ready after {bench.node.started_s:.1f} s."
    )
