"""The servers that are measured: started on their core, waited for, stopped."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import layers
import machine

LOAD_DEADLINE_S = 600
SETTLE_DEADLINE_S = 300
STOP_DEADLINE_S = 120
# So long without work is the end of it.
SETTLED_S = 0.3


class Server:
    """Context: a program that answers on `base`."""

    def __init__(self, name, command, base, prefix="", health="/health", postgres=None):
        self.name, self.command, self.base, self.prefix = name, command, base, prefix
        self.health, self.postgres = health, postgres

    def __enter__(self):
        self.log = open(machine.BENCH / f"{self.name}.log", "w")
        command = machine.pinned(machine.SERVER_CORE, self.command)
        start = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=machine.ROOT)
        self.wait_until_ready()
        self.started_s = time.monotonic() - start
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=STOP_DEADLINE_S)
        self.log.close()

    def wait_until_ready(self):
        deadline = time.monotonic() + LOAD_DEADLINE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                return self.fetch(self.health)
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


def urbis(city, cache_mb, layer_files=None):
    """Our node; without `layer_files` with the project's own layers."""
    command = [machine.URBIS, "--log", "warn", "serve", "--database-url", city.postgres.url]
    command += ["--listen", "127.0.0.1:8461", "--layers", layer_files or machine.ROOT / "layers"]
    if has_cache():
        command += ["--tile-cache-mb", cache_mb]
    return Server("urbis", command, "http://127.0.0.1:8461", prefix="/tiles", health="/health/ready")


def has_cache():
    """Whether this build of ours keeps finished tiles."""
    return "--tile-cache-mb" in machine.output(machine.URBIS, "serve", "--help")


# martin's own default, stated because it bounds what PostgreSQL gets to do at once.
POOL_SIZE = 20


def martin(city, cache_mb, minzoom=None):
    """martin over the tables of schema peer; without `minzoom` each from the zoom of layers.py."""
    tables = {name: martin_table(city, name, (minzoom or layers.MINZOOM)[name]) for name in layers.MINZOOM}
    config = {
        "listen_addresses": "127.0.0.1:8462",
        "cache_size_mb": cache_mb,
        "postgres": {
            "connection_string": city.postgres.socket_url, "pool_size": POOL_SIZE,
            "auto_publish": False, "tables": tables,
        },
    }
    # YAML takes JSON.
    path = city.folder / "martin.yaml"
    path.write_text(json.dumps(config, indent=2))
    command = [machine.MARTIN, "--config", path]
    return Server("martin", command, "http://127.0.0.1:8462", postgres=city.postgres)


def martin_table(city, name, minzoom):
    columns = city.postgres.ask(
        "SELECT column_name || ':' || udt_name FROM information_schema.columns WHERE table_schema = 'peer' "
        f"AND table_name = '{name}' AND column_name NOT IN ('gid', 'geom') ORDER BY ordinal_position"
    )
    return {
        "schema": "peer", "table": name, "srid": 3857, "geometry_column": "geom", "id_column": "gid",
        "minzoom": minzoom, "maxzoom": layers.MAXZOOM, "extent": 4096, "buffer": 64, "clip_geom": True,
        "properties": dict(column.split(":") for column in columns.split()),
    }


def bare(folder):
    """An axum handler that serves the files of a folder from memory and does nothing else."""
    command = [machine.BARE, "127.0.0.1:8463", folder]
    return Server("bare", command, "http://127.0.0.1:8463")
