#!/usr/bin/env python3
"""Who arrives first, ours against routers and databases: `make bench-dispatch`.

    bench/dispatch/run.py [--scale F] [--city F] [--only NAME,NAME] [--seconds N] [--incidents N] [--outage N]

Needs what `make bench-dispatch` installs and builds. Prints a line a workload and the tables behind
it; writes the same to target/bench/report-dispatch.md.
"""

import argparse
import fcntl
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

import exact
import live
import machine
import nearest
import outage
import points
import roads
import speed
import value
from postgres import Postgres
from report import Report

WORKLOADS = ("exact", "speed", "value", "live", "nearest", "outage")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", default="0.1", help="share of the made-up city whose roads are compared, as of urbis synth")
    parser.add_argument("--city", default="0.25", help="the same for the city that a node serves: 80,000 junctions")
    parser.add_argument("--only", default=",".join(WORKLOADS), help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--seconds", type=int, default=20, help="length of every single load")
    parser.add_argument("--incidents", type=int, default=1000, help="questions on each network")
    parser.add_argument("--outage", type=int, default=600, help="seconds that PostgreSQL is away")
    asked = parser.parse_args()
    wanted = asked.only.split(",")
    if unknown := set(wanted) - set(WORKLOADS):
        parser.error(f"no workload {', '.join(sorted(unknown))}; known: {', '.join(WORKLOADS)}")
    alone = take_turn()
    report = Report(machine.BENCH / "report-dispatch.md")
    report.heading("Dispatch")
    report.paragraph(machine.describe("osrm 26.10.0", "valhalla 3.9.1", "pgRouting 3.4.2", "routingkit-cch 0.1.4"))
    speeds = roads.speeds()
    with Postgres(machine.BENCH / "dispatch-pg") as postgres:
        if {"exact", "speed", "value"} & set(wanted):
            grown = roads.made_up(asked.scale, asked.incidents)
            real = roads.real(asked.incidents)
            for network in [grown, *real]:
                report.paragraph(network.describe())
        if "exact" in wanted:
            exact.run([*real, grown], report, speeds)
            points.run([*real, grown], report, postgres, speeds)
        if "speed" in wanted:
            speed.run(grown, report, postgres, speeds)
        if "value" in wanted:
            value.run([*real, grown], report)
        if {"live", "nearest", "outage"} & set(wanted):
            with live.node(postgres, asked.city) as node:
                if "live" in wanted:
                    live.run(node, report, asked.seconds)
                if "nearest" in wanted:
                    nearest.run(node, report, asked.seconds)
                if "outage" in wanted:
                    outage.run(node, report, asked.outage)
    report.close()
    alone.close()


def take_turn():
    """Waits until no other run has the database, the ports and the report."""
    machine.BENCH.mkdir(parents=True, exist_ok=True)
    lock = open(machine.BENCH / "dispatch.lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another run is under way, waiting for its end", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


if __name__ == "__main__":
    main()
