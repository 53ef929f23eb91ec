"""The made-up city: grown once, and anew where what grows it has changed."""

import hashlib
import subprocess
from contextlib import contextmanager

import machine

SEED = 1
SOURCES = sorted((machine.ROOT / "crates/synth/src").rglob("*.rs"))


@contextmanager
def remade(stamp, files, scale):
    """Tells whether files or scale differ from what `stamp` remembers; once all went well, it remembers them."""
    wanted = hashlib.sha256(b"".join([*(file.read_bytes() for file in files), str(scale).encode()])).hexdigest()
    is_stale = not stamp.exists() or stamp.read_text() != wanted
    if is_stale:
        stamp.unlink(missing_ok=True)
    yield is_stale
    stamp.write_text(wanted)


def urbis(*words):
    """Runs our program, quietly; returns what it prints."""
    command = [str(word) for word in [machine.URBIS, "--log", "warn", *words]]
    return subprocess.run(command, check=True, cwd=machine.ROOT, stdout=subprocess.PIPE).stdout
