"""Our node over the made-up city, and one client of it."""

import http.client
import time

import machine
import worked
from server import Server

PORT = 8466
# A connection that was idle for so long may have been closed by the server.
KEPT_S = 3
# Read at once.
PART = 1 << 20


class Node(Server):
    """The release binary, on all cores as psql is: what it does beside PostgreSQL is meant to count."""

    port = PORT

    def __init__(self, postgres):
        command = [machine.URBIS, "--log", "info", "serve", "--database-url", postgres.url, "--listen", f"127.0.0.1:{PORT}"]
        super().__init__("urbis-features", command, f"http://127.0.0.1:{PORT}", health="/health/ready", cores=machine.ALL_CORES)
        self.postgres = postgres
        # Of a session that has ended, what was last known.
        self.worked = {}

    def sessions(self):
        """The processes of PostgreSQL that read features for it."""
        rows = self.postgres.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'urbis features'")
        return [int(row) for row in rows.split()]

    def worked_s(self):
        """What it and these sessions have worked."""
        self.worked |= {pid: worked.seconds([pid]) for pid in [self.process.pid, *self.sessions()]}
        return sum(self.worked.values())


class Client:
    """One connection that is kept, while there is something to ask."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.asked_at = 0

    def open(self, path):
        """An answer whose body is not read yet."""
        if time.monotonic() - self.asked_at > KEPT_S:
            self.connection.close()
        self.asked_at = time.monotonic()
        self.connection.request("GET", path, headers={"Accept-Encoding": "identity", "Accept": "application/geo+json"})
        answer = self.connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {answer.read()[:500]}")
        return answer

    def time(self, path):
        """Milliseconds to the first byte of the body and to the last, and its length."""
        start = time.perf_counter()
        answer = self.open(path)
        length = len(answer.read(1))
        first = time.perf_counter()
        buffer = bytearray(PART)
        while taken := answer.readinto(buffer):
            length += taken
        return (first - start) * 1e3, (time.perf_counter() - start) * 1e3, length

    def body(self, path):
        """The whole body."""
        return self.open(path).read()
