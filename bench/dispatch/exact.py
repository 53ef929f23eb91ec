"""Whether our times and first units are those of others who share nothing with us."""

import csv
from dataclasses import dataclass, field

import osrm

# OSRM keeps coordinates to a tenth of a metre and snaps the places to its streets.
TOLERANCE_S = 1.0
# Junctions at which a vehicle may have turned round are looked for so far around its way, degrees.
AROUND = 0.012
AT_ONCE = 200


@dataclass
class Found:
    """What the times of one network came to."""

    same: int = 0
    close: int = 0
    other: int = 0
    one_alone: int = 0
    turned: int = 0
    first_turned: int = 0
    differences: list = field(default_factory=list)

    def beyond(self):
        """Times that both have and that differ by more than the tolerance."""
        return sum(difference > TOLERANCE_S for difference in self.differences)

    def most(self):
        return max(self.differences, default=0.0)


def run(networks, report, speeds):
    """Contraction hierarchies to the millisecond; OSRM, which knows turns, to a second."""
    report.heading("The same answers")
    rows = []
    total = Found()
    for network in networks:
        hierarchy, graph = network.ours["hierarchy"], network.ours["graph"]
        found = against_osrm(network, speeds)
        for name in ("same", "close", "other", "one_alone", "turned", "first_turned"):
            setattr(total, name, getattr(total, name) + getattr(found, name))
        total.differences += found.differences
        rows.append([network.name, f"{hierarchy['differ']} of {hierarchy['pairs']:,}", graph["restricted_junctions"],
                     f"{found.same} of {len(network.ours['all'])}", found.close, found.first_turned, found.other, found.one_alone, found.turned, found.beyond(), f"{found.most():.2f}"])
    report.table(["network", "times other than RoutingKit's (ms)", "junctions with restricted turns", "first unit the same as OSRM's",
                  "other, within 1 s", "other, turned round, within 1 s", "other", "pairs reached by one alone", "turned round", "others more than 1 s apart", "largest difference, s"], rows)
    report.paragraph("RoutingKit knows no turns: it is asked on the same roads without restrictions. OSRM obeys the same restrictions, has no "
                     "penalties, our speeds and WGS 84 lengths, and counts milliseconds. Turned round: ours turns at a junction where every turn is "
                     "free, which OSRM does at dead ends alone; it has our time to the second once it is told to drive by that junction, or by two. "
                     "Where our first unit is one that turns round, it is OSRM's time by that junction that is compared with OSRM's first.")
    differ, pairs = (sum(network.ours["hierarchy"][key] for network in networks) for key in ("differ", "pairs"))
    report.line(f"exact ETA: {differ} of {pairs:,} times are not RoutingKit's to the millisecond")
    close = total.close + total.first_turned
    wanted, both = total.same + close + total.other, len(total.differences) + total.turned
    report.line(f"first unit the same as penalty-free OSRM's {total.same / wanted * 100:.2f} % of {wanted:,}, "
                f"others within 1 s {close} of {wanted - total.same}, {total.first_turned} of them by a junction where ours turns round")
    report.line(f"turn restrictions against OSRM: {total.one_alone} of {both + total.one_alone:,} pairs reached by one alone, "
                f"{total.turned} where ours turns round, {total.beyond()} others more than 1 s apart, the largest difference {total.most():.2f} s")


def against_osrm(network, speeds):
    """The times of all units to all incidents of a network, ours and OSRM's."""
    dataset = osrm.prepare(network.folder / "osrm-fine", network.pbf, speeds, osrm.FINE)
    found = Found()
    units = network.units()
    with open(network.folder / "free.csv") as rows:
        free = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(rows)]
    with osrm.server(dataset) as server:
        turning, unlike, firsts = Turning(server, free), [], []
        for incident, ours in zip(network.cases["incidents"], network.ours["all"]):
            ours = [None if ms is None else ms / 1000 for ms in ours]
            place = incident["lon"], incident["lat"]
            theirs = osrm.seconds(server.fetch(osrm.table_path(units, place)), osrm.FINE)
            for unit, mine, their in zip(units, ours, theirs):
                if mine is None or their is None:
                    found.one_alone += mine is not their
                elif their - mine > TOLERANCE_S:
                    unlike.append((unit, place, mine, their))
                else:
                    found.differences.append(abs(mine - their))
            first, best = first_of(ours), first_of(theirs)
            if first == best:
                found.same += 1
            elif None in (first, best, theirs[first]):
                found.other += 1
            elif theirs[first] - theirs[best] <= TOLERANCE_S:
                found.close += 1
            else:
                firsts.append((units[first], place, ours[first], theirs[best]))
        once = [turning.by_one_of_all(*pair[:3]) for pair in unlike]
        for (unit, place, mine, their), by_one in zip(unlike, once):
            if by_one is not None or turning.by_two(unit, place, mine) is not None:
                found.turned += 1
            else:
                found.differences.append(their - mine)
        for unit, place, mine, their_best in firsts:
            # Ours may be sooner because it turns round. Then OSRM's own time by that junction says who is first.
            by_one = turning.by_one_of_all(unit, place, mine)
            by_some = turning.by_two(unit, place, mine) if by_one is None else by_one
            if by_some is not None and by_some - their_best <= TOLERANCE_S:
                found.first_turned += 1
            else:
                found.other += 1
    return found


class Turning:
    """OSRM's time by way of one or two junctions where every turn is free, where it is ours to the tolerance."""

    def __init__(self, server, free):
        self.server, self.free = server, free
        # Where one turned round, others do.
        self.known = []

    def by_one_of_all(self, unit, incident, ours):
        low = [min(pair) - AROUND for pair in zip(unit, incident)]
        high = [max(pair) + AROUND for pair in zip(unit, incident)]
        near = [place for place in self.free if all(a <= x <= b for a, x, b in zip(low, place, high))]
        by_known = self.by_one(self.known, unit, incident, ours)
        return self.by_one(near, unit, incident, ours) if by_known is None else by_known

    def by_one(self, places, unit, incident, ours):
        for at in range(0, len(places), AT_ONCE):
            some = places[at:at + AT_ONCE]
            [there], on = self.times([unit], some), [time for [time] in self.times(some, [incident])]
            for place, legs in zip(some, zip(there, on)):
                if None not in legs and abs(sum(legs) - ours) <= TOLERANCE_S:
                    if place not in self.known:
                        self.known.append(place)
                    return sum(legs)
        return None

    def by_two(self, unit, incident, ours):
        """Of those at which others turned."""
        if not self.known:
            return None
        [there], on = self.times([unit], self.known), [time for [time] in self.times(self.known, [incident])]
        between = self.times(self.known, self.known)
        legs = ((there[one], between[one][other], on[other]) for one in range(len(on)) for other in range(len(on)))
        drives = (sum(drive) for drive in legs if None not in drive)
        return next((drive for drive in drives if abs(drive - ours) <= TOLERANCE_S), None)

    def times(self, starts, goals):
        return osrm.matrix(self.server.fetch(osrm.matrix_path(starts, goals)), osrm.FINE)


def first_of(times):
    """Number of the first; `None` where nobody comes."""
    found = [(time, number) for number, time in enumerate(times) if time is not None]
    return min(found)[1] if found else None
