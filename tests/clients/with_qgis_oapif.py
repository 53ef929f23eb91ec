"""QGIS as a client of OGC API Features: every layer opens with all its features and right types.

    tests/clients/with_qgis_oapif.py BASE_URL KEY

QGIS 3.22 reads everything in EPSG:4326, guesses the types from the first features and filters by
itself. From 3.44 on it asks for the layer's own CRS, reads the schema and leaves filters to the
server: that is seen in what it asks, through a proxy that writes it down. Features that are not open
come with the key as a password and not without. Needs Debian's python3-qgis.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from urllib.parse import parse_qs, unquote, urlsplit

from qgis_check import IS_NEW, check, run, store_key

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

# What the catalogue's types are in QGIS; one that guesses takes dates for texts.
TYPES = {
    "string": {QVariant.String},
    "date": {QVariant.Date} if IS_NEW else {QVariant.String, QVariant.Date},
    "date-time": {QVariant.DateTime} if IS_NEW else {QVariant.String, QVariant.DateTime},
    "integer": {QVariant.Int, QVariant.LongLong},
    "number": {QVariant.Double},
    "boolean": {QVariant.Bool},
}
GEOMETRIES = {
    "geometry-point": QgsWkbTypes.Point,
    "geometry-multilinestring": QgsWkbTypes.MultiLineString,
    "geometry-multipolygon": QgsWkbTypes.MultiPolygon,
}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# The inner city in EPSG:5899, east and north.
INNER = QgsRectangle(546000, 1774000, 551000, 1779000)
WRITING = (
    QgsVectorDataProvider.AddFeatures
    | QgsVectorDataProvider.DeleteFeatures
    | QgsVectorDataProvider.ChangeAttributeValues
    | QgsVectorDataProvider.ChangeGeometries
)


def main(base, key):
    checks = [
        lambda: every_layer_opens(base),
        lambda: wards_are_read(base),
        lambda: filters_are_right(base),
        lambda: key_is_a_password(base, key),
    ]
    if IS_NEW:
        checks += [lambda: server_filters(base), lambda: box_is_asked_in_the_crs_of_the_layer(base)]
    run(checks)


def fetch(address):
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def layer_of(base, name, more=""):
    return QgsVectorLayer(f"url='{base}/ogc' typename='{name}' restrictToRequestBBOX='1'{more}", name, "OAPIF")


def every_layer_opens(base):
    checks = []
    for collection in fetch(f"{base}/ogc/collections?f=json")["collections"]:
        name = collection["id"]
        page = fetch(f"{base}/ogc/collections/{name}/items?limit=10")
        if page["numberMatched"] == 0:
            continue
        schema = fetch(f"{base}/ogc/collections/{name}/schema")["properties"]
        layer = layer_of(base, name)
        wrong = wrong_fields(layer, schema, page["features"]) + wrong_place(layer, collection)
        if layer.wkbType() != GEOMETRIES[schema["geometry"]["format"]]:
            wrong.append("geometry")
        if layer.dataProvider().capabilities() & WRITING:
            wrong.append("editing")
        opened = layer.isValid() and layer.featureCount() == page["numberMatched"]
        where = layer.crs().authid()
        sentence = f"QGIS opens {name}: {layer.featureCount()} features in {where}, to be read only; wrong: {wrong}"
        checks.append(check(sentence, opened and not wrong))
    return checks


def wrong_fields(layer, schema, first):
    """Fields of another type or name than the schema's; where QGIS guesses, those aside that the first
    features leave open."""
    wrong = []
    names = [name for name in schema if name != "geometry"]
    for name in names:
        described = schema[name]
        index = layer.fields().indexOf(name)
        if index < 0:
            wrong.append(name)
            continue
        field = layer.fields().at(index)
        kind = described.get("format") or described["type"]
        said = IS_NEW or any(feature["properties"][name] is not None for feature in first)
        if said and field.type() not in TYPES[kind]:
            wrong.append(f"{name}: {field.typeName()}")
        if IS_NEW and (field.alias() != described["title"] or field.comment() != described.get("description", "")):
            wrong.append(f"{name}: {field.alias()}, {field.comment()}")
    order = sorted(names, key=lambda name: schema[name].get("x-ogc-propertySeq", 0))
    if IS_NEW and layer.fields().names() != order:
        wrong.append("order")
    return wrong


def wrong_place(layer, collection):
    storage = collection["storageCrs"]
    wanted = f"EPSG:{storage.rsplit('/', 1)[1]}" if IS_NEW and storage != CRS84 else "EPSG:4326"
    found = layer.crs().authid()
    # 3.44 says OGC:CRS84 of what 3.22 calls EPSG:4326.
    if found != wanted and not (wanted == "EPSG:4326" and found == "OGC:CRS84"):
        return [f"crs: {found}"]
    box = QgsRectangle(*collection["extent"]["spatial"]["bbox"][0])
    to_layer = QgsCoordinateTransform(QgsCoordinateReferenceSystem("OGC:CRS84"), layer.crs(), QgsProject.instance())
    box = to_layer.transformBoundingBox(box)
    extent = layer.extent()
    # A box that is turned grows by where it is sampled.
    slack = 0.01 * max(box.width(), box.height())
    sides = zip(edges(extent), edges(box))
    return [] if all(abs(a - b) <= slack for a, b in sides) else [f"extent: {extent.toString(1)}"]


def edges(box):
    return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()


def wards_are_read(base):
    wards = layer_of(base, "admin_unit")
    read = {ward["code"]: ward for ward in wards.getFeatures()}
    roads = layer_of(base, "road_segment")
    ids = {road.id() for road in roads.getFeatures()}
    return check(
        f"QGIS reads all {len(read)} wards and all {len(ids)} roads page by page",
        len(read) == wards.featureCount() == 94
        and read["20242"]["name"] == "Hải Châu"
        and read["20242"].geometry().isGeosValid()
        and len(ids) == roads.featureCount() > 1000,
    )


# A layer, a filter as QGIS writes it, and the same for one feature that is read whole.
FILTERS = [
    ("admin_unit", "\"name\" = 'Hải Châu'", lambda unit: unit["name"] == "Hải Châu"),
    ("admin_unit", "\"name\" LIKE 'Hải%' AND \"type\" = 'ward'", lambda unit: starts(unit["name"], "Hải") and unit["type"] == "ward"),
    ("admin_unit", "\"area_km2\" > 100.5", lambda unit: unit["area_km2"] > 100.5),
    ("road_segment", "\"class\" IN ('primary', 'secondary')", lambda road: road["class"] in ("primary", "secondary")),
    ("road_segment", "\"lanes\" >= 2 AND \"name\" IS NOT NULL", lambda road: known(road["lanes"]) and road["lanes"] >= 2 and known(road["name"])),
    ("road_segment", "\"bridge\" = TRUE", lambda road: known(road["bridge"]) and road["bridge"]),
]


def known(value):
    return value is not None and not (isinstance(value, QVariant) and value.isNull())


def starts(value, start):
    return known(value) and value.startswith(start)


def filters_are_right(base):
    faults = []
    for name, condition, holds in FILTERS:
        wanted = sum(1 for feature in layer_of(base, name).getFeatures() if holds(feature))
        layer = layer_of(base, name)
        accepted = layer.setSubsetString(condition)
        found = sum(1 for _ in layer.getFeatures())
        if not accepted or not found == wanted > 0 or (IS_NEW and layer.featureCount() != wanted):
            faults.append(f"{condition}: {accepted}, {found}, {layer.featureCount()}, wanted {wanted}")
    print("\n".join(faults))
    return check(f"{len(FILTERS)} filters of QGIS find what they say", not faults)


class Log:
    """A proxy before the server, and what was asked of it."""

    def __init__(self, base):
        self.file = tempfile.NamedTemporaryFile(suffix=".log")
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_log.py")
        self.process = subprocess.Popen([sys.executable, script, base, self.file.name], stdout=subprocess.PIPE, text=True)
        self.base = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def pages(self):
        """Parameters of the pages of features that were asked for."""
        with open(self.file.name, encoding="utf-8") as lines:
            asked = [line.split()[1] for line in lines if line.startswith("GET ")]
        return [parse_qs(urlsplit(address).query) for address in asked if urlsplit(address).path.endswith("/items")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.file.close()


def server_filters(base):
    faults = []
    shown = ""
    for name, condition, _ in FILTERS:
        with Log(base) as log:
            layer = layer_of(log.base, name)
            opened = len(log.pages())
            layer.setSubsetString(condition)
            found = sum(1 for _ in layer.getFeatures())
            asked = log.pages()[opened:]
            without = [page for page in asked if "filter" not in page and int(page["limit"][0]) > 10]
            filters = {page["filter"][0] for page in asked if "filter" in page}
            languages = {page["filter-lang"][0] for page in asked if "filter" in page}
            if not found or not filters or without or languages != {"cql2-text"}:
                faults.append(f"{condition}: {found} found, asked {asked}")
            shown = shown or ", ".join(filters)
    print("\n".join(faults))
    return check(f"QGIS leaves filters to the server, such as {shown}", not faults)


def box_is_asked_in_the_crs_of_the_layer(base):
    with Log(base) as log:
        wards = layer_of(log.base, "admin_unit")
        found = {ward["code"] for ward in wards.getFeatures(QgsFeatureRequest().setFilterRect(INNER))}
        boxes = {(page["bbox"][0], page["bbox-crs"][0], page["crs"][0]) for page in log.pages() if "bbox" in page}
    whole = {ward["code"] for ward in layer_of(base, "admin_unit").getFeatures()
             if ward.geometry().intersects(INNER)}
    in_5899 = all(crs.endswith("/5899") and of.endswith("/5899") for _, of, crs in boxes)
    return check(
        f"QGIS reads the {len(found)} wards of a box by asking for it in EPSG:5899: {sorted(boxes)[:1]}",
        boxes and in_5899 and found == whole and 0 < len(found) < 94,
    )


def key_is_a_password(base, key):
    stored = store_key(key)
    hidden = not layer_of(base, "signal").isValid()
    signals = layer_of(base, "signal", f" authcfg={stored}")
    return check(
        f"QGIS sees {signals.featureCount()} signals with a key as the password, and none without",
        stored and hidden and signals.isValid() and signals.featureCount() > 0,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
