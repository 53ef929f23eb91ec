"""Pages of a thousand features: ours over HTTP, psql's copy of the same rows, tipg's page."""

import json
import statistics
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlsplit

from questions import COUNTED, ITEMS, LIMIT, PLAIN, Question, count

BAR = 0.8
FIRST_BYTE_BAR_MS = 50
ROUNDS = 15
# Page of the deep question; in a small city it begins before the last tenth.
DEEP_PAGE = 1000
# Features of a page on the way there.
STRIDE = 10_000
# tipg takes seconds for a page that it has to count.
TIPG_ROUNDS = 3


@dataclass
class Taken:
    """What one side took for a question, round by round."""

    ms: list
    core_s: float

    def best(self):
        return min(self.ms)

    def median(self):
        return statistics.median(self.ms)

    def cells(self):
        return [f"{self.median():.1f}", f"{self.best():.1f}", f"{self.core_s / len(self.ms) * 1e3:.1f}"]


def run(bench, report):
    """Every question in turns, so that all meet the same machine."""
    report.heading("Pages")
    report.paragraph(
        f"{LIMIT} features, {ROUNDS} rounds in turns after one that does not count; median and best in ms, core time of server "
        f"and session (psql: and of psql) a page. The ratio is psql's median by ours, in brackets by core time. First pages of a box "
        "or a filter say how many features there are: psql counts, too, and what its rows alone take stands in the last column.")
    table = [race(bench, report, question) for question in PLAIN]
    for question in COUNTED:
        table.append(race(bench, report, question, count(question.condition)))
        if later := following(bench, question):
            table.append(race(bench, report, later))
    table.append(race(bench, report, deep(bench)))
    report.table(
        ["", "urbis", "best", "core", "first byte", "psql", "best", "core", "ratio", "tipg", "same rows", "psql, rows alone"], table)


def race(bench, report, question, count_sql=None):
    """A row of the table; says in a line how it went."""
    same = compare(bench, question)
    first, ours, theirs, alone = [], [], [], []
    bench.client.time(f"{ITEMS}?{question.ours}")
    bench.psql.copy(question.sql())
    ours_before, psql_before = bench.node.worked_s(), bench.psql.worked_s()
    for _ in range(ROUNDS):
        first_ms, all_ms, _ = bench.client.time(f"{ITEMS}?{question.ours}")
        first.append(first_ms)
        ours.append(all_ms)
        alone.append(bench.psql.copy(question.sql()))
        theirs.append(alone[-1] + (bench.psql.copy(count_sql) if count_sql else 0))
    ours = Taken(ours, bench.node.worked_s() - ours_before)
    theirs = Taken(theirs, bench.psql.worked_s() - psql_before)
    ratio, by_core = theirs.median() / ours.median(), theirs.core_s / ours.core_s
    name = question.name + (", counted" if count_sql else "")
    report.bar(f"{name} {ratio:.2f}x psql, first byte {statistics.median(first):.1f} ms",
               ratio >= BAR and statistics.median(first) < FIRST_BYTE_BAR_MS and same)
    median, best, core = ours.cells()
    return [name, median, best, core, f"{statistics.median(first):.1f}", *theirs.cells(), f"{ratio:.2f}x ({by_core:.2f}x)",
            tipg(bench, question), "yes" if same else "NO", f"{statistics.median(alone):.1f}" if count_sql else ""]


def tipg(bench, question):
    """The median of tipg's page, where it is there and can be asked."""
    if not bench.tipg or not question.tipg:
        return "-"
    path = bench.tipg.items(question.tipg)
    return f"{statistics.median(bench.tipg.client.time(path)[1] for _ in range(TIPG_ROUNDS)):.1f}"


def compare(bench, question):
    """Whether ours and psql's are the same features, by ids in their order and the sum of all coordinates."""
    ours = json.loads(bench.client.body(f"{ITEMS}?{question.ours}"))["features"]
    theirs = [json.loads(row) for row in bench.postgres.ask(question.sql()).splitlines()]
    # psql writes the id among the attributes.
    same_ids = [feature["id"] for feature in ours] == [feature["properties"]["id"] for feature in theirs]
    sums = [[coordinates(feature["geometry"]["coordinates"]) for feature in side] for side in (ours, theirs)]
    numbers = sum(count for _, count in sums[0])
    difference = abs(sum(total for total, _ in sums[0]) - sum(total for total, _ in sums[1]))
    # A number in a hundred may be rounded to the other side.
    unit = 1e-3 if question.srid == 5899 else 1e-7
    return len(ours) > 0 and same_ids and numbers == sum(count for _, count in sums[1]) and difference <= numbers / 100 * unit


def coordinates(nested):
    """Sum and number of all coordinates."""
    if isinstance(nested, (int, float)):
        return nested, 1
    parts = [coordinates(part) for part in nested]
    return sum(total for total, _ in parts), sum(count for _, count in parts)


def following(bench, question):
    """The page after the first: it carries the count. Nothing where all features are on one."""
    page = json.loads(bench.client.body(f"{ITEMS}?{question.ours}"))
    query = next_query(page)
    if not query:
        return None
    last = page["features"][-1]["id"]
    return replace(question, name=question.name.replace("page", "next page"), ours=query,
                   condition=f"{question.condition} AND feature_id > {last}", tipg=f"{question.tipg}&offset={LIMIT}")


def next_query(page):
    """The query of a link to the next page; nothing after the last."""
    links = [link["href"] for link in page["links"] if link["rel"] == "next"]
    return urlsplit(links[0]).query if links else None


def with_limit(query, limit):
    """The same query with another length of the page."""
    pairs = [(name, str(limit) if name == "limit" else value) for name, value in parse_qsl(query)]
    return "&".join(f"{name}={quote(value)}" for name, value in pairs)


def deep(bench):
    """The thousandth page, reached as a client does: by links."""
    before = min((DEEP_PAGE - 1) * LIMIT, bench.features * 9 // 10 // LIMIT * LIMIT)
    query, passed, last = f"limit={LIMIT}", 0, 0
    while passed < before:
        limit = STRIDE if before - passed >= STRIDE else LIMIT
        page = json.loads(bench.client.body(f"{ITEMS}?{with_limit(query, limit)}"))
        passed, last, query = passed + limit, page["features"][-1]["id"], next_query(page)
    return Question(f"page {before // LIMIT + 1:,}", with_limit(query, LIMIT), f"feature_id > {last}",
                    tipg=f"limit={LIMIT}&sortby=id&offset={before}")
