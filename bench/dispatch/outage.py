"""PostgreSQL away under load, the node killed once inside: what was acknowledged is not lost."""

import http.client
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import machine
from feed import Client, Refused, description, now, position

PAUSE_S = 0.2
# Of each round; so many rounds a second as the pause allows.
POSITIONS = 50
STATES = 10
KEYS = 400
DRAIN_DEADLINE_S = 300
START_DEADLINE_S = 60
PROBE = "outage-probe"


class Sender:
    """Sends one kind of report, round after round, whoever answers; keeps what was acknowledged."""

    def __init__(self, node, path, make):
        self.node, self.path, self.make = node, path, make
        self.acknowledged, self.refused = [], 0

    def run(self, stop):
        client, step = Client(self.node), 0
        while not stop.is_set():
            reports = self.make(self.node, step)
            step += 1
            try:
                taken = client.post(self.path, reports)
                if taken["accepted"] != len(reports):
                    raise SystemExit(f"{self.path}: {taken}")
                self.acknowledged += reports
            except (OSError, http.client.HTTPException, Refused):
                self.refused += 1
                client = Client(self.node)
            time.sleep(PAUSE_S)


def moved_units(node, step):
    """Some units, each a metre on."""
    some = [node.units[(step * POSITIONS + number) % len(node.units)] for number in range(POSITIONS)]
    return [position(unit, (lon + to_and_fro(step), lat)) for unit, (lon, lat) in some]


def to_and_fro(step):
    """Degrees of longitude: a metre a step, and never a jump, which would be held back as one."""
    return abs(step % 60 - 30) * 1e-5


def changed_roads(node, step):
    """Roads far apart that slow and flood; few enough keys that each comes again."""
    made = []
    for number in range(STATES):
        key = (step * STATES + number) % KEYS
        effect = {"speed_factor": 0.5} if (step + number) % 2 else {"depth_m": 0.1 + step % 20 / 100}
        made.append({"id": f"outage-{key}", "observed_at": now(), "radius_m": 15, **effect,
                     "geometry": {"type": "Point", "coordinates": node.roads[key * 2 % len(node.roads)]}})
    return made


def run(node, report, seconds):
    """Stops PostgreSQL for so long, kills the node in the middle, and counts afterwards."""
    report.heading("PostgreSQL away")
    senders = [Sender(node, "/live/positions", moved_units), Sender(node, "/live/road-state", changed_roads)]
    stop = threading.Event()
    probe = Probe(node)
    with ThreadPoolExecutor(len(senders)) as pool:
        running = [pool.submit(sender.run, stop) for sender in senders]
        try:
            probe.follow(2)
            node.postgres.stop()
            start = time.monotonic()
            probe.follow(seconds / 2)
            kill(node)
            # It comes back without a city, which the database has; what is live it takes all the same.
            probe.knock(start + seconds - time.monotonic())
            away = time.monotonic() - start
            node.postgres.start()
            node.wait_until_ready()
            probe.follow(10)
        finally:
            stop.set()
        for one in running:
            one.result()
    positions, states = (sender.acknowledged for sender in senders)
    lost_positions = wait_for_none(lambda: lacking_positions(node.postgres, [*positions, *probe.acknowledged]))
    lost_states = wait_for_none(lambda: lacking_states(node.postgres, states))
    behind = units_behind(node, positions)
    Client(node).post("/live/road-state", [{"id": f"outage-{key}", "observed_at": now(), "cleared": True} for key in range(KEYS)])
    report.paragraph(
        f"{away:.0f} s without PostgreSQL, kill -9 of the node after {seconds / 2:.0f} s; acknowledged were {len(positions):,} positions and "
        f"{len(states):,} road states, {sum(sender.refused for sender in senders)} requests got no answer while it started; after the kill, and still "
        f"without PostgreSQL, it took the first report again after {probe.back_s:.1f} s. {probe.asked:,} times a unit reported and the candidates at "
        f"its new place were asked for at once: {probe.wrong} answers did not have it there. At the end {behind} units stood elsewhere than they had said last.")
    report.line(f"outage of {away:.0f} s with a kill: {len(lost_positions)} of {len(positions) + len(probe.acknowledged):,} acknowledged positions lost, "
                f"{len(lost_states)} of {len(states):,} road states; {probe.wrong} of {probe.asked:,} answers behind")


def kill(node):
    """Kills the node and starts it again at once, as whoever watches over it would."""
    node.process.kill()
    node.process.wait()
    node.process = subprocess.Popen(machine.pinned(machine.SERVER_CORE, node.command), stdout=node.log, stderr=node.log, cwd=machine.ROOT)


class Probe:
    """A unit that reports, and looks whether the next answer has it where it said."""

    def __init__(self, node):
        self.node = node
        self.asked = self.wrong = self.step = 0
        self.back_s = float("nan")
        self.acknowledged = []

    def report(self, client):
        lon, lat = self.node.roads[9]
        place = lon + to_and_fro(self.step), lat
        self.step += 1
        mine = position(PROBE, place, status="available", unit=description("115", "ambulance"))
        client.post("/live/positions", [mine])
        self.acknowledged.append(mine)
        return mine

    def follow(self, seconds):
        """Moves and asks for so long; an error ends the run."""
        client = Client(self.node)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            mine = self.report(client)
            answer = client.get(f"/dispatch/candidates?lon={mine['lon']}&lat={mine['lat']}&service=115&limit=5")
            places = [unit["position"] for unit in [*answer["candidates"], *answer["rejected"]] if unit["unit_id"] == PROBE]
            self.asked += 1
            self.wrong += not any(abs(lon - mine["lon"]) < 2e-7 and abs(lat - mine["lat"]) < 2e-7 for lon, lat in places)
            time.sleep(PAUSE_S)

    def knock(self, seconds):
        """Reports until a report is taken, and goes on for the rest of the time."""
        start = time.monotonic()
        taken = None
        while time.monotonic() < start + seconds:
            try:
                self.report(Client(self.node))
                taken = taken or time.monotonic()
            except (OSError, http.client.HTTPException, Refused) as cause:
                if time.monotonic() > start + START_DEADLINE_S and taken is None:
                    raise SystemExit(f"the node takes nothing {START_DEADLINE_S} s after the kill: {cause}")
            time.sleep(PAUSE_S)
        if taken is not None:
            self.back_s = taken - start


def lacking_positions(postgres, sent):
    """Ids of reports that the history does not have."""
    return {one["id"] for one in sent} - set(postgres.ask("SELECT report_id FROM live.position").split())


def lacking_states(postgres, sent):
    """Keys of which the database has an older state than the last that was acknowledged."""
    rows = (row.split("|") for row in postgres.ask(
        "SELECT road_state_id, to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00') FROM live.road_state").splitlines())
    known = {key: datetime.fromisoformat(at) for key, at in rows}
    last = {one["id"]: datetime.fromisoformat(one["observed_at"]) for one in sent}
    return {key for key, at in last.items() if key not in known or known[key] < at}


def wait_for_none(lacking):
    """What the database still lacks once the spool had time to drain."""
    deadline = time.monotonic() + DRAIN_DEADLINE_S
    while (found := lacking()) and time.monotonic() < deadline:
        time.sleep(1)
    return found


def units_behind(node, sent):
    """How many units the map shows elsewhere than they said last."""
    last = {one["unit_id"]: (one["lon"], one["lat"]) for one in sent}
    features = Client(node).get("/live/units")["features"]
    shown = {one["properties"]["unit_id"]: one["geometry"]["coordinates"] for one in features if one["geometry"]}
    near = lambda a, b: abs(a[0] - b[0]) < 2e-7 and abs(a[1] - b[1]) < 2e-7
    return sum(unit not in shown or not near(shown[unit], place) for unit, place in last.items())
