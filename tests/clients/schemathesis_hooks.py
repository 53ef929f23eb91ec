"""What schemathesis cannot read in the definition of the API.

A definition says which values one parameter takes, not how two of them go together, nor what the
language of a filter is. So a request that is meant to be right is made right here before it is
sent; one that is meant to be wrong is left alone. Of what is found wrong, one thing is dropped:
`limit` above the maximum, which part 1 of OGC API Features lets a server clamp (OGC 17-069r4,
7.15.2, permission /per/core/fc-limit-response).
"""

import base64
import calendar
import json
import re
import zlib
from datetime import UTC, datetime

import schemathesis

# What a filter may say, with places in degrees, in degrees the other way round, and in metres.
PLACES = {
    "CRS84": ([108.1, 15.9, 108.3, 16.2], [108.22, 16.06]),
    "4326": ([15.9, 108.1, 16.2, 108.3], [16.06, 108.22]),
    "metres": ([530000, 1760000, 550000, 1790000], [540000, 1776000]),
}


def texts(box, point):
    """Conditions in CQL2 text."""
    box, point = ", ".join(str(number) for number in box), " ".join(str(number) for number in point)
    for relation in ("INTERSECTS", "DISJOINT", "WITHIN"):
        for place in (f"BBOX({box})", f"POINT({point})"):
            yield f"S_{relation}(geom, {place})"
            yield f"NOT S_{relation}(geom, {place})"


def trees(box, point):
    """The same in CQL2 JSON."""
    for relation in ("s_intersects", "s_disjoint", "s_within"):
        for place in ({"bbox": box}, {"type": "Point", "coordinates": point}):
            tree = {"op": relation, "args": [{"property": "geom"}, place]}
            yield json.dumps(tree)
            yield json.dumps({"op": "not", "args": [tree]})


# Half the width of the earth as EPSG:3857 has it, and what is more than any of our CRS.
DEGREES = [(-180, 180), (-90, 90)]
METRES = [(-1e7, 1e7), (-1e7, 1e7)]


def pick(choices, of):
    """One of some, always the same one of a text."""
    return choices[zlib.crc32(of.encode("utf-8", "surrogatepass")) % len(choices)]


def day(moment):
    """A day that is in the calendar."""
    year, month, number = (int(part) for part in moment[:10].split("-"))
    last = calendar.monthrange(max(year, 1), month)[1]
    # The years 1 and 9999 are not whole in every zone.
    return f"{min(max(year, 2), 9998):04}-{month:02}-{min(number, last):02}{moment[10:]}"


def interval(text):
    """An interval whose ends are in order, or a moment."""
    ends = [end if end in ("", "..") else day(end) for end in text.split("/")]
    if len(ends) == 2 and all(re.match("[0-9]", end) for end in ends):
        ends = [min(end[:10] for end in ends), max(end[:10] for end in ends)]
    return "/".join(ends)


def token(text):
    """What a link `next` could carry."""
    return base64.urlsafe_b64encode(f"{pick(['', 'n'], text)}{len(text)}.7".encode()).decode().rstrip("=")


def box(numbers, crs):
    """A box within the earth, the lower corner first; it comes as numbers or written already."""
    if isinstance(numbers, str):
        numbers = [float(number) for number in numbers.split(",")]
    bounds = METRES if re.search("/(5899|3405|3406|3857)$", crs) else DEGREES
    if crs.endswith("/4326"):
        bounds = bounds[::-1]
    half = len(numbers) // 2
    low, high = list(numbers[:half]), list(numbers[half:])
    for axis, (first, last) in enumerate(bounds):
        pair = sorted(min(max(number, first), last) for number in (low[axis], high[axis]))
        low[axis], high[axis] = pair
    return ",".join(repr(number) for number in low + high)


@schemathesis.hook
def before_call(context, case, kwargs):
    query = case.query
    if not query or not case.meta or not case.meta.generation.mode.is_positive:
        return
    # Two of the formats are made by a process of its own: one layer and the city show these.
    path = case.operation.path
    if query.get("f") in ("gpkg", "shp") and path not in ("/download", "/collections/rain_gauge/download"):
        query["f"] = pick(["csv", "fgb", "geojson"], path)
    if "filter" in query:
        crs = query.get("filter-crs", "CRS84").rsplit("/")[-1]
        write = trees if query.get("filter-lang") == "cql2-json" else texts
        choices = list(write(*PLACES.get(crs, PLACES["metres"])))
        query["filter"] = pick(choices, str(query["filter"]))
    else:
        query.pop("filter-lang", None)
        query.pop("filter-crs", None)
    if "datetime" in query:
        query["datetime"] = interval(query["datetime"])
    if "since" in query:
        query["since"] = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if "after" in query:
        query["after"] = token(query["after"])
    if "bbox" in query:
        query["bbox"] = box(query["bbox"], query.get("bbox-crs", ""))
    else:
        query.pop("bbox-crs", None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    is_accepted = type(failure).__name__ == "AcceptedNegativeData"
    # `limit`, and no other parameter beside it, is what is wrong with the request.
    is_limit = "parameter `limit` in query" in failure.message
    limit = str(case.query.get("limit"))
    is_large = limit.isascii() and limit.isdigit() and int(limit) > 10_000
    return not (is_accepted and is_limit and is_large)
