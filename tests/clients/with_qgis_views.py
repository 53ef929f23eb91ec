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
from collections import Counter, defaultdict

from urllib.parse import quote

from qgis_check import PICTURES, check, run

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsProperty,
    QgsRectangle,
    QgsSymbolLayer,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

FOLDER = sys.argv[3]
# libpq reads it when it connects.
os.environ["PGSERVICEFILE"] = f"{FOLDER}/pg_service.conf"

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
# Where parcels, plans and works are: 1.6 m a pixel.
BLOCKS = [
    QgsRectangle(x, y, x + 1400, y + 1400) for x in (12045100, 12046400) for y in (1809950, 1811350)
]
# No colour of the map: what nothing is drawn on keeps it.
NOTHING = QColor("#ff00ff")
# Of 255: lines and areas are smoothed where they end, and colours are rounded.
TOLERANCE = 6


def main(base, database_url):
    opened = []

    def project_opens():
        opened.append(project("postgresql://?service=urbis&dbname=urbis&schema=public&project=" + quote("Đà Nẵng - mở")))
        return project_is_whole(opened[0])

    run([
        lambda: every_view_opens(database_url, "urbis", "qgis"),
        lambda: every_view_opens(database_url, "urbis_restricted", "qgis_restricted"),
        lambda: counts_are_right(database_url),
        hidden_is_hidden,
        fields_speak_vietnamese,
        project_opens,
        project_of_a_class_opens,
        lambda: colours_are_the_same(base),
        lambda: codes_have_their_colours(base),
        lambda: pictures(base, opened[0]),
    ])


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


def tiles(base, names, style="danang/qgis"):
    template = quote(f"{base}/tiles/{','.join(names)}/", safe=":/,") + "%7Bz%7D/%7Bx%7D/%7By%7D.pbf"
    layer = QgsVectorTileLayer(f"type=xyz&url={template}&zmin=5&zmax=16&styleUrl={base}/styles/{style}", "Urbis")
    told, loaded = layer.loadDefaultStyle()
    if not loaded:
        print(told)
    return layer


# Of each layer: the attribute whose codes have the colours, parts of the city, and how many classes at
# least are drawn there.
SIDE_BY_SIDE = [
    ("water_body", "kind", QUARTERS, 3),
    ("land_use", "code", QUARTERS, 12),
    ("land_use_plan", "code", BLOCKS, 6),
    ("building", "use", [STREETS], 5),
    ("parcel", "land_use", BLOCKS, 6),
    ("building_permit", "state", BLOCKS, 3),
]
def colours_are_the_same(base):
    """Each class has one colour in the picture of the view and in that of the tiles."""
    return [same_side_by_side(base, *entry) for entry in SIDE_BY_SIDE] + [
        same_one_by_one(base, *entry) for entry in ONE_BY_ONE
    ]


def codes_have_their_colours(base):
    """Both pictures could be wrong alike; so of some the oracle is the style of the map."""
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
        picture, place_of = draw([layer], extent), pixel_of(layer, extent, 0)
        picture.save(f"{PICTURES}/{name}-view.png")
        for feature in layer.getFeatures():
            spot = None if feature.geometry().isNull() else inside(feature.geometry(), 400)
            place = spot and place_of(spot)
            code = str(feature[attribute]) if feature[attribute] else ""
            if place is None or "+" in code:
                continue
            wanted, found = QColor(colours.get(code, usual)), picture.pixelColor(*place)
            counted = right if away(wanted, found) <= TOLERANCE else wrong
            counted.setdefault(code, []).append(found.name())
    faults = {code: found for code, found in wrong.items() if len(right.get(code, [])) < 3 * len(found)}
    print(f"{name}: {({code: len(found) for code, found in right.items()})} right, {faults} wrong")
    return len(right) >= enough and not faults


# What has the colours of classes; labels, icons and hatches cover them.
PLAIN = {"SimpleFill", "SimpleLine"}


def plain(name):
    """A view with the fills and lines of its style."""
    layer = view("urbis", "qgis", name)
    layer.loadDefaultStyle()
    layer.setLabelsEnabled(False)
    for rule in layer.renderer().rootRule().children():
        for drawn in rule.symbol().symbolLayers():
            if drawn.layerType() not in PLAIN:
                drawn.setDataDefinedProperty(QgsSymbolLayer.PropertyLayerEnabled, QgsProperty())
                drawn.setEnabled(False)
    return layer


def pixel_of(layer, extent, reach):
    to_mercator = QgsCoordinateTransform(layer.crs(), MERCATOR, QgsProject.instance())

    def place_of(place):
        xy = to_mercator.transform(place)
        x = int((xy.x() - extent.xMinimum()) / extent.width() * PIXELS)
        y = int((extent.yMaximum() - xy.y()) / extent.height() * PIXELS)
        return (x, y) if reach <= x < PIXELS - reach and reach <= y < PIXELS - reach else None

    return place_of


def away(a, b):
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()))


def inside(geometry, least):
    """A place in an area, where the area is at least so many m²: in degrees, at this latitude."""
    box = geometry.boundingBox()
    area = geometry.area() * (1 if box.xMaximum() > 1000 else 111_320 * 110_650 * 0.96)
    # What is smaller than a pixel is mixed with what is beside it.
    return geometry.pointOnSurface().asPoint() if area >= least else None


def same_side_by_side(base, name, attribute, extents, enough):
    """The commonest colour in the middle of a class's areas: hatches and outlines are fewer."""
    drawn = bare_tiles(base, name)
    by_view, by_tiles = defaultdict(Counter), defaultdict(Counter)
    for part, extent in enumerate(extents):
        layer = plain(name)
        views, vector_tiles = draw([layer], extent, NOTHING), draw([drawn], extent, NOTHING)
        views.save(f"{PICTURES}/{name}-{part}-view.png")
        vector_tiles.save(f"{PICTURES}/{name}-{part}-tiles.png")
        place_of = pixel_of(layer, extent, 1)
        for feature in layer.getFeatures():
            place = middle(layer, feature.geometry(), extent)
            place = place and place_of(place)
            if place:
                by_view[str(feature[attribute])].update(around(views, place))
                by_tiles[str(feature[attribute])].update(around(vector_tiles, place))
    colours = {
        code: (commonest(counted), commonest(by_tiles[code])) for code, counted in by_view.items()
    }
    return same(name, colours, enough)


def middle(layer, geometry, extent):
    """A place around which three pixels in each direction are of this area alone."""
    metres = 2.2 * extent.width() / PIXELS
    inner = geometry.buffer(-metres / (110_000 if layer.crs().isGeographic() else 1), 1)
    return None if inner.isEmpty() else inner.pointOnSurface().asPoint()


def around(picture, place):
    return [picture.pixel(place[0] + dx, place[1] + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]


def same_one_by_one(base, name, attribute, extents, enough, one_of):
    """What is drawn of a class, when nothing else is: of lines the mean, as they are thin and edged."""
    drawn, layer = bare_tiles(base, name), plain(name)
    filters = [style.filterExpression() for style in drawn.renderer().styles()]
    colours = {}
    for code in sorted({str(feature[attribute]) for feature in layer.getFeatures()}):
        alone = f"\"{attribute}\" = '{code}'"
        layer.setSubsetString(alone)
        styles = drawn.renderer().styles()
        for style, condition in zip(styles, filters):
            style.setFilterExpression(f"({condition}) AND {alone}" if condition else alone)
        drawn.renderer().setStyles(styles)
        by_view, by_tiles = Counter(), Counter()
        for part, extent in enumerate(extents):
            views, vector_tiles = draw([layer], extent, NOTHING), draw([drawn], extent, NOTHING)
            views.save(f"{PICTURES}/{name}-{code}-{part}-view.png")
            vector_tiles.save(f"{PICTURES}/{name}-{code}-{part}-tiles.png")
            by_view.update(pixels(views))
            by_tiles.update(pixels(vector_tiles))
        del by_view[NOTHING.rgb()], by_tiles[NOTHING.rgb()]
        if sum(by_view.values()) > 20:
            colours[code] = one_of(by_view), one_of(by_tiles)
    return same(name, colours, enough)


def pixels(picture):
    bits = picture.convertToFormat(QImage.Format_RGB32).constBits()
    bits.setsize(PIXELS * PIXELS * 4)
    return memoryview(bytes(bits)).cast("I")


def commonest(counted):
    return QColor(counted.most_common(1)[0][0]) if counted else NOTHING


def mean(counted):
    total = max(sum(counted.values()), 1)
    sums = [sum((colour >> shift & 255) * count for colour, count in counted.items()) for shift in (16, 8, 0)]
    return QColor(*(part // total for part in sums))


def same(name, colours, enough):
    faults = {
        code: f"{of_view.name()} in the view, {of_tiles.name()} in the tiles"
        for code, (of_view, of_tiles) in colours.items()
        if away(of_view, of_tiles) > TOLERANCE
    }
    print(f"{name}: {({code: of_view.name() for code, (of_view, _) in colours.items()})}")
    sentence = f"{name} has the same colours in tiles and view: {len(colours)} classes, wrong: {faults}"
    return check(sentence, not faults and len(colours) >= enough)


# What is thin, or lies over others of its layer.
ONE_BY_ONE = [
    ("road_segment", "class", BLOCKS, 12, mean),
    ("road_line", "kind", BLOCKS, 2, mean),
    ("road_closure", "cause", BLOCKS, 4, mean),
    ("works_site", "state", BLOCKS, 3, mean),
    ("flood_hazard", "depth_class", BLOCKS, 5, commonest),
]


def bare_tiles(base, name):
    """The fills and lines of one layer, without the ground beneath it."""
    layer = tiles(base, [name], f"danang/qgis/{name}")
    layer.setLabeling(None)
    styles = [style for style in layer.renderer().styles() if style.layerName() == name]
    layer.renderer().setStyles([
        style for style in styles if all(drawn.layerType() in PLAIN for drawn in style.symbol().symbolLayers())
    ])
    return layer


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
        picture.save(f"{PICTURES}/project-{name}.png")
        draw([tiles(base, names)], extent, ground).save(f"{PICTURES}/tiles-{name}.png")
        drawn.append({picture.pixel(x, y) for x in range(0, PIXELS, 3) for y in range(0, PIXELS, 3)})
    return check(f"QGIS draws the project ({[len(colours) for colours in drawn]} colours)", min(map(len, drawn)) > 50)


if __name__ == "__main__":
    main(*sys.argv[1:3])
