"""Load by wrk over a list of paths, one after the other; every connection is one user."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import machine


@dataclass(frozen=True)
class Outcome:
    """What a load brought; times in milliseconds."""

    requests_s: float
    p50_ms: float
    p99_ms: float
    bytes_each: float
    errors: int

    def cells(self):
        """For a table."""
        return [
            f"{self.requests_s:,.0f}" if self.requests_s >= 100 else f"{self.requests_s:.1f}",
            f"{self.p50_ms:.2f}", f"{self.p99_ms:.2f}",
            f"{self.bytes_each:,.0f}" if self.bytes_each else "-", str(self.errors),
        ]


HEADINGS = ["req/s", "p50 ms", "p99 ms", "bytes each", "errors"]


def run(server, paths, users, seconds, encoding="identity", cores=machine.LOAD_CORE):
    """Asks a server for the paths in their order, over and over; returns once all has settled."""
    listed = machine.BENCH / "paths.txt"
    listed.write_text("\n".join(paths) + "\n")
    script = Path(__file__).with_name("wrk.lua")
    command = ["wrk", "-t1", f"-c{users}", f"-d{seconds}s", "--timeout", "60s", "-s", script, server.base, "--", listed, encoding]
    done = subprocess.run(machine.pinned(cores, command), capture_output=True, text=True, check=True)
    server.settle()
    found = json.loads(done.stdout.strip().splitlines()[-1])
    seconds_taken = found["duration_us"] / 1e6
    requests = max(found["requests"], 1)
    return Outcome(
        requests / seconds_taken, found["p50_us"] / 1000, found["p99_us"] / 1000,
        found["bytes"] / requests, found["errors"],
    )


def warm(server, paths, users=20, seconds=5, encoding="identity"):
    """Lets a server see its work before it is timed: prepared statements, buffers, caches."""
    run(server, paths, users, seconds, encoding)
