"""A feed of positions and road states at a fixed pace, and the reports it is made of."""

import http.client
import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

BATCHES_S = 20


def now():
    return datetime.now(timezone.utc).isoformat()


def position(name, place, **more):
    """A report of where a unit is."""
    lon, lat = place
    return {"id": str(uuid.uuid4()), "unit_id": name, "observed_at": now(), "lon": round(lon, 7), "lat": round(lat, 7),
            "accuracy_m": 5, "speed_kmh": 0, **more}


def description(agency, profile):
    """What a report says once of a unit."""
    return {"title": "Đo tốc độ", "agency": agency, "profile": profile, "simulated": True, "openness": "open"}


class Refused(Exception):
    """An answer that is no answer: the words that say so."""


class Client:
    """One kept connection with a key."""

    def __init__(self, node):
        self.node = node
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)

    def post(self, path, reports):
        body = "\n".join(map(json.dumps, reports)) + "\n"
        headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {self.node.key}"}
        return self.ask("POST", path, body.encode(), headers)

    def get(self, path):
        return self.ask("GET", path, None, {})

    def ask(self, method, path, body, headers):
        return json.loads(self.fetch(method, path, body, headers))

    def fetch(self, method, path, body=None, headers={}):
        """The bytes of an answer."""
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Refused(f"{method} {path}: {answer.status} {text[:500]!r}")
        return text


class Feed:
    """Context: sends so many positions and road states a second until it is left."""

    def __init__(self, node, positions_s, states_s):
        self.node, self.positions_s, self.states_s = node, positions_s, states_s
        self.stop = threading.Event()
        self.sent = self.batches = self.late = 0

    def __enter__(self):
        self.pool = ThreadPoolExecutor(1)
        self.running = self.pool.submit(self.run)
        return self

    def __exit__(self, *_):
        self.stop.set()
        # What went wrong in it goes wrong here.
        self.running.result()
        self.pool.shutdown()

    def run(self):
        client = Client(self.node)
        start = time.monotonic()
        while not self.stop.is_set():
            self.send(client, self.batches)
            self.batches += 1
            wait = start + self.batches / BATCHES_S - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            else:
                self.late += 1

    def send(self, client, step):
        units = self.node.units
        count = self.positions_s // BATCHES_S
        moved = []
        for number in range(count):
            unit, (lon, lat) = units[(step * count + number) % len(units)]
            moved.append(position(unit, (lon + (step % 7) * 1e-5, lat)))
        client.post("/live/positions", moved)
        self.sent += len(moved)
        states = []
        for number in range(self.states_s // BATCHES_S):
            place = self.node.roads[(step * 13 + number * 101) % len(self.node.roads)]
            key = f"bench-{(step * 5 + number) % 500}"
            # A third slows, a third floods, a third clears again.
            effect = ({"speed_factor": 0.5}, {"depth_m": 0.5}, {"cleared": True})[(step + number) % 3]
            where = {} if "cleared" in effect else {"geometry": {"type": "Point", "coordinates": place}, "radius_m": 15}
            states.append({"id": key, "observed_at": now(), **where, **effect})
        if states:
            client.post("/live/road-state", states)
