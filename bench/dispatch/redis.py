"""Redis with its geographic set, as Debian ships it, on a unix socket."""

import os
import subprocess

import machine

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

    def reads_s(self, place, radius_m, k, seconds_of_requests):
        """GEOSEARCH of one place after another is not in its benchmark: one place, again and again."""
        lon, lat = place
        command = program("redis-benchmark", "-s", SOCKET, "-n", seconds_of_requests, "-c", 16, "-q", "--csv", "GEOSEARCH", KEY,
                          "FROMLONLAT", lon, lat, "BYRADIUS", radius_m, "m", "COUNT", k, "ASC", "WITHDIST")
        done = subprocess.run(machine.pinned(machine.LOAD_CORE, command), env=environment(), check=True,
                              capture_output=True, text=True)
        return float(done.stdout.strip().splitlines()[-1].split(",")[1].strip('"'))
