#!/usr/bin/env python3
"""Our tiles against martin's and PostGIS's own, over the made-up city: `make bench-tiles`.

    bench/tiles/run.py [--scale F] [--only NAME,NAME] [--seconds N]

Needs what `make bench-tiles` installs and builds. Keeps database and tile list below target/bench:
a second run at the same scale starts at once. Prints a line a workload and the tables behind it;
writes the same to target/bench/report-SCALE.md.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

import city
import cold
import fresh
import hot
import low_zoom
import machine
import memory
import same
import stampede
from postgres import Postgres
from report import Report

WORKLOADS = {
    "same": same, "cold": cold, "low": low_zoom, "hot": hot, "stampede": stampede,
    "memory": memory, "fresh": fresh,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", default="1", help="share of the made-up city, as of urbis synth")
    parser.add_argument("--only", default=",".join(WORKLOADS), help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--seconds", type=int, default=20, help="length of every single load")
    asked = parser.parse_args()
    wanted = asked.only.split(",")
    if unknown := set(wanted) - set(WORKLOADS):
        parser.error(f"no workload {', '.join(sorted(unknown))}; known: {', '.join(WORKLOADS)}")
    folder = machine.BENCH / f"scale-{asked.scale}"
    with Postgres(folder) as postgres:
        made = city.make(postgres, folder, asked.scale)
        report = Report(machine.BENCH / f"report-{asked.scale}.md")
        report.heading(f"Tiles, made-up city at scale {asked.scale}")
        wrk = machine.output("wrk", "-v").split(" Copyright")[0]
        report.paragraph(machine.describe(machine.output(machine.MARTIN, "--version"), wrk))
        report.paragraph(
            f"Server on core {machine.SERVER_CORE}, load on core {machine.LOAD_CORE}; PostgreSQL's core stands in each table."
        )
        report.paragraph(made.describe())
        for name in (name for name in WORKLOADS if name in wanted):
            WORKLOADS[name].run(made, report, asked.seconds)
        report.close()


if __name__ == "__main__":
    main()
