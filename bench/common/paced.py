"""Questions at a fixed pace: whoever is late does not ask less."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor


def ask(port, paths, each_second, seconds, askers=4):
    """Asks for the paths in their order, over and over; pairs of the place in the list and milliseconds since it was due."""
    start = time.monotonic()

    def asker(number):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = []
        for step in range(number, int(each_second * seconds), askers):
            due = start + step / each_second
            time.sleep(max(0, due - time.monotonic()))
            connection.request("GET", paths[step % len(paths)])
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{paths[step % len(paths)]}: {answer.status}")
            mine.append((step % len(paths), (time.monotonic() - due) * 1e3))
        return mine

    with ThreadPoolExecutor(askers) as pool:
        return [pair for mine in pool.map(asker, range(askers)) for pair in mine]


def percentile(taken, share):
    """Of a sorted list."""
    return taken[min(int(len(taken) * share), len(taken) - 1)]
