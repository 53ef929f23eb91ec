"""QGIS as a client of OGC API Features: every layer opens with all its features and right types.

    tests/clients/with_qgis_oapif.py BASE_URL KEY

QGIS 3.22 reads the types of the first features and asks for 1,000 a page, which it reads from the
definition; features that are not open come with the key as a password and not without. Needs
Debian's python3-qgis.
"""

import json
import os
import sys
import tempfile
import urllib.request

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsVectorLayer, QgsWkbTypes  # noqa: E402
from qgis.PyQt.QtCore import QVariant  # noqa: E402

# What the catalogue's types are in QGIS; a date is text to 3.22, which guesses, and a date later.
TYPES = {
    "string": {QVariant.String},
    "date": {QVariant.String, QVariant.Date},
    "date-time": {QVariant.String, QVariant.DateTime},
    "integer": {QVariant.Int, QVariant.LongLong},
    "number": {QVariant.Double},
    "boolean": {QVariant.Bool},
}
GEOMETRIES = {
    "geometry-point": QgsWkbTypes.Point,
    "geometry-multilinestring": QgsWkbTypes.MultiLineString,
    "geometry-multipolygon": QgsWkbTypes.MultiPolygon,
}


def main(base, key):
    with tempfile.TemporaryDirectory() as passwords:
        os.environ["QGIS_AUTH_DB_DIR_PATH"] = passwords
        app = QgsApplication([], False)
        app.initQgis()
        checks = every_layer_opens(base) + [wards_are_read(base), key_is_a_password(base, key)]
        app.exitQgis()
    print(f"{sum(checks)} passed, {checks.count(False)} failed")
    return 0 if all(checks) else 1


def check(sentence, holds):
    print(f"{'ok' if holds else 'not ok'}: {sentence}")
    return bool(holds)


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
        wrong = wrong_types(layer, schema, page["features"])
        opened = layer.isValid() and layer.featureCount() == page["numberMatched"]
        kind = layer.wkbType() == GEOMETRIES[schema["geometry"]["format"]]
        checks.append(
            check(f"QGIS opens {name}: {layer.featureCount()} features, wrong types {wrong}", opened and kind and not wrong)
        )
    return checks


def wrong_types(layer, schema, first):
    """Fields of another type than the schema's, those aside that the first features leave open."""
    wrong = []
    for name, described in schema.items():
        if name == "geometry":
            continue
        index = layer.fields().indexOf(name)
        kind = described.get("format") or described["type"]
        said = any(feature["properties"][name] is not None for feature in first)
        if index < 0 or (said and layer.fields().at(index).type() not in TYPES[kind]):
            wrong.append(name)
    return wrong


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


def key_is_a_password(base, key):
    passwords = QgsApplication.authManager()
    passwords.setMasterPassword("a test's own", True)
    config = QgsAuthMethodConfig("Basic")
    config.setName("Urbis")
    config.setConfig("username", "planner")
    config.setConfig("password", key)
    stored = passwords.storeAuthenticationConfig(config)
    hidden = not layer_of(base, "signal").isValid()
    signals = layer_of(base, "signal", f" authcfg={config.id()}")
    return check(
        f"QGIS sees {signals.featureCount()} signals with a key as the password, and none without",
        stored and hidden and signals.isValid() and signals.featureCount() > 0,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
