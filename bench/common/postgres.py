"""A PostgreSQL of the benchmark's own, below target/bench; started here, stopped at the end."""

import os
import shutil
import subprocess
from pathlib import Path

import machine

# Ours needs it for the first load and the change log alone; martin asks it for every tile. So it is
# set up for martin: the whole city fits into its buffers.
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "'4GB'",
    "effective_cache_size": "'12GB'",
    "maintenance_work_mem": "'512MB'",
    "work_mem": "'64MB'",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "300",
    "max_wal_size": "'2GB'",
    "wal_compression": "on",
}


class Postgres:
    """Context: a running server with the database `bench`."""

    def __init__(self, folder):
        self.pgdata = Path(folder) / "pg"
        self.bin = newest_bin()
        self.url = f"postgres://{self.account()}@localhost/bench?host={self.pgdata.parent}"
        # For a reader that would try the name before the socket, and find another server.
        self.socket_url = f"postgres:///bench?user={self.account()}&host={self.pgdata.parent}"

    def __enter__(self):
        self.pgdata.parent.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.pgdata.parent, "postgres", "postgres")
        if not self.pgdata.exists():
            self.program("initdb", "--auth=trust", "--locale=C.UTF-8", "-D", self.pgdata)
        self.start()
        if "bench" not in self.ask("SELECT datname FROM pg_database", database="postgres").split():
            self.clear()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Starts the server, on all cores."""
        settings = [f"-c {name}={value}" for name, value in SETTINGS.items()]
        options = f"-k {self.pgdata.parent} {' '.join(settings)}"
        log = self.pgdata.parent / "postgres.log"
        self.program("pg_ctl", "-w", "-s", "-t", "120", "-D", self.pgdata, "-l", log, "-o", options, "start")
        self.pin(machine.ALL_CORES)

    def stop(self):
        """Stops it at once; sessions end."""
        self.program("pg_ctl", "-w", "-s", "-D", self.pgdata, "-m", "fast", "stop")

    def clear(self):
        """Makes the database anew, empty but for PostGIS."""
        self.ask("SET client_min_messages = warning; DROP DATABASE IF EXISTS bench", database="postgres")
        self.ask("CREATE DATABASE bench", database="postgres")
        self.ask("CREATE EXTENSION postgis")

    def account(self):
        """PostgreSQL does not run as root."""
        return "postgres" if os.geteuid() == 0 else os.environ["USER"]

    def program(self, name, *words):
        """Runs one of PostgreSQL's programs as its account; what it prints is dropped."""
        command = [str(self.bin / name), *map(str, words)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.pgdata.parent)

    def psql(self, database="bench"):
        """The command line of a psql that stops at the first error."""
        url = self.url.replace("/bench?", f"/{database}?")
        return [str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", url]

    def ask(self, sql, database="bench"):
        """Runs SQL, returns what it prints."""
        done = subprocess.run(self.psql(database), input=sql, text=True, stdout=subprocess.PIPE, check=True)
        return done.stdout.strip()

    def is_busy(self):
        """Whether a client's query runs."""
        active = "state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        return self.ask(f"SELECT count(*) FROM pg_stat_activity WHERE {active}") != "0"

    def cpu_ticks(self):
        """Hundredths of a second that the server and its sessions which ended have worked."""
        postmaster = (self.pgdata / "postmaster.pid").read_text().splitlines()[0]
        words = Path(f"/proc/{postmaster}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, words[11:15]))

    def pin(self, cores):
        """Puts the server, with all its processes, on these cores; new ones follow it."""
        postmaster = (self.pgdata / "postmaster.pid").read_text().splitlines()[0]
        children = machine.output("pgrep", "-P", postmaster).split()
        for pid in [postmaster, *children]:
            subprocess.run(["taskset", "-cp", cores, pid], capture_output=True, check=False)


def newest_bin():
    """The newest of Debian's versions that has PostGIS."""
    found = Path("/usr/share/postgresql").glob("*/extension/postgis.control")
    versions = sorted((int(path.parts[4]) for path in found), reverse=True)
    return Path(f"/usr/lib/postgresql/{versions[0]}/bin")
