"""Time that processes had a processor: it holds on a machine where others work, too."""

from pathlib import Path


def seconds(pids):
    """Seconds of all threads of these processes that still run."""
    return sum(thread_ns(task) for pid in pids for task in Path(f"/proc/{pid}/task").glob("*")) / 1e9


def thread_ns(task):
    try:
        return int((task / "schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0
