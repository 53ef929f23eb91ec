"""A session of psql that copies rows to nowhere, timed by itself."""

import re
import subprocess

import worked

TIME = re.compile(r"Time: ([\d.]+) ms")


class Psql:
    """Context: a psql over the unix socket that stays connected."""

    def __init__(self, postgres):
        # Without stdbuf its lines would wait in its buffer.
        self.command = ["stdbuf", "-oL", *postgres.psql()]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.backend = int(self.say("SELECT pg_backend_pid();"))
        self.process.stdin.write("\\timing on\n")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def say(self, words):
        """The first line that comes after a line."""
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"psql has ended at: {words}")
        return line

    def copy(self, sql):
        """Milliseconds that the rows of a query took, one GeoJSON feature each."""
        line = self.say(f"\\copy ({sql}) to '/dev/null'")
        return float(TIME.match(line)[1])

    def worked_s(self):
        """What it and its session have worked."""
        return worked.seconds([self.process.pid, self.backend])
