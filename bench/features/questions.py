"""What is asked of the parcels: the same of our node, of psql and of tipg."""

from dataclasses import dataclass
from urllib.parse import quote

LAYER = "parcel"
ITEMS = f"/ogc/collections/{LAYER}/items"
LIMIT = 1000
WEST, SOUTH, EAST, NORTH = 108.21, 16.05, 108.22, 16.06
FILTER = "area_m2 > 200 AND land_use = 'ODT'"
# In the box, which lies in the old centre, plots are small.
SMALL = "area_m2 < 60 AND land_use = 'ODT'"
VN_2000 = quote("http://www.opengis.net/def/crs/EPSG/0/5899")

# What everybody sees of the layer.
COLUMNS = "parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, source, valid_from, valid_to"
SEEN = "land_use NOT IN ('CQP', 'CAN')"
BOX = f"ST_Transform(ST_MakeEnvelope({WEST}, {SOUTH}, {EAST}, {NORTH}, 4326), 5899)"
IN_BOX = f"geom && {BOX} AND ST_Intersects(geom, {BOX})"


@dataclass(frozen=True)
class Question:
    """A page of features."""

    name: str
    # The query of our items.
    ours: str
    # The condition of the same rows in SQL.
    condition: str = "true"
    srid: int = 4326
    # The query of tipg's items; nothing where it cannot be asked so.
    tipg: str | None = None

    def sql(self):
        """The page as psql copies it."""
        return rows(self.condition, LIMIT, self.srid)


def rows(condition, limit=None, srid=4326):
    """GeoJSON features of what everybody sees, in order of their ids, with as many decimals as ours have."""
    geometry, decimals = ("geom", 3) if srid == 5899 else (f"ST_Transform(geom, {srid}) AS geom", 7)
    limited = f" LIMIT {limit}" if limit else ""
    return (
        f"SELECT ST_AsGeoJSON(r.*, 'geom', {decimals}) FROM (SELECT feature_id AS id, {geometry}, {COLUMNS} "
        f"FROM layer.{LAYER} WHERE {SEEN} AND {condition} ORDER BY feature_id{limited}) r"
    )


def count(condition):
    """How many features a condition has."""
    return f"SELECT count(*) FROM layer.{LAYER} WHERE {SEEN} AND {condition}"


BY_BOX = f"limit={LIMIT}&bbox={WEST},{SOUTH},{EAST},{NORTH}"
BY_FILTER = f"limit={LIMIT}&filter={quote(FILTER)}"
BY_BOTH = f"{BY_BOX}&filter={quote(SMALL)}"

# First pages of what memory has counted.
PLAIN = [
    Question("page", f"limit={LIMIT}", tipg=f"limit={LIMIT}&sortby=id"),
    Question("page in EPSG:5899", f"limit={LIMIT}&crs={VN_2000}", srid=5899),
]
# First pages that say how many features there are, which the database has to count.
COUNTED = [
    Question("page of a bbox", BY_BOX, IN_BOX, tipg=f"{BY_BOX}&sortby=id"),
    Question("page of a filter", BY_FILTER, FILTER, tipg=f"{BY_FILTER}&sortby=id"),
    Question("page of both", BY_BOTH, f"{SMALL} AND {IN_BOX}", tipg=f"{BY_BOTH}&sortby=id"),
]
