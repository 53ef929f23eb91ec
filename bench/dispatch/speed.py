"""The same questions to each peer: the first five, and all, of a hundred units."""

import http.client
import statistics
import subprocess
import time

import machine
import osrm
import pgrouting
import valhalla

K = 5
# Slow peers answer the first of the questions; the ratio is per question.
MOST_S = 60


def run(network, report, postgres, speeds):
    """Means of the time for one question, ours in process on one core."""
    report.heading(f"The same questions, {network.name}")
    report.paragraph(network.describe() + f". {len(network.cases['units'])} units, {len(network.cases['incidents'])} incidents on "
                     f"junctions. Ours and RoutingKit in process; OSRM and Valhalla over HTTP on a kept connection, one thread on core "
                     f"{machine.SERVER_CORE}; pgRouting by one psql over a unix socket. A peer that needs more than {MOST_S} s is asked "
                     "the first of the questions.")
    ours, hierarchy = network.ours, network.ours["hierarchy"]
    first, everyone = ours["first_us"]["mean"] / 1e3, ours["all_us"]["mean"] / 1e3
    near, near_count = ask_pgrouting(network, postgres)
    matrix, matrix_count = ask_valhalla(network)
    table, table_count = ask_osrm(network, speeds)
    rows = [
        ["urbis, first five", f"{first:.3f}", f"{ours['first_us']['p50'] / 1e3:.3f}", f"{ours['first_us']['p99'] / 1e3:.3f}", len(ours["first"])],
        ["urbis, all", f"{everyone:.3f}", f"{ours['all_us']['p50'] / 1e3:.3f}", f"{ours['all_us']['p99'] / 1e3:.3f}", len(ours["all"])],
        ["pgr_dijkstraNearCost, five", *near, near_count],
        ["Valhalla timedistancematrix, matrix_locations 5", *matrix, matrix_count],
        ["OSRM MLD table, all", *table, table_count],
        ["RoutingKit CCH, all (knows no turns)", *(f"{hierarchy['many_us'][key] / 1e3:.3f}" for key in ("mean", "p50", "p99")), len(ours["all"])],
        ["RoutingKit CCH, update of ten arcs before it", *(f"{hierarchy['update_10_us'][key] / 1e3:.3f}" for key in ("mean", "p50", "p99")), len(ours["all"])],
    ]
    report.table(["", "mean ms", "p50 ms", "p99 ms", "questions"], rows)
    report.paragraph(f"RoutingKit: order {hierarchy['order_ms']:,.0f} ms once, whole customisation {hierarchy['customise_ms']:.1f} ms.")
    report.line(f"k=5 {float(near[0]) / first:.0f}x pgr_dijkstraNearCost, {float(matrix[0]) / first:.0f}x Valhalla; "
                f"all 100 {float(table[0]) / everyone:.1f}x OSRM-MLD")


def timed(questions, ask):
    """Asks until all are asked or time is up: mean, p50, p99 (ms) and how many."""
    taken = []
    started = time.monotonic()
    for question in questions:
        start = time.perf_counter()
        ask(question)
        taken.append((time.perf_counter() - start) * 1e3)
        if time.monotonic() - started > MOST_S:
            break
    taken.sort()
    spread = statistics.fmean(taken), taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    return [f"{ms:.3f}" for ms in spread], len(taken)


def ask_osrm(network, speeds):
    dataset = osrm.prepare(network.folder / "osrm", network.pbf, speeds, osrm.PLAIN)
    units = network.units()
    asked = [("GET", osrm.table_path(units, (place["lon"], place["lat"])), None) for place in network.cases["incidents"]]
    with osrm.server(dataset):
        return timed(asked, over_http(osrm.PORT))


def ask_valhalla(network):
    config = valhalla.prepare(network.folder / "valhalla", network.pbf)
    units = network.units()
    asked = [("POST", *valhalla.question(units, (place["lon"], place["lat"]), K)) for place in network.cases["incidents"]]
    with valhalla.server(config):
        return timed(asked, over_http(valhalla.PORT))


def over_http(port):
    """Asks a server on one kept connection; what the answer means is not read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(question):
        method, path, body = question
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:
            # OSRM takes so many questions on a connection, and does not say so with the last.
            connection.close()
            connection.request(method, path, body)
            answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path[:80]}: {answer.status} {text[:200]!r}")
    return ask


def ask_pgrouting(network, postgres):
    pgrouting.load(postgres, network.folder / "arcs.csv")
    units = [unit["node"] for unit in network.cases["units"]]
    asked = [pgrouting.near(units, place["node"], K) for place in network.cases["incidents"]]
    session = subprocess.Popen(postgres.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(sql):
        session.stdin.write(sql + ";\n\\echo done\n")
        session.stdin.flush()
        while (line := session.stdout.readline()).strip() != "done":
            if not line:
                raise SystemExit("psql ended")
    postgres.pin(machine.SERVER_CORE)
    try:
        return timed(asked, ask)
    finally:
        session.stdin.close()
        session.wait()
        postgres.pin(machine.ALL_CORES)
