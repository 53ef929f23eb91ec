#!/usr/bin/env python3
"""Features and the search over HTTP, against psql and tipg: `make bench-features`.

    bench/features/run.py [--scale F] [--only NAME,NAME] [--seconds N] [--without-tipg]

Needs what `make bench-features` installs and builds. Prints a line a workload and the tables behind
it; writes the same to target/bench/report-features-SCALE.md. Ends with 1 where a bar is missed.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

import city
import machine
import pages
import questions
import search
import stream
from node import Client, Node
from postgres import Postgres
from psql import Psql
from report import Report
from tipg import Tipg

WORKLOADS = ("pages", "stream", "search")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", default="1", help="share of the made-up city, as of urbis synth; 1 has three million parcels")
    parser.add_argument("--only", default=",".join(WORKLOADS), help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--seconds", type=int, default=60, help="length of the search's load")
    parser.add_argument("--without-tipg", action="store_true", help="leave tipg out")
    asked = parser.parse_args()
    wanted = asked.only.split(",")
    if unknown := set(wanted) - set(WORKLOADS):
        parser.error(f"no workload {', '.join(sorted(unknown))}; known: {', '.join(WORKLOADS)}")
    report = Report(machine.BENCH / f"report-features-{asked.scale}.md")
    report.heading(f"Features, made-up city at scale {asked.scale}")
    report.paragraph(machine.describe(Tipg.describe()))
    with ExitStack() as stack:
        bench = start(stack, asked)
        report.paragraph(city.describe(bench, asked.scale))
        if "pages" in wanted:
            pages.run(bench, report)
        if "stream" in wanted:
            stream.run(bench, report)
        if "search" in wanted:
            search.run(bench, report, asked.seconds)
    report.close()
    if report.missed:
        raise SystemExit(f"{len(report.missed)} missed: " + "; ".join(report.missed))


def start(stack, asked):
    """Database, node, psql and tipg; all of them end with the stack."""
    postgres = stack.enter_context(Postgres(machine.BENCH / f"features-{asked.scale}"))
    city.grow(postgres, asked.scale)
    node = stack.enter_context(Node(postgres))
    tipg = None if asked.without_tipg else stack.enter_context(Tipg(postgres))
    features = int(postgres.ask(questions.count("true")))
    return city.Bench(postgres, node, Client(node.port), stack.enter_context(Psql(postgres)), tipg, features)


if __name__ == "__main__":
    main()
