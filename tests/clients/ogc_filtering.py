"""The abstract tests of filters, of every queryable of every collection that shows itself: OGC
19-079r2, annex A: get-queryables-uris, get-queryables, query-param, filter-param,
filter-lang-default, expression-construction and filter-crs-wgs84.

    ogc_filtering.py http://127.0.0.1:8400/ogc
"""

import json
import sys

import httpx
from jsonschema import Draft202012Validator
from requests.utils import parse_header_links

GEOJSON = "application/geo+json"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
ALL = 10_000
# No member of the type; a text may be anything but this.
INVALID = {
    "number": "many", "integer": "1.5", "boolean": "maybe", "string": "\0", "date": "2025-02-30",
    "date-time": "2025-02-30T00:00:00Z",
}
# How CQL2 calls them.
TIMES = {"date": "date", "date-time": "timestamp"}


class Collection:
    def __init__(self, client, document):
        self.client = client
        self.id = document["id"]
        self.bbox = document["extent"]["spatial"]["bbox"][0]
        self.items = next(link["href"] for link in document["links"] if link["rel"] == "items")
        self.properties = {}
        self.first = set()

    def ask(self, **params):
        params = {name.replace("_", "-") if name.startswith("filter") else name: value for name, value in params.items()}
        return self.client.get(self.items, params=params, headers={"Accept": GEOJSON})

    def found(self, **params):
        """The features of the first page, which is as large as it may be."""
        params = {"limit": ALL, **params}
        answer = self.ask(**params)
        assert answer.status_code == 200, f"{self.id} {params}: {answer.text}"
        assert answer.headers["content-type"] == GEOJSON, f"{self.id} {params}"
        page = answer.json()
        assert page["numberReturned"] == len(page["features"]), f"{self.id} {params}"
        return page["features"]

    def ids(self, features):
        """Those that are on the first page of all, in their order."""
        return [feature["id"] for feature in features if feature["id"] in self.first]

    def refused(self, **params):
        answer = self.ask(**params)
        assert answer.status_code == 400, f"{self.id} {params}: {answer.status_code}"
        assert answer.json()["code"], f"{self.id} {params}"

    def queryables(self):
        """get-queryables-uris and get-queryables."""
        head = self.client.head(self.items, headers={"Accept": "application/json"})
        assert head.status_code == 200, self.id
        links = parse_header_links(head.headers["link"])
        uri = next(link["url"] for link in links if link["rel"] == REL)
        answer = self.client.get(uri, headers={"Accept": "application/schema+json"})
        assert answer.headers["content-type"] == "application/schema+json", self.id
        schema = answer.json()
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == uri and schema["type"] == "object", self.id
        assert schema["additionalProperties"] is False, self.id
        for name, queryable in schema["properties"].items():
            assert "type" in queryable or queryable["format"].startswith("geometry-"), f"{self.id} {name}"
        self.properties = schema["properties"]

    def every_queryable(self):
        """query-param, filter-param, filter-lang-default; how many had a value to ask for."""
        asked = 0
        whole = self.found()
        self.first = {feature["id"] for feature in whole}
        for name, queryable in self.properties.items():
            if "type" not in queryable:
                continue
            kind = queryable.get("format", queryable["type"])
            self.refused(**{name: "no such code" if "enum" in queryable else INVALID[kind]})
            values = [feature["properties"][name] for feature in whole if feature["properties"][name] is not None]
            if not values:
                continue
            value = values[-1]
            wanted = [feature["id"] for feature in whole if feature["properties"][name] == value]
            plain = json.dumps(value) if not isinstance(value, str) else value
            quoted = plain if not isinstance(value, str) else "'" + value.replace("'", "''") + "'"
            literal = {TIMES[kind]: value} if kind in TIMES else value
            text = f'"{name}" = ' + (f"{TIMES[kind].upper()}({quoted})" if kind in TIMES else quoted)
            tree = json.dumps({"op": "=", "args": [{"property": name}, literal]})
            for params in (
                {name: plain},
                {"filter": text},
                {"filter": text, "filter_lang": "cql2-text"},
                {"filter": tree, "filter_lang": "cql2-json"},
            ):
                assert self.ids(self.found(**params)) == wanted, f"{self.id} {params}"
            asked += 1
        name = next(iter(self.properties))
        for params in ({"filter": f"{name} ="}, {"filter": f"{name} = )", "filter_lang": "cql2-text"}):
            self.refused(**params)
        self.refused(filter='{"op": "="', filter_lang="cql2-json")
        return asked

    def unknown_queryable(self):
        """expression-construction."""
        for filter in ("this_is_not_a_queryable IS NULL", "this_is_not_a_queryable = 1"):
            self.refused(filter=filter)
        tree = {"op": "isNull", "args": [{"property": "this_is_not_a_queryable"}]}
        self.refused(filter=json.dumps(tree), filter_lang="cql2-json")

    def wgs84(self):
        """filter-crs-wgs84."""
        name = next(name for name, queryable in self.properties.items() if "type" not in queryable)
        # The extent is written with seven digits: a corner may lie a centimetre outside.
        west, south, east, north = self.bbox[0] - 1e-6, self.bbox[1] - 1e-6, self.bbox[2] + 1e-6, self.bbox[3] + 1e-6
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        corners = ", ".join(f"{x} {y}" for x, y in ring)
        tree = {"op": "s_intersects", "args": [{"property": name}, {"type": "Polygon", "coordinates": [ring]}]}
        wanted = self.ids(self.found())
        for params in (
            {"filter": f"S_INTERSECTS({name}, POLYGON(({corners})))"},
            {"filter": f"S_INTERSECTS({name}, BBOX({west}, {south}, {east}, {north}))"},
            {"filter": json.dumps(tree), "filter_lang": "cql2-json"},
        ):
            assert self.ids(self.found(**params)) == wanted, f"{self.id} {params}"
        for box in ("BBOX(1000000, 1000000, 2000000, 2000000)", "POINT(1000000 1000000)"):
            self.refused(filter=f"S_INTERSECTS({name}, {box})")


def main(address):
    asked = 0
    with httpx.Client(timeout=30) as client:
        documents = client.get(f"{address}/collections", headers={"Accept": "application/json"})
        collections = [Collection(client, document) for document in documents.json()["collections"]]
        for collection in collections:
            collection.queryables()
            asked += collection.every_queryable()
            collection.unknown_queryable()
            collection.wgs84()
    assert len(collections) > 15 and asked > 80, (len(collections), asked)
    print(f"ok: filters find what they say of {asked} queryables of {len(collections)} collections")


main(*sys.argv[1:])
