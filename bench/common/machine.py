"""The machine: folders, programs, which core does what, and the words for the report."""

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
BENCH = TARGET / "bench"
# Another build may be measured: the one of a moment ago, say.
URBIS = Path(os.environ.get("BENCH_URBIS", TARGET / "release/urbis"))
BARE = TARGET / "release/examples/bare"
MARTIN = TARGET / "peers/bin/martin"

# One core for what answers, another for who asks.
SERVER_CORE = "0"
LOAD_CORE = "1"
ALL_CORES = f"0-{(os.cpu_count() or 1) - 1}"


def pinned(cores, command):
    """The command, to be run on these cores and no other."""
    return ["taskset", "-c", cores, *map(str, command)]


def output(*command):
    """What a program prints, in one line; empty where it is not there."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return " ".join((done.stdout or done.stderr).split())


def describe(*peers):
    """Machine, versions, load: without them no figure means anything."""
    commit = output("git", "-C", ROOT, "rev-parse", "--short", "HEAD")
    dirty = " with changes" if output("git", "-C", ROOT, "status", "--porcelain", "-uno") else ""
    return (
        f"{output('date', '-u', '+%Y-%m-%d %H:%M UTC')}; {processor()}, {os.cpu_count()} cores, "
        f"{memory_gb()} GB; Linux {platform.release()}; load before the run {os.getloadavg()[0]:.2f}. "
        f"urbis {commit}{dirty}, release build; {'; '.join(peers)}; {output('psql', '--version')}. "
    )


def processor():
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def memory_gb():
    """Memory of the machine."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
