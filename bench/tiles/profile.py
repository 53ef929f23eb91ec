#!/usr/bin/env python3
"""Where our time goes while cold tiles are asked for: perf over the node, as text.

    bench/tiles/profile.py [--scale F] [--zoom Z] [--seconds N] [--users N] > profile.txt

Needs perf, and the database that `make bench-tiles` left. Own time by function first, then the
callers of what costs most.
"""

import argparse
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

import city
import load
import machine
import servers
from city import LAYERS
from postgres import Postgres

VIEWS = {
    "own time by function": ["--no-children", "-g", "none", "--percent-limit", "0.4"],
    "time with all that it calls": ["--children", "-g", "none", "--percent-limit", "1"],
    "callers": ["--no-children", "-g", "caller,0.5,callee", "--max-stack", "12", "--percent-limit", "3"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", default="1")
    parser.add_argument("--zoom", type=int, default=14)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--users", type=int, default=4)
    asked = parser.parse_args()
    folder = machine.BENCH / f"scale-{asked.scale}"
    with Postgres(folder) as postgres:
        made = city.make(postgres, folder, asked.scale)
        with servers.urbis(made, 0, made.plain_layers) as ours:
            paths = [ours.tile_path(LAYERS, tile) for tile in made.paths([asked.zoom], None)]
            load.warm(ours, paths, seconds=2)
            outcome = record(ours, paths, asked)
    print(machine.describe())
    print(f"scale {asked.scale}, z{asked.zoom}, {asked.users} users: {', '.join(load.HEADINGS)} = {outcome.cells()}")
    for title, options in VIEWS.items():
        print(f"\n=== {title} ===\n", flush=True)
        report = ["perf", "report", "--stdio", "-i", machine.BENCH / "perf.data", "--no-inline", *options]
        text = subprocess.run(list(map(str, report)), capture_output=True, text=True, check=True).stdout
        sys.stdout.write("\n".join(line for line in text.splitlines() if line and line[0] != "#") + "\n")


def record(server, paths, asked):
    """Loads the server while perf looks at it."""
    found = []
    loading = threading.Thread(target=lambda: found.append(load.run(server, paths, asked.users, asked.seconds + 2)))
    loading.start()
    command = ["perf", "record", "-q", "-F", "499", "--call-graph", "dwarf,8192", "-p", server.process.pid]
    command += ["-o", machine.BENCH / "perf.data", "--", "sleep", asked.seconds]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    loading.join()
    return found[0]


main()
