"""QGIS as a client: what README says of it, done by a real QGIS without a screen.

    tests/clients/with_qgis.py BASE_URL DATABASE_URL KEY

Opens the vector tiles with our style, draws them, sees a layer that is not open with the key as a
password and not without, opens a table of the city over the socket, moves nothing but a name, and
waits until the map's tile has it. Needs Debian's python3-qgis.
"""

import sys
import time
import urllib.request
from urllib.parse import parse_qs, quote, urlsplit

from qgis_check import PICTURES, check, run, store_key

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDataSourceUri,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

# The bundled buildings, EPSG:3857.
CENTRE = QgsRectangle(12045200, 1810000, 12047500, 1812300)
NAME = "Nhà thử QGIS"


def main(base, database_url, key):
    run([
        lambda: tiles_are_drawn(base),
        lambda: key_is_a_password(base, key),
        lambda: table_is_read(database_url),
        lambda: edit_is_on_the_map(base, database_url),
    ])


def tiles_are_drawn(base):
    tiles = quote(f"{base}/tiles/admin_unit,road_segment,building/", safe=":/,") + "%7Bz%7D/%7Bx%7D/%7By%7D.pbf"
    layer = QgsVectorTileLayer(
        f"type=xyz&url={tiles}&zmin=5&zmax=16&styleUrl={base}/styles/danang/qgis", "Urbis"
    )
    styled = layer.isValid() and layer.loadDefaultStyle()[1]
    image = draw(layer)
    image.save(f"{PICTURES}/tiles.png")
    count = len(colours(image))
    return check(f"QGIS draws our tiles with our style ({count} colours)", styled and count > 20)


def draw(layer):
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setOutputSize(QSize(512, 512))
    settings.setExtent(CENTRE)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def colours(image):
    return {image.pixel(x, y) for x in range(512) for y in range(512)}


def key_is_a_password(base, key):
    stored = store_key(key)
    tiles = quote(f"{base}/tiles/signal/", safe=":/") + "%7Bz%7D/%7Bx%7D/%7By%7D.pbf"

    def sees_signals(secret):
        layer = QgsVectorTileLayer(f"type=xyz&url={tiles}&zmin=15&zmax=16{secret}", "Signals")
        return layer.isValid() and len(colours(draw(layer))) > 1

    # Without first: Qt's cache takes no notice of `Vary` and would show what came with the key.
    hidden = not sees_signals("")
    return check(
        "QGIS sees signals with a key as the password, and none without",
        stored and hidden and sees_signals(f"&authcfg={stored}"),
    )


def table(database_url, name):
    parts = urlsplit(database_url)
    uri = QgsDataSourceUri()
    host = parse_qs(parts.query)["host"][0]
    uri.setConnection(host, str(parts.port or 5432), parts.path.lstrip("/"), parts.username, parts.password or "")
    uri.setDataSource("layer", name, "geom", "", "feature_id")
    return QgsVectorLayer(uri.uri(False), name, "postgres")


def table_is_read(database_url):
    wards = table(database_url, "admin_unit")
    # The units of before July 2025 are in the table, too.
    wards.setSubsetString("valid_to IS NULL")
    named = wards.fields().field("name").comment() if wards.isValid() else ""
    return check(
        f"QGIS opens the wards in {wards.crs().authid()} with the Vietnamese meaning of a column ({named})",
        wards.isValid() and wards.featureCount() == 94 and wards.crs().authid() == "EPSG:5899" and named == "Tên",
    )


def edit_is_on_the_map(base, database_url):
    houses = table(database_url, "building")
    house = next(houses.getFeatures())
    centre = house.geometry().centroid().asPoint()
    column = houses.fields().indexOf("name")
    with_edit = houses.startEditing() and houses.changeAttributeValue(house.id(), column, NAME)
    saved = with_edit and houses.commitChanges()
    tile = tile_of(houses, centre)
    deadline = time.monotonic() + 10
    seen = False
    while saved and not seen and time.monotonic() < deadline:
        with urllib.request.urlopen(f"{base}/tiles/building/{tile}") as answer:
            seen = NAME.encode() in answer.read()
    return check("what QGIS saves is in the tile", seen)


def tile_of(layer, place):
    from qgis.core import QgsCoordinateTransform, QgsProject

    to_mercator = QgsCoordinateTransform(
        layer.crs(), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance()
    )
    xy = to_mercator.transform(place)
    half, count = 20037508.342789244, 2**16
    x = int((xy.x() + half) / (2 * half) * count)
    y = int((half - xy.y()) / (2 * half) * count)
    return f"16/{x}/{y}"


if __name__ == "__main__":
    main(*sys.argv[1:])
