"""PostgreSQL away under load, the node killed once inside: what was acknowledged is not lost."""

import subprocess
import time

import machine
from feed import Client, position

PAUSE_S = 0.05


def run(node, report, seconds):
    """Stops the server for so long, and counts afterwards."""
    report.heading("PostgreSQL away")
    postgres = node.postgres
    sent, refused, wrong, killed_at = [], 0, 0, None
    client = Client(node)
    postgres.stop()
    start = time.monotonic()
    while (away := time.monotonic() - start) < seconds:
        if killed_at is None and away > seconds / 2:
            node.process.kill()
            node.process.wait()
            killed_at = away
            node.process = subprocess.Popen(machine.pinned(machine.SERVER_CORE, node.command), stdout=node.log, stderr=node.log, cwd=machine.ROOT)
        step = len(sent)
        unit, (lon, lat) = node.units[step % len(node.units)]
        report_of = position(unit, (lon + (step // len(node.units) % 50) * 1e-5, lat))
        try:
            client.post("/live/positions", [report_of])
        except (OSError, ConnectionError):
            refused += 1
            client = Client(node)
            time.sleep(PAUSE_S)
            continue
        sent.append(report_of)
        if step % 20 == 0 and killed_at is None:
            wrong += not is_followed(client, report_of)
        time.sleep(PAUSE_S)
    postgres.start()
    node.wait_until_ready()
    last = {one["unit_id"]: one for one in sent}
    followed = sum(is_followed(Client(node), one) for one in last.values())
    missing = wait_for_all(postgres, {one["id"] for one in sent})
    report.paragraph(
        f"{seconds} s without PostgreSQL, kill -9 of the node after {killed_at:.0f} s; {len(sent):,} positions acknowledged, {refused} "
        f"connections refused while it started; before the kill {wrong} answers were behind what was acknowledged; afterwards {followed} of "
        f"{len(last)} units stand where they said last.")
    report.line(f"outage of {seconds} s: {len(missing)} of {len(sent)} acknowledged positions lost")


def is_followed(client, one):
    """Whether the map's units show the report."""
    shown = client.get("/live/units")["features"]
    found = [unit for unit in shown if unit["properties"]["unit_id"] == one["unit_id"]]
    return bool(found) and abs(found[0]["geometry"]["coordinates"][0] - one["lon"]) < 1e-6


def wait_for_all(postgres, ids, deadline_s=120):
    """Ids that are not in the database, once the spool had time to drain."""
    deadline = time.monotonic() + deadline_s
    while True:
        known = set(postgres.ask("SELECT report_id FROM live.position").split())
        missing = ids - known
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(1)
