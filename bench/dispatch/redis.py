"""Redis with its geographic set, as Debian ships it, on a unix socket."""

import os
import subprocess
from pathlib import Path

import machine
from rate import Rate

FOLDER = machine.TARGET / "peers/redis"
SOCKET = machine.BENCH / "redis.sock"
KEY = "points"


def environment():
    """Finds the libraries that were unpacked with it."""
    return {**os.environ, "LD_LIBRARY_PATH": str(FOLDER / "usr/lib/x86_64-linux-gnu")}


def program(name, *words):
    """The command line of one of its programs."""
    return [str(FOLDER / "usr/bin" / name), *map(str, words)]


class Redis:
    """Context: a server on the servers' core that keeps nothing."""

    def __enter__(self):
        command = program("redis-server", "--port", 0, "--unixsocket", SOCKET, "--save", "", "--appendonly", "no",
                          "--daemonize", "no")
        self.process = subprocess.Popen(machine.pinned(machine.SERVER_CORE, command), env=environment(),
                                        stdout=subprocess.DEVNULL)
        while self.say("PING") != "PONG":
            if self.process.poll() is not None:
                raise SystemExit("redis-server ended at once")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def say(self, *words):
        """One command; what it answers, in one line."""
        done = subprocess.run(program("redis-cli", "-s", SOCKET, *words), env=environment(), capture_output=True, text=True)
        return " ".join(done.stdout.split())

    def fill(self, points):
        """The points as (id, lon, lat)."""
        lines = "".join(f"GEOADD {KEY} {lon!r} {lat!r} {name}\n" for name, lon, lat in points)
        subprocess.run(program("redis-cli", "-s", SOCKET, "--pipe"), env=environment(), input=lines, text=True,
                       check=True, stdout=subprocess.DEVNULL)

    def rate(self, places, radius_m, k, requests):
        """Answers a second and core seconds of each: its benchmark asks one place again and again, so one after another."""
        before = self.cpu_ticks()
        rates = [self.reads_s(place, radius_m, k, requests) for place in places]
        core_s = (self.cpu_ticks() - before) / 100
        return Rate(len(rates) / sum(1 / rate for rate in rates), core_s / (requests * len(places)))

    def cpu_ticks(self):
        """Hundredths of a second that the server has worked."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(words[11]) + int(words[12])

    def reads_s(self, place, radius_m, k, requests):
        """GEOSEARCH of one place, 16 clients."""
        lon, lat = place
        command = program("redis-benchmark", "-s", SOCKET, "-n", requests, "-c", 16, "-q", "--csv", "GEOSEARCH", KEY,
                          "FROMLONLAT", lon, lat, "BYRADIUS", radius_m, "m", "COUNT", k, "ASC", "WITHDIST")
        done = subprocess.run(machine.pinned(machine.LOAD_CORE, command), env=environment(), check=True,
                              capture_output=True, text=True)
        return float(done.stdout.strip().splitlines()[-1].split(",")[1].strip('"'))
