"""QGIS on the database: the views of a class, their default styles, the ready project.

    tests/clients/with_qgis_views.py BASE_URL DATABASE_URL FOLDER

FOLDER holds pg_service.conf with the entries urbis (a login of level open) and urbis_restricted, and
restricted.qgz, a project that connects by the latter. Draws what QGIS makes of the views and of our
tiles into target/ and compares the colours. Needs Debian's python3-qgis.
"""

import json
import os
import subprocess
import sys
import urllib.request

FOLDER = sys.argv[3]
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["PGSERVICEFILE"] = f"{FOLDER}/pg_service.conf"

from urllib.parse import quote  # noqa: E402

from qgis.core import (  # noqa: E402: Qt and libpq read the environment when they are used first
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402

PIXELS = 900
MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")
# The bundled buildings, about 1.1 km across; and the city around them.
STREETS = QgsRectangle(12046000, 1810600, 12047100, 1811700)
CITY = QgsRectangle(12034000, 1799000, 12056000, 1821000)
# Parts of it, at a scale where land use is drawn opaque and a pond has pixels: 5 m each.
QUARTERS = [
    QgsRectangle(x, y, x + 4500, y + 4500)
    for x, y in [(12042000, 1806600), (12046500, 1811100), (12034000, 1802000), (12036000, 1812000)]
]
# Of 255: lines and areas are smoothed where they end, and colours are rounded.
TOLERANCE = 6


def main(base, database_url):
    app = QgsApplication([], False)
    app.initQgis()
    opened = project("postgresql://?service=urbis&dbname=urbis&schema=public&project=" + quote("Đà Nẵng - mở"))
    checks = [
        every_view_opens(database_url, "urbis", "qgis"),
        every_view_opens(database_url, "urbis_restricted", "qgis_restricted"),
        counts_are_right(database_url),
        hidden_is_hidden(),
        fields_speak_vietnamese(),
        project_is_whole(opened),
        project_of_a_class_opens(),
        colours_are_the_same(base),
        codes_have_their_colours(base),
        pictures(base, opened),
    ]
    print(f"{sum(checks)} passed, {checks.count(False)} failed")
    sys.stdout.flush()
    # QGIS tears itself down in an order of its own, and may fall over what Python still holds.
    os._exit(0 if all(checks) else 1)


def check(sentence, holds):
    print(f"{'ok' if holds else 'not ok'}: {sentence}")
    return bool(holds)


def ask(database_url, sql):
    answer = subprocess.run(
        ["psql", database_url, "-XAtqc", sql], check=True, capture_output=True, text=True, timeout=120
    )
    return answer.stdout.strip().splitlines()


def view(service, schema, name, more="key='feature_id'"):
    """A view as QGIS names it when somebody clicks it: no type and no CRS are told."""
    layer = QgsVectorLayer(f"service='{service}' {more} table=\"{schema}\".\"{name}\" (geom)", name, "postgres")
    return layer


def every_view_opens(database_url, service, schema):
    rows = ask(
        database_url,
        "SELECT f_table_name || ' ' || srid FROM geometry_columns "
        f"WHERE f_table_schema = '{schema}' ORDER BY 1",
    )
    faults = []
    for name, srid in (row.split() for row in rows):
        layer = view(service, schema, name)
        if not layer.isValid() or layer.crs().authid() != f"EPSG:{srid}":
            faults.append(f"{name}: no layer")
            continue
        if layer.primaryKeyAttributes() != [0] or layer.fields()[0].name() != "feature_id":
            faults.append(f"{name}: its key is not found")
        told, loaded = layer.loadDefaultStyle()
        kinds = {"RuleRenderer"} if layer.renderer().type() != "nullSymbol" or not layer.labeling() else {"nullSymbol"}
        if not loaded or layer.renderer().type() not in kinds:
            faults.append(f"{name}: no style: {told} {layer.renderer().type()}")
        elif not layer.hasScaleBasedVisibility():
            faults.append(f"{name}: drawn at every scale")
    print("\n".join(faults))
    return check(f"QGIS opens and styles {len(rows)} views of {schema}", rows and not faults)


NOW = "(valid_from IS NULL OR valid_from <= now()) AND (valid_to IS NULL OR valid_to > now())"


def counts_are_right(database_url):
    asked = {
        ("urbis", "qgis", "admin_unit"): NOW,
        ("urbis", "qgis", "road_segment"): NOW,
        ("urbis", "qgis", "land_use"): f"{NOW} AND (code IS NULL OR code NOT SIMILAR TO '%(CQA|CQP|CAN)%')",
        ("urbis", "qgis", "emergency_place"): f"{NOW} AND kind NOT IN ('hydrant', 'water_point')",
        ("urbis_restricted", "qgis_restricted", "emergency_place"): NOW,
        ("urbis_restricted", "qgis_restricted", "land_use"): NOW,
    }
    faults = []
    for (service, schema, name), condition in asked.items():
        [wanted] = ask(database_url, f"SELECT count(*) FROM layer.{name} WHERE {condition}")
        layer = view(service, schema, name)
        found = sum(1 for _ in layer.getFeatures())
        if not found == layer.featureCount() == int(wanted):
            faults.append(f"{schema}.{name}: {found}, {layer.featureCount()}, wanted {wanted}")
        # By estimates QGIS must not learn of rows that are hidden.
        guess = view(service, schema, name, "key='feature_id' estimatedmetadata=true").featureCount()
        [all_rows] = ask(database_url, f"SELECT count(*) FROM layer.{name}")
        if int(wanted) != int(all_rows) and guess == int(all_rows):
            faults.append(f"{schema}.{name}: the estimate is of all rows")
    print("\n".join(faults))
    return check("QGIS counts what the class may see", not faults)


def hidden_is_hidden():
    tables = ["layer.camera", "layer.land_use", "qgis_internal.camera", "qgis_restricted.parcel"]
    seen = [name for name in tables if view("urbis", *name.split(".")).isValid()]
    open_fields = view("urbis", "qgis", "parcel").fields().names()
    all_fields = view("urbis_restricted", "qgis_restricted", "parcel").fields().names()
    fewer = set(open_fields) < set(all_fields)
    return check(f"a login of level open sees neither tables nor other classes ({seen})", not seen and fewer)


def fields_speak_vietnamese():
    layer = view("urbis", "qgis", "road_segment")
    layer.loadDefaultStyle()
    field = layer.fields().field("class")
    form = layer.editorWidgetSetup(layer.fields().indexOf("class"))
    meanings = {code: name for entry in form.config().get("map", []) for name, code in entry.items()}
    rules = layer.renderer().rootRule().children()
    legend = [rule.label() for rule in rules]
    # Zoom 13 of 512-pixel tiles, at 0.28 mm a pixel.
    from_scale = {rule.label(): rule.minimumScale() for rule in rules}.get("Đường khu dân cư")
    return check(
        f"a field has its Vietnamese name ({field.displayName()}), meanings and legend ({legend[:3]})",
        field.displayName() == "Loại đường"
        and field.comment().startswith("Loại đường: motorway = đường cao tốc")
        and form.type() == "ValueMap"
        and meanings.get("motorway") == "đường cao tốc"
        and "Đường cao tốc" in legend
        and from_scale == 34124
        and "Đường" in layer.dataProvider().dataComment() + layer.dataComment(),
    )


# Projects that nobody holds take their layers with them, also those that are still looked at.
OPENED = []


def project(where):
    opened = QgsProject()
    opened.read(where)
    return opened


def project_is_whole(opened):
    layers = opened.mapLayers().values()
    broken = [layer.name() for layer in layers if not layer.isValid()]
    groups = [group.name() for group in opened.layerTreeRoot().children()]
    order = [layer.shortName() for layer in opened.layerTreeRoot().customLayerOrder()]
    extent = opened.viewSettings().defaultViewExtent()
    print(f"{len(layers)} layers, broken: {broken}, groups: {groups}, order: {order}, extent: {extent.toString(0)}")
    passwords = [layer.name() for layer in layers if "password" in layer.source() or "user=" in layer.source()]
    hidden = {"camera", "signal", "utility_node"} & set(order)
    return check(
        "the project in the database opens whole, by theme, in the map's order",
        len(layers) > 20
        and not broken
        and not passwords
        and not hidden
        and groups[:3] == ["Đất đai", "Xây dựng", "Giao thông"]
        and opened.crs().authid() == "EPSG:5899"
        and order.index("road_segment") < order.index("building") < order.index("land_use")
        and order[-1] == "admin_unit_area"
        and extent.width() < 250_000,
    )


def project_of_a_class_opens():
    opened = project(f"{FOLDER}/restricted.qgz")
    layers = opened.mapLayers().values()
    names = {layer.shortName() for layer in layers if layer.isValid()}
    OPENED.append(opened)
    return check(
        f"a project from a file opens for its class ({len(names)} layers)",
        len(names) == len(layers) and {"camera", "signal", "utility_node"} <= names,
    )


def draw(layers, extent, background=None, crs=MERCATOR):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(crs)
    settings.setOutputSize(QSize(PIXELS, PIXELS))
    settings.setExtent(extent)
    settings.setTransformContext(QgsProject.instance().transformContext())
    if background is not None:
        settings.setBackgroundColor(background)
    # As the window of QGIS does, or no symbol would know the scale.
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    for error in job.errors():
        print(f"error while drawing: {error.message}")
    return job.renderedImage()


def tiles(base, names, style="danang"):
    template = quote(f"{base}/tiles/{','.join(names)}/", safe=":/,") + "%7Bz%7D/%7Bx%7D/%7By%7D.pbf"
    layer = QgsVectorTileLayer(f"type=xyz&url={template}&zmin=5&zmax=16&styleUrl={base}/styles/{style}", "Urbis")
    told, loaded = layer.loadDefaultStyle()
    if not loaded:
        print(told)
    return layer


def colours_are_the_same(base):
    """At a place of each class, drawn alone, the picture of the view and that of the tiles agree."""
    water = [same_colours(base, "water_body", "kind", QUARTERS, inside)]
    roads = [same_colours(base, "road_segment", "class", [STREETS], halfway)]
    return check("water and roads have the same colours in both pictures", all(water + roads))


def codes_have_their_colours(base):
    """Of tiles QGIS draws less than MapLibre: not by the first of several codes, nor by a list of codes of one
    colour. So the oracle is the style itself, of which MapLibre makes the map."""
    with urllib.request.urlopen(f"{base}/styles/danang") as answer:
        style = json.load(answer)
    land = has_colours_of(style, "land-use", "land_use", "code", QUARTERS, 10)
    houses = has_colours_of(style, "building", "building", "use", [STREETS], 3)
    return check("land use and buildings have the colours of the map", land and houses)


def has_colours_of(style, entry, name, attribute, extents, enough):
    [entry] = [drawn for drawn in style["layers"] if drawn["id"] == entry]
    *branches, usual = entry["paint"]["fill-color"][2:]
    colours = {}
    for labels, colour in zip(branches[::2], branches[1::2]):
        colours.update((label, colour) for label in (labels if isinstance(labels, list) else [labels]))
    right, wrong = {}, {}
    for layer, extent in ((plain(name), extent) for extent in extents):
        picture, place_of = draw([layer], extent), pixel_of(layer, extent)
        picture.save(f"target/qgis-{name}-view.png")
        for feature in layer.getFeatures():
            place = None if feature.geometry().isNull() else place_of(inside(feature.geometry()))
            code = str(feature[attribute]) if feature[attribute] else ""
            # What is smaller than a pixel is mixed with what is beside it.
            if place is None or feature.geometry().area() < 400 or "+" in code:
                continue
            wanted, found = QColor(colours.get(code, usual)), picture.pixelColor(*place)
            counted = right if away(wanted, found) <= TOLERANCE else wrong
            counted.setdefault(code, []).append(found.name())
    faults = {code: found for code, found in wrong.items() if len(right.get(code, [])) < 3 * len(found)}
    print(f"{name}: {({code: len(found) for code, found in right.items()})} right, {faults} wrong")
    return len(right) >= enough and not faults


def plain(name):
    """A view with its style and without labels, which cover colours."""
    layer = view("urbis", "qgis", name)
    layer.loadDefaultStyle()
    layer.setLabelsEnabled(False)
    return layer


def pixel_of(layer, extent):
    to_mercator = QgsCoordinateTransform(layer.crs(), MERCATOR, QgsProject.instance())

    def place_of(place):
        xy = to_mercator.transform(place)
        x = int((xy.x() - extent.xMinimum()) / extent.width() * PIXELS)
        y = int((extent.yMaximum() - xy.y()) / extent.height() * PIXELS)
        return (x, y) if 2 <= x < PIXELS - 2 and 2 <= y < PIXELS - 2 else None

    return place_of


def away(a, b):
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()))


def inside(geometry):
    return geometry.pointOnSurface().asPoint()


def halfway(geometry):
    return geometry.interpolate(geometry.length() / 2).asPoint()


def same_colours(base, name, attribute, extents, place):
    drawn = tiles(base, [name])
    drawn.setLabeling(None)
    os.makedirs("target", exist_ok=True)
    same, other = {}, {}
    for layer, extent in ((plain(name), extent) for extent in extents):
        views, vector_tiles = draw([layer], extent), draw([drawn], extent)
        views.save(f"target/qgis-{name}-view.png")
        vector_tiles.save(f"target/qgis-{name}-tiles.png")
        place_of = pixel_of(layer, extent)
        for feature in layer.getFeatures():
            geometry = feature.geometry()
            found = None if geometry.isNull() else place_of(place(geometry))
            if found is None:
                continue
            alike = away(views.pixelColor(*found), vector_tiles.pixelColor(*found)) <= TOLERANCE
            code = str(feature[attribute])
            counted = same if alike else other
            counted[code] = counted.get(code, 0) + 1
    # A small area or the edge of a line may lie a pixel beside; most of a class does not.
    faults = {code: (same.get(code, 0), count) for code, count in other.items() if count > 2 and same.get(code, 0) < 3 * count}
    total, wrong = sum(same.values()), sum(other.values())
    print(f"{name}: {len(same)} classes, {total} places alike, {wrong} not: {faults or 'no class'} is drawn otherwise")
    return not faults and total > 20


def pictures(base, opened):
    order = [
        layer for layer in opened.layerTreeRoot().customLayerOrder()
        if opened.layerTreeRoot().findLayer(layer.id()).isVisible()
    ]
    ground = opened.backgroundColor()
    names = ["land", "construction", "traffic", "flood", "citizen", "emergency"]
    drawn = []
    for extent, name in [(STREETS, "streets"), (CITY, "city")]:
        picture = draw(order, extent, ground)
        picture.save(f"target/qgis-project-{name}.png")
        draw([tiles(base, names)], extent, ground).save(f"target/qgis-tiles-{name}.png")
        drawn.append({picture.pixel(x, y) for x in range(0, PIXELS, 3) for y in range(0, PIXELS, 3)})
    return check(f"QGIS draws the project ({[len(colours) for colours in drawn]} colours)", min(map(len, drawn)) > 50)


if __name__ == "__main__":
    main(*sys.argv[1:3])
