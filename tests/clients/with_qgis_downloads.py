"""QGIS with the whole city as a file: layers, titles and default styles come out of it.

    tests/clients/with_qgis_downloads.py FILE.gpkg DATABASE_URL

Draws the file with nothing but the styles within, and keeps the picture under target/.
"""

import subprocess
import sys

from qgis_check import PICTURES, check, run

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

# The middle of the city, EPSG:5899.
CENTRE = QgsRectangle(548400, 1775100, 550600, 1777000)
# What is drawn, the lowest first.
DRAWN = ["admin_unit", "land_use", "water_body", "parcel", "building", "road_segment", "bus_stop"]


def main(path, database_url):
    layers = {}
    run([
        lambda: [layer_is_whole(layers, path, name, database_url) for name in DRAWN],
        lambda: city_is_drawn(layers),
    ])


def layer_is_whole(layers, path, name, database_url):
    layer = layers[name] = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    stored = ask(database_url, f"""SELECT count(*) FROM layer.{name} WHERE
        coalesce(valid_from <= now(), true) AND coalesce(now() < valid_to, true)""")
    srid = ask(database_url, f"SELECT Find_SRID('layer', '{name}', 'geom')")
    message, is_default = layer.loadDefaultStyle()
    is_whole = layer.isValid() and str(layer.featureCount()) == stored
    has_crs = layer.crs().authid() == f"EPSG:{srid}"
    is_styled = is_default and layer.renderer().type() == "RuleRenderer"
    labels = [layer.attributeDisplayName(at) for at in range(layer.fields().count())]
    is_named = any(ord(letter) > 127 for label in labels for letter in label)
    print(f"{name}: {layer.featureCount()} of {stored}, {layer.crs().authid()}, "
          f"{layer.renderer().type()}, {message}, {labels[:4]}")
    return check(f"QGIS opens {name} whole, with its CRS, style and Vietnamese labels",
                 is_whole and has_crs and is_styled and is_named)


def city_is_drawn(layers):
    settings = QgsMapSettings()
    settings.setLayers([layers[name] for name in reversed(DRAWN)])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:5899"))
    settings.setOutputSize(QSize(900, 780))
    settings.setExtent(CENTRE)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(f"{PICTURES}/download.png")
    colors = {picture.pixel(x, y) for x in range(0, 900, 3) for y in range(0, 780, 3)}
    return check(f"the city is drawn in {len(colors)} colours", len(colors) > 50)


def ask(database_url, sql):
    asked = ["psql", "-XAtq", database_url, "-c", sql]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


main(*sys.argv[1:])
