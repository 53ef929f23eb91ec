"""A server that is measured: started on its core, waited for, stopped."""

import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import machine

LOAD_DEADLINE_S = 600
SETTLE_DEADLINE_S = 300
STOP_DEADLINE_S = 120
# So long without work is the end of it.
SETTLED_S = 0.3


class Server:
    """Context: a program that answers on `base`."""

    def __init__(self, name, command, base, prefix="", health="/health", postgres=None, cores=machine.SERVER_CORE, env=None):
        self.name, self.command, self.base, self.prefix = name, command, base, prefix
        self.health, self.postgres, self.cores, self.env = health, postgres, cores, env

    def __enter__(self):
        self.refuse_taken_port()
        self.log = open(machine.BENCH / f"{self.name}.log", "w")
        command = machine.pinned(self.cores, self.command)
        start = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=machine.ROOT, env=self.env)
        self.wait_until_ready()
        self.started_s = time.monotonic() - start
        return self

    def refuse_taken_port(self):
        """Whoever answers already, such as what a killed run left behind, would be measured instead."""
        place = urllib.parse.urlsplit(self.base)
        with socket.socket() as probe:
            if probe.connect_ex((place.hostname, place.port)) == 0:
                raise SystemExit(f"something answers on {self.base} already: end it before {self.name} is measured")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=STOP_DEADLINE_S)
        self.log.close()

    def wait_until_ready(self):
        return self.wait_for(self.health)

    def wait_for(self, path):
        """Waits until a path is answered; its body."""
        deadline = time.monotonic() + LOAD_DEADLINE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                return self.fetch(path)
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        tail = Path(self.log.name).read_text()[-2000:]
        raise SystemExit(f"{self.name} is not ready; the end of its log:\n{tail}")

    def fetch(self, path, **headers):
        """Body of an answer."""
        request = urllib.request.Request(self.base + path, headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def tile_path(self, names, tile):
        """The path of one tile of some layers."""
        return f"{self.prefix}/{','.join(names)}/{tile}"

    def settle(self):
        """Waits until nothing is worked on any more: clients that left do not stop a server."""
        deadline = time.monotonic() + SETTLE_DEADLINE_S
        while time.monotonic() < deadline:
            before = self.cpu_ticks()
            time.sleep(SETTLED_S)
            if self.cpu_ticks() - before <= 1 and not (self.postgres and self.postgres.is_busy()):
                return
        raise SystemExit(f"{self.name} still works {SETTLE_DEADLINE_S} s after the last client left")

    def cpu_ticks(self):
        """Hundredths of a second that the process has worked."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(words[11]) + int(words[12])

    def rss_mb(self):
        """Memory that the process has in use now."""
        return self.status("VmRSS")

    def peak_mb(self):
        """Most memory that it ever had in use."""
        return self.status("VmHWM")

    def status(self, key):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024

    def metrics(self, key=None):
        """`/metrics` as pairs of the name with its labels and the value; empty where there is none."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            text = self.fetch("/metrics", **headers).decode()
        except urllib.error.HTTPError:
            return {}
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, value in pairs}
