"""Whether our times and first units are those of others who share nothing with us."""

import osrm

# OSRM rounds each stretch between two vertices to a tenth of a second.
ROUNDING_S = 1.0


def run(networks, report, speeds):
    """Contraction hierarchies to the millisecond; OSRM to its rounding."""
    report.heading("The same answers")
    rows = []
    wanted = good = near = 0
    for network in networks:
        hierarchy = network.ours["hierarchy"]
        same, close, other, unreached, share = against_osrm(network, speeds)
        incidents = len(network.ours["all"])
        wanted, good, near = wanted + incidents, good + same, near + close
        rows.append([network.name, f"{hierarchy['differ']} of {hierarchy['pairs']:,}", f"{same} of {incidents}", close, other, unreached, f"{share:+.2f} %"])
    report.table(["network", "times other than RoutingKit's (ms)", "first unit the same as OSRM's",
                  "other, within 1 s", "other", "reached by one alone", "median difference of times"], rows)
    report.paragraph("RoutingKit knows no turns: it is asked on the same roads without restrictions.")
    differ, pairs = (sum(network.ours["hierarchy"][key] for network in networks) for key in ("differ", "pairs"))
    report.line(f"exact ETA: {differ} of {pairs:,} times are not RoutingKit's to the millisecond")
    report.line(f"first unit the same as penalty-free OSRM's {good / wanted * 100:.2f} %, others within 1 s {near} of {wanted - good}")


def against_osrm(network, speeds):
    """Incidents with the same first unit, with one within a second, with another; pairs that only
    one of the two finds a way for; median of the relative difference."""
    dataset = osrm.prepare(network.folder / "osrm", network.pbf, speeds)
    same = close = other = unreached = 0
    shares = []
    units = network.units()
    with osrm.server(dataset) as server:
        for incident, ours in zip(network.cases["incidents"], network.ours["all"]):
            theirs = osrm.seconds(server.fetch(osrm.table_path(units, (incident["lon"], incident["lat"]))))
            unreached += sum((mine is None) != (their is None) for mine, their in zip(ours, theirs))
            shares += [mine / 1000 / their - 1 for mine, their in zip(ours, theirs) if mine is not None and their]
            first = first_of([None if ms is None else ms / 1000 for ms in ours])
            best = first_of(theirs)
            if first == best:
                same += 1
            elif first is not None and best is not None and theirs[first] is not None and theirs[first] - theirs[best] <= ROUNDING_S:
                close += 1
            else:
                other += 1
    shares.sort()
    return same, close, other, unreached, shares[len(shares) // 2] * 100 if shares else 0.0


def first_of(times):
    """Number of the first; `None` where nobody comes."""
    found = [(time, number) for number, time in enumerate(times) if time is not None]
    return min(found)[1] if found else None
